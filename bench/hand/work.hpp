/*
 * work.hpp -- what the rivals share: trials split over threads, and statistics of what they stored.
 */
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <thread>
#include <vector>

#include "summary/percentile.hpp"

namespace bench {

/* Lanes worked together: their arrays stay in the first-level cache. */
inline constexpr std::size_t kLanes = 256;

/* work(first trial, trials) on each thread, on whole batches; the calling thread is one of them. */
template <class Work>
void split(std::int64_t trials, int threads, const Work& work) {
  const auto lanes = static_cast<std::int64_t>(kLanes);
  const std::int64_t batches = (trials + lanes - 1) / lanes;
  std::vector<std::thread> others;
  const auto begin_of = [&](int thread) {
    return std::min(trials, batches * thread / threads * lanes);
  };
  for (int thread = 1; thread < threads; ++thread)
    others.emplace_back(
        [&, thread] { work(begin_of(thread), begin_of(thread + 1) - begin_of(thread)); });
  work(begin_of(0), begin_of(1));
  for (std::thread& other : others) other.join();
}

/* batch(first trial, lanes) for each batch of a thread's part. */
template <class Batch>
void for_each_batch(std::int64_t first, std::int64_t trials, const Batch& batch) {
  const auto lanes = static_cast<std::int64_t>(kLanes);
  for (std::int64_t done = 0; done < trials; done += lanes)
    batch(first + done, static_cast<std::size_t>(std::min(lanes, trials - done)));
}

/* In eight lanes, so that additions need not wait for each other. */
inline double sum_of(std::span<const double> values, double shift, bool squares) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8)
    for (std::size_t j = 0; j < 8; ++j) {
      const double value = values[i + j] - shift;
      sums[j] += squares ? value * value : value;
    }
  for (; i < values.size(); ++i) {
    const double value = values[i] - shift;
    sums[0] += squares ? value * value : value;
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

inline double mean_of(std::span<const double> values) {
  return sum_of(values, 0, false) / static_cast<double>(values.size());
}

inline double stddev_of(std::span<const double> values, double mean) {
  return std::sqrt(sum_of(values, mean, true) / static_cast<double>(values.size() - 1));
}

/* Appends percentiles, found by the same selection that the engine uses: faster than nth_element.
 * Reorders the values. */
inline void append_percentiles(std::vector<double>& answer, std::span<double> values,
                               std::initializer_list<double> probabilities) {
  const std::vector<double> wanted(probabilities);
  for (const double percentile : sim::exact_percentiles(values, wanted))
    answer.push_back(percentile);
}

}  // namespace bench
