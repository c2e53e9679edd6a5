/*
 * reads.hpp -- what the definition of a variable reads, at which steps.
 */
#pragma once

#include <vector>

#include "model/model.hpp"

namespace sim {

/* Reads of the rule (or the formula, or an input's definition and the parameters of its
 * distribution); not of start rules. */
std::vector<Read> rule_reads(const Model& model, const Variable& variable);

/* Reads of the start rule for that step; empty if there is none. */
std::vector<Read> start_reads(const Model& model, const Variable& variable, std::int64_t step);

/* Reads of `solve x = ...`; empty if there is none. */
std::vector<Read> start_value_reads(const Model& model, const Variable& variable);

}  // namespace sim
