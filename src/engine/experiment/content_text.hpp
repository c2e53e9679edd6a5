/*
 * content_text.hpp -- definitions of a model as bytes that do not depend on how they were written;
 * for the files of this room only.
 *
 * What a definition reads is not written but numbered, in the order of its first use: the key of a
 * definition is the hash of its bytes and of the keys of what it reads.
 */
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "experiment/content_key.hpp"
#include "model/model.hpp"

namespace sim {

/* What names in a definition stand for. */
class ContentNames {
 public:
  virtual ~ContentNames() = default;
  virtual void variable(ByteWriter& writer, std::string_view name) = 0;
  virtual void column(ByteWriter& writer, std::string_view table, std::string_view column) = 0;
  /* False for a function of the catalogue, which its name is written for. */
  virtual bool function(ByteWriter& writer, std::string_view name) = 0;
};

void write_expression(ByteWriter& writer, const Expression& expression, ContentNames& names);

/* What an input is, but for the value of a number and the values of a series. */
void write_input(ByteWriter& writer, const Variable& variable, ContentNames& names);

/* A variable with all its rules, but for the value of a number and the values of a series. */
void write_variable(ByteWriter& writer, const Variable& variable, ContentNames& names);

/* Calls `visit` for each expression that a variable is defined by. */
template <class Visit>
void for_each_definition(const Variable& variable, Visit visit) {
  if (variable.rule) visit(*variable.rule);
  for (const auto& [step, rule] : variable.start_rules) visit(rule);
  if (variable.start_value) visit(*variable.start_value);
  if (variable.kind != VariableKind::input) return;
  if (variable.input.kind == InputDefinition::Kind::expression) visit(variable.input.expression);
  if (variable.input.kind == InputDefinition::Kind::draw)
    for (const Expression& parameter : variable.input.draw->parameters) visit(parameter);
}

}  // namespace sim
