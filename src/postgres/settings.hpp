/*
 * settings.hpp -- the settings sim.*: limits that a superuser sets, per role where wanted, and
 * knobs that anybody may turn.
 *
 * No setting changes a bit of a result.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* Defines the settings; once, when the module is loaded. */
void define_settings();

/* Limits: only a superuser may change them. */
int64 max_trials();      // sim.max_trials
int max_scenarios();     // sim.max_scenarios, in one call
int max_steps();         // sim.max_steps
int64 max_model_size();  // sim.max_model_size, in bytes
int threads();           // sim.threads, of one session

/* sim.exact_percentile_memory, in bytes: samples that fit are kept; else the trials are simulated
 * again. */
int64 exact_percentile_memory();

/* Debugging knobs of scheduling; 0: the engine chooses. */
int batch_lanes();   // sim.batch_lanes
int chunk_leaves();  // sim.chunk_leaves

/* sim.optimise, for debugging: whether programs of trials are optimised. */
bool optimise();

}  // namespace simpg
