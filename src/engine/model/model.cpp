/*
 * model.cpp -- looking things up in a model.
 */
#include "model/model.hpp"

namespace sim {

const Variable* Model::find(std::string_view name) const {
  const auto found = variable_index.find(name);
  return found == variable_index.end() ? nullptr : &variables[found->second];
}

}  // namespace sim
