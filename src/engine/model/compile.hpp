/*
 * compile.hpp -- from a model to a program for the outputs somebody wants.
 */
#pragma once

#include <span>
#include <vector>

#include "model/data_table.hpp"
#include "model/model.hpp"
#include "model/optimisation.hpp"
#include "model/program.hpp"

namespace sim {

enum class Chance : std::uint8_t {
  drawn,  // uncertain inputs are drawn
  means,  // uncertain inputs stand at their means
};

/*
 * Compiles a settled model.  Only what the wanted outputs need enters the program.  `tables` holds
 * the rows of the data blocks, by the model's numbering; programs over the same tables may share
 * `layouts`.  Throws Error(invalid_model) when a loop cannot be solved by the method the model asks
 * for.
 */
Program compile_program(const Model& model, std::span<const Output> wanted, Chance chance,
                        std::span<const DataTable> tables,
                        Optimisation optimisation = Optimisation::on,
                        RowLayouts* layouts = nullptr);

}  // namespace sim
