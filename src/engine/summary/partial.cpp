/*
 * partial.cpp -- the merge tree: inserting subtrees, merging partials, folding what is left.
 */
#include "summary/partial.hpp"

#include <utility>

#include "core/error.hpp"

namespace sim {
namespace {

constexpr std::uint32_t kPartialMagic = 0x31545053;  // "SPT1"
/* The root of a scenario: its trials are still counted in 63 bits. */
constexpr std::uint32_t kMaxLevel = 55;
constexpr std::size_t kMomentsBytes = 8 * sizeof(double);

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorKind::corrupt_state, "damaged state of a simulation", what);
}

void write_moments(ByteWriter& writer, const Moments& moments) {
  writer.i64(moments.count);
  writer.i64(moments.failed);
  for (const double value :
       {moments.mean, moments.m2, moments.m3, moments.m4, moments.min, moments.max}) {
    writer.f64(value);
  }
}

Moments read_moments(ByteReader& reader, std::uint32_t level) {
  Moments moments;
  moments.count = reader.i64();
  moments.failed = reader.i64();
  for (double* value :
       {&moments.mean, &moments.m2, &moments.m3, &moments.m4, &moments.min, &moments.max}) {
    *value = reader.f64();
  }
  const std::int64_t most = kBlockTrials << level;
  if (moments.count < 0 || moments.failed < 0 || moments.count > most ||
      moments.failed > most - moments.count) {
    fail("A subtree counts more trials than it has.");
  }
  return moments;
}

}  // namespace

Partial::Partial(std::uint32_t scenarios, std::uint32_t slots)
    : scenarios_(scenarios), slots_(slots) {}

void Partial::adopt_shape(const Partial& other) {
  if (scenarios_ == 0 && slots_ == 0) {
    scenarios_ = other.scenarios_;
    slots_ = other.slots_;
  }
  if (scenarios_ != other.scenarios_ || slots_ != other.slots_) {
    throw Error(ErrorKind::corrupt_state, "partial results of different runs",
                "One has " + std::to_string(scenarios_) + " scenarios of " +
                    std::to_string(slots_) + " values, the other " +
                    std::to_string(other.scenarios_) + " of " + std::to_string(other.slots_) + ".");
  }
  if (other.states_.empty()) return;
  if (states_.empty()) mode_ = other.mode_;
  if (mode_ != other.mode_) {
    throw Error(ErrorKind::corrupt_state, "partial results keep different values",
                "They were computed under different plans.");
  }
}

void Partial::merge(Partial&& other) {
  if (other.scenarios_ == 0 && other.slots_ == 0) return;
  adopt_shape(other);
  chunks_ += other.chunks_;
  for (auto& [scenario, state] : other.states_) {
    for (auto& [first, subtree] : state.subtrees) {
      insert({scenario, subtree.level, first >> subtree.level}, std::move(subtree.slots));
    }
    merge_kept(states_[scenario], std::move(state.kept));
  }
  other = Partial();
}

void Partial::merge_kept(ScenarioState& state, std::vector<KeptSlot>&& kept) {
  if (state.kept.empty()) {
    state.kept = std::move(kept);
    return;
  }
  if (state.kept.size() != kept.size()) fail("Kept values are missing.");
  for (std::size_t i = 0; i < kept.size(); ++i) state.kept[i].merge(std::move(kept[i]));
}

/* Merges the subtree with its sibling as long as there is one, then stores it. */
void Partial::insert(TreePosition position, std::vector<Moments>&& slots) {
  auto& subtrees = states_[position.scenario].subtrees;
  const std::uint64_t first = position.index << position.level;
  const std::uint64_t end = first + (std::uint64_t{1} << position.level);
  auto next = subtrees.lower_bound(first);
  const bool covers_next = next != subtrees.end() && next->first < end;
  bool inside_previous = false;
  if (next != subtrees.begin()) {
    const auto previous = std::prev(next);
    const std::uint64_t size = std::uint64_t{1} << previous->second.level;
    inside_previous = first < previous->first + size;
  }
  if (covers_next || inside_previous) {
    throw Error(ErrorKind::corrupt_state, "trials counted twice",
                "Block " + std::to_string(first) + " of scenario " +
                    std::to_string(position.scenario) + " is in both partial results.");
  }
  while (position.level < kMaxLevel) {
    const bool is_left = position.index % 2 == 0;
    const std::uint64_t sibling = position.index ^ 1;
    const auto found = subtrees.find(sibling << position.level);
    if (found == subtrees.end() || found->second.level != position.level) break;
    std::vector<Moments>& other = found->second.slots;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      slots[i] = is_left ? sim::merge(slots[i], other[i]) : sim::merge(other[i], slots[i]);
    }
    subtrees.erase(found);
    ++position.level;
    position.index /= 2;
  }
  subtrees.emplace(position.index << position.level, Subtree{position.level, std::move(slots)});
}

Moments Partial::total(std::uint32_t scenario, std::uint32_t slot) const {
  Moments total;
  const auto state = states_.find(scenario);
  if (state == states_.end() || slot >= slots_) return total;
  for (const auto& [first, subtree] : state->second.subtrees) {
    total = sim::merge(total, subtree.slots[slot]);
  }
  return total;
}

const KeptSlot* Partial::find_kept(std::uint32_t scenario, std::uint32_t slot) const {
  const auto state = states_.find(scenario);
  if (state == states_.end() || slot >= state->second.kept.size()) return nullptr;
  return &state->second.kept[slot];
}

std::span<const double> Partial::samples(std::uint32_t scenario, std::uint32_t slot,
                                         std::uint32_t bracket) const {
  const KeptSlot* kept = find_kept(scenario, slot);
  return kept == nullptr ? std::span<const double>() : kept->samples(bracket);
}

std::vector<double> Partial::take_samples(std::uint32_t scenario, std::uint32_t slot,
                                          std::uint32_t bracket) {
  if (find_kept(scenario, slot) == nullptr) return {};
  return states_[scenario].kept[slot].take_samples(bracket);
}

std::vector<Region> Partial::regions(std::uint32_t scenario, std::uint32_t slot) const {
  const KeptSlot* kept = find_kept(scenario, slot);
  return kept == nullptr ? std::vector<Region>() : kept->regions();
}

std::size_t Partial::memory() const {
  std::size_t bytes = sizeof *this;
  for (const auto& [scenario, state] : states_) {
    bytes += sizeof state + state.subtrees.size() * (sizeof(Subtree) + slots_ * sizeof(Moments));
    for (const KeptSlot& kept : state.kept) bytes += kept.memory();
  }
  return bytes;
}

std::vector<std::uint8_t> Partial::serialize() const {
  ByteWriter writer;
  writer.u32(kPartialMagic);
  writer.u32(scenarios_);
  writer.u32(slots_);
  writer.u8(static_cast<std::uint8_t>(mode_));
  writer.u64(chunks_);
  writer.u64(states_.size());
  for (const auto& [scenario, state] : states_) {
    writer.u32(scenario);
    write_state(writer, state);
  }
  return writer.take();
}

void Partial::write_state(ByteWriter& writer, const ScenarioState& state) {
  writer.u64(state.subtrees.size());
  for (const auto& [first, subtree] : state.subtrees) {
    writer.u32(subtree.level);
    writer.u64(first >> subtree.level);
    for (const Moments& moments : subtree.slots) write_moments(writer, moments);
  }
  writer.boolean(!state.kept.empty());
  for (const KeptSlot& kept : state.kept) kept.write(writer);
}

Partial Partial::deserialize(std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes);
  reader.expect_magic(kPartialMagic);
  Partial partial;
  partial.scenarios_ = reader.u32();
  partial.slots_ = reader.u32();
  const std::uint8_t mode = reader.u8();
  if (mode > static_cast<std::uint8_t>(KeepMode::brackets)) fail("The mode does not exist.");
  partial.mode_ = static_cast<KeepMode>(mode);
  partial.chunks_ = reader.u64();
  const std::size_t states = reader.length(sizeof(std::uint32_t) + sizeof(std::uint64_t) + 1);
  for (std::size_t i = 0; i < states; ++i) {
    const std::uint32_t scenario = reader.u32();
    if (scenario >= partial.scenarios_ || partial.states_.contains(scenario)) {
      fail("A scenario does not exist or comes twice.");
    }
    partial.read_state(reader, scenario);
  }
  reader.expect_end();
  return partial;
}

void Partial::read_state(ByteReader& reader, std::uint32_t scenario) {
  const std::size_t node_bytes =
      sizeof(std::uint32_t) + sizeof(std::uint64_t) + kMomentsBytes * slots_;
  const std::size_t subtrees = reader.length(node_bytes);
  ScenarioState& state = states_[scenario];
  for (std::size_t i = 0; i < subtrees; ++i) {
    const std::uint32_t level = reader.u32();
    const std::uint64_t index = reader.u64();
    if (level > kMaxLevel || index >= (std::uint64_t{1} << (kMaxLevel - level))) {
      fail("A subtree lies outside the tree.");
    }
    std::vector<Moments> moments(slots_);
    for (Moments& slot : moments) slot = read_moments(reader, level);
    insert({scenario, level, index}, std::move(moments));
  }
  const bool has_kept = reader.boolean();
  if (has_kept != (mode_ != KeepMode::moments)) fail("Kept values do not fit the mode.");
  if (!has_kept) return;
  if (slots_ > reader.remaining()) fail("Kept values are missing.");
  for (std::uint32_t i = 0; i < slots_; ++i) state.kept.push_back(KeptSlot::read(reader));
}

}  // namespace sim
