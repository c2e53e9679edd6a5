/*
 * refresh_queue.cpp -- from the change of a table to the refresh at the end of its transaction.
 *
 * A change puts a row for each view into sim.stored_refresh_queue, once a transaction.  The row's
 * deferred trigger, sim.refresh_queued, takes the views out again and refreshes them: first one
 * lock a view, in the order of their numbers, and only then, under a snapshot that is
 * taken when the locks are held, the refresh.  So of two writers the second one waits until the
 * first has committed, and sees what it wrote.  Under one snapshot for lock and refresh, each would
 * leave out what the other wrote.
 *
 * The refresh belongs to the view's owner and runs with his rights; the writer needs none.  The
 * owner needs the right TRIGGER on the table, and it counts whether he has it when it is written.
 * When it fails, it alone is undone: the writer commits, and the view says why it failed.  Where it
 * was cancelled, or waited too long, the next one may succeed: the view stays stale, and the
 * writer, who may have cancelled it himself, is warned.
 *
 * Nothing is refreshed under a snapshot that stays the same for the transaction (REPEATABLE READ,
 * SERIALIZABLE), and nothing in a transaction that is being prepared: a concurrent refresh makes a
 * temporary table, with which the server prepares no transaction.
 */
#include "refresh_queue.hpp"

#include "as_role.hpp"
#include "boundary.hpp"
#include "store_relation.hpp"
#include "store_sql.hpp"

SIM_SERVER_BEGIN
#include <access/genam.h>
#include <access/table.h>
#include <access/xact.h>
#include <catalog/namespace.h>
#include <catalog/pg_inherits.h>
#include <commands/trigger.h>
#include <nodes/parsenodes.h>
#include <tcop/utility.h>
#include <utils/fmgroids.h>
#include <utils/rel.h>
#include <utils/rls.h>
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

SqlQuery insert_views = {
    "WITH RECURSIVE family(member) AS (SELECT $1 UNION"
    " SELECT i.inhparent FROM family JOIN pg_catalog.pg_inherits AS i"
    " ON i.inhrelid OPERATOR(pg_catalog.=) family.member)"
    " INSERT INTO sim.stored_refresh_queue (transaction, view_id)"
    " SELECT pg_catalog.pg_current_xact_id(), s.view_id FROM family"
    " JOIN sim.stored_refresh_sources AS s ON s.relation OPERATOR(pg_catalog.=) family.member"
    " JOIN sim.stored_result_views AS v ON v.view_id OPERATOR(pg_catalog.=) s.view_id"
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) v.relation"
    " WHERE s.model_id OPERATOR(pg_catalog.=) $2"
    // Of a model the right to edit it was asked when the row was made.
    " AND (s.model_id OPERATOR(pg_catalog.<>) 0"
    " OR pg_catalog.has_table_privilege(c.relowner, s.relation::pg_catalog.oid, 'TRIGGER'))"
    " ON CONFLICT DO NOTHING",
    true,
    2,
    {OIDOID, INT4OID}};

SqlQuery insert_reading_views = {
    "WITH RECURSIVE family(member) AS (SELECT pg_catalog.unnest($1) UNION"
    " SELECT i.inhparent FROM family JOIN pg_catalog.pg_inherits AS i"
    " ON i.inhrelid OPERATOR(pg_catalog.=) family.member),"
    " reading(relation) AS (SELECT member FROM family UNION"
    " SELECT r.ev_class FROM reading JOIN pg_catalog.pg_depend AS d"
    " ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND d.refobjid OPERATOR(pg_catalog.=) reading.relation"
    " AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass"
    " JOIN pg_catalog.pg_rewrite AS r ON r.oid OPERATOR(pg_catalog.=) d.objid)"
    " INSERT INTO sim.stored_refresh_queue (transaction, view_id)"
    " SELECT pg_catalog.pg_current_xact_id(), s.view_id FROM reading"
    " JOIN sim.stored_bindings AS b"
    " ON b.view::pg_catalog.oid OPERATOR(pg_catalog.=) reading.relation"
    " JOIN sim.stored_refresh_sources AS s ON s.model_id OPERATOR(pg_catalog.=) b.model_id"
    " WHERE s.relation OPERATOR(pg_catalog.=) 'sim.stored_models'::pg_catalog.regclass"
    " ON CONFLICT DO NOTHING",
    true,
    1,
    {OIDARRAYOID}};

SqlQuery take_views = {
    "WITH taken AS (DELETE FROM sim.stored_refresh_queue"
    " WHERE transaction OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id() RETURNING view_id)"
    " SELECT v.view_id, c.relowner, v.name FROM taken"
    " JOIN sim.stored_result_views AS v ON v.view_id OPERATOR(pg_catalog.=) taken.view_id"
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) v.relation"
    " WHERE c.relispopulated ORDER BY v.view_id",
    true,
    0,
    {}};

SqlQuery lock_view = {"SELECT sim.lock_result_view($1)", true, 1, {INT4OID}};
SqlQuery refresh_view = {"SELECT sim.refresh_view($1)", true, 1, {INT4OID}};
SqlQuery note_stale = {"SELECT sim.note_stale($1)", true, 1, {INT4OID}};
SqlQuery note_failure = {
    "SELECT sim.note_failure($1, $2, $3)", true, 3, {INT4OID, TEXTOID, TEXTOID}};

/* Result views may follow others, and so in a circle each other: after so many refreshes that a
 * refresh has called for in one transaction, those that follow stay stale. */
constexpr int kMostCalledFor = 100;

struct {
  LocalTransactionId transaction;
  bool refreshing;
  int called_for;
} cascade = {};

bool may_call_for_more() {
  if (cascade.transaction != local_transaction()) {
    cascade = {local_transaction(), false, 0};
  }
  return !cascade.refreshing || ++cascade.called_for <= kMostCalledFor;
}

struct QueuedView {
  int32 id;
  Oid owner;
  const char* name;
  const char* problem;  // null: none
  int code;             // of the problem
};

struct QueuedViews {
  int64 count;
  QueuedView* views;
};

ProcessUtility_hook_type previous_hook = nullptr;

/* The transaction that PREPARE TRANSACTION was last given in. */
TransactionId prepared = InvalidTransactionId;

/* What a step does to one view. */
struct ViewStep {
  SqlQuery* query;
  const QueuedView* view;
};

/* Whether the index (relation, model_id, view_id) has an entry that is committed. */
bool has_followers(Oid relation, int32 model_id) {
  const Oid sources = own_relation("stored_refresh_sources", true);
  const Oid index = own_relation("stored_refresh_sources_pkey", true);
  if (!OidIsValid(sources) || !OidIsValid(index)) {
    return false;
  }
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
  ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(model_id));
  Relation table = table_open(sources, AccessShareLock);
  Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
  SysScanDesc scan = systable_beginscan(table, index, true, snapshot, 2, keys);
  const bool found = HeapTupleIsValid(systable_getnext(scan));
  systable_endscan(scan);
  UnregisterSnapshot(snapshot);
  table_close(table, AccessShareLock);
  return found;
}

/* Whether the relation is one that views follow, or part of one: a partition, say. */
bool is_followed(Oid relation, int32 model_id) {
  if (has_followers(relation, model_id)) {
    return true;
  }
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  Relation inherits = table_open(InheritsRelationId, AccessShareLock);
  SysScanDesc scan =
      systable_beginscan(inherits, InheritsRelidSeqnoIndexId, true, nullptr, 1, &key);
  bool followed = false;
  HeapTuple row;
  while (!followed && HeapTupleIsValid(row = systable_getnext(scan))) {
    followed = is_followed(reinterpret_cast<Form_pg_inherits>(GETSTRUCT(row))->inhparent, model_id);
  }
  systable_endscan(scan);
  table_close(inherits, AccessShareLock);
  return followed;
}

/* As the owner of the tables, whom their row-level security does not bind. */
struct OwnTables {
  Oid caller;
  int flags;
};

OwnTables enter_own_tables() {
  OwnTables before;
  GetUserIdAndSecContext(&before.caller, &before.flags);
  SetUserIdAndSecContext(owner_of_relation(own_relation("stored_refresh_queue", true)),
                         before.flags | SECURITY_LOCAL_USERID_CHANGE);
  open_sql();
  return before;
}

void leave_own_tables(const OwnTables& before) {
  close_sql();
  SetUserIdAndSecContext(before.caller, before.flags);
}

QueuedViews take_queue() {
  MemoryContext context = CurrentMemoryContext;
  const OwnTables before = enter_own_tables();
  QueuedViews queue = {static_cast<int64>(run_sql(take_views, nullptr)), nullptr};
  queue.views =
      static_cast<QueuedView*>(MemoryContextAlloc(context, sizeof(QueuedView) * (queue.count + 1)));
  for (int64 i = 0; i < queue.count; i++) {
    queue.views[i] = {sql_integer(i, 1), sql_oid(i, 2), sql_text(i, 3, context), nullptr, 0};
  }
  leave_own_tables(before);
  return queue;
}

void run_step(void* argument) {
  const auto* step = static_cast<const ViewStep*>(argument);
  open_sql();
  const Datum arguments[] = {
      Int32GetDatum(step->view->id),
      step->view->problem == nullptr ? 0 : CStringGetTextDatum(step->view->problem),
      CStringGetTextDatum(unpack_sql_state(step->view->code))};
  run_sql(*step->query, arguments);
  close_sql();
}

const char* try_step(SqlQuery& query, const QueuedView& view, int* code = nullptr) {
  ViewStep step = {&query, &view};
  cascade.refreshing = true;
  const char* problem = run_as_role({view.owner, false, true, run_step, &step}, code);
  cascade.refreshing = false;
  return problem;
}

void tell_failure(const QueuedView& view) {
  // What else an error says may not be for the writer.
  const bool interrupted =
      view.code == ERRCODE_QUERY_CANCELED || view.code == ERRCODE_LOCK_NOT_AVAILABLE;
  ereport(interrupted ? WARNING : LOG,
          (errmsg("result view %s was not refreshed: %s", view.name, view.problem)));
  try_step(note_failure, view);
}

void refresh_all(const QueuedViews& queue) {
  for (int64 i = 0; i < queue.count; i++) {
    QueuedView& view = queue.views[i];
    view.problem = try_step(lock_view, view, &view.code);
  }
  for (int64 i = 0; i < queue.count; i++) {
    QueuedView& view = queue.views[i];
    if (view.problem == nullptr) {
      view.problem = try_step(refresh_view, view, &view.code);
    }
    if (view.problem != nullptr) {
      tell_failure(view);
    }
  }
}

void require_trigger(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_TRIGGER(fcinfo)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("only a trigger of the extension calls this function")));
  }
}

void watch_utility(PlannedStmt* statement, const char* text, bool read_only,
                   ProcessUtilityContext context, ParamListInfo parameters,
                   QueryEnvironment* environment, DestReceiver* receiver,
                   QueryCompletion* completion) {
  const Node* utility = statement->utilityStmt;
  if (IsA(utility, TransactionStmt) &&
      reinterpret_cast<const TransactionStmt*>(utility)->kind == TRANS_STMT_PREPARE) {
    prepared = GetTopTransactionIdIfAny();
  }
  const ProcessUtility_hook_type next =
      previous_hook != nullptr ? previous_hook : standard_ProcessUtility;
  next(statement, text, read_only, context, parameters, environment, receiver, completion);
}

bool can_refresh() {
  return !IsolationUsesXactSnapshot() && GetTopTransactionIdIfAny() != prepared;
}

void refresh_or_note(const QueuedViews& queue) {
  if (can_refresh()) {
    refresh_all(queue);
    return;
  }
  for (int64 i = 0; i < queue.count; i++) {
    try_step(note_stale, queue.views[i]);
  }
}

/* The model that the row of one of sim's own tables belongs to. */
int32 changed_model(FunctionCallInfo fcinfo) {
  require_trigger(fcinfo);
  const auto* trigger = reinterpret_cast<TriggerData*>(fcinfo->context);
  Relation relation = trigger->tg_relation;
  if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
      RelationGetNamespace(relation) != get_namespace_oid("sim", false)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("only the tables of models have this trigger")));
  }
  TupleDesc columns = RelationGetDescr(relation);
  bool is_null;
  return DatumGetInt32(
      heap_getattr(trigger->tg_trigtuple, SPI_fnumber(columns, "model_id"), columns, &is_null));
}

}  // namespace

void register_refresh_queue() {
  previous_hook = ProcessUtility_hook;
  ProcessUtility_hook = watch_utility;
}

void queue_definition_refreshes(List* relations) {
  if (relations == NIL || InSecurityRestrictedOperation() || !may_call_for_more()) {
    return;
  }
  const int count = list_length(relations);
  Datum* values = static_cast<Datum*>(palloc(sizeof(Datum) * count));
  for (int i = 0; i < count; i++) {
    values[i] = ObjectIdGetDatum(list_nth_oid(relations, i));
  }
  const Datum arguments[] = {
      PointerGetDatum(construct_array(values, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT))};
  const OwnTables before = enter_own_tables();
  run_sql(insert_reading_views, arguments);
  leave_own_tables(before);
}

void queue_refreshes(Oid relation, int32 model_id) {
  // The server refuses deferred triggers there.
  if (!is_followed(relation, model_id) || InSecurityRestrictedOperation() || !may_call_for_more()) {
    return;
  }
  const OwnTables before = enter_own_tables();
  const Datum arguments[] = {ObjectIdGetDatum(relation), Int32GetDatum(model_id)};
  run_sql(insert_views, arguments);
  leave_own_tables(before);
}

}  // namespace simpg

/* Row trigger of the tables of models: the model is the row's, the relation sim.stored_models.
 * pg_restore, which turns row_security off, changes no model: it brings one piece by piece. */
SIM_FUNCTION(sim_queue_model_refreshes) {
  const int32 model_id = simpg::changed_model(fcinfo);
  if (row_security) {
    simpg::queue_refreshes(simpg::own_relation("stored_models", true), model_id);
  }
  return PointerGetDatum(nullptr);
}

/* Deferred trigger of sim.stored_refresh_queue.  A writer who has made his transaction read-only in
 * the end has written all the same; the server restores the flag where an error leaves this. */
SIM_FUNCTION(sim_refresh_queued) {
  simpg::require_trigger(fcinfo);
  const bool read_only = XactReadOnly;
  XactReadOnly = false;
  simpg::refresh_or_note(simpg::take_queue());
  XactReadOnly = read_only;
  return PointerGetDatum(nullptr);
}
