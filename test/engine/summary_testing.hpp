/*
 * summary_testing.hpp -- what the tests of the summary room share: values, partials made of chunks,
 * bits.
 */
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "summary/partial.hpp"

namespace sim::testing {

/* A small generator with a fixed course, the same on every machine (Knuth's MMIX constants). */
class Course {
 public:
  explicit Course(std::uint64_t seed) : state_(seed * 2654435761u + 1) {}

  std::uint64_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 11;
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  /* In [0, 1). */
  double uniform() { return static_cast<double>(next()) * 0x1p-53; }
  /* Roughly bell-shaped around 0 with standard deviation 1. */
  double bell() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

/* Values of scenario 0, slot by slot; every slot has equally many. */
using Columns = std::vector<std::vector<double>>;

inline Partial summarize_chunk(const Columns& columns, std::size_t first, std::size_t n,
                               const KeepPlan& plan = {}, std::size_t piece = 1024) {
  ChunkSummary summary(1, static_cast<std::uint32_t>(columns.size()), 0,
                       static_cast<std::int64_t>(first), plan);
  for (std::uint32_t slot = 0; slot < columns.size(); ++slot) {
    for (std::size_t i = 0; i < n; i += piece) {
      summary.add(slot, columns[slot].data() + first + i, std::min(piece, n - i));
    }
  }
  return summary.finish();
}

/* All chunks of so many leaves. */
inline std::vector<Partial> summarize_chunks(const Columns& columns, std::size_t leaves,
                                             const KeepPlan& plan = {}, std::size_t piece = 1024) {
  std::vector<Partial> chunks;
  const std::size_t trials = columns[0].size();
  const std::size_t size = leaves * static_cast<std::size_t>(kLeafTrials);
  for (std::size_t first = 0; first < trials; first += size) {
    const std::size_t n = std::min(size, trials - first);
    chunks.push_back(summarize_chunk(columns, first, n, plan, piece));
  }
  return chunks;
}

inline Partial merge_in_order(std::vector<Partial>&& chunks) {
  Partial all;
  for (Partial& chunk : chunks) all.merge(std::move(chunk));
  return all;
}

inline Partial summarize_all(const Columns& columns, std::size_t leaves = 1,
                             const KeepPlan& plan = {}) {
  return merge_in_order(summarize_chunks(columns, leaves, plan));
}

inline std::vector<std::uint64_t> bits_of(const Moments& moments) {
  std::vector<std::uint64_t> bits = {static_cast<std::uint64_t>(moments.count),
                                     static_cast<std::uint64_t>(moments.failed)};
  for (const double value :
       {moments.mean, moments.m2, moments.m3, moments.m4, moments.min, moments.max}) {
    bits.push_back(std::bit_cast<std::uint64_t>(value));
  }
  return bits;
}

inline std::vector<std::uint64_t> bits_of(std::span<const double> values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

/* The kind of the error that the action ends with, or "none". */
template <typename Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    switch (error.kind()) {
      case ErrorKind::corrupt_state:
        return "corrupt_state";
      case ErrorKind::invalid_parameter:
        return "invalid_parameter";
      default:
        return "another";
    }
  }
  return "none";
}

}  // namespace sim::testing
