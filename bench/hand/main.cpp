/*
 * main.cpp -- bench_hand JOB VARIANT TRIALS [THREADS [REPEATS [MARKET.csv]]]: runs one rival and
 * says how long it took.
 *
 * Prints the median seconds of the repeats, after a short run that does not count, then the
 * answer's numbers with all digits.
 */
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "hand/job.hpp"

namespace bench {

Job find_job(std::string_view job, std::string_view variant) {
  struct Entry {
    std::string_view job;
    std::array<Job, 3> variants;
  };
  static const std::array<Entry, 6> entries = {{
      {"j1b", {same_bootstrap_path, free_bootstrap_path, engine_bootstrap_path}},
      {"j1n", {same_normal_path, free_normal_path, engine_normal_path}},
      {"j2", {same_cost, free_cost, engine_cost}},
      {"j3", {same_converge, free_converge, engine_converge}},
      {"j4", {same_lognormals, free_lognormals, engine_lognormals}},
      {"j5", {same_cycles, free_cycles, engine_cycles}},
  }};
  const std::array<std::string_view, 3> names = {"same", "free", "engine"};
  for (const Entry& entry : entries)
    for (std::size_t i = 0; i < names.size(); ++i)
      if (entry.job == job && names[i] == variant) return entry.variants[i];
  return nullptr;
}

sim::DataTable read_market(const char* path) {
  std::ifstream file(path);
  std::array<std::vector<double>, 3> columns;
  std::string line;
  std::getline(file, line);  // names of the columns
  while (std::getline(file, line)) {
    std::stringstream fields(line);
    std::string field;
    std::getline(fields, field, ',');
    for (auto& column : columns) {
      std::getline(fields, field, ',');
      column.push_back(std::strtod(field.c_str(), nullptr));
    }
  }
  if (columns[0].empty()) throw std::runtime_error(std::string("no rows in ") + path);
  sim::DataTable table{
      "market", {"stock", "bond", "inflation"}, static_cast<std::int64_t>(columns[0].size()), {}};
  for (const auto& column : columns)
    table.values.insert(table.values.end(), column.begin(), column.end());
  return table;
}

}  // namespace bench

namespace {

/* Median seconds; the answer of the last run in `answer`. */
double measure(bench::Job job, const bench::Request& request, int repeats, bench::Answer& answer) {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kWarmUp = 10000;
  std::vector<double> seconds;
  bench::Request few = request;
  few.trials = std::min(request.trials, kWarmUp);
  answer = job(few);
  for (int i = 0; i < repeats; ++i) {
    const Clock::time_point start = Clock::now();
    answer = job(request);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  return seconds[static_cast<std::size_t>(repeats / 2)];
}

int run(int count, char** arguments) {
  const bench::Job job = bench::find_job(arguments[1], arguments[2]);
  if (job == nullptr) throw std::invalid_argument("no such job and variant");
  bench::Request request;
  request.trials = std::atoll(arguments[3]);
  if (count > 4) request.threads = std::max(1, std::atoi(arguments[4]));
  const int repeats = count > 5 ? std::max(1, std::atoi(arguments[5])) : 1;
  if (count > 6) request.market = bench::read_market(arguments[6]);
  if (request.trials < 2) throw std::invalid_argument("at least 2 trials are needed");
  if (std::string_view(arguments[1]) == "j1b" && request.market.rows == 0)
    throw std::invalid_argument("j1b needs MARKET.csv");
  bench::Answer answer;
  std::printf("%.9f", measure(job, request, repeats, answer));
  for (const double value : answer) std::printf(" %.17g", value);
  std::printf("\n");
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(
        stderr, "usage: bench_hand JOB same|free|engine TRIALS [THREADS [REPEATS [MARKET.csv]]]\n");
    return 2;
  }
  try {
    return run(count, arguments);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_hand: %s\n", failure.what());
    return 1;
  }
}
