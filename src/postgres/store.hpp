/*
 * store.hpp -- reads what is stored in the tables of schema sim, and hands it over as plain memory.
 *
 * Everything a computation depends on is read here, before the engine runs: the text of a model,
 * its scenarios with their parents, the rows its bindings supply, the overrides of the call.  What
 * is read lies in palloc'd memory of the current context, without destructors, so an error of the
 * server may leave any of these frames.  Texts are UTF-8, whatever the encoding of the database;
 * names that come from a call are folded as the language folds them.
 *
 * All queries run as the current user, read-only, under the active snapshot: row-level security
 * decides which models exist. Only the query of a binding runs as the owner of the binding's view
 * (see store_binding.hpp).
 */
#pragma once

#include "postgres.hpp"

#include <vector>

#include "core/sha256.hpp"
#include "experiment/experiment.hpp"

namespace simpg {

/* What a call asks for. Pointers are detoasted arguments; nothing is kept. */
struct ExperimentRequest {
  text* model = nullptr;    // name or name@version; null is an error
  bool converging = false;  // no trials: uncertain inputs stand at their means
  bool has_trials = false;  // false: 10,000, or every window of a model that uses historical
  int64 trials = 0;         // checked against sim.max_trials
  int64 seed = 1;
  text* scenario = nullptr;        // one scenario by name; wins over `scenarios`
  ArrayType* scenarios = nullptr;  // text[]; null: the base alone; '*': the base and all
  Jsonb* overrides = nullptr;      // null: none
  bool keys_only = false;          // rows are not needed: load_rows() follows where they are
  int64 scan = 0;                  // number of the scan that asks again and again; 0: none
};

/* One override as it was read from JSON. */
struct StoredOverride {
  enum class Kind { number, numbers, text };
  const char* key;   // as written, in the database's encoding
  const char* name;  // the same in UTF-8; folded by make_experiment
  Kind kind;
  double number;
  const double* numbers;
  int64 count;
  const char* words;
};

/* The overrides of one JSON object. */
struct StoredLayer {
  int count;
  const StoredOverride* overrides;
};

/* A scenario with all that speaks for it, lowest precedence first: its eldest parent ... itself,
 * the call. */
struct StoredScenario {
  const char* name;
  int layer_count;
  const StoredLayer* layers;
};

/* Rows a binding supplies: a data block has its columns; an input has one and is timed or not. */
struct StoredTable {
  const char* name;
  bool is_input;
  int column_count;
  const char* const* columns;
  int64 rows;
  const double* const*
      values;  // one array a column, `rows` values each, all finite; null until load_rows()
  const sim::Sha256Digest* digests;  // digest_values of each column: its content without the rows
  const ErrorData* fault;  // why it has no rows, of which then nothing is known; null: it has
};

/* One version of a model. */
struct StoredModel {
  int32 id;
  int32 version;
  Oid owner;
  const char* name;
  const char* label;  // name@version
  const char* source;
};

struct SessionModel;

/* All that sim::Experiment is made of. `outputs` is empty when loaded; a caller that wants only
 * some fills it in. */
struct StoredExperiment {
  const SessionModel* session;  // where it was read
  int64 reading;                // its number
  StoredModel model;
  int64 content;  // of model and tables: see SessionModel; 0: of no use
  int scenario_count;
  const StoredScenario* scenarios;
  int table_count;
  const StoredTable* tables;
  int64 trials;  // 0 converging, sim::kAllWindows by default
  int64 seed;
  int64 max_steps;
  bool optimise;
  int output_count;
  const char* const* outputs;
};

/*
 * The model a call names, as `name` (its current version) or `name@version`.
 * Raises 42704 with the nearest name for a model that does not exist or that the current user may
 * not see, 22004 for null.
 */
StoredModel load_model(const text* name);

/* The same for a call that changes the model: name@version is an error (22023). */
StoredModel load_current_model(const text* name);

/* False when there is none of that name. A version that does not exist is an error all the same. */
bool find_model(const char* given, StoredModel* model);

/*
 * Reads all of it.  The text and the tables are valid until the next call.
 * Raises 54000 beyond sim.max_trials, sim.max_scenarios; 22023 for wrong arguments.  What bindings
 * raise stands in their tables, for whoever wants what reads them.
 */
StoredExperiment* load_experiment(const ExperimentRequest& request);

/* Reads the rows that a request for keys only has left out.  False when they are others than those
 * whose digests it has had, and so whose keys (store_session.hpp): it has theirs from then on. */
bool load_rows(StoredExperiment* stored);

/* The engine's form of it: pure C++, to be called inside guarded(). Throws Error(invalid_parameter)
 * for keys given twice. */
sim::Experiment make_experiment(const StoredExperiment& stored);

/* Its scenarios alone. */
std::vector<sim::Scenario> make_scenarios(const StoredExperiment& stored);

/* The serialized experiment, in the current memory context. Raises the fault of a binding whose
 * rows its outputs read. */
bytea* experiment_bytes(const StoredExperiment& stored);

}  // namespace simpg
