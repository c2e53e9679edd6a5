/*
 * fn_converge.cpp -- sim.converge and sim.converge_report.
 */
#include "fn_rows.hpp"

#include "boundary.hpp"
#include "session_solver.hpp"
#include "store.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

/* Both functions take (model, scenarios, overrides). */
const StoredExperiment* read_arguments(FunctionCallInfo fcinfo) {
  ExperimentRequest request;
  request.model = text_argument(fcinfo, 0);
  request.converging = true;
  request.scenarios = array_argument(fcinfo, 1);
  request.overrides = jsonb_argument(fcinfo, 2);
  return load_experiment(request);
}

/* Names as values of type text, each made once. */
Datum* name_values(const std::vector<std::string>& names) {
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * (names.size() + 1)));
  for (std::size_t i = 0; i < names.size(); i++) {
    values[i] = text_from_utf8(names[i].c_str());
  }
  return values;
}

void put_scenario(RowWriter& row, Datum scenario, const sim::SolvedScenario& solved,
                  const Datum* names) {
  for (std::size_t i = 0; i < solved.slots.size(); i++) {
    add_datum(row, scenario);
    add_datum(row, names[solved.slots[i].variable]);
    add_step(row, solved.slots[i].step);
    add_value(row, solved.values[i]);
    put(row);
  }
}

}  // namespace

}  // namespace simpg

/* sim.converge(model, scenarios, overrides): a row for each scenario, formula and step. */
SIM_FUNCTION(sim_converge) {
  const simpg::StoredExperiment* experiment = simpg::read_arguments(fcinfo);
  sim::ScenarioSolver* solver = simpg::begin_solving(*experiment, sim::Unsolved::refuse);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  const Datum* names = simpg::name_values(solver->names());
  while (simpg::solve_next(solver)) {
    for (const sim::SolvedScenario& solved : solver->solved()) {
      const Datum scenario = simpg::text_from_utf8(experiment->scenarios[solved.scenario].name);
      simpg::put_scenario(row, scenario, solved, names);
    }
  }
  return static_cast<Datum>(0);
}

/* sim.converge_report(model, scenarios, overrides): a row for each scenario and loop. */
SIM_FUNCTION(sim_converge_report) {
  const simpg::StoredExperiment* experiment = simpg::read_arguments(fcinfo);
  sim::ScenarioSolver* solver = simpg::begin_solving(*experiment, sim::Unsolved::report);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  while (simpg::solve_next(solver)) {
    for (const sim::LoopReport& loop : solver->loops()) {
      simpg::add_text(row, experiment->scenarios[loop.scenario].name);
      simpg::add_integer(row, loop.loop);
      simpg::add_texts(row, loop.variables);
      simpg::add_text(row, loop.method.c_str());
      simpg::add_bigint(row, loop.iterations);
      simpg::add_value(row, loop.residual);
      simpg::add_number(row, loop.contraction);
      simpg::add_boolean(row, loop.converged);
      simpg::add_step(row, loop.step);
      simpg::put(row);
    }
  }
  return static_cast<Datum>(0);
}
