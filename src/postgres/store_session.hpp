/*
 * store_session.hpp -- models that this session has read before, with their scenarios and bound
 * rows.
 *
 * What was read is used again as long as the snapshot shows that nothing in the database has
 * changed (store_snapshot.hpp); otherwise it is read again, and what is the same keeps its number.
 * Rows of a binding whose changes are tracked are used again even then, as long as the log shows no
 * change of them (tracking/reading.hpp).  So a hit is exact: it never gives what a fresh read would
 * not give.  Rows of bindings that may change without a snapshot (store_repeatable.hpp) are read at
 * every call.  Of many rows only the digests outlive the transaction.  A fault of a binding stands
 * in the place of its rows (store_fault.hpp).
 */
#pragma once

#include "store.hpp"
#include "store_scenario.hpp"

namespace simpg {

struct SessionModel {
  StoredModel model;
  int table_count;
  const StoredTable* tables;
  int64 content;  // two reads with the same number gave the same; 0: too large to be kept
  int64 reading;  // number of the reading that this came from
};

/*
 * The model a call names, with what its bindings supply: digests, and rows where they are at hand;
 * load_session_rows reads the others.  Valid until the next call of this function.  Raises what
 * load_model and require_run raise; what read_binding raises stands in the table, as its fault.
 * Calls with one number of a scan, other than 0, are those of one scan that gives its rows; where
 * the transaction has written, only they find again what was read.
 */
const SessionModel* session_model(const text* name, int64 scan);

/* The same where nothing is to be read for it; null elsewhere. */
const SessionModel* known_session_model(const text* name, int64 scan);

/*
 * Reads the rows of the model that session_model gave last, where it has only their digests.  False
 * when they have other digests, which the model has from then on: though no value of a table has
 * changed, a sum of floating-point numbers may differ in its last bits where the table lists its
 * rows in another order.
 */
bool load_session_rows(const SessionModel* model);

/* Stores the digests of that model's rows for all sessions, where changes of them are tracked. */
void remember_session_readings(const SessionModel* model);

/* Gives back the memory of many rows. Called at the end of each transaction. */
void release_session_rows();

/* The scenarios of the model that session_model gave last; valid as long as it. */
const ScenarioRows* session_scenarios(const SessionModel* model);

/* How calls name a model, and who they are. */
struct SessionName {
  const char* given;
  Oid user;
};

/* The one used last; "" where there is none. */
SessionName latest_session_model();

/* Locks the tables that were read for the model, if it was, until the transaction ends. */
void hold_session_tables(const SessionName& name);

/* Forgets all of it: DISCARD ALL. */
void forget_session_models();

}  // namespace simpg
