/*
 * fn_converge.cpp -- sim.converge and sim.converge_report.
 */
#include "fn_rows.hpp"

#include "boundary.hpp"
#include "experiment/converge.hpp"
#include "store.hpp"

namespace simpg {

namespace {

struct Solved {
  const StoredExperiment* experiment;
  const sim::ConvergeResult* result;
};

/* Both functions take (model, scenarios, overrides). */
Solved solve(FunctionCallInfo fcinfo, bool require_convergence) {
  ExperimentRequest request;
  request.model = text_argument(fcinfo, 0);
  request.converging = true;
  request.scenarios = array_argument(fcinfo, 1);
  request.overrides = jsonb_argument(fcinfo, 2);
  const StoredExperiment* experiment = load_experiment(request);
  Holder<sim::ConvergeResult>* result = make_holder<sim::ConvergeResult>(CurrentMemoryContext);
  BackendControl control;
  guarded([&] {
    hold(result, sim::converge(make_experiment(*experiment), require_convergence, control));
  });
  return {experiment, result->object};
}

}  // namespace

}  // namespace simpg

/* sim.converge(model, scenarios, overrides): a row for each scenario, formula and step. */
SIM_FUNCTION(sim_converge) {
  const simpg::Solved solved = simpg::solve(fcinfo, true);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  for (const sim::ConvergedValue& value : solved.result->values) {
    simpg::add_text(row, solved.experiment->scenarios[value.scenario].name);
    simpg::add_text(row, solved.result->names[value.variable].c_str());
    simpg::add_step(row, value.step);
    simpg::add_value(row, value.value);
    simpg::put(row);
  }
  return static_cast<Datum>(0);
}

/* sim.converge_report(model, scenarios, overrides): a row for each scenario and loop. */
SIM_FUNCTION(sim_converge_report) {
  const simpg::Solved solved = simpg::solve(fcinfo, false);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  for (const sim::LoopReport& loop : solved.result->loops) {
    simpg::add_text(row, solved.experiment->scenarios[loop.scenario].name);
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
  return static_cast<Datum>(0);
}
