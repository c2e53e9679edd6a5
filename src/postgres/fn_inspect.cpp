/*
 * fn_inspect.cpp -- what can be told about a text without running it: sim.check_model and the
 * functions under the views.
 */
#include "row_writer.hpp"

#include "boundary.hpp"
#include "experiment/inspect.hpp"
#include "fn_source.hpp"

namespace simpg {

namespace {

/* What the text in the first argument says; null for a bad text, which has no rows. */
const sim::ModelDescription* describe_argument(FunctionCallInfo fcinfo) {
  const char* source = read_source(text_argument(fcinfo, 0));
  Holder<sim::ModelDescription>* description =
      make_holder<sim::ModelDescription>(CurrentMemoryContext);
  guarded([&] {
    bool good = true;
    for (const sim::CheckRow& row : sim::check_model(source)) {
      good = good && row.severity != sim::Severity::error;
    }
    if (good) {
      hold(description, sim::describe_model("", source));
    }
  });
  return description->object;
}

void add_variable(RowWriter& row, const sim::VariableRow& variable, int place) {
  add_integer(row, place);
  add_text(row, variable.name.c_str());
  add_text(row, variable.kind.c_str());
  add_boolean(row, variable.timed);
  add_text(row, variable.definition.c_str());
  add_text(row, std::string_view(variable.unit));
  add_text(row, std::string_view(variable.description));
  add_boolean(row, variable.uncertain);
  add_number(row, variable.range_low);
  add_number(row, variable.range_high);
  add_integer(row, variable.line);
  put(row);
}

}  // namespace

}  // namespace simpg

/* sim.check_model(source): what is wrong, in the order of the text. */
SIM_FUNCTION(sim_check_model) {
  const char* source = simpg::read_source(simpg::text_argument(fcinfo, 0));
  const std::vector<sim::CheckRow>* findings = simpg::check_source(source);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  for (const sim::CheckRow& finding : *findings) {
    simpg::add_integer(row, finding.line);
    simpg::add_integer(row, finding.column);
    simpg::add_text(row, finding.severity == sim::Severity::error ? "error" : "warning");
    simpg::add_text(row, finding.message.c_str());
    simpg::add_text(row, std::string_view(finding.hint));
    simpg::put(row);
  }
  return static_cast<Datum>(0);
}

/* sim.model_facts(source) */
SIM_FUNCTION(sim_model_facts) {
  const sim::ModelDescription* description = simpg::describe_argument(fcinfo);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  if (description != nullptr) {
    simpg::add_step(row, description->steps);
    simpg::add_text(row, std::string_view(description->step_label));
    simpg::add_boolean(row, description->uncertain);
    simpg::add_texts(row, description->outputs);
    simpg::put(row);
  }
  return static_cast<Datum>(0);
}

/* sim.model_variables(source) */
SIM_FUNCTION(sim_model_variables) {
  const sim::ModelDescription* description = simpg::describe_argument(fcinfo);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  int place = 0;
  if (description != nullptr) {
    for (const sim::VariableRow& variable : description->variables) {
      simpg::add_variable(row, variable, ++place);
    }
  }
  return static_cast<Datum>(0);
}

/* sim.model_dependencies(source) */
SIM_FUNCTION(sim_model_dependencies) {
  const sim::ModelDescription* description = simpg::describe_argument(fcinfo);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  if (description != nullptr) {
    for (const sim::DependencyRow& dependency : description->dependencies) {
      simpg::add_text(row, dependency.variable.c_str());
      simpg::add_text(row, dependency.depends_on.c_str());
      simpg::add_step(row, dependency.lag);
      simpg::put(row);
    }
  }
  return static_cast<Datum>(0);
}

/* sim.model_loops(source) */
SIM_FUNCTION(sim_model_loops) {
  const sim::ModelDescription* description = simpg::describe_argument(fcinfo);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  if (description != nullptr) {
    for (const sim::LoopRow& loop : description->loops) {
      simpg::add_integer(row, loop.loop);
      simpg::add_texts(row, loop.variables);
      simpg::add_text(row, loop.method.c_str());
      simpg::add_boolean(row, loop.linear);
      simpg::put(row);
    }
  }
  return static_cast<Datum>(0);
}

/* sim.model_data(source) */
SIM_FUNCTION(sim_model_data) {
  const sim::ModelDescription* description = simpg::describe_argument(fcinfo);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  if (description != nullptr) {
    for (const sim::DataRow& block : description->data) {
      simpg::add_text(row, block.name.c_str());
      simpg::add_texts(row, block.columns);
      simpg::add_boolean(row, block.ordered);
      simpg::put(row);
    }
  }
  return static_cast<Datum>(0);
}
