/*
 * kernels.hpp -- the operations over batches of lanes: the same bits a lane as evaluate() gives for
 * one value.
 */
#pragma once

#include <cstddef>

#include "catalogue/operation.hpp"

namespace sim {

/* out[i] = operation(a[i], b[i], c[i]) for i < n. `out` may be one of the operands; arrays must not
 * overlap otherwise. */
void run_operation(Operation operation, const double* a, const double* b, const double* c,
                   double* out, std::size_t n);

void fill(double value, double* out, std::size_t n);

/* out[i] = column[row[i]]; rows are whole numbers within the column. */
void gather(const double* column, const double* row, double* out, std::size_t n);

/* row[i] = floor(u[i] * rows), for 0 < u < 1. */
void pick_rows(const double* u, double rows, double* row, std::size_t n);

/* row[i] = (start[i] + offset) mod rows, for whole numbers 0 <= start < rows, 0 <= offset < rows.
 */
void advance_rows(const double* start, double offset, double rows, double* row, std::size_t n);

}  // namespace sim
