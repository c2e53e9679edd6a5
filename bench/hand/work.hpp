/*
 * work.hpp -- what the rivals share: trials split over threads, and statistics of what they stored.
 */
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
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

/* Mean and spread; each thread has its own until its part is done (Chan, Golub & LeVeque 1983,
 * formulas 1.5). */
struct HandMoments {
  double count = 0;
  double mean = 0;
  double m2 = 0;

  void add(std::span<const double> values) {
    const auto n = static_cast<double>(values.size());
    const double center = sum_of(values, 0, false) / n;
    merge({n, center, sum_of(values, center, true)});
  }
  void merge(const HandMoments& other) {
    const double total = count + other.count;
    const double difference = other.mean - mean;
    mean += difference * (other.count / total);
    m2 += other.m2 + difference * difference * (count * (other.count / total));
    count = total;
  }
  double stddev() const { return std::sqrt(m2 / (count - 1)); }
};

/* The moments of all threads' parts. */
class SharedMoments {
 public:
  void add(const HandMoments& part) {
    const std::scoped_lock lock(mutex_);
    if (part.count > 0) all_.merge(part);
  }
  const HandMoments& all() const { return all_; }

 private:
  std::mutex mutex_;
  HandMoments all_;
};

/* Results of trials; each thread is the first to touch the memory of its part. */
class Results {
 public:
  explicit Results(std::int64_t trials)
      : size_(static_cast<std::size_t>(trials)),
        values_(std::make_unique_for_overwrite<double[]>(size_)) {}

  double* at(std::int64_t trial) { return values_.get() + trial; }
  std::span<double> all() { return {values_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<double[]> values_;
};

/* Appends percentiles, found by the same selection that the engine uses: faster than nth_element.
 * Reorders the values. */
inline void append_percentiles(std::vector<double>& answer, std::span<double> values,
                               std::initializer_list<double> probabilities) {
  const std::vector<double> wanted(probabilities);
  for (const double percentile : sim::exact_percentiles(values, wanted))
    answer.push_back(percentile);
}

}  // namespace bench
