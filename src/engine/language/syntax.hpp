/*
 * syntax.hpp -- the syntax tree of a model's text.
 *
 * An expression keeps its nodes in one array in which operands always stand before the node that
 * uses them, the root last. So every pass is a loop over the array: long or deep formulas need no
 * recursion and cannot overflow a stack. Names are already folded as SQL folds identifiers; ranges
 * point into the text for errors.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catalogue/operation.hpp"
#include "language/diagnostics.hpp"

namespace sim {

enum class NodeKind : std::uint8_t {
  number,     // `number`; true and false are 1 and 0
  variable,   // `name`, with `index`
  column,     // data.column: `qualifier`.`name`
  time,       // the step number t
  operation,  // `operation` over `arguments` (operators, between, in, case when and if are brought
              // to these)
  call,  // function `name` over `arguments` and `named` arguments; user functions and built-in ones
         // alike
};

/* What stands in the brackets behind a name. */
enum class IndexKind : std::uint8_t {
  none,       // x
  relative,   // x[t - offset], offset >= 0 ; the parser refuses x[t + 1]
  absolute,   // x[offset]
  from_last,  // x[last - offset]
  all,        // x[*]
  range,      // x[first..last]; an end may be `last`: then to_last is true
};

struct Index {
  IndexKind kind = IndexKind::none;
  std::int64_t offset = 0;  // see IndexKind; for a range its first step
  std::int64_t end = 0;     // for a range its last step, both ends included
  bool to_last = false;
};

struct NamedArgument {
  std::string name;
  std::uint32_t node;
};

struct Node {
  NodeKind kind = NodeKind::number;
  Operation operation = Operation::add;
  double number = 0;
  std::string name;
  std::string qualifier;
  Index index;
  SourceRange range;
  std::vector<std::uint32_t> arguments;  // each smaller than this node's own place
  std::vector<NamedArgument> named;
};

/* A data block named bare, as in historical(market), is a variable node; what the name means is
 * decided by the model room. */
struct Expression {
  std::vector<Node> nodes;  // never empty once parsed; the root is the last
  SourceRange range;

  const Node& root() const { return nodes.back(); }
};

struct StepsStatement {
  std::int64_t count = 0;
  std::string label;  // 'month'; empty if not given
  SourceRange range;
};

struct DataStatement {
  std::string name;
  std::vector<std::string> columns;
  SourceRange range;
  std::vector<SourceRange> column_ranges;
};

struct Annotations {
  std::string unit;
  std::string description;
};

struct InputTarget {
  std::string name;
  bool timed = false;  // input x[t]
  SourceRange range;
};

struct InputStatement {
  std::vector<InputTarget>
      targets;             // several only for a joint draw: input (a[t], b[t]) ~ bootstrap(d)
  bool uncertain = false;  // ~ distribution instead of = expression
  Expression value;        // the default, or a call of the distribution
  std::optional<Expression>
      range_low;  // range lo to hi: constant expressions, checked by the model room
  std::optional<Expression> range_high;
  Annotations annotations;
  SourceRange range;
};

enum class TargetKind : std::uint8_t {
  scalar,  // x =
  start,   // x[k] =
  rule,    // x[t] =
};

struct FormulaStatement {
  std::string name;
  TargetKind kind = TargetKind::scalar;
  std::int64_t start_step = 0;  // for start
  Expression value;
  bool is_output =
      false;  // written as `output x = ...`: the model room reports it as an output too
  std::int64_t every = 1;  // for an output with [t]
  Annotations annotations;
  SourceRange name_range;
  SourceRange range;
};

/* `output a, b[t] every 12`: names of formulas or inputs defined elsewhere. */
struct OutputStatement {
  std::string name;
  bool timed = false;
  std::int64_t every = 1;
  Annotations annotations;
  SourceRange range;
};

struct FunctionStatement {
  std::string name;
  std::vector<std::string> parameters;
  Expression body;
  SourceRange name_range;
  SourceRange range;
};

enum class SolveMethod : std::uint8_t { automatic, direct, newton, gauss_seidel, jacobi };

/* Spelled "auto", "direct", "newton", "gauss_seidel", "jacobi". */
std::string_view method_name(SolveMethod method);

/* `solve tolerance 1e-9 iterations 100 method auto`: what is absent keeps the default. */
struct SolveStatement {
  std::optional<double> tolerance;
  std::optional<std::int64_t> iterations;
  std::optional<SolveMethod> method;
  std::optional<double>
      damping;  // 0 < damping <= 1, for gauss_seidel and jacobi: x <- x + damping * (g(x) - x)
  SourceRange range;
};

/* `solve x = 5`: where the iteration for x starts. */
struct StartValueStatement {
  std::string name;
  Expression value;
  SourceRange range;
};

using Statement =
    std::variant<StepsStatement, DataStatement, InputStatement, FormulaStatement, OutputStatement,
                 FunctionStatement, SolveStatement, StartValueStatement>;

/* A parsed text: its statements in the order of the text. Several outputs on one line are several
 * statements. */
struct SyntaxTree {
  std::vector<Statement> statements;
  /* What the statements that could not be read would probably have defined: not worth a second
   * error "unknown name". */
  std::vector<std::string> refused_names;
};

}  // namespace sim
