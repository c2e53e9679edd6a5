/*
 * model.hpp -- a model whose names are known and whose rules hold: what analysis makes of a syntax
 * tree.
 *
 * Vocabulary: an input is what a caller may replace; a formula defines a value; a variable is
 * either.  A variable is timed when it is written with [t]; it then has a value at each step, by a
 * start rule x[k] = ... or by its rule x[t] = .... Variables written by the model itself (the
 * argument of a time aggregate) are hidden: their names begin with a blank.
 */
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/distributions.hpp"
#include "catalogue/functions.hpp"
#include "language/diagnostics.hpp"
#include "language/syntax.hpp"
#include "model/name_index.hpp"

namespace sim {

enum class VariableKind : std::uint8_t { input, formula };

/* How an uncertain input is drawn: one draw may serve several inputs (a joint bootstrap). */
struct DrawDefinition {
  DistributionKind kind = DistributionKind::normal;
  std::vector<Expression> parameters;  // of a distribution with parameters
  std::string table;                   // data block, for distributions from data
  std::vector<std::string> columns;    // one for each input drawn
  std::int64_t block = 1;              // bootstrap
  std::string key;    // names of the inputs joined by commas: names the random stream
  SourceRange range;  // of the call
};

/* Where an input's values come from, when it is not a plain number. */
struct InputDefinition {
  enum class Kind : std::uint8_t { number, expression, draw, series } kind = Kind::number;
  double number = 0;
  Expression expression;
  std::shared_ptr<const DrawDefinition> draw;
  std::uint32_t draw_place = 0;  // which of the draw's columns
  std::vector<double> series;    // one value a step, for steps 1..N
};

struct Variable {
  std::string name;
  VariableKind kind = VariableKind::formula;
  bool timed = false;
  bool hidden = false;
  InputDefinition input;                           // for an input
  std::optional<Expression> rule;                  // x = ... or x[t] = ...
  std::map<std::int64_t, Expression> start_rules;  // x[k] = ...
  std::optional<Expression> start_value;           // solve x = ...
  std::optional<double> range_low;
  std::optional<double> range_high;
  Annotations annotations;
  SourceRange range;  // of the name where it is defined
  bool begins_at_step_1 =
      false;                 // an input that had no step 0 before it was replaced has none after
  bool from_step_1 = false;  // a timed variable without step 0
  bool over_time =
      false;  // a scalar that reads whole series or single steps: known only after the last step
};

struct DataBlock {
  std::string name;
  std::vector<std::string> columns;
  SourceRange range;
};

struct Output {
  std::uint32_t variable;
  std::int64_t every = 1;
};

struct UserFunction {
  std::vector<std::string> parameters;
  Expression body;
  std::vector<bool> certain;  // whether the body reads the parameter whatever its conditions give
  SourceRange range;
};

struct SolveSettings {
  double tolerance = 1e-9;
  std::int64_t iterations = 100;
  SolveMethod method = SolveMethod::automatic;
  double damping = 1;
};

/* More steps than anybody needs: a text with a slip of the finger must not exhaust memory. */
inline constexpr std::int64_t kMaxSteps = 10'000'000;

struct Model {
  std::string source;
  std::int64_t steps = 0;  // 0: without time
  std::string step_label;
  std::vector<Variable> variables;  // in the order of the text, hidden ones last
  NameIndex variable_index;
  std::vector<DataBlock> data;
  std::map<std::string, std::uint32_t, std::less<>> data_index;
  std::map<std::string, UserFunction, std::less<>> functions;
  std::vector<Output> outputs;  // in the order of the text; never empty for a good model
  SolveSettings solve;
  /* Names of statements that could not be read or used: no second error where they stand. */
  std::set<std::string, std::less<>> refused_names;

  const Variable* find(std::string_view name) const;
};

/*
 * A place that reads a variable.  For hidden variables and user functions the reads of what they
 * expand to are listed.
 */
struct Read {
  enum class Kind : std::uint8_t {
    same,
    lagged,
    at_step,
    whole
  } kind;  // x or x[t]; x[t-k]; x[k]; sum(x[*])
  std::uint32_t variable;
  std::int64_t lag = 0;   // for lagged
  std::int64_t step = 0;  // for at_step; for whole the last step of the run
  bool certain = true;    // not only inside a branch that a condition may leave out
  SourceRange range;
};

/* Where an expression stands decides what its names mean. */
struct ExpressionPlace {
  bool timed = false;            // in a rule x[t] = ..., or a start rule
  std::int64_t start_step = -1;  // the k of a start rule x[k] = ...; -1 otherwise
};

/*
 * Reads and checks a whole text: all errors go into `diagnostics`; the model is good only if there
 * are none. Never throws for a bad text.
 */
Model analyse_model(std::string_view source, Diagnostics& diagnostics);

/* The variables an expression reads, in the order of the text. The expression must have passed
 * analysis. */
std::vector<Read> expression_reads(const Model& model, const Expression& expression,
                                   ExpressionPlace place);

/*
 * Checks an expression that replaces an input of a good model, and gives it as a definition.  Used
 * for overrides given as text.
 */
InputDefinition analyse_override(const Model& model, const Variable& variable,
                                 std::string_view text, Diagnostics& diagnostics);

/*
 * Brings everything that depends on the definitions of inputs up to date after some were replaced:
 * which timed variables have a step 0, which scalars are known only after the last step, cycles
 * through inputs, reads of steps that do not exist.
 */
void settle_model(Model& model, Diagnostics& diagnostics);

/* The value of an expression without variables, or nothing. */
std::optional<double> constant_value(const Model& model, const Expression& expression);

}  // namespace sim
