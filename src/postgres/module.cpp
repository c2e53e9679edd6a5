/*
 * module.cpp -- what the server sees of the module when it loads it.
 *
 * Nothing needs shared_preload_libraries: the first statement that names a function of the
 * extension loads the module, its planner included, for the support functions of sim.samples and
 * the others are called before the planner's hooks are. Loading starts no thread and computes
 * nothing.
 */
#include "boundary.hpp"

#include "cache/cache.hpp"
#include "converge/converge.hpp"
#include "discard.hpp"
#include "results/refresh_queue.hpp"
#include "scan/sim_scan.hpp"
#include "settings.hpp"
#include "statistics/sim_statistics.hpp"
#include "tracking/change_log.hpp"
#include "tracking/held_relations.hpp"
#include "tracking/planned_reads.hpp"

extern "C" {
SIM_EXPORT const Pg_magic_struct* Pg_magic_func(void);
PG_MODULE_MAGIC;

SIM_EXPORT void _PG_init(void);
}

void _PG_init(void) {
  simpg::define_settings();
  simpg::register_cache();
  simpg::register_sim_scan();
  simpg::register_sim_statistics();
  simpg::register_sim_converge();
  simpg::register_discard();
  simpg::register_refresh_queue();
  simpg::register_change_log();
  simpg::register_held_relations();
  simpg::register_planned_reads();
}
