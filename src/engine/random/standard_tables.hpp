/*
 * standard_tables.hpp -- the quantile tables of the standard distributions, each made once.
 *
 * Normal and exponential have no parameters in their standard form and serve all their draws.  The
 * others are tables of one set of parameters; the last ones asked for are kept, for all threads.
 * They are null where a table would not be accurate enough, at extreme parameters.
 */
#pragma once

#include <memory>

#include "random/quantile_table.hpp"

namespace sim {

const QuantileTable& normal_table();
const QuantileTable& exponential_table();

using SharedTable = std::shared_ptr<const QuantileTable>;

SharedTable gamma_table(double shape);  // of rate 1
SharedTable beta_table(double alpha, double beta);
SharedTable student_t_table(double df);
SharedTable lognormal_table(double sdlog);  // of median 1

}  // namespace sim
