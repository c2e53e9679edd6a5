/*
 * store_session.cpp -- a few models per session, the latest used first.
 */
#include "store_session.hpp"

#include <algorithm>
#include <cstring>

#include "store_binding.hpp"
#include "store_content.hpp"
#include "store_privilege.hpp"
#include "store_reading.hpp"
#include "store_snapshot.hpp"
#include "store_text.hpp"
#include "tracking/held_relations.hpp"
#include "tracking/reading.hpp"
#include "tracking/stored_readings.hpp"

SIM_SERVER_BEGIN
#include <storage/sinval.h>
#include <utils/inval.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr int kMostModels = 8;
/* Bound rows of one model that are kept at most, in bytes. */
constexpr int64 kMostKept = int64{8} * 1024 * 1024;

struct Entry {
  SessionModel session;   // first: callers know the entry by it
  MemoryContext context;  // of all that follows
  const char* given;      // the name as calls write it
  Oid user;               // row-level security decides what a user sees
  bool repeatable;        // bound rows change with the snapshot only
  SnapshotStamp stamp;
  LocksTaken locks;  // on all that the readings have read
  uint64 messages;   // what the server had told of changed definitions when the readings held
  bool scenarios_read;
  ScenarioRows scenarios;
  int reading_count;
  Reading** readings;
  StoredTable* tables;  // those of the readings, in their order: what the session shows
};

/* The latest used first; null at the end. */
Entry* entries[kMostModels] = {};
int64 last_content = 0;
int64 last_reading = 0;

/* Makes the entry the first; the last one leaves when there are too many. */
void move_to_front(Entry* entry) {
  Entry** place = std::find(entries, entries + kMostModels, entry);
  if (place == entries + kMostModels) {
    place--;
    if (*place != nullptr) {
      MemoryContextDelete((*place)->context);
    }
  }
  std::move_backward(entries, place, place + 1);
  entries[0] = entry;
}

/* Takes the entry off the list and gives it to the current memory context; null for null. */
Entry* detach(Entry* entry) {
  if (entry == nullptr) {
    return nullptr;
  }
  Entry** place = std::find(entries, entries + kMostModels, entry);
  std::move(place + 1, entries + kMostModels, place);
  entries[kMostModels - 1] = nullptr;
  MemoryContextSetParent(entry->context, CurrentMemoryContext);
  return entry;
}

Entry* find_entry(const SessionName& name) {
  for (Entry* entry : entries) {
    if (entry != nullptr && entry->user == name.user && strcmp(entry->given, name.given) == 0) {
      return entry;
    }
  }
  return nullptr;
}

bool same_text(const char* a, const char* b) { return strcmp(a, b) == 0; }

/* The reading of the binding among those of an earlier entry with the same text; null for none. */
Reading* find_reading(const Entry* before, const Entry* entry, const char* name) {
  if (before == nullptr || !same_text(before->session.model.label, entry->session.model.label) ||
      !same_text(before->session.model.source, entry->session.model.source)) {
    return nullptr;
  }
  for (int i = 0; i < before->reading_count; i++) {
    if (same_text(before->readings[i]->name, name)) {
      return before->readings[i];
    }
  }
  return nullptr;
}

void add_reading(Entry* entry, Reading* reading) {
  entry->readings[entry->reading_count++] = reading;
  entry->tables[entry->session.table_count++] = reading->table;
}

/* Describes the text when it is first asked for. */
struct LazyDescription {
  const SessionModel& session;
  const sim::ModelDescription* known;
};

const sim::ModelDescription& described(LazyDescription& lazy) {
  if (lazy.known == nullptr) {
    lazy.known = describe(lazy.session.model.label, lazy.session.model.source);
  }
  return *lazy.known;
}

/* How often the server has told of changes to definitions and files.  What somebody has changed
 * whose lock one has waited for is told of by then. */
uint64 count_messages() {
  AcceptInvalidationMessages();
  return SharedInvalidMessageCounter;
}

/* What still holds is taken over; it is tracked, so it is repeatable.  Bindings that the version's
 * text has no use for are left alone: a later version may have it. */
void read_table(Entry* entry, const Entry* before, const BindingRow& binding,
                LazyDescription& description) {
  const StoredModel& model = entry->session.model;
  Reading* known = find_reading(before, entry, binding.name);
  if (known != nullptr && still_holds(known, binding.view)) {
    MemoryContextSetParent(known->context, entry->context);
    add_reading(entry, known);
    return;
  }
  Reading* stored = find_stored_reading(entry->context, model.id, model.version, binding);
  BindingTarget target;
  if (stored != nullptr) {
    add_reading(entry, stored);
  } else if (find_target(described(description), to_utf8(binding.name), &target)) {
    Reading* read = read_binding_now(entry->context, model.id, target, binding);
    add_reading(entry, read);
    entry->repeatable = entry->repeatable && reads_repeatably(*read);
  }
}

void read_tables(Entry* entry, const Entry* before) {
  SessionModel& session = entry->session;
  const BindingRows bindings = read_binding_rows(session.model.id);
  entry->repeatable = true;
  LazyDescription description = {session, nullptr};
  MemoryContext context = entry->context;
  entry->tables = static_cast<StoredTable*>(
      MemoryContextAlloc(context, sizeof(StoredTable) * (bindings.count + 1)));
  entry->readings =
      static_cast<Reading**>(MemoryContextAlloc(context, sizeof(Reading*) * (bindings.count + 1)));
  for (int i = 0; i < bindings.count; i++) {
    read_table(entry, before, bindings.rows[i], description);
  }
  session.tables = entry->tables;
}

/* Reads all of it, but for rows that `before` has and that still hold. The stamp is taken first:
 * what changes meanwhile is seen as a change. */
Entry* read_entry(const text* name, const char* given, int64 scan, const Entry* before) {
  MemoryContext context =
      AllocSetContextCreate(CurrentMemoryContext, "sim model", ALLOCSET_SMALL_SIZES);
  MemoryContext caller = MemoryContextSwitchTo(context);
  auto* entry = static_cast<Entry*>(palloc0(sizeof(Entry)));
  entry->context = context;
  entry->session.reading = ++last_reading;
  entry->stamp = stamp_snapshot(context, scan);
  entry->messages = count_messages();
  entry->given = pstrdup(given);
  entry->user = GetUserId();
  entry->session.model = load_model(name);
  require_run(entry->session.model);
  MemoryContextSwitchTo(caller);
  read_tables(entry, before);
  entry->locks = take_locks_now();
  return entry;
}

bool is_large(const Entry* entry) { return size_of(entry->session) > kMostKept; }

/* Gives the entry the number of its content, and keeps it. */
void take(Entry* entry, Entry* before) {
  if (!is_large(entry)) {
    const bool same = before != nullptr && same_content(before->session, entry->session);
    entry->session.content = same ? before->session.content : ++last_content;
  }
  if (before != nullptr) {
    MemoryContextDelete(before->context);
  }
  // A bound query may have used this very model.
  Entry* twin = detach(find_entry({entry->given, entry->user}));
  if (twin != nullptr) {
    MemoryContextDelete(twin->context);
  }
  MemoryContextSetParent(entry->context, TopMemoryContext);
  move_to_front(entry);
}

const BindingRow* find_row(const BindingRows& bindings, const char* name) {
  const BindingRow* end = bindings.rows + bindings.count;
  const BindingRow* found =
      std::find_if(bindings.rows, const_cast<BindingRow*>(end),
                   [name](const BindingRow& row) { return same_text(row.name, name); });
  return found == end ? nullptr : found;
}

/* The rows whose digests are known. False where these are others. */
bool load_reading(Entry* entry, int place, LazyDescription& description,
                  const BindingRows& bindings) {
  Reading* known = entry->readings[place];
  const BindingRow* binding = find_row(bindings, known->name);
  BindingTarget target;
  if (binding == nullptr || !find_target(described(description), to_utf8(binding->name), &target)) {
    elog(ERROR, "binding \"%s\" has gone", known->name);
  }
  Reading* read = read_binding_now(CurrentMemoryContext, entry->session.model.id, target, *binding);
  const bool same = same_table(known->table, read->table);
  if (!same) {
    ereport(DEBUG1, (errmsg_internal("the query for \"%s\" gives other rows than when it was read "
                                     "before, though no change was recorded",
                                     known->name)));
  }
  MemoryContextSetParent(read->context, entry->context);
  entry->readings[place] = read;
  entry->tables[place] = read->table;
  MemoryContextDelete(known->context);
  return same;
}

/* Forgets values, not their digests; and not single values, which are kept in their place. */
void release_values(Entry* entry) {
  for (int i = 0; i < entry->reading_count; i++) {
    StoredTable& table = entry->readings[i]->table;
    if (table.rows == 1) {
      continue;
    }
    for (int k = 0; table.values != nullptr && k < table.column_count; k++) {
      pfree(const_cast<double*>(table.values[k]));
    }
    table.values = nullptr;
    entry->tables[i].values = nullptr;
  }
}

void hold_readings(const Entry* entry) {
  for (int i = 0; i < entry->reading_count; i++) {
    hold_relations(entry->readings[i]->relations, entry->readings[i]->relation_count);
  }
}

bool all_hold(const Entry* entry) {
  return std::all_of(entry->readings, entry->readings + entry->reading_count,
                     [](const Reading* reading) { return still_holds(reading, reading->view); });
}

/* Whether a reading under the same snapshot would give the same, and goes on to do so. */
bool are_in_place(Entry* entry) {
  if (!are_held(entry->locks) && count_messages() == entry->messages) {
    hold_readings(entry);
  }
  const uint64 messages = count_messages();
  if (messages != entry->messages && !all_hold(entry)) {
    return false;
  }
  entry->messages = messages;
  entry->locks = take_locks_now();
  return true;
}

bool is_current(Entry* entry, int64 scan) {
  return entry->repeatable && sees_the_same(entry->stamp, scan) &&
         (entry->reading_count == 0 || are_in_place(entry));
}

}  // namespace

const SessionModel* known_session_model(const text* name, int64 scan) {
  Entry* entry = find_entry({require_text(name, "model"), GetUserId()});
  if (entry == nullptr || !is_current(entry, scan)) {
    return nullptr;
  }
  move_to_front(entry);
  return &entry->session;
}

const SessionModel* session_model(const text* name, int64 scan) {
  const SessionModel* known = known_session_model(name, scan);
  if (known != nullptr) {
    return known;
  }
  const char* given = require_text(name, "model");
  Entry* entry = find_entry({given, GetUserId()});
  // Reading runs the queries of bindings, which may use the other entries but not this one.
  Entry* before = detach(entry);
  Entry* read = read_entry(name, given, scan, before);
  take(read, before);
  return &read->session;
}

bool load_session_rows(const SessionModel* model) {
  Entry* entry = reinterpret_cast<Entry*>(const_cast<SessionModel*>(model));
  LazyDescription description = {entry->session, nullptr};
  BindingRows bindings = {};
  bool same = true;
  for (int i = 0; i < entry->reading_count; i++) {
    if (entry->tables[i].values == nullptr && entry->tables[i].fault == nullptr) {
      if (bindings.rows == nullptr) {
        bindings = read_binding_rows(model->model.id);
      }
      same = load_reading(entry, i, description, bindings) && same;
    }
  }
  if (!same) {
    entry->session.content = is_large(entry) ? 0 : ++last_content;
  }
  return same;
}

void remember_session_readings(const SessionModel* model) {
  const Entry* entry = reinterpret_cast<const Entry*>(model);
  const BindingRows bindings = read_binding_rows(model->model.id);
  for (int i = 0; i < entry->reading_count; i++) {
    const Reading& reading = *entry->readings[i];
    const BindingRow* binding = find_row(bindings, reading.name);
    if (reading.tracked && binding != nullptr &&
        find_stored_reading(CurrentMemoryContext, model->model.id, model->model.version,
                            *binding) == nullptr) {
      store_reading(model->model.id, model->model.version, reading);
    }
  }
}

void release_session_rows() {
  for (Entry* entry : entries) {
    if (entry != nullptr && is_large(entry)) {
      release_values(entry);
    }
  }
}

const ScenarioRows* session_scenarios(const SessionModel* model) {
  Entry* entry = reinterpret_cast<Entry*>(const_cast<SessionModel*>(model));
  if (!entry->scenarios_read) {
    MemoryContext caller = MemoryContextSwitchTo(entry->context);
    entry->scenarios = read_scenario_rows(model->model.id);
    MemoryContextSwitchTo(caller);
    entry->scenarios_read = true;
  }
  return &entry->scenarios;
}

SessionName latest_session_model() {
  return entries[0] == nullptr ? SessionName{"", InvalidOid}
                               : SessionName{entries[0]->given, entries[0]->user};
}

void hold_session_tables(const SessionName& name) {
  const Entry* entry = find_entry(name);
  for (int i = 0; entry != nullptr && i < entry->reading_count; i++) {
    const Reading& reading = *entry->readings[i];
    hold_tables(reading.relations, reading.files, reading.relation_count);
  }
}

void forget_session_models() {
  while (entries[0] != nullptr) {
    MemoryContextDelete(detach(entries[0])->context);
  }
}

}  // namespace simpg
