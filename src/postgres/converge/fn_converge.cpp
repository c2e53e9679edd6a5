/*
 * fn_converge.cpp -- sim.converge and sim.converge_report as plain functions.
 */
#include "converge/converge.hpp"
#include "converge/solving.hpp"
#include "row_writer.hpp"
#include "scan/function_scan.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

const StoredExperiment* load_call(FunctionCallInfo call) {
  Datum values[kConvergeArguments];
  bool nulls[kConvergeArguments];
  copy_arguments(call, kConvergeArguments, values, nulls);
  return load_converge(values, nulls, 0);
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

void put_report(RowWriter& row, const char* scenario, const sim::LoopReport& loop) {
  add_text(row, scenario);
  add_integer(row, loop.loop);
  add_texts(row, loop.variables);
  add_text(row, loop.method.c_str());
  add_bigint(row, loop.iterations);
  add_value(row, loop.residual);
  add_number(row, loop.contraction);
  add_boolean(row, loop.converged);
  add_step(row, loop.step);
  put(row);
}

}  // namespace

StoredExperiment* load_converge(const Datum* values, const bool* nulls, int64 scan) {
  ExperimentRequest request;
  request.converging = true;
  request.model = nulls[kModelArgument] ? nullptr : DatumGetTextPP(values[kModelArgument]);
  request.scenarios =
      nulls[kScenariosArgument] ? nullptr : DatumGetArrayTypeP(values[kScenariosArgument]);
  request.overrides =
      nulls[kOverridesArgument] ? nullptr : DatumGetJsonbP(values[kOverridesArgument]);
  request.scan = scan;
  return load_experiment(request);
}

/* sim.converge(model, scenarios, overrides): a row for each scenario, formula and step. */
SIM_FUNCTION(sim_converge) {
  const StoredExperiment* experiment = load_call(fcinfo);
  BorrowedSolver* solver = borrow_solver(*experiment, CurrentMemoryContext);
  Solving* solving =
      begin_solving(solver, *experiment, sim::Unsolved::refuse, CurrentMemoryContext);
  RowWriter row = open_rows(fcinfo);
  const Datum* names = solver->names().data();
  while (solve_next(solving)) {
    for (const sim::SolvedScenario& solved : solving->solved) {
      const Datum scenario = text_from_utf8(experiment->scenarios[solved.scenario].name);
      put_scenario(row, scenario, solved, names);
    }
  }
  return Datum{0};
}

/* sim.converge_report(model, scenarios, overrides): a row for each scenario and loop. */
SIM_FUNCTION(sim_converge_report) {
  const StoredExperiment* experiment = load_call(fcinfo);
  BorrowedSolver* solver = borrow_solver(*experiment, CurrentMemoryContext);
  Solving* solving =
      begin_solving(solver, *experiment, sim::Unsolved::report, CurrentMemoryContext);
  RowWriter row = open_rows(fcinfo);
  while (solve_next(solving)) {
    for (const sim::LoopReport& loop : solving->parts.solver->loops()) {
      put_report(row, experiment->scenarios[loop.scenario].name, loop);
    }
  }
  return Datum{0};
}

/* The planner support function of sim.converge. */
SIM_FUNCTION(sim_converge_support) { return learn_from_request(fcinfo, KnownFunction::converge); }

}  // namespace simpg
