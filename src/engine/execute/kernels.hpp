/*
 * kernels.hpp -- the operations over batches of lanes: the same bits a lane as evaluate() gives for
 * one value.
 */
#pragma once

#include <array>
#include <cstddef>

#include "catalogue/operation.hpp"
#include "model/program.hpp"

namespace sim {

/* out[i] = operation(a[i], b[i], c[i]) for i < n. `out` may be one of the operands that are not
 * uniform; arrays must not overlap otherwise.  Uniform operands have at least kUniformLanes lanes,
 * and one value in all of them. */
using Kernel = void (*)(const double* a, const double* b, const double* c, double* out,
                        std::size_t n, UniformOperands uniform);
inline constexpr std::size_t kUniformLanes = 16;

/* By what follows, then by operation; null for pairs that are never fused. */
using KernelTable = std::array<std::array<Kernel, kOperationCount>, kFollowUpCount>;

/* The kernels for the instructions in use. */
const KernelTable& kernels();

inline Kernel kernel_of(const KernelTable& table, Operation operation, FollowUp follow_up) {
  return table[static_cast<std::size_t>(follow_up)][static_cast<std::size_t>(operation)];
}

void run_operation(Operation operation, const double* a, const double* b, const double* c,
                   double* out, std::size_t n);

void fill(double value, double* out, std::size_t n);

}  // namespace sim
