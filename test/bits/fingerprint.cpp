/*
 * fingerprint.cpp -- prints a hash of the bits of many results, to be compared between instruction
 * sets, machines and versions of the C library.
 *
 *   engine_fingerprint [baseline | avx2 | avx512]
 *
 * One line each: name, SHA-256.  The last line, "libm", hashes what the C library's own functions
 * give, which no result may depend on.  Status 2: the CPU does not have the instruction set.
 */
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/distributions.hpp"
#include "catalogue/functions.hpp"
#include "core/instruction_set.hpp"
#include "core/sha256.hpp"
#include "engine/experiment_random_models.hpp"
#include "engine/experiment_testing.hpp"
#include "experiment/pass.hpp"
#include "random/quantile.hpp"
#include "summary/percentile.hpp"

namespace sim::testing {
namespace {

class Fingerprint {
 public:
  void add(double value) {
    const double canonical = std::isnan(value) ? std::nan("") : value;
    const auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof canonical>>(canonical);
    hash_.update(bytes);
  }
  void add(std::string_view words) { hash_.update(words); }
  void add(const std::vector<double>& values) {
    for (const double value : values) add(value);
  }

  void print(std::string_view name) {
    std::printf("%.*s ", static_cast<int>(name.size()), name.data());
    for (const std::uint8_t byte : hash_.finish()) std::printf("%02x", byte);
    std::printf("\n");
  }

 private:
  Sha256 hash_;
};

/* Samples, and converged values. */
void add_model(Fingerprint& fingerprint, Experiment experiment) {
  for (const std::vector<double>& slot : samples_of(experiment)) fingerprint.add(slot);
  experiment.trials = 0;
  for (const ConvergedValue& value : converge_all(experiment, false).values)
    fingerprint.add(value.value);
}

constexpr std::string_view kInputs =
    "input near ~ uniform(-3, 3)\ninput small ~ uniform(0, 1)\ninput positive ~ uniform(0.1, 5)\n"
    "input wide ~ lognormal_log(0, 12)\ninput signed ~ normal(0, 1000)\n";
const std::vector<std::string> kNames = {"near", "small", "positive", "wide", "signed"};

/* Each function of so many arguments, over inputs of several ranges in turn. */
void print_functions() {
  for (const Function& function : functions()) {
    const int arguments = function.min_arguments;
    const bool plain = function.form != FunctionForm::time_aggregate &&
                       function.form != FunctionForm::data_aggregate;
    if (!plain) continue;
    std::string model(kInputs);
    for (std::size_t first = 0; first < kNames.size(); ++first) {
      std::string call;
      for (int i = 0; i < arguments; ++i)
        call += (i > 0 ? ", " : "") + kNames[(first + static_cast<std::size_t>(i)) % kNames.size()];
      model += "output y" + std::to_string(first) + " = " + std::string(function.name) + "(" +
               call + ")\n";
    }
    Fingerprint fingerprint;
    add_model(fingerprint, experiment_of(model, 5000));
    fingerprint.print("function/" + std::string(function.name) + "/" + std::to_string(arguments));
  }
}

/* Each distribution with constant parameters, and with parameters that vary with the trial. */
void print_distributions() {
  const std::map<std::string_view, std::string_view> varying = {
      {"normal", "normal(near, positive)"},
      {"lognormal", "lognormal(positive, positive)"},
      {"lognormal_log", "lognormal_log(near, small)"},
      {"uniform", "uniform(near, near + positive)"},
      {"triangular", "triangular(near, near + small, near + 2)"},
      {"pert", "pert(near, near + small, near + 2)"},
      {"exponential", "exponential(positive)"},
      {"gamma", "gamma(positive, small)"},
      {"weibull", "weibull(positive, small)"},
      {"beta", "beta(positive, small + 0.2)"},
      {"student_t", "student_t(positive)"},
      {"poisson", "poisson(20 * positive)"},
      {"binomial", "binomial(40, small)"},
      {"bernoulli", "bernoulli(small)"},
      {"discrete", "discrete(1, 0.25, near, 0.25, 9, 0.5)"}};
  for (const Distribution& distribution : distributions()) {
    if (distribution.from_data) continue;
    Fingerprint fingerprint;
    std::string model(kInputs);
    model += "input x ~ " + std::string(distribution.example) + "\ninput z ~ " +
             std::string(varying.at(distribution.name)) + "\noutput y = x\noutput w = z\n";
    add_model(fingerprint, experiment_of(model, 3000));
    fingerprint.print("distribution/" + std::string(distribution.name));
  }
}

void print_loops() {
  const std::map<std::string, std::string> loops = {
      {"linear", "a = 0.3 * b + near\nb = 0.2 * a + c\nc = 0.1 * a + small * b + 1\n"},
      {"newton", "a = small * cos(b) + near\nb = exp(-abs(a)) + 0.1 * a\n"},
      {"gauss_seidel", "a = 0.3 * cos(b) + small\nb = 0.2 * a + near\nsolve method gauss_seidel\n"},
      {"jacobi", "a = 0.3 * cos(b) + small\nb = 0.2 * a + near\nsolve method jacobi\n"}};
  for (const auto& [name, text] : loops) {
    Fingerprint fingerprint;
    add_model(fingerprint, experiment_of(std::string(kInputs) + text + "output y = a + b\n", 3000));
    fingerprint.print("loop/" + name);
  }
}

void print_paths() {
  Experiment experiment = experiment_of(
      "steps 48 month\ndata m(stock, bond)\ninput drift ~ normal(0.01, 0.002)\n"
      "input (s[t], b[t]) ~ bootstrap(m, block => 5)\ninput shock[t] ~ student_t(4)\n"
      "wealth[0] = 100\ninterest[t] = 0.001 * (wealth[t-1] + wealth[t]) / 2\n"
      "wealth[t] = max(0, wealth[t-1] * (1 + drift + s[t] - b[t] + 0.01 * shock[t])) + "
      "interest[t]\noutput wealth[t] every 6\noutput low = min(wealth[*])\n",
      3000, 42);
  experiment.data.push_back(table_of("m", {"stock", "bond"},
                                     {{0.1, -0.05, 0.02, 0.03, -0.07, 0.04, 0.01},
                                      {0.01, 0.02, -0.01, 0.005, 0.0, 0.015, -0.02}}));
  Fingerprint fingerprint;
  add_model(fingerprint, experiment);
  fingerprint.print("path/bootstrap");
}

/* Moments and percentiles, of trials that fail too; 10,100 trials fill neither a block nor a tree.
 */
void print_statistics() {
  const Simulation simulation(experiment_of(
      std::string(kInputs) + "output y = near * wide\noutput w = ln(signed)\n", 10100));
  Unstoppable control;
  KeepPlan keep;
  keep.mode = KeepMode::samples;
  const Partial run = run_pass(
      simulation, 1,
      [&](const Simulation& own, std::int64_t chunk, Control& stop) {
        return own.summarize(own.chunk(chunk), keep, stop);
      },
      control);
  Fingerprint fingerprint;
  for (std::uint32_t slot = 0; slot < run.slots(); ++slot) {
    const Moments total = run.total(0, slot);
    fingerprint.add({static_cast<double>(total.count), static_cast<double>(total.failed),
                     total.mean, total.m2, total.m3, total.m4, total.min, total.max});
    const std::span<const double> kept = run.samples(0, slot);
    std::vector<double> values(kept.begin(), kept.end());
    const std::vector<double> levels = {0, 0.05, 1.0 / 3, 0.5, 0.999, 1};
    fingerprint.add(exact_percentiles(values, levels));
  }
  fingerprint.print("statistics");
}

void print_random_models() {
  Fingerprint fingerprint;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Experiment experiment = experiment_of(RandomModel(seed).text(), 300, seed);
    experiment.data.push_back(
        table_of("rows_", {"a", "b"}, {{0.5, -0.25, 0.125, 1, 3}, {0.01, 0.2, -0.1, 0.05, 1}}));
    try {
      add_model(fingerprint, experiment);
    } catch (const Error& error) {
      fingerprint.add(error.what());  // parameters that break a distribution's rules
    }
  }
  fingerprint.print("random_models");
}

void print_libm() {
  Fingerprint fingerprint;
  for (int i = 1; i < 20000; ++i) {
    const double x = 0.37 * i;
    fingerprint.add({std::exp(x / 1000), std::log(x), std::pow(x, 0.3), std::sin(x)});
  }
  fingerprint.print("libm");
}

void print_all() {
  print_functions();
  print_distributions();
  print_loops();
  print_paths();
  print_statistics();
  print_random_models();
  print_libm();
}

bool use(std::string_view name) {
  const std::map<std::string_view, InstructionSet> sets = {{"baseline", InstructionSet::baseline},
                                                           {"avx2", InstructionSet::avx2},
                                                           {"avx512", InstructionSet::avx512}};
  const auto found = sets.find(name);
  return found != sets.end() && force_instruction_set(found->second);
}

}  // namespace
}  // namespace sim::testing

int main(int count, char** arguments) {
  if (count > 1 && !sim::testing::use(arguments[1])) return 2;
  sim::testing::print_all();
  return 0;
}
