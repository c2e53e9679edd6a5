/*
 * error.hpp -- the exceptions the engine throws.
 *
 * The engine reports every failure as an Error with a kind, a one-line message that names the
 * object, a detail with the facts and a hint with the next step.  What is built around the engine
 * (a database, a test) decides how to show it.
 */
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace sim {

enum class ErrorKind {
  invalid_model,      // the text of a model has errors; the detail lists all of them
  invalid_parameter,  // an argument, an override or a distribution's parameter breaks a rule
  undefined_name,     // an input, output, scenario or column that does not exist
  invalid_data,       // bound rows that cannot be used
  out_of_range,       // an input's value outside its declared range
  not_converged,      // a loop of formulas did not converge
  limit_exceeded,     // too many trials, steps, scenarios, levels of nesting
  cancelled,          // Control asked to stop
  corrupt_state,      // serialized bytes that were not written by this engine
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string detail = {}, std::string hint = {})
      : std::runtime_error(message),
        kind_(kind),
        detail_(std::move(detail)),
        hint_(std::move(hint)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& detail() const { return detail_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorKind kind_;
  std::string detail_;
  std::string hint_;
};

}  // namespace sim
