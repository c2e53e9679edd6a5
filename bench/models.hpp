/*
 * models.hpp -- the texts of the models that the benchmarks run.
 *
 * One source for all: the engine's benchmarks call it, and the program bench_model prints a text
 * for psql.  A sized model takes its size from the caller: formulas or steps.
 */
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bench {

/* Months of the path models. */
inline constexpr int kMonths = 480;

/*
 * The text of a model:
 *   j1b     retirement path of 480 months, rows of data block market(stock, bond, inflation)
 *           drawn in circular blocks of 12
 *   j1n     the same with normal returns
 *   cost    the circular plant cost model with two uncertain inputs (j2 and j3)
 *   j4      sum of 12 lognormals
 *   cycles  a sheet of `size` chained loops of nine formulas (j5: 43)
 *   grid    the cost model with its energy cost from the rows of data block grid(energy)
 *   wide    `size` formulas, each of its neighbours' inputs
 *   path    the normal path model over `size` steps
 * Throws std::invalid_argument for another name.
 */
std::string model_text(std::string_view name, int size);

std::vector<std::string> model_names();

}  // namespace bench
