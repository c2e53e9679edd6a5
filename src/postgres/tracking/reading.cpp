/*
 * reading.cpp -- reads the rows of a binding, and tells later whether they still hold.
 */
#include "tracking/reading.hpp"

#include "tracking/binding_state.hpp"
#include "tracking/change_log.hpp"

SIM_SERVER_BEGIN
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

bool has_written() { return TransactionIdIsValid(GetTopTransactionIdIfAny()); }

/* What a transaction has changed itself is in no other snapshot; and a serializable one must read
 * itself, for what it has read decides whether it may commit. */
bool may_rely_on_log() {
  return !IsolationIsSerializable() && !has_written() && ActiveSnapshotSet() &&
         GetActiveSnapshot()->snapshot_type == SNAPSHOT_MVCC;
}

void note_relations(Reading* reading, const ViewSources& sources) {
  List* relations = list_concat(followed_tables(sources), sources.views);
  relations = lappend_oid(relations, reading->view);
  reading->relation_count = list_length(relations);
  reading->relations = static_cast<Oid*>(palloc(sizeof(Oid) * (reading->relation_count + 1)));
  for (int i = 0; i < reading->relation_count; i++) {
    reading->relations[i] = list_nth_oid(relations, i);
  }
}

}  // namespace

Reading* read_rows(MemoryContext parent, const BindingTarget& target, const BindingRow& binding) {
  MemoryContext context = AllocSetContextCreate(parent, "sim reading", ALLOCSET_SMALL_SIZES);
  MemoryContext caller = MemoryContextSwitchTo(context);
  auto* reading = static_cast<Reading*>(palloc0(sizeof(Reading)));
  reading->context = context;
  reading->name = pstrdup(binding.name);
  reading->view = binding.view;
  reading->of_writer = has_written();
  // Before the rows are read: what commits meanwhile counts as a change.
  reading->seen = active_transactions();
  reading->table = read_binding(target, binding);
  reading->table.name = pstrdup(reading->table.name);
  const StateReport report = report_state(binding.view, binding.sources);
  reading->tracked = report.state == BindingState::tracked;
  if (reading->tracked) {
    note_relations(reading, report.sources);
  }
  MemoryContextSwitchTo(caller);
  return reading;
}

bool still_holds(Reading* reading, const BindingRow& binding) {
  if (!reading->tracked || reading->of_writer || reading->view != binding.view ||
      !may_rely_on_log() || disabled_event_trigger() != nullptr) {
    return false;
  }
  const SeenTransactions now = active_transactions();
  return sees_all_of(now, reading->seen) &&
         !has_changed(reading->seen, reading->relations, reading->relation_count);
}

}  // namespace simpg
