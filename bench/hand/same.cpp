/*
 * same.cpp -- the jobs as loops written by hand over the engine's uniform numbers and quantile
 * functions.
 *
 * Everything that an interpreter pays for is gone: state stays in a few arrays, a step is one fused
 * loop, the loops of the cost model are solved on paper.
 */
#include <array>
#include <atomic>
#include <cmath>

#include "hand/job.hpp"
#include "hand/lanes.hpp"
#include "hand/work.hpp"
#include "models.hpp"
#include "random/philox.hpp"
#include "random/quantile.hpp"

namespace bench {
namespace {

using Lanes = std::array<double, kLanes>;

constexpr int kBlockMonths = 12;
constexpr double kStartWealth = 1000000;
constexpr double kMonthlySpend = 40000.0 / 12;

/* State of a batch of paths. */
struct Paths {
  alignas(64) Lanes price;
  alignas(64) Lanes wealth;

  void begin() {
    price.fill(1);
    wealth.fill(kStartWealth);
  }
  /* How many have succeeded. */
  std::int64_t end(double* real_wealth, std::size_t n) const {
    std::int64_t successes = 0;
    for (std::size_t i = 0; i < n; ++i) {
      successes += wealth[i] > 0 ? 1 : 0;
      real_wealth[i] = wealth[i] / price[i];
    }
    return successes;
  }
};

Answer path_answer(std::int64_t successes, Results& real_wealth) {
  Answer answer = {static_cast<double>(successes) / static_cast<double>(real_wealth.all().size())};
  append_percentiles(answer, real_wealth.all(), {0.05, 0.25, 0.5, 0.75, 0.95});
  return answer;
}

struct PickRows {
  SIM_INLINE static void run(const double* u, std::int32_t rows, std::int32_t* row) {
    for (std::size_t i = 0; i < kLanes; ++i) row[i] = static_cast<std::int32_t>(u[i] * rows);
  }
};

/* One month of a block; columns are repeated beyond their end, so that a block never wraps. */
struct BootstrapMonth {
  SIM_INLINE static void run(const double* stock, const double* bond, const double* inflation,
                             const std::int32_t* row, double* price, double* wealth) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const double p = price[i] * (1 + inflation[row[i]]);
      const double left = wealth[i] - kMonthlySpend * p;
      price[i] = p;
      wealth[i] = (left > 0 ? left : 0) * (1 + (0.6 * stock[row[i]] + 0.4 * bond[row[i]]));
    }
  }
};

struct NormalMonth {
  SIM_INLINE static void run(const double* stock, const double* bond, double* price,
                             double* wealth) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const double p = price[i] * (1 + 0.0017);
      const double left = wealth[i] - kMonthlySpend * p;
      price[i] = p;
      wealth[i] = (left > 0 ? left : 0) * (1 + (0.6 * stock[i] + 0.4 * bond[i]));
    }
  }
};

/* Column `place` with its first rows once more behind the last. */
std::vector<double> wrapped_column(const sim::DataTable& table, std::size_t place) {
  std::vector<double> column(table.column(place), table.column(place) + table.rows);
  for (int i = 0; i < kBlockMonths; ++i) column.push_back(column[static_cast<std::size_t>(i)]);
  return column;
}

/* Draws of one input: uniform numbers of its own stream through its quantile function. */
class Draws {
 public:
  Draws(std::uint64_t seed, const char* input, sim::DistributionKind kind,
        std::initializer_list<double> parameters)
      : key_(sim::make_random_key(seed, input)),
        quantile_(sim::Quantile::prepare(kind, std::vector<double>(parameters))) {}

  void draw(std::int64_t first_trial, int step, double* out, std::size_t n) const {
    sim::uniforms(key_, static_cast<std::uint64_t>(first_trial) + 1,
                  static_cast<std::uint32_t>(step), 0, out, n);
    quantile_.apply(out, out, n);
  }

 private:
  sim::RandomKey key_;
  sim::Quantile quantile_;
};

/* Both loops solved on paper: co2 and disposal need each other, so do eco fees and logistics. */
struct TotalCost {
  SIM_INLINE static void run(const double* energy, const double* transport, double* total,
                             std::size_t n) {
    constexpr double kMaterial = 100;
    for (std::size_t i = 0; i < n; ++i) {
      const double co2 = (0.1 * energy[i] + 0.05 * (0.8 * kMaterial)) * (1 / (1 - 0.05));
      const double disposal = 0.8 * kMaterial + co2;
      const double eco = (0.1 * transport[i] + 0.05 * co2) * (1 / (1 - 0.1));
      total[i] = kMaterial + energy[i] + disposal + co2 + (transport[i] + eco) + eco;
    }
  }
};

struct AddTo {
  SIM_INLINE static void run(const double* x, double* sum, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) sum[i] += x[i];
  }
};

const double* pointer(const Lanes& lanes) { return lanes.data(); }

}  // namespace

Answer same_bootstrap_path(const Request& request) {
  std::atomic<std::int64_t> successes = 0;
  Results real_wealth(request.trials);
  const std::vector<double> stock = wrapped_column(request.market, 0);
  const std::vector<double> bond = wrapped_column(request.market, 1);
  const std::vector<double> inflation = wrapped_column(request.market, 2);
  const sim::RandomKey key = sim::make_random_key(request.seed, "stock,bond,inflation");
  split(request.trials, request.threads, [&](std::int64_t first, std::int64_t trials) {
    Paths paths;
    alignas(64) Lanes uniform;
    alignas(64) std::array<std::int32_t, kLanes> row;
    for_each_batch(first, trials, [&](std::int64_t trial, std::size_t n) {
      paths.begin();
      for (int block = 1; block <= kMonths; block += kBlockMonths) {
        sim::uniforms(key, static_cast<std::uint64_t>(trial) + 1, static_cast<std::uint32_t>(block),
                      0, uniform.data(), kLanes);
        run_widest<PickRows>(pointer(uniform), static_cast<std::int32_t>(request.market.rows),
                             row.data());
        for (int month = 0; month < kBlockMonths; ++month)
          run_widest<BootstrapMonth>(stock.data() + month, bond.data() + month,
                                     inflation.data() + month,
                                     static_cast<const std::int32_t*>(row.data()),
                                     paths.price.data(), paths.wealth.data());
      }
      successes += paths.end(real_wealth.at(trial), n);
    });
  });
  return path_answer(successes, real_wealth);
}

Answer same_normal_path(const Request& request) {
  std::atomic<std::int64_t> successes = 0;
  Results real_wealth(request.trials);
  const Draws stock(request.seed, "stock", sim::DistributionKind::normal, {0.0075, 0.04});
  const Draws bond(request.seed, "bond", sim::DistributionKind::normal, {0.0035, 0.015});
  split(request.trials, request.threads, [&](std::int64_t first, std::int64_t trials) {
    Paths paths;
    alignas(64) Lanes stocks;
    alignas(64) Lanes bonds;
    for_each_batch(first, trials, [&](std::int64_t trial, std::size_t n) {
      paths.begin();
      for (int month = 1; month <= kMonths; ++month) {
        stock.draw(trial, month, stocks.data(), kLanes);
        bond.draw(trial, month, bonds.data(), kLanes);
        run_widest<NormalMonth>(pointer(stocks), pointer(bonds), paths.price.data(),
                                paths.wealth.data());
      }
      successes += paths.end(real_wealth.at(trial), n);
    });
  });
  return path_answer(successes, real_wealth);
}

Answer same_cost(const Request& request) {
  SharedMoments moments;
  Results total(request.trials);
  const Draws energy(request.seed, "energy_cost", sim::DistributionKind::normal, {80, 12});
  const Draws transport(request.seed, "transport_cost", sim::DistributionKind::triangular,
                        {20, 25, 40});
  split(request.trials, request.threads, [&](std::int64_t first, std::int64_t trials) {
    alignas(64) Lanes energies;
    alignas(64) Lanes transports;
    HandMoments part;
    for_each_batch(first, trials, [&](std::int64_t trial, std::size_t n) {
      energy.draw(trial, 0, energies.data(), n);
      transport.draw(trial, 0, transports.data(), n);
      run_widest<TotalCost>(pointer(energies), pointer(transports), total.at(trial), n);
      part.add({total.at(trial), n});
    });
    moments.add(part);
  });
  Answer answer = {moments.all().mean, moments.all().stddev()};
  append_percentiles(answer, total.all(), {0.05, 0.5, 0.95});
  return answer;
}

Answer same_lognormals(const Request& request) {
  Results total(request.trials);
  std::vector<Draws> inputs;
  for (int i = 1; i <= 12; ++i)
    inputs.emplace_back(request.seed, ("x" + std::to_string(i)).c_str(),
                        sim::DistributionKind::lognormal,
                        std::initializer_list<double>{50.0 + 10 * i, 10.0 + 2 * i});
  split(request.trials, request.threads, [&](std::int64_t first, std::int64_t trials) {
    alignas(64) Lanes values;
    for_each_batch(first, trials, [&](std::int64_t trial, std::size_t n) {
      inputs[0].draw(trial, 0, total.at(trial), n);
      for (std::size_t i = 1; i < inputs.size(); ++i) {
        inputs[i].draw(trial, 0, values.data(), n);
        run_widest<AddTo>(pointer(values), total.at(trial), n);
      }
    });
  });
  Answer answer;
  append_percentiles(answer, total.all(), {0.05, 0.25, 0.5, 0.75, 0.95});
  return answer;
}

}  // namespace bench
