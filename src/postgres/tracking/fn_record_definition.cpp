/*
 * fn_record_definition.cpp -- sim.record_definition, the function of the extension's event
 * triggers.
 *
 * It records which definitions have changed, so that what was read of them is looked at again; lets
 * the triggers of tables follow partitions and children that come; and makes bindings again whose
 * tables are back.  It never fails the command that it follows.
 */
#include "boundary.hpp"
#include "results/refresh_queue.hpp"
#include "store_relation.hpp"
#include "store_sql.hpp"
#include "tracking/change_log.hpp"
#include "tracking/change_triggers.hpp"
#include "tracking/changed_relations.hpp"
#include "tracking/rebind.hpp"

SIM_SERVER_BEGIN
#include <catalog/namespace.h>
#include <catalog/pg_class.h>
#include <commands/event_trigger.h>
#include <nodes/parsenodes.h>
#include <tcop/cmdtag.h>
#include <utils/lsyscache.h>
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

SqlQuery list_relations = {
    "SELECT DISTINCT c.objid"
    " FROM pg_catalog.pg_event_trigger_ddl_commands() AS c"
    " WHERE c.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND c.schema_name OPERATOR(pg_catalog.<>) 'pg_temp'",
    false,
    0,
    {}};

bool is_temporary(const RangeVar* relation) {
  return relation != nullptr && relation->relpersistence == RELPERSISTENCE_TEMP;
}

/* A temporary table whose rows are, in this session, rows of another table as well. */
bool makes_temporary_child(const Node* command) {
  const auto* create = reinterpret_cast<const CreateStmt*>(command);
  return command != nullptr && IsA(command, CreateStmt) && is_temporary(create->relation) &&
         create->inhRelations != NIL;
}

/* A command that makes something for this session alone. */
bool makes_temporary(const Node* command) {
  if (command == nullptr) {
    return false;
  }
  if (IsA(command, CreateStmt)) {
    return is_temporary(reinterpret_cast<const CreateStmt*>(command)->relation);
  }
  if (IsA(command, CreateTableAsStmt)) {
    return is_temporary(reinterpret_cast<const CreateTableAsStmt*>(command)->into->rel);
  }
  return IsA(command, ViewStmt) && is_temporary(reinterpret_cast<const ViewStmt*>(command)->view);
}

/* What it makes is nothing that was read before.  A foreign table may be a partition, and have
 * rows at once. */
bool makes_only(CommandTag tag) {
  return tag == CMDTAG_CREATE_TABLE || tag == CMDTAG_CREATE_TABLE_AS || tag == CMDTAG_SELECT_INTO ||
         tag == CMDTAG_CREATE_SCHEMA || tag == CMDTAG_CREATE_MATERIALIZED_VIEW;
}

/* It commits halfway: from then on the partition is not read, whether or not the rest succeeds. */
bool detaches_concurrently(const Node* command) {
  ListCell* cell;
  foreach (cell, reinterpret_cast<const AlterTableStmt*>(command)->cmds) {
    const auto* part = lfirst_node(AlterTableCmd, cell);
    if (part->subtype == AT_DetachPartition &&
        reinterpret_cast<const PartitionCmd*>(part->def)->concurrent) {
      return true;
    }
  }
  return false;
}

bool is_table(Oid relation) {
  const char kind = get_rel_relkind(relation);
  return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

bool moves_triggers(AlterTableType type) {
  return type == AT_AttachPartition || type == AT_AddInherit || type == AT_EnableTrig ||
         type == AT_EnableTrigAll || type == AT_EnableTrigUser;
}

/* Whether the command brings tables together, or may have enabled triggers for some sessions only.
 * Nothing is made at other commands: pg_restore makes the triggers itself. */
bool asks_for_triggers(const EventTriggerData* data) {
  if (!IsA(data->parsetree, AlterTableStmt)) {
    return makes_only(data->tag);
  }
  ListCell* cell;
  foreach (cell, reinterpret_cast<AlterTableStmt*>(data->parsetree)->cmds) {
    if (moves_triggers(lfirst_node(AlterTableCmd, cell)->subtype)) {
      return true;
    }
  }
  return false;
}

/* The table that has got a trigger. */
void follow_trigger(const EventTriggerData* data) {
  const auto* command = reinterpret_cast<const CreateTrigStmt*>(data->parsetree);
  const Oid table = RangeVarGetRelid(command->relation, NoLock, true);
  if (OidIsValid(table) && is_table(table)) {
    widen_updates(table);
  }
}

struct Relations {
  List* oids;
  List* names;
};

Relations read_relations() {
  Relations relations = {NIL, NIL};
  MemoryContext caller = open_sql();
  const uint64 count = run_sql(list_relations, nullptr);
  for (uint64 i = 0; i < count; i++) {
    const Oid relation = sql_oid(i, 1);
    if (get_rel_relkind(relation) == '\0') {
      continue;  // gone before the command ended
    }
    MemoryContext before = MemoryContextSwitchTo(caller);
    relations.oids = lappend_oid(relations.oids, relation);
    relations.names = lappend(relations.names, const_cast<char*>(qualified_name(relation)));
    MemoryContextSwitchTo(before);
  }
  close_sql();
  return relations;
}

void follow_relations(void* argument) {
  const auto* data = static_cast<EventTriggerData*>(argument);
  if (IsA(data->parsetree, CreateTrigStmt)) {
    follow_trigger(data);
    return;
  }
  const Relations relations = read_relations();
  ListCell* cell;
  foreach (cell, relations.oids) {
    const Oid relation = lfirst_oid(cell);
    if (data->tag == CMDTAG_REFRESH_MATERIALIZED_VIEW) {
      record_change(relation, GetCommandTagName(data->tag));
      queue_refreshes(relation, 0);
    } else if (is_table(relation) && asks_for_triggers(data)) {
      spread_triggers(relation);
    }
  }
  if (data->tag == CMDTAG_REFRESH_MATERIALIZED_VIEW) {
    return;
  }
  if (relations.names != NIL || data->tag == CMDTAG_ALTER_SCHEMA) {
    rebind_broken(data->tag == CMDTAG_ALTER_SCHEMA ? NIL : relations.names);
  }
  if (!makes_only(data->tag) && data->tag != CMDTAG_REFRESH_MATERIALIZED_VIEW) {
    queue_definition_refreshes(relations.oids);
  }
}

void record_end(void* argument) { record_altered(static_cast<EventTriggerData*>(argument)); }

void record_drop(void* argument) { record_dropped(static_cast<EventTriggerData*>(argument)); }

/* Where that fails, all that was read before is looked at again. */
void record_or_forget(void (*work)(void*), EventTriggerData* data) {
  if (!attempt("bindings could not follow this command", work, data)) {
    record_change(kDefinitions, GetCommandTagName(data->tag));
  }
}

bool follows_names(CommandTag tag) { return tag != CMDTAG_GRANT && tag != CMDTAG_REVOKE; }

void end_command(EventTriggerData* data) {
  if (makes_temporary_child(data->parsetree)) {
    record_change(kDefinitions, GetCommandTagName(data->tag));
  }
  if (makes_temporary(data->parsetree)) {
    return;
  }
  if (!makes_only(data->tag) && data->tag != CMDTAG_REFRESH_MATERIALIZED_VIEW) {
    record_or_forget(record_end, data);
  }
  if (follows_names(data->tag)) {
    record_or_forget(follow_relations, data);
  }
}

void begin_command(EventTriggerData* data) {
  if (IsA(data->parsetree, AlterTableStmt) && detaches_concurrently(data->parsetree)) {
    record_change(kDefinitions, GetCommandTagName(data->tag));
  }
}

/* While the extension itself is dropped or updated, its tables may be missing. */
bool is_installed() {
  return OidIsValid(own_relation("stored_changes", true)) &&
         OidIsValid(own_relation("stored_bindings", true));
}

}  // namespace

}  // namespace simpg

/* sim.record_definition() */
SIM_FUNCTION(sim_record_definition) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("sim.record_definition is called by event triggers only")));
  }
  auto* data = reinterpret_cast<EventTriggerData*>(fcinfo->context);
  if (simpg::is_installed()) {
    PushActiveSnapshot(GetLatestSnapshot());
    if (strcmp(data->event, "ddl_command_start") == 0) {
      simpg::begin_command(data);
    } else if (strcmp(data->event, "sql_drop") == 0) {
      simpg::record_or_forget(simpg::record_drop, data);
    } else {
      simpg::end_command(data);
    }
    PopActiveSnapshot();
  }
  PG_RETURN_NULL();
}
