/*
 * keep_plan.cpp -- checks plans and finds the place of a value in them.
 */
#include "summary/keep_plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "summary/ordered_key.hpp"

namespace sim {
namespace {

constexpr std::uint32_t kPlanMagic = 0x314c5053;  // "SPL1"
constexpr double kLargest = std::numeric_limits<double>::max();

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorKind::corrupt_state, "damaged plan of a simulation", what);
}

void check_brackets(std::span<const Bracket> brackets) {
  for (std::size_t i = 0; i < brackets.size(); ++i) {
    const Bracket& bracket = brackets[i];
    if (!std::isfinite(bracket.low) || !std::isfinite(bracket.high)) {
      fail("An interval of values is not finite.");
    }
    if (bracket.low > bracket.high) fail("An interval of values ends before it begins.");
    if (bracket.bins > kMaxHistogramBins) fail("An interval of values has too many bins.");
    if (i > 0 && !(brackets[i - 1].high < bracket.low)) fail("Intervals of values overlap.");
  }
}

}  // namespace

void check_plan(const KeepPlan& plan, std::uint32_t scenarios, std::uint32_t slots) {
  if (plan.mode == KeepMode::moments || plan.mode == KeepMode::samples) {
    if (!plan.brackets.empty()) fail("Intervals of values are given but not used.");
    return;
  }
  if (plan.brackets.size() != static_cast<std::uint64_t>(scenarios) * slots) {
    fail("There are not as many lists of intervals as slots and scenarios.");
  }
  for (const auto& brackets : plan.brackets) {
    check_brackets(brackets);
    if (plan.mode == KeepMode::histogram && (brackets.size() != 1 || brackets[0].bins == 0)) {
      fail("A histogram needs one interval with bins a slot.");
    }
  }
}

void write_brackets(ByteWriter& writer, std::span<const Bracket> brackets) {
  writer.u64(brackets.size());
  for (const Bracket& bracket : brackets) {
    writer.f64(bracket.low);
    writer.f64(bracket.high);
    writer.u32(bracket.bins);
    writer.boolean(bracket.logarithmic);
  }
}

std::vector<Bracket> read_brackets(ByteReader& reader) {
  std::vector<Bracket> brackets(reader.length(2 * sizeof(double) + 5));
  for (Bracket& bracket : brackets) {
    bracket.low = reader.f64();
    bracket.high = reader.f64();
    bracket.bins = reader.u32();
    bracket.logarithmic = reader.boolean();
  }
  check_brackets(brackets);
  return brackets;
}

std::vector<std::uint8_t> serialize(const KeepPlan& plan) {
  ByteWriter writer;
  writer.u32(kPlanMagic);
  writer.u8(static_cast<std::uint8_t>(plan.mode));
  writer.u64(plan.brackets.size());
  for (const auto& brackets : plan.brackets) write_brackets(writer, brackets);
  return writer.take();
}

KeepPlan deserialize_plan(std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes);
  reader.expect_magic(kPlanMagic);
  const std::uint8_t mode = reader.u8();
  if (mode > static_cast<std::uint8_t>(KeepMode::brackets)) fail("The mode does not exist.");
  KeepPlan plan{static_cast<KeepMode>(mode), {}};
  plan.brackets.resize(reader.length(sizeof(std::uint64_t)));
  for (auto& brackets : plan.brackets) brackets = read_brackets(reader);
  reader.expect_end();
  return plan;
}

Bracket pilot_bracket(std::span<const double> pilot) {
  double low = kLargest;
  double high = -kLargest;
  for (const double value : pilot) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return {-1, 1, kHistogramBins};
  double margin = high / 2 - low / 2;
  if (margin == 0) margin = low == 0 ? 1 : std::abs(low) / 16;
  return {std::max(low - margin, -kLargest), std::min(high + margin, kLargest), kHistogramBins};
}

BinScale::BinScale(const Bracket& bracket) : low_(bracket.low), last_(bracket.bins - 1) {
  const double length = bracket.high - bracket.low;
  factor_ = bracket.bins / length;
  by_key_ = bracket.logarithmic || !std::isfinite(length) || !std::isfinite(factor_);
  if (!by_key_) return;
  low_key_ = ordered_key(bracket.low);
  const std::uint64_t range = ordered_key(bracket.high) - low_key_;
  while ((range >> shift_) > last_) ++shift_;
}

std::uint32_t BinScale::bin(double value) const {
  if (by_key_) return static_cast<std::uint32_t>((ordered_key(value) - low_key_) >> shift_);
  return std::min(static_cast<std::uint32_t>((value - low_) * factor_), last_);
}

RegionFinder::RegionFinder(std::span<const Bracket> brackets) {
  thresholds_.reserve(2 * brackets.size());
  for (const Bracket& bracket : brackets) {
    thresholds_.push_back(bracket.low);
    thresholds_.push_back(from_ordered_key(ordered_key(bracket.high) + 1));  // next double
  }
}

}  // namespace sim
