/*
 * reading.cpp -- reads the rows of a binding, and tells later whether they still hold.
 */
#include "tracking/reading.hpp"

#include "tracking/binding_state.hpp"
#include "tracking/change_log.hpp"
#include "tracking/held_relations.hpp"

SIM_SERVER_BEGIN
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* A serializable transaction must read itself, for what it has read decides whether it may commit.
 */
bool may_rely_on_log() {
  return !IsolationIsSerializable() && ActiveSnapshotSet() &&
         GetActiveSnapshot()->snapshot_type == SNAPSHOT_MVCC;
}

void note_relations(Reading* reading, const ViewSources& sources) {
  // Who drops or swaps a table locks it before the views that read it: so do those who rely on it.
  List* relations = list_concat(followed_tables(sources), sources.views);
  reading->relation_count = list_length(relations);
  reading->relations = static_cast<Oid*>(palloc(sizeof(Oid) * (reading->relation_count + 1)));
  for (int i = 0; i < reading->relation_count; i++) {
    reading->relations[i] = list_nth_oid(relations, i);
  }
  // All of them have been locked since they were read.
  reading->files = files_of(reading->relations, reading->relation_count);
}

/* What a transaction has changed itself is in no other snapshot, and a statement that is at work
 * has recorded nothing yet. Requires: the relations are held. */
bool is_being_written(const Reading* reading) {
  return are_written(reading->relations, reading->relation_count);
}

}  // namespace

Reading* read_rows(MemoryContext parent, const BindingTarget& target, const BindingRow& binding) {
  MemoryContext context = AllocSetContextCreate(parent, "sim reading", ALLOCSET_SMALL_SIZES);
  MemoryContext caller = MemoryContextSwitchTo(context);
  auto* reading = static_cast<Reading*>(palloc0(sizeof(Reading)));
  reading->context = context;
  reading->name = pstrdup(binding.name);
  reading->view = binding.view;
  // Before the rows are read: what commits meanwhile counts as a change.
  reading->seen = active_transactions();
  reading->table = read_binding(target, binding);
  reading->table.name = pstrdup(reading->table.name);
  const StateReport report = report_state(binding.view, binding.sources);
  reading->tracked = report.state == BindingState::tracked;
  note_relations(reading, report.sources);
  reading->of_writer =
      is_being_written(reading) || changes_definitions(reading->relations, reading->relation_count);
  MemoryContextSwitchTo(caller);
  return reading;
}

bool still_holds(const Reading* reading, Oid view) {
  if (!reading->tracked || reading->of_writer || reading->view != view || !may_rely_on_log() ||
      disabled_event_trigger() != nullptr) {
    return false;
  }
  // The log is looked at when the locks are held: what a lock was waited for has changed by then.
  const SeenTransactions now = active_transactions();
  return sees_all_of(now, reading->seen) &&
         hold_in_files(reading->relations, reading->files, reading->relation_count) &&
         !is_being_written(reading) &&
         !has_changed(reading->seen, now, reading->relations, reading->relation_count);
}

}  // namespace simpg
