/*
 * session_keys.hpp -- content keys of what a call asks for, remembered in the session.
 *
 * A model that is asked for again is not parsed again, and equal arguments are not hashed again: a
 * dashboard's check takes microseconds.
 */
#pragma once

#include "store.hpp"

#include <memory>
#include <string>
#include <vector>

#include "experiment/content_key.hpp"

namespace simpg {

struct ExperimentKeys {
  std::int64_t trials;                               // settled
  std::vector<std::string> scenarios;                // their names
  std::vector<std::vector<sim::OutputKey>> outputs;  // of each scenario
};

struct EffectiveInputs {
  struct Row {
    sim::EffectiveInput input;
    bool of_call;  // overridden by the call, not by a scenario
  };
  std::vector<std::vector<Row>> scenarios;
};

/* The model and what is bound to it, as keys are made of them. C++ side. */
sim::KeyedModel keyed_model(const StoredExperiment& stored);

/* Of all scenarios and the model's outputs; belongs to the current memory context.  Raises what the
 * engine throws for texts and overrides. */
const ExperimentKeys* experiment_keys(const StoredExperiment& stored);

/* The same for inputs. */
const EffectiveInputs* effective_inputs(const StoredExperiment& stored);

/* Forgets all of it: DISCARD ALL. */
void forget_keys();

}  // namespace simpg
