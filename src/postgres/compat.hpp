/*
 * compat.hpp -- the only place that asks for the server's version: PostgreSQL 15 to 18 look alike
 * from here on.
 *
 * Included by postgres.hpp alone.
 */
#pragma once

#if PG_VERSION_NUM < 150000
#error "pg_simulate needs PostgreSQL 15 or later"
#endif

SIM_SERVER_BEGIN
#include <commands/explain.h>
#if PG_VERSION_NUM >= 180000
#include <commands/explain_format.h>
#include <commands/explain_state.h>
#endif
#include <catalog/pg_class.h>
#include <catalog/pg_proc.h>
#include <commands/trigger.h>
#include <executor/executor.h>
#include <nodes/nodeFuncs.h>
#include <nodes/parsenodes.h>
#include <parser/parse_relation.h>
#include <storage/proc.h>
#include <utils/acl.h>
SIM_SERVER_END

namespace simpg {

/* Whether the role may run the function. */
inline AclResult function_access(Oid function, Oid role) {
#if PG_VERSION_NUM >= 160000
  return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE);
#else
  return pg_proc_aclcheck(function, role, ACL_EXECUTE);
#endif
}

/* Whether the current user owns the table or view. */
inline bool owns_relation(Oid relation) {
#if PG_VERSION_NUM >= 160000
  return object_ownercheck(RelationRelationId, relation, GetUserId());
#else
  return pg_class_ownercheck(relation, GetUserId());
#endif
}

/* Makes a trigger fire whatever session_replication_role says. */
inline void enable_trigger_always(Relation relation, const char* trigger, LOCKMODE lock) {
#if PG_VERSION_NUM >= 160000
  EnableDisableTrigger(relation, trigger, InvalidOid, TRIGGER_FIRES_ALWAYS, false, false, lock);
#else
  EnableDisableTrigger(relation, trigger, TRIGGER_FIRES_ALWAYS, false, lock);
#endif
}

/* The columns that a query reads of a table in its range table, as
 * FirstLowInvalidHeapAttributeNumber counts them. */
inline Bitmapset* selected_columns([[maybe_unused]] Query* query, RangeTblEntry* entry) {
#if PG_VERSION_NUM >= 160000
  return entry->perminfoindex == 0 ? nullptr
                                   : getRTEPermissionInfo(query->rteperminfos, entry)->selectedCols;
#else
  return entry->selectedCols;
#endif
}

/* The number of this session's current transaction, within the session. */
inline LocalTransactionId local_transaction() {
#if PG_VERSION_NUM >= 170000
  return MyProc->vxid.lxid;
#else
  return MyProc->lxid;
#endif
}

/* Runs a query that was started, all of it. */
inline void run_to_end(QueryDesc* query) {
#if PG_VERSION_NUM >= 180000
  ExecutorRun(query, ForwardScanDirection, 0);
#else
  ExecutorRun(query, ForwardScanDirection, 0, true);
#endif
}

using PlanWalker = bool (*)(PlanState*, void*);

/* Calls the walker for each child of the state; true as soon as one call is. */
inline bool walk_children(PlanState* state, PlanWalker walker, void* context) {
#if PG_VERSION_NUM >= 160000
  return planstate_tree_walker(state, walker, context);
#else
  return planstate_tree_walker(state, reinterpret_cast<bool (*)()>(reinterpret_cast<void*>(walker)),
                               context);
#endif
}

using NodeWalker = bool (*)(Node*, void*);

/* Calls the walker for each part of the expression. */
inline bool walk_expression(Node* node, NodeWalker walker, void* context) {
#if PG_VERSION_NUM >= 160000
  return expression_tree_walker(node, walker, context);
#else
  return expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void*>(walker)),
                                context);
#endif
}

/* Calls the walker for each part of the query, range table entries included. */
inline bool walk_query(Query* query, NodeWalker walker, void* context) {
#if PG_VERSION_NUM >= 160000
  return query_tree_walker(query, walker, context, QTW_EXAMINE_RTES_BEFORE);
#else
  return query_tree_walker(query, reinterpret_cast<bool (*)()>(reinterpret_cast<void*>(walker)),
                           context, QTW_EXAMINE_RTES_BEFORE);
#endif
}

}  // namespace simpg
