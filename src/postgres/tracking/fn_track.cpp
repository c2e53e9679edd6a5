/*
 * fn_track.cpp -- sim.track and sim.remember_readings.
 */
#include "boundary.hpp"
#include "fn_change.hpp"
#include "results/refresh_queue.hpp"
#include "row_writer.hpp"
#include "store_session.hpp"
#include "tracking/change_triggers.hpp"
#include "tracking/recording.hpp"

SIM_SERVER_BEGIN
#include <catalog/pg_class.h>
#include <storage/lmgr.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

void require_right(Oid table) {
  if (pg_class_aclcheck(table, GetUserId(), ACL_TRIGGER) != ACLCHECK_OK) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("permission denied to track %s", qualified_name(table)),
                    errdetail("Tracking a table makes triggers on it."),
                    errhint("Have its owner call sim.track, or grant you TRIGGER on it.")));
  }
}

void require_table(Oid table) {
  const char kind = get_rel_relkind(table);
  if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) {
    ereport(ERROR,
            (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("%s is not a table", qualified_name(table)),
             errhint("View sim.binding_sources lists the tables that bindings read.")));
  }
}

/* What the bindings read of the table and of those related to it. */
void place_for(List* bindings, List* related) {
  ListCell* cell;
  foreach (cell, bindings) {
    const ViewSources sources = find_sources(lfirst_oid(cell));
    ListCell* inner;
    foreach (inner, sources.tables) {
      const auto* source = static_cast<SourceTable*>(lfirst(inner));
      if (list_member_oid(related, source->relation)) {
        place_triggers(*source);
      }
    }
  }
}

void track(Oid table) {
  begin_change();
  LockRelationOid(table, AccessShareLock);
  require_table(table);
  require_right(table);
  List* related = related_tables(table);
  List* bindings = dependent_bindings(related);
  if (bindings == NIL) {
    ereport(NOTICE, (errmsg("no binding reads %s", qualified_name(table))));
  }
  place_for(bindings, related);
  remove_idle_triggers(table);
  queue_definition_refreshes(related);
  end_change();
}

}  // namespace

}  // namespace simpg

/* sim.track(relation) */
SIM_FUNCTION(sim_track) {
  if (PG_ARGISNULL(0)) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("relation must not be null")));
  }
  simpg::track(PG_GETARG_OID(0));
  PG_RETURN_VOID();
}

/* sim.remember_readings(model) */
SIM_FUNCTION(sim_remember_readings) {
  simpg::begin_change();
  simpg::remember_session_readings(simpg::session_model(simpg::text_argument(fcinfo, 0), 0));
  simpg::end_change();
  PG_RETURN_VOID();
}
