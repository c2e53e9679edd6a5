/*
 * kept_values.hpp -- the values and counts that one slot of one scenario keeps besides its moments.
 *
 * Collected values stay in the blocks in which they came, so that merging copies nothing.  Counted
 * brackets keep their first values as they are, too, and turn to bins when these are the smaller
 * form: the partial of a chunk is then small, however many bins the run has.  Counts are integers
 * and extremes are exact, so that the order of merging cannot matter.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "summary/keep_plan.hpp"

namespace sim {

/* How many values, and the smallest and largest of them. */
struct Bin {
  std::uint64_t count = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  void add(double value) {
    ++count;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  void add(const Bin& other);
};

/* A part of the line: a bin, a collected bracket, or what lies between two brackets. */
struct Region {
  enum class Kind : std::uint8_t { between, bin, collected };

  Kind kind;
  std::uint32_t bracket;  // its number; for Kind::between that of the bracket on the right
  Bin bin;
};

/* Values in blocks, gathered into one when they are asked for. */
class ValueList {
 public:
  std::size_t size() const { return size_; }
  void push_back(double value);
  /* Appends the finite ones; `failed` counts the others. */
  void append_finite(std::span<const double> values, std::size_t failed);
  void merge(ValueList&& other);
  std::span<const double> values() const;
  std::vector<double> take();
  void clear();

  std::size_t memory() const;
  void write(ByteWriter& writer) const;
  static ValueList read(ByteReader& reader);

  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (const auto& block : blocks_) {
      for (const double value : block) visit(value);
    }
  }

 private:
  mutable std::vector<std::vector<double>> blocks_;
  std::size_t size_ = 0;
};

/* Either every finite value (no brackets given), or values and counts of brackets. */
class KeptSlot {
 public:
  /* Keeps every finite value. */
  KeptSlot() = default;
  /* Requires: brackets ascending and disjoint. */
  explicit KeptSlot(std::span<const Bracket> brackets);

  /* Takes the finite ones of the values; `failed` counts the others. */
  void add(const double* values, std::size_t n, std::size_t failed);
  /* Throws Error(corrupt_state) when the brackets differ. */
  void merge(KeptSlot&& other);

  /* Empty for a bracket that is counted or does not exist. */
  std::span<const double> samples(std::uint32_t bracket) const;
  std::vector<double> take_samples(std::uint32_t bracket);
  std::vector<Region> regions() const;

  std::size_t memory() const;
  void write(ByteWriter& writer) const;
  static KeptSlot read(ByteReader& reader);

 private:
  struct Part {
    ValueList values;       // of a collected bracket, or of a counted one without bins yet
    std::vector<Bin> bins;  // of a counted bracket; empty while the values stand for them
    BinScale scale;
  };

  bool keeps_all() const { return between_.empty(); }
  void add_inside(std::size_t bracket, double value);
  void merge_counted(std::size_t bracket, Part&& other);
  void count_values(std::size_t bracket);
  std::vector<Bin> bins(std::size_t bracket) const;
  void read_part(ByteReader& reader, std::size_t bracket);

  std::vector<Bracket> brackets_;
  RegionFinder finder_;
  std::vector<Part> parts_ = std::vector<Part>(1);  // one a bracket, or one for all values
  std::vector<Bin> between_;                        // brackets + 1; none when all values are kept
};

}  // namespace sim
