/*
 * lowering.hpp -- from expressions to terms: calls become operations, user functions are written
 * out.
 */
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/control.hpp"
#include "model/model.hpp"
#include "model/term.hpp"

namespace sim {

/* What the leaves of an expression mean where it stands. Each gives a term, or kNoTerm where it has
 * no meaning. */
class LeafReader {
 public:
  virtual TermId variable(const Node& node) = 0;
  virtual TermId time() = 0;
  /* A data aggregate: mean(market.stock), sd, count. */
  virtual TermId data_aggregate(std::string_view function, const Node& column) = 0;
  /* A time aggregate over the variable of `node`, whose index is all or range. */
  virtual TermId time_aggregate(std::string_view function, const Node& node) = 0;

 protected:
  ~LeafReader() = default;
};

class Lowering {
 public:
  Lowering(const Model& model, TermGraph& terms) : model_(model), terms_(terms) {}

  /* The term of an expression; kNoTerm if a leaf has no meaning or a call is not known. */
  TermId lower(const Expression& expression, LeafReader& leaves);

 private:
  using Arguments = std::vector<TermId>;

  TermId lower_body(const Expression& body, const std::vector<std::string>& parameters,
                    const Arguments& arguments, LeafReader& leaves);
  TermId lower_node(const Expression& expression, const Node& node, const Arguments& values,
                    LeafReader& leaves);
  TermId lower_call(const Expression& expression, const Node& node, const Arguments& values,
                    LeafReader& leaves);
  TermId call_user_function(const UserFunction& function, const Arguments& arguments,
                            LeafReader& leaves);
  TermId call_written_function(const Function& function, const Arguments& arguments,
                               LeafReader& leaves);

  const Model& model_;
  TermGraph& terms_;
  Asking asking_;
  /* A call with the same arguments is written out once. */
  std::map<std::pair<const UserFunction*, Arguments>, TermId> calls_;
  std::map<std::string, InputStatement>
      bodies_;  // parsed bodies of built-in functions written in the language
};

}  // namespace sim
