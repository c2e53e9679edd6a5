/*
 * session_keys.cpp -- a few models with their keys, the latest used first.
 */
#include "keys/session_keys.hpp"

#include <algorithm>
#include <list>

#include "boundary.hpp"
#include "core/error.hpp"
#include "language/parser.hpp"

namespace simpg {

namespace {

constexpr std::size_t kMostModels = 8;
constexpr std::size_t kMostAnswers = 16;
/* Of all models together, about 10 MB. */
constexpr std::size_t kMostKeys = 100'000;

using SharedKeys = std::shared_ptr<const ExperimentKeys>;

struct Question {
  std::vector<sim::Scenario> scenarios;
  std::int64_t trials;
  std::uint64_t seed;
};

bool operator==(const Question& a, const Question& b) {
  return a.trials == b.trials && a.seed == b.seed &&
         std::equal(a.scenarios.begin(), a.scenarios.end(), b.scenarios.begin(), b.scenarios.end(),
                    [](const sim::Scenario& x, const sim::Scenario& y) {
                      return x.name == y.name && x.overrides == y.overrides;
                    });
}

struct Answer {
  Question question;
  SharedKeys keys;
};

struct KnownModel {
  std::int64_t content;
  std::int64_t max_steps;
  sim::ContentKeys keys;
  std::list<Answer> answers;  // the latest used first
};

/* The latest used first. */
std::list<KnownModel> known_models;

/* Content of no number is forgotten with the next model. */
KnownModel& known_model(const StoredExperiment& stored) {
  std::erase_if(known_models, [](const KnownModel& each) { return each.content == 0; });
  const auto found =
      std::find_if(known_models.begin(), known_models.end(), [&](const KnownModel& each) {
        return each.content == stored.content && each.max_steps == stored.max_steps;
      });
  if (found != known_models.end()) {
    known_models.splice(known_models.begin(), known_models, found);
    return known_models.front();
  }
  known_models.push_front(
      {stored.content, stored.max_steps, sim::ContentKeys(keyed_model(stored)), {}});
  if (known_models.size() > kMostModels) {
    known_models.pop_back();
  }
  return known_models.front();
}

/* A large model has many formulas, and a call many scenarios. */
void stop_if_asked() {
  BackendControl control;
  if (control.stop_requested()) {
    throw sim::Error(sim::ErrorKind::cancelled, "cancelled");
  }
}

SharedKeys find_keys(KnownModel& model, const Question& question) {
  auto keys = std::make_shared<ExperimentKeys>();
  keys->trials = model.keys.trials(question.trials, question.scenarios);
  const std::string block = model.keys.unusable_for_trials(question.trials, question.scenarios);
  for (const sim::Scenario& scenario : question.scenarios) {
    stop_if_asked();
    keys->scenarios.push_back(scenario.name);
    keys->outputs.push_back(model.keys.keys(scenario, keys->trials, question.seed));
    for (sim::OutputKey& output : keys->outputs.back()) {
      if (output.unusable.empty()) output.unusable = block;
    }
  }
  return keys;
}

std::size_t size_of(const Answer& answer) {
  const ExperimentKeys& keys = *answer.keys;
  return keys.outputs.size() * (1 + keys.outputs[0].size());
}

/* Of the model used last. Others leave for it, the oldest of the model and those of models used
 * longest ago. */
void keep_answer(Answer answer) {
  if (size_of(answer) > kMostKeys) {
    return;
  }
  std::list<Answer>& answers = known_models.front().answers;
  answers.push_front(std::move(answer));
  if (answers.size() > kMostAnswers) {
    answers.pop_back();
  }
  std::size_t total = 0;
  for (KnownModel& model : known_models) {
    std::erase_if(model.answers, [&](const Answer& each) {
      total += size_of(each);
      return total > kMostKeys;
    });
  }
}

SharedKeys answer(const StoredExperiment& stored) {
  KnownModel& model = known_model(stored);
  Question question{make_scenarios(stored), stored.trials, static_cast<std::uint64_t>(stored.seed)};
  const auto found = std::find_if(model.answers.begin(), model.answers.end(),
                                  [&](const Answer& each) { return each.question == question; });
  if (found != model.answers.end()) {
    model.answers.splice(model.answers.begin(), model.answers, found);
    return found->keys;
  }
  SharedKeys keys = find_keys(model, question);
  keep_answer({std::move(question), keys});
  return keys;
}

/* The call's own overrides are the last layer. */
bool is_of_call(const StoredScenario& scenario, const std::string& name) {
  const StoredLayer& call = scenario.layers[scenario.layer_count - 1];
  return std::any_of(call.overrides, call.overrides + call.count,
                     [&](const StoredOverride& each) { return sim::fold_name(each.name) == name; });
}

EffectiveInputs inputs_of(const StoredExperiment& stored) {
  KnownModel& model = known_model(stored);
  EffectiveInputs inputs;
  const std::vector<sim::Scenario> scenarios = make_scenarios(stored);
  for (std::size_t i = 0; i < scenarios.size(); i++) {
    stop_if_asked();
    std::vector<EffectiveInputs::Row>& rows = inputs.scenarios.emplace_back();
    for (sim::EffectiveInput& input : model.keys.inputs(scenarios[i])) {
      const bool of_call = is_of_call(stored.scenarios[i], input.name);
      rows.push_back({std::move(input), of_call});
    }
  }
  return inputs;
}

}  // namespace

sim::KeyedModel keyed_model(const StoredExperiment& stored) {
  sim::KeyedModel model{stored.model.label, stored.model.source, {}, {}, stored.max_steps, {}};
  for (int i = 0; i < stored.table_count; i++) {
    const StoredTable& table = stored.tables[i];
    if (table.fault != nullptr) {
      model.unusable.push_back(table.name);
    } else if (table.is_input) {
      model.bound.push_back(
          {table.name, table.rows, table.rows == 1 ? table.values[0][0] : 0, table.digests[0]});
    } else {
      model.data.push_back({table.name,
                            table.rows,
                            {table.columns, table.columns + table.column_count},
                            {table.digests, table.digests + table.column_count}});
    }
  }
  return model;
}

const ExperimentKeys* experiment_keys(const StoredExperiment& stored) {
  Holder<SharedKeys>* keys = make_holder<SharedKeys>(CurrentMemoryContext);
  guarded([&] { hold(keys, answer(stored)); });
  return keys->object->get();
}

const EffectiveInputs* effective_inputs(const StoredExperiment& stored) {
  Holder<EffectiveInputs>* inputs = make_holder<EffectiveInputs>(CurrentMemoryContext);
  guarded([&] { hold(inputs, inputs_of(stored)); });
  return inputs->object;
}

void forget_keys() { known_models.clear(); }

}  // namespace simpg
