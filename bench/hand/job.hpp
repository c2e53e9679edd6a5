/*
 * job.hpp -- what a hand-written rival is asked and what it answers.
 *
 * "same" rivals use the engine's uniform numbers and quantile functions, so that their answers must
 * equal the engine's; "free" rivals choose generator, functions and algebra as a good programmer
 * would for this one job.
 */
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/data_table.hpp"

namespace bench {

struct Request {
  std::int64_t trials = 100000;
  int threads = 2;
  std::uint64_t seed = 1;
  sim::DataTable market;  // stock, bond, inflation; for j1b alone
};

/* Numbers of one job in a fixed order; see the job. */
using Answer = std::vector<double>;
using Job = Answer (*)(const Request& request);

/* j1b, j1n: mean of success, then p05, p25, median, p75, p95 of real wealth. */
Answer same_bootstrap_path(const Request& request);
Answer same_normal_path(const Request& request);
Answer free_bootstrap_path(const Request& request);
Answer free_normal_path(const Request& request);

/* j2: mean, standard deviation, p05, median, p95 of total cost. */
Answer same_cost(const Request& request);
Answer free_cost(const Request& request);

/* j4: p05, p25, median, p75, p95 of the sum. */
Answer same_lognormals(const Request& request);
Answer free_lognormals(const Request& request);

/* j3: total cost at `trials` values of energy from 60 to 100, iterated to 1e-9 (same) or 1e-3
 * (free): first, sum, last. */
Answer same_converge(const Request& request);
Answer free_converge(const Request& request);

/* j5: the last cell of 43 chained loops of nine, for demand 100, iterated to 1e-9 (same) or 1e-3
 * (free). */
Answer same_cycles(const Request& request);
Answer free_cycles(const Request& request);

/* The engine itself without a server around it, one simulation a thread; answers as above. */
Answer engine_bootstrap_path(const Request& request);
Answer engine_normal_path(const Request& request);
Answer engine_cost(const Request& request);
Answer engine_lognormals(const Request& request);
Answer engine_converge(const Request& request);
Answer engine_cycles(const Request& request);

/* Null for a pair that does not exist. Variants are same, free and engine. */
Job find_job(std::string_view job, std::string_view variant);

/* Reads month,stock,bond,inflation. Throws std::runtime_error where there are no rows. */
sim::DataTable read_market(const char* path);

}  // namespace bench
