/*
 * fn_source.hpp -- the text of a model as an argument: its size, its encoding, its errors and
 * warnings.
 */
#pragma once

#include "postgres.hpp"

#include <vector>

#include "experiment/inspect.hpp"

namespace simpg {

/* The text in UTF-8. Raises 22004 for null, 54000 beyond sim.max_model_size. */
const char* read_source(const text* source);

/* Its errors and warnings, owned by the current memory context. */
const std::vector<sim::CheckRow>* check_source(const char* source);

}  // namespace simpg
