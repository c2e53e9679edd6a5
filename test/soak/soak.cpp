/*
 * soak.cpp -- compares random experiments and damages texts for as long as one likes.
 *
 *   engine_soak compare FROM TO   the experiments of these seeds, computed in all ways
 *   engine_soak damage FROM TO    the damaged texts of these seeds
 *   engine_soak minimise SEED     one experiment, as small as it gets without losing what is wrong
 *   engine_soak show SEED         the text of one experiment
 */
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "experiment_comparisons.hpp"
#include "experiment_damage.hpp"
#include "experiment_naive_comparison.hpp"
#include "experiment_whole_cases.hpp"
#include "soak/minimiser.hpp"

namespace {

using sim::testing::Comparison;
using sim::testing::WholeCase;
using Clock = std::chrono::steady_clock;
using Seed = unsigned long long;

constexpr double kSlowSeconds = 10;

/* Beforehand, so that a crash tells where it was. */
void announce(Seed seed) {
  std::printf("\rseed %llu ", seed);
  std::fflush(stdout);
}

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

struct Counts {
  std::size_t samples = 0, solved = 0, values = 0, finite = 0, faults = 0;

  void add(const Comparison& comparison) {
    samples += comparison.samples().error.empty() ? 1 : 0;
    solved += comparison.solved().error.empty() ? 1 : 0;
    for (const auto& [place, of_trials] : comparison.samples().values)
      for (const double value : of_trials) {
        ++values;
        finite += std::isfinite(value) ? 1 : 0;
      }
  }
};

void compare(Seed from, Seed to) {
  Counts counts;
  for (Seed seed = from; seed < to; ++seed) {
    announce(seed);
    const auto began = Clock::now();
    const WholeCase whole = sim::testing::whole_case(seed);
    Comparison comparison(whole);
    std::string fault;
    try {
      fault = comparison.run();
      if (fault.empty()) fault = sim::testing::difference_from_naive(whole);
    } catch (const std::exception& exception) {
      fault = std::string("exception: ") + exception.what();
    }
    counts.add(comparison);
    if (std::getenv("SOAK_ERRORS") != nullptr && !comparison.samples().error.empty())
      std::printf("ERROR %s\n", comparison.samples().error.c_str());
    if (seconds_since(began) > kSlowSeconds) std::printf("SLOW %.1f s\n", seconds_since(began));
    if (fault.empty()) continue;
    ++counts.faults;
    std::printf("FAULT %s\n", fault.c_str());
  }
  std::printf(
      "\r%llu experiments: %zu sampled, %zu converged, %.0f %% of %zu values finite, %zu faults\n",
      to - from, counts.samples, counts.solved,
      100.0 * static_cast<double>(counts.finite) / static_cast<double>(counts.values + 1),
      counts.values, counts.faults);
}

/* Stops what takes long with good reason: a million iterations. */
class Deadline final : public sim::Control {
 public:
  bool stop_requested() noexcept override { return seconds_since(began_) > 0.5; }

 private:
  const Clock::time_point began_ = Clock::now();
};

/* Whether it was a model. Errors are what must come of the others; anything else ends the program.
 */
bool survives(const std::string& text) {
  bool good = false;
  try {
    sim::check_model(text);
    sim::describe_model("m", text);
    good = true;
  } catch (const sim::Error&) {
  }
  sim::Experiment experiment = sim::testing::experiment_of(text, 3);
  experiment.max_steps = 200;
  const std::vector<double> rows = {0.5, -0.25, 0.125, 0.75, 0.1, 0.2, -0.3, 0.4, 0.05, 0.06};
  experiment.data.push_back(sim::testing::table_of("ra", {"a", "b"}, {rows, rows}));
  experiment.data.push_back(sim::testing::table_of("rb", {"c", "e", "f"}, {rows, rows, rows}));
  for (const auto optimisation : {sim::Optimisation::on, sim::Optimisation::off}) {
    experiment.optimisation = optimisation;
    try {
      const sim::Simulation simulation(experiment);
      std::vector<std::uint32_t> wanted;
      for (std::uint32_t slot = 0; slot < simulation.slots().size(); ++slot) wanted.push_back(slot);
      std::vector<double> out(wanted.size() * 3);
      Deadline control;
      simulation.sample({0, 0, 3}, wanted, out.data(), control);
    } catch (const sim::Error&) {
    }
    try {
      Deadline control;
      sim::converge(experiment, sim::Unsolved::report, control);
    } catch (const sim::Error&) {
    }
  }
  return good;
}

void damage(Seed from, Seed to) {
  std::size_t good = 0;
  double slowest = 0;
  for (Seed seed = from; seed < to; ++seed) {
    announce(seed);
    sim::testing::DamagedText damaged(seed);
    // Every hundredth text is large.
    const std::string text = seed % 100 == 0 ? damaged.strange(100000) : damaged.write();
    const auto began = Clock::now();
    good += survives(text) ? 1 : 0;
    const double seconds = seconds_since(began);
    slowest = std::max(slowest, seconds);
    if (seconds > kSlowSeconds) std::printf("SLOW %.1f s, %zu bytes\n", seconds, text.size());
  }
  std::printf("\r%llu texts: %zu are models; the slowest took %.2f s\n", to - from, good, slowest);
}

}  // namespace

int main(int count, char** words) {
  const std::string task = count > 2 ? words[1] : "";
  const auto number = [&](int place) { return std::strtoull(words[place], nullptr, 10); };
  if (task == "compare" && count == 4)
    compare(number(2), number(3));
  else if (task == "damage" && count == 4)
    damage(number(2), number(3));
  else if (task == "minimise")
    sim::soak::Minimiser(sim::testing::whole_case(number(2))).run();
  else if (task == "show")
    std::printf("%s", sim::testing::whole_case(number(2)).experiment.source.c_str());
  else if (task == "text")
    std::printf("%s", sim::testing::DamagedText(number(2)).write().c_str());
  else
    return 2;
  return 0;
}
