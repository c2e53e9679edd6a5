/*
 * fn_privilege.cpp -- sim.may_see, sim.may_edit and sim.may_see_run, which the policies of the
 * tables ask.
 */
#include "store_privilege.hpp"

#include "boundary.hpp"

/* sim.may_see(model_id) */
SIM_FUNCTION(sim_may_see) {
  PG_RETURN_BOOL(simpg::may(PG_GETARG_INT32(0), simpg::Privilege::read));
}

/* sim.may_edit(model_id) */
SIM_FUNCTION(sim_may_edit) {
  PG_RETURN_BOOL(simpg::may(PG_GETARG_INT32(0), simpg::Privilege::edit));
}

/* sim.may_see_run(run_id) */
SIM_FUNCTION(sim_may_see_run) { PG_RETURN_BOOL(simpg::was_granted_run(PG_GETARG_INT64(0))); }
