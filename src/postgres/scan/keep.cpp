/*
 * keep.cpp -- what sim.chunks is told to keep, to bytes and back.
 */
#include "scan/keep.hpp"

#include "core/bytes.hpp"
#include "core/error.hpp"

namespace simpg {

namespace {

constexpr std::uint32_t kPlanMagic = 0x314B4D53;         // "SMK1"
constexpr std::uint32_t kDifferencesMagic = 0x31444D53;  // "SMD1"
constexpr std::size_t kInfluenceBytes = 16;              // fewer than one takes

}  // namespace

std::vector<std::uint8_t> keep_bytes(const sim::KeepPlan& plan) {
  sim::ByteWriter writer;
  writer.u32(kPlanMagic);
  writer.blob(sim::serialize(plan));
  return writer.take();
}

std::vector<std::uint8_t> keep_bytes(std::span<const sim::InfluenceSpec> influences) {
  sim::ByteWriter writer;
  writer.u32(kDifferencesMagic);
  writer.u64(influences.size());
  for (const sim::InfluenceSpec& influence : influences) {
    sim::write_influence(writer, influence);
  }
  return writer.take();
}

Keep read_keep(std::span<const std::uint8_t> bytes, std::uint32_t scenarios, std::uint32_t slots) {
  sim::ByteReader reader(bytes);
  Keep keep;
  const std::uint32_t magic = reader.u32();
  if (magic == kPlanMagic) {
    keep.plan = sim::deserialize_plan(reader.blob());
    sim::check_plan(keep.plan, scenarios, slots);
  } else if (magic == kDifferencesMagic) {
    keep.differences = true;
    const std::size_t count = reader.length(kInfluenceBytes);
    if (count != static_cast<std::size_t>(scenarios) * slots) {
      throw sim::Error(sim::ErrorKind::corrupt_state,
                       "the influence functions are of another experiment");
    }
    keep.influences.reserve(count);
    for (std::size_t i = 0; i < count; i++) {
      keep.influences.push_back(sim::read_influence(reader));
    }
  } else {
    throw sim::Error(sim::ErrorKind::corrupt_state, "the bytes do not say what to keep");
  }
  reader.expect_end();
  return keep;
}

}  // namespace simpg
