/*
 * functions.hpp -- the functions a model may call: one table for the parser's checks, the help
 * views, the docs and tests.
 */
#pragma once

#include <span>
#include <string_view>

#include "catalogue/operation.hpp"

namespace sim {

/* How a call is turned into operations. */
enum class FunctionForm {
  operation,       // one Operation with exactly its operand count
  fold,            // Operation applied from left to right over one or more arguments: min(a, b, c)
  constant,        // no arguments: pi()
  conditional,     // if(condition, a, b)
  time_aggregate,  // sum, min, max, avg, first_step, any, all over x[*], x[1..12] or c[t]
  data_aggregate,  // mean, sd, count over data.column
  expression,      // written in the language itself: see `body`
};

struct Function {
  std::string_view name;
  FunctionForm form;
  Operation operation;  // for operation and fold; otherwise ignored
  double constant;      // for constant; otherwise 0
  int min_arguments;
  int max_arguments;            // -1: no limit
  std::string_view parameters;  // as shown in help: "x, digits"
  std::string_view group;  // "arithmetic", "exponential", "trigonometric", "probability", "logic",
                           // "time", "data"
  std::string_view doc;    // one sentence
  std::string_view example;  // "round(2.5)" ; an expression without free names where possible
  std::string_view result;   // what the example gives, as text: "3"; empty where it needs a model
  std::string_view body;     // for expression: formula over the parameters; otherwise empty
};

/* All functions in order of group and name, other names for the same function as entries of their
 * own. */
std::span<const Function> functions();

/*
 * The entry of that name (folded to lower case) that accepts so many arguments, or nullptr.
 * A name may have several entries (log(x) and log(b, x); min of values and min over time).
 */
const Function* find_function(std::string_view name, int arguments);

/* True if any entry has the name. */
bool is_function_name(std::string_view name);

}  // namespace sim
