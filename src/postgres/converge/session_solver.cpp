/*
 * session_solver.cpp -- a few solvers that wait, the latest used first.
 */
#include "converge/session_solver.hpp"

#include <algorithm>
#include <cstring>
#include <list>

#include "store_text.hpp"

namespace simpg {

namespace {

constexpr std::size_t kMostWaiting = 8;

struct WaitingSolver {
  SolverKey key;
  SolverParts parts;
};

std::list<WaitingSolver> waiting;

SolverKey key_of(const StoredExperiment& stored) {
  return {stored.content,
          stored.max_steps,
          stored.optimise,
          {stored.outputs, stored.outputs + stored.output_count}};
}

/* Each begins where a header may stand. */
std::size_t padded(std::size_t size) { return (size + VARHDRSZ + 7) / 8 * 8; }

/* C++ side. */
std::unique_ptr<NameValues> keep_names(const char* const* names, std::size_t count) {
  auto kept = std::make_unique<NameValues>();
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; i++) {
    size += padded(std::strlen(names[i]));
  }
  kept->bytes.resize(size);
  char* place = kept->bytes.data();
  for (std::size_t i = 0; i < count; i++) {
    const std::size_t length = std::strlen(names[i]);
    SET_VARSIZE(place, length + VARHDRSZ);
    std::memcpy(VARDATA(place), names[i], length);
    kept->values.push_back(PointerGetDatum(place));
    place += padded(length);
  }
  return kept;
}

/* In the database's encoding, in the current memory context. */
const char** converted(const std::vector<std::string>& names) {
  auto* result = static_cast<const char**>(palloc(sizeof(char*) * (names.size() + 1)));
  for (std::size_t i = 0; i < names.size(); i++) {
    result[i] = from_utf8(names[i].c_str());
  }
  return result;
}

}  // namespace

bool SolverKey::fits(const StoredExperiment& stored) const {
  return content == stored.content && max_steps == stored.max_steps &&
         optimise == stored.optimise &&
         std::equal(outputs.begin(), outputs.end(), stored.outputs,
                    stored.outputs + stored.output_count);
}

BorrowedSolver::BorrowedSolver(const StoredExperiment& stored) : key_(key_of(stored)) {
  const auto known = std::find_if(waiting.begin(), waiting.end(),
                                  [&](const WaitingSolver& each) { return each.key.fits(stored); });
  if (known != waiting.end()) {
    parts_ = std::move(known->parts);
    waiting.erase(known);
  } else {
    parts_.solver = std::make_unique<sim::ScenarioSolver>(make_experiment(stored));
  }
}

BorrowedSolver::~BorrowedSolver() {
  if (key_.content == 0) {
    return;
  }
  try {
    waiting.push_front({std::move(key_), std::move(parts_)});
    if (waiting.size() > kMostWaiting) {
      waiting.pop_back();
    }
  } catch (const std::bad_alloc&) {
    // Without memory to keep it, the solver goes.
  }
}

bool BorrowedSolver::fits(const StoredExperiment& stored) const {
  return key_.content != 0 && key_.fits(stored);
}

BorrowedSolver* borrow_solver(const StoredExperiment& stored, MemoryContext context) {
  Holder<BorrowedSolver>* holder = make_holder<BorrowedSolver>(context);
  guarded([&] { hold(holder, stored); });
  BorrowedSolver* solver = holder->object;
  SolverParts& parts = solver->parts_;
  if (parts.names == nullptr) {
    const std::vector<std::string>& names = parts.solver->names();
    const char** words = converted(names);
    guarded([&] { parts.names = keep_names(words, names.size()); });
  }
  return solver;
}

void forget_solvers() { waiting.clear(); }

}  // namespace simpg
