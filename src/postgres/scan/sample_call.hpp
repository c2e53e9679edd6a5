/*
 * sample_call.hpp -- the arguments of sim.samples, and the experiment they name.
 */
#pragma once

#include "store.hpp"

#include "scan/sample_columns.hpp"

namespace simpg {

/* Of sim.samples: model, trials, seed, scenario, overrides. */
inline constexpr int kSampleArguments = 5;

/* Raises 22004 where seed is null. `values` may be toasted. */
ExperimentRequest sample_request(const Datum* values, const bool* nulls);

/* Reads what the request names and asks it for the outputs that the columns name. */
StoredExperiment* load_samples(const ExperimentRequest& request, const SampleColumns& columns);

}  // namespace simpg
