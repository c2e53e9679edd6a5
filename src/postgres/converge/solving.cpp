/*
 * solving.cpp -- looks scenarios up, solves those that are missing together, and keeps them.
 */
#include "converge/solving.hpp"

#include <algorithm>
#include <cstring>

#include "cache/cache_settings.hpp"
#include "keys/session_keys.hpp"
#include "language/parser.hpp"
#include "scan/compiled.hpp"
#include "store_fault.hpp"

SIM_SERVER_BEGIN
#include <portability/instr_time.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Milliseconds from which on a scenario is worth keeping.  Its key takes up to 1.3 microseconds for
 * each formula: looking up a model of thousands of formulas takes milliseconds, too. */
constexpr double kSlow = 5;
/* As many as a solver takes at once. */
constexpr std::size_t kMostTogether = 128;
/* What is quick is timed now and then: to ask for the time takes 3 % of the quickest. */
constexpr unsigned kUntimed = 16;

double milliseconds_since(const instr_time& start) {
  instr_time elapsed;
  INSTR_TIME_SET_CURRENT(elapsed);
  INSTR_TIME_SUBTRACT(elapsed, start);
  return INSTR_TIME_GET_MILLISEC(elapsed);
}

bool is_worth_looking_up(const Solving& solving) {
  return solving.unsolved == sim::Unsolved::refuse && !solving.parts.quick &&
         solving.stored.output_count == 0 && farthest_level() != CacheLevel::none;
}

/* C++ side. */
void learn_names(Solving* solving) {
  SolverParts& parts = solving->parts;
  sim::KeyedModel model = keyed_model(solving->stored);
  model.all_formulas = true;
  parts.keys = std::make_unique<sim::ContentKeys>(model);
  const std::vector<std::string>& names = parts.solver->names();
  for (std::uint32_t i = 0; i < names.size(); i++) {
    parts.places.emplace(names[i], i);
  }
}

CacheKey key_of(Solving* solving, std::size_t scenario) {
  CacheKey key;
  guarded([&] {
    if (solving->parts.keys == nullptr) {
      learn_names(solving);
    }
    const sim::Sha256Digest digest =
        solving->parts.keys->converged_key(solving->scenarios[scenario]);
    memcpy(key.bytes, digest.data(), sizeof key.bytes);
  });
  return key;
}

/* Gives the next scenario from the cache; false where it is not there. */
bool give_kept(Solving* solving, const CacheKey& key) {
  bytea* payload = cache_find(key, &solving->level);
  if (payload == nullptr) {
    return false;
  }
  guarded([&] {
    solving->kept = read_solved(bytes_of(payload), solving->parts.places);
    solving->solved = {solving->kept.as(static_cast<std::uint32_t>(solving->next))};
  });
  pfree(payload);
  solving->next++;
  solving->run_end = solving->next;
  return true;
}

bool is_kept(const CacheKey& key) {
  bytea* payload = cache_find(key);
  if (payload == nullptr) {
    return false;
  }
  pfree(payload);
  return true;
}

/* Lets the solver begin with all from the next to the end. */
void begin_run(Solving* solving, std::size_t end) {
  guarded([&] {
    const std::span<const sim::Scenario> all = solving->scenarios;
    solving->parts.solver->begin(all.subspan(solving->next, end - solving->next),
                                 solving->unsolved);
  });
  solving->run_begin = solving->next;
  solving->run_end = end;
}

void keep(const Solving* solving) {
  Holder<std::vector<std::uint8_t>>* bytes =
      make_holder<std::vector<std::uint8_t>>(CurrentMemoryContext);
  guarded([&] { hold(bytes); });
  for (const sim::SolvedScenario& each : solving->solved) {
    guarded([&] { *bytes->object = solved_bytes(each, solving->parts.solver->names()); });
    bytea* payload = make_bytea(bytes->object->data(), bytes->object->size());
    cache_put(solving->run_keys[each.scenario - solving->run_begin], payload, false);
    pfree(payload);
  }
}

/* Solves some of the run. */
void solve_some(Solving* solving) {
  BackendControl control;
  guarded([&] {
    sim::ScenarioSolver& solver = *solving->parts.solver;
    solver.next(control);
    solving->solved.assign(solver.solved().begin(), solver.solved().end());
    for (sim::SolvedScenario& each : solving->solved) {
      each.scenario += static_cast<std::uint32_t>(solving->run_begin);
    }
  });
  solving->level = CacheLevel::none;
  solving->next += solving->solved.size();
}

void solve_timed(Solving* solving) {
  instr_time start;
  INSTR_TIME_SET_CURRENT(start);
  solve_some(solving);
  const auto count = static_cast<double>(solving->solved.size());
  solving->parts.quick = milliseconds_since(start) < kSlow * count;
  solving->parts.untimed = 0;
}

/* Keeps what was slow. */
void solve(Solving* solving) {
  if (solving->parts.quick && ++solving->parts.untimed < kUntimed) {
    solve_some(solving);
    return;
  }
  solve_timed(solving);
  if (!solving->parts.quick && !solving->run_keys.empty()) {
    keep(solving);
  }
}

void remember_key(Solving* solving, const CacheKey& key) {
  guarded([&] { solving->run_keys.push_back(key); });
}

/*
 * Gives the next scenario from the cache, or begins a run of all up to the next one that is there.
 * What it claims it claims for the first part of the run alone: a scan may rest before the others.
 */
void look_up(Solving* solving) {
  solving->run_keys.clear();
  for (std::size_t scenario = solving->next;
       scenario < solving->scenarios.size() && scenario < solving->next + kMostTogether;
       scenario++) {
    CHECK_FOR_INTERRUPTS();
    const CacheKey key = key_of(solving, scenario);
    const bool first = scenario == solving->next;
    if (first ? give_kept(solving, key) : is_kept(key)) {
      break;
    }
    if (cache_claim(key, true) == Claim::done && first && give_kept(solving, key)) {
      break;
    }
    remember_key(solving, key);
  }
  if (solving->run_keys.empty()) {
    return;
  }
  begin_run(solving, solving->next + solving->run_keys.size());
  solve(solving);
  for (const CacheKey& key : solving->run_keys) {
    cache_release(key);
  }
}

/* The only layer of the only scenario; null where there are more. */
const StoredLayer* only_layer(const StoredExperiment& stored) {
  return stored.scenario_count == 1 && stored.scenarios[0].layer_count == 1
             ? &stored.scenarios[0].layers[0]
             : nullptr;
}

/* C++ side. */
void find_numbers(Solving* solving) {
  const StoredLayer* layer = only_layer(solving->stored);
  if (layer == nullptr || has_fault(solving->stored)) {
    return;
  }
  std::vector<sim::Override>& overrides = solving->scenarios[0].overrides;
  std::vector<double*> numbers;
  for (int i = 0; i < layer->count; i++) {
    const std::string name = sim::fold_name(layer->overrides[i].name);
    const auto place = std::find_if(overrides.begin(), overrides.end(),
                                    [&](const sim::Override& each) { return each.name == name; });
    double* number = std::get_if<double>(&place->value);
    if (number == nullptr) {
      return;
    }
    numbers.push_back(number);
  }
  solving->numbers = std::move(numbers);
}

}  // namespace

/* Errors in names and numbers come first, whatever the cache has. */
Solving* begin_solving(BorrowedSolver* solver, const StoredExperiment& stored,
                       sim::Unsolved unsolved, MemoryContext context) {
  Holder<Solving>* solving = make_holder<Solving>(context);
  guarded_use(stored, [&] {
    hold(solving, Solving{solver->parts(), stored, unsolved, make_scenarios(stored)});
    solving->object->parts.solver->begin(solving->object->scenarios, unsolved);
    find_numbers(solving->object);
  });
  solving->object->run_end = solving->object->scenarios.size();
  return solving->object;
}

const StoredLayer* repeatable_overrides(const Solving& solving) {
  return !solving.numbers.empty() && solving.parts.quick ? only_layer(solving.stored) : nullptr;
}

void begin_again(Solving* solving, const double* numbers) {
  for (std::size_t i = 0; i < solving->numbers.size(); i++) {
    *solving->numbers[i] = numbers[i];
  }
  guarded([&] { solving->parts.solver->begin_again(); });
  solving->next = 0;
}

bool solve_next(Solving* solving) {
  if (solving->next == solving->scenarios.size()) {
    return false;
  }
  const bool begins = solving->next == 0 || solving->next == solving->run_end;
  if (begins && is_worth_looking_up(*solving)) {
    look_up(solving);
    return true;
  }
  if (solving->next == solving->run_end) {
    solving->run_keys.clear();
    begin_run(solving, solving->scenarios.size());
  }
  solve(solving);
  return true;
}

}  // namespace simpg
