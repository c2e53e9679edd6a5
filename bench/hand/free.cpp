/*
 * free.cpp -- the jobs as a good programmer writes them who owes nobody the same numbers.
 *
 * Own generator, Box-Muller, fused multiply-add, and algebra done before the loop: growth of a
 * month is one column, the cost model is a straight line in its two inputs.
 */
#include <array>
#include <atomic>
#include <cmath>
#include <numeric>

#include "hand/free_random.hpp"
#include "hand/job.hpp"
#include "hand/lanes.hpp"
#include "hand/work.hpp"
#include "models.hpp"

namespace bench {
namespace {

using Lanes = std::array<double, kLanes>;

constexpr int kBlockMonths = 12;
constexpr double kStartWealth = 1000000;
constexpr double kMonthlySpend = 40000.0 / 12;

/* Growth factors of wealth and prices by month, the first rows once more behind the last. */
struct Factors {
  std::vector<double> wealth;
  std::vector<double> price;

  explicit Factors(const sim::DataTable& market) {
    const auto rows = static_cast<std::size_t>(market.rows);
    for (std::size_t i = 0; i < rows + kBlockMonths; ++i) {
      const std::size_t row = i % rows;
      wealth.push_back(1 + (0.6 * market.column(0)[row] + 0.4 * market.column(1)[row]));
      price.push_back(1 + market.column(2)[row]);
    }
  }
};

/* A block of months for each lane: prices and wealth stay in registers. */
struct BlockOfMonths {
  static constexpr std::size_t kGroup = 16;
  SIM_INLINE static void run(const double* wealth_factor, const double* price_factor,
                             const std::int32_t* row, double* price, double* wealth) {
    for (std::size_t first = 0; first < kLanes; first += kGroup) {
      double p[kGroup];
      double w[kGroup];
      for (std::size_t i = 0; i < kGroup; ++i) {
        p[i] = price[first + i];
        w[i] = wealth[first + i];
      }
      for (std::int32_t month = 0; month < kBlockMonths; ++month)
        for (std::size_t i = 0; i < kGroup; ++i) {
          const std::int32_t place = row[first + i] + month;
          p[i] *= price_factor[place];
          const double left = std::fma(-kMonthlySpend, p[i], w[i]);
          w[i] = (left > 0 ? left : 0) * wealth_factor[place];
        }
      for (std::size_t i = 0; i < kGroup; ++i) {
        price[first + i] = p[i];
        wealth[first + i] = w[i];
      }
    }
  }
};

/* Spending of a month is the same in all lanes when inflation is. */
struct NormalMonth {
  SIM_INLINE static void run(const double* a, const double* b, double spend, double* wealth) {
    constexpr double kMean = 1 + 0.6 * 0.0075 + 0.4 * 0.0035;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const double left = wealth[i] - spend;
      wealth[i] =
          (left > 0 ? left : 0) * std::fma(0.6 * 0.04, a[i], std::fma(0.4 * 0.015, b[i], kMean));
    }
  }
};

/* Intercept and slopes of the total cost, from its two loops solved on paper. */
struct TotalCost {
  SIM_INLINE static void run(const double* normal, const double* uniform, double* total,
                             std::size_t n) {
    constexpr double kCo2PerEnergy = 0.1 / 0.95;
    constexpr double kCo2 = 0.05 * 80 / 0.95;
    constexpr double kPerCo2 = 2 + 2 * 0.05 / 0.9;
    constexpr double kPerTransport = 1 + 2 * 0.1 / 0.9;
    constexpr double kPerEnergy = 1 + kPerCo2 * kCo2PerEnergy;
    constexpr double kFixed = 100 + 80 + kPerCo2 * kCo2 + kPerEnergy * 80;
    for (std::size_t i = 0; i < n; ++i) {
      const double u = uniform[i];
      const bool below = u <= 0.25;
      const double root = std::sqrt(below ? 100 * u : 300 * (1 - u));
      const double transport = below ? 20 + root : 40 - root;
      total[i] = std::fma(kPerEnergy * 12, normal[i], std::fma(kPerTransport, transport, kFixed));
    }
  }
};

struct ScaleAndShift {
  SIM_INLINE static void run(double factor, double shift, double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] = std::fma(factor, x[i], shift);
  }
};

struct AddTo {
  SIM_INLINE static void run(const double* x, double* sum, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) sum[i] += x[i];
  }
};

const double* pointer(const Lanes& lanes) { return lanes.data(); }

Answer path_answer(std::int64_t successes, Results& real_wealth) {
  Answer answer = {static_cast<double>(successes) / static_cast<double>(real_wealth.all().size())};
  append_percentiles(answer, real_wealth.all(), {0.05, 0.25, 0.5, 0.75, 0.95});
  return answer;
}

/* Real wealth at the end of paths; how many have succeeded. */
template <class Price>
std::int64_t end_paths(const Lanes& wealth, const Price& price, double* real_wealth,
                       std::size_t n) {
  std::int64_t successes = 0;
  for (std::size_t i = 0; i < n; ++i) {
    successes += wealth[i] > 0 ? 1 : 0;
    real_wealth[i] = wealth[i] / price(i);
  }
  return successes;
}

/* A generator for each thread. */
FreeRandom random_of(const Request& request, std::int64_t first) {
  return FreeRandom(request.seed + static_cast<std::uint64_t>(first) * 0x9E3779B97F4A7C15);
}

}  // namespace

Answer free_bootstrap_path(const Request& request) {
  std::atomic<std::int64_t> successes = 0;
  Results real_wealth(request.trials);
  const Factors factors(request.market);
  split(request.trials, request.threads, [&](std::int64_t first, std::int64_t trials) {
    FreeRandom random = random_of(request, first);
    alignas(64) Lanes price;
    alignas(64) Lanes wealth;
    alignas(64) std::array<std::int32_t, kLanes> row;
    for_each_batch(first, trials, [&](std::int64_t trial, std::size_t n) {
      price.fill(1);
      wealth.fill(kStartWealth);
      for (int block = 0; block < kMonths / kBlockMonths; ++block) {
        random.rows(static_cast<std::int32_t>(request.market.rows), row.data(), kLanes);
        run_widest<BlockOfMonths>(factors.wealth.data(), factors.price.data(),
                                  static_cast<const std::int32_t*>(row.data()), price.data(),
                                  wealth.data());
      }
      successes += end_paths(
          wealth, [&](std::size_t i) { return price[i]; }, real_wealth.at(trial), n);
    });
  });
  return path_answer(successes, real_wealth);
}

Answer free_normal_path(const Request& request) {
  std::atomic<std::int64_t> successes = 0;
  Results real_wealth(request.trials);
  std::vector<double> price(kMonths + 1, 1.0);
  for (std::size_t month = 1; month < price.size(); ++month)
    price[month] = price[month - 1] * (1 + 0.0017);
  split(request.trials, request.threads, [&](std::int64_t first, std::int64_t trials) {
    FreeRandom random = random_of(request, first);
    alignas(64) Lanes wealth;
    alignas(64) Lanes a;
    alignas(64) Lanes b;
    for_each_batch(first, trials, [&](std::int64_t trial, std::size_t n) {
      wealth.fill(kStartWealth);
      for (std::size_t month = 1; month < price.size(); ++month) {
        random.normal_pairs(a.data(), b.data(), kLanes);
        run_widest<NormalMonth>(pointer(a), pointer(b), kMonthlySpend * price[month],
                                wealth.data());
      }
      successes += end_paths(
          wealth, [&](std::size_t) { return price.back(); }, real_wealth.at(trial), n);
    });
  });
  return path_answer(successes, real_wealth);
}

/* A pair of normals serves two batches. */
Answer free_cost(const Request& request) {
  SharedMoments moments;
  Results total(request.trials);
  split(request.trials, request.threads, [&](std::int64_t first, std::int64_t trials) {
    FreeRandom random = random_of(request, first);
    alignas(64) std::array<Lanes, 2> normals;
    alignas(64) Lanes uniform;
    std::size_t next = 2;
    HandMoments part;
    for_each_batch(first, trials, [&](std::int64_t trial, std::size_t n) {
      if (next == 2) {
        random.normal_pairs(normals[0].data(), normals[1].data(), kLanes);
        next = 0;
      }
      random.uniforms(uniform.data(), kLanes);
      run_widest<TotalCost>(pointer(normals[next++]), pointer(uniform), total.at(trial), n);
      part.add({total.at(trial), n});
    });
    moments.add(part);
  });
  Answer answer = {moments.all().mean, moments.all().stddev()};
  append_percentiles(answer, total.all(), {0.05, 0.5, 0.95});
  return answer;
}

Answer free_lognormals(const Request& request) {
  Results total(request.trials);
  split(request.trials, request.threads, [&](std::int64_t first, std::int64_t trials) {
    FreeRandom random = random_of(request, first);
    alignas(64) std::array<Lanes, 2> values;
    for_each_batch(first, trials, [&](std::int64_t trial, std::size_t n) {
      double* sum = total.at(trial);
      std::fill_n(sum, n, 0.0);
      for (int i = 1; i <= 12; i += 2) {
        random.normal_pairs(values[0].data(), values[1].data(), kLanes);
        for (int k = 0; k < 2; ++k) {
          const double mean = 50.0 + 10 * (i + k);
          const double ratio = (10.0 + 2 * (i + k)) / mean;
          const double variance = std::log1p(ratio * ratio);
          double* x = values[static_cast<std::size_t>(k)].data();
          run_widest<ScaleAndShift>(std::sqrt(variance), std::log(mean) - 0.5 * variance, x, n);
          exp_lanes(x, x, n);
          run_widest<AddTo>(static_cast<const double*>(x), sum, n);
        }
      }
    });
  });
  Answer answer;
  append_percentiles(answer, total.all(), {0.05, 0.25, 0.5, 0.75, 0.95});
  return answer;
}

}  // namespace bench
