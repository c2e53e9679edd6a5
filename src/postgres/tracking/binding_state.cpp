/*
 * binding_state.cpp -- whether changes of what a binding reads are seen, and why not.
 */
#include "tracking/binding_state.hpp"

#include "as_owner.hpp"
#include "boundary.hpp"
#include "fn_binding_view.hpp"
#include "row_writer.hpp"
#include "store_relation.hpp"
#include "store_text.hpp"
#include "subtransaction.hpp"
#include "tracking/recording.hpp"
#include "tracking/view_rights.hpp"

SIM_SERVER_BEGIN
#include <access/relation.h>
#include <access/xact.h>
#include <catalog/pg_class.h>
#include <catalog/pg_event_trigger.h>
#include <commands/trigger.h>
#include <nodes/value.h>
#include <utils/acl.h>
#include <utils/rel.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Whether it is there, which it stays until the transaction ends. */
bool view_exists(Oid view) {
  Relation relation = OidIsValid(view) ? try_relation_open(view, AccessShareLock) : nullptr;
  if (relation == nullptr) {
    return false;
  }
  const bool is_view = relation->rd_rel->relkind == RELKIND_VIEW;
  relation_close(relation, NoLock);
  return is_view;
}

/* The names as a List of C strings. */
List* list_names(ArrayType* names) {
  Datum* values;
  int count;
  deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &values, nullptr, &count);
  List* list = NIL;
  for (int i = 0; i < count; i++) {
    list = lappend(list, TextDatumGetCString(values[i]));
  }
  return list;
}

/* Null when all of them are there. */
const char* why_gone(List* names) {
  ListCell* cell;
  foreach (cell, names) {
    const auto* name = static_cast<const char*>(lfirst(cell));
    if (!OidIsValid(find_relation(name))) {
      return psprintf("%s was dropped", name);
    }
  }
  return nullptr;
}

/* The name decides, where a table was swapped for another one; one that was renamed is followed
 * as long as nothing else has its name. */
const char* why_replaced(List* names, const ViewSources& sources) {
  ListCell* cell;
  foreach (cell, names) {
    const auto* name = static_cast<const char*>(lfirst(cell));
    const Oid found = find_relation(name);
    if (OidIsValid(found) && !list_member_oid(sources.named, found)) {
      return psprintf("%s is not what was bound under this name", name);
    }
  }
  return nullptr;
}

bool fires_always(const char* event_trigger) {
  HeapTuple found = SearchSysCache1(EVENTTRIGGERNAME, CStringGetDatum(event_trigger));
  if (!HeapTupleIsValid(found)) {
    return false;
  }
  const auto* row = reinterpret_cast<Form_pg_event_trigger>(GETSTRUCT(found));
  const bool fires = row->evtenabled == TRIGGER_FIRES_ALWAYS;
  ReleaseSysCache(found);
  return fires;
}

const char* why_unseen(const ViewSources& sources) {
  const char* reason = sources.hidden;
  const char* missing = disabled_event_trigger();
  if (reason == nullptr && missing != nullptr) {
    reason = psprintf("event trigger %s is disabled", missing);
  }
  ListCell* cell;
  foreach (cell, sources.tables) {
    if (reason == nullptr) {
      reason = find_missing_trigger(*static_cast<SourceTable*>(lfirst(cell)));
    }
  }
  return reason;
}

const char* state_name(BindingState state) {
  switch (state) {
    case BindingState::tracked:
      return "tracked";
    case BindingState::untracked:
      return "untracked";
    case BindingState::broken:
      break;
  }
  return "broken";
}

/* All columns of a table that is read whole. */
List* all_columns(Oid table) {
  Relation relation = relation_open(table, NoLock);
  List* names = NIL;
  for (int i = 0; i < RelationGetDescr(relation)->natts; i++) {
    const Form_pg_attribute column = TupleDescAttr(RelationGetDescr(relation), i);
    if (!column->attisdropped) {
      names = lappend(names, makeString(pstrdup(NameStr(column->attname))));
    }
  }
  relation_close(relation, NoLock);
  return names;
}

Datum column_names(const SourceTable& table) {
  List* names = table.whole ? all_columns(table.relation) : table.columns;
  const int count = list_length(names);
  Datum* values = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (int i = 0; i < count; i++) {
    values[i] = CStringGetTextDatum(strVal(list_nth(names, i)));
  }
  return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT));
}

void add_reason(RowWriter& row, const char* reason) {
  if (reason != nullptr) {
    add_text(row, to_utf8(reason));
  } else {
    add_null(row);
  }
}

void put_source(RowWriter& row, const SourceTable& table, const char* hidden) {
  const char* reason = hidden != nullptr ? hidden : find_missing_trigger(table);
  add_datum(row, ObjectIdGetDatum(table.relation));
  add_text(row, to_utf8(qualified_name(table.relation)));
  add_datum(row, column_names(table));
  add_boolean(row, reason == nullptr);
  add_reason(row, reason);
  put(row);
}

/* What is left to tell of a binding that is broken. */
void put_names(RowWriter& row, List* names, const char* reason) {
  ListCell* cell;
  foreach (cell, names) {
    const auto* name = static_cast<const char*>(lfirst(cell));
    const Oid found = find_relation(name);
    if (OidIsValid(found)) {
      add_datum(row, ObjectIdGetDatum(found));
    } else {
      add_null(row);
    }
    add_text(row, to_utf8(name));
    add_null(row);
    add_boolean(row, false);
    add_reason(row, reason);
    put(row);
  }
}

/* A binding, and its query with all names qualified. */
struct BoundQuery {
  Oid view;
  ArrayType* names;
  BoundOwners owners;
  const char* words;
};

void check_words(void* argument) {
  const auto* bound = static_cast<const BoundQuery*>(argument);
  const OwnerOperation operation = begin_as_owner(bound->owners.binder);
  check_binding_query("", bound->words);
  end_as_owner(operation);
}

/* What stands in the way of making the view again, as far as its query tells without being run.
 * Null: nothing; or in a parallel query, which begins no subtransactions.  To look at the query is
 * to evaluate its constants as the binding's owner: nobody has that done who could not do it
 * himself. */
const char* why_not_made(const BoundQuery& bound) {
  if (IsInParallelMode() || !has_privs_of_role(GetUserId(), bound.owners.binder)) {
    return nullptr;
  }
  const char* problem = run_contained({check_words, const_cast<BoundQuery*>(&bound)});
  return problem == nullptr ? nullptr : psprintf("its view cannot be made again: %s", problem);
}

/* What report_state tells, and what only a person wants to know. */
StateReport describe_state(const BoundQuery& bound) {
  StateReport report = report_state(bound.view, bound.names);
  if (report.state != BindingState::broken) {
    const char* denied = why_denied(bound.view);
    return denied == nullptr ? report : StateReport{BindingState::broken, denied, {}};
  }
  if (why_broken(bound.view, bound.names) == nullptr) {
    const char* reason = why_not_made_again(bound.view, bound.names, bound.owners);
    reason = reason != nullptr ? reason : why_not_made(bound);
    report.reason = reason != nullptr ? reason : report.reason;
  }
  return report;
}

}  // namespace

StateReport report_state(Oid view, ArrayType* names) {
  const bool exists = view_exists(view);
  const char* broken = why_broken(view, names);
  if (broken != nullptr || !exists) {
    return {
        BindingState::broken,
        broken != nullptr ? broken : "its view is gone, though all that its query names is there",
        {}};
  }
  const ViewSources sources = find_sources(view);
  const char* unseen = why_unseen(sources);
  return {unseen == nullptr ? BindingState::tracked : BindingState::untracked, unseen, sources};
}

const char* why_broken(Oid view, ArrayType* names) {
  return view_exists(view) ? why_replaced(list_names(names), find_sources(view))
                           : why_gone(list_names(names));
}

bool is_trusted(Oid binder, Oid owner, Oid before) {
  return owner == before || superuser_arg(owner) || is_member_of_role_nosuper(binder, owner);
}

const char* why_not_made_again(Oid view, ArrayType* names, const BoundOwners& bound) {
  if (view_exists(view)) {
    return nullptr;
  }
  List* list = list_names(names);
  Datum* owners;
  int count;
  deconstruct_array(bound.owners, REGROLEOID, sizeof(Oid), true, TYPALIGN_INT, &owners, nullptr,
                    &count);
  for (int i = 0; i < count && i < list_length(list); i++) {
    const auto* name = static_cast<const char*>(list_nth(list, i));
    const Oid found = find_relation(name);
    if (!OidIsValid(found)) {
      return nullptr;
    }
    const Oid owner = owner_of_relation(found);
    if (!is_trusted(bound.binder, owner, DatumGetObjectId(owners[i]))) {
      return psprintf("%s belongs to %s, another role than when it was bound", name,
                      GetUserNameFromId(owner, false));
    }
  }
  return nullptr;
}

const char* disabled_event_trigger() {
  for (const char* name : {"sim_record_definition", "sim_record_drop"}) {
    if (!fires_always(name)) {
      return name;
    }
  }
  return nullptr;
}

List* followed_tables(const ViewSources& sources) {
  List* tables = NIL;
  ListCell* cell;
  foreach (cell, sources.tables) {
    const auto* table = static_cast<SourceTable*>(lfirst(cell));
    tables = list_concat_unique_oid(tables, related_tables(table->relation));
  }
  return tables;
}

}  // namespace simpg

/* sim.binding_state(view, names, owners, binder, query): one row. */
SIM_FUNCTION(sim_binding_state) {
  const simpg::BoundQuery bound = {PG_GETARG_OID(0),
                                   PG_GETARG_ARRAYTYPE_P(1),
                                   {PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_OID(3)},
                                   text_to_cstring(PG_GETARG_TEXT_PP(4))};
  const simpg::StateReport report = simpg::describe_state(bound);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  simpg::add_text(row, simpg::state_name(report.state));
  simpg::add_reason(row, report.reason);
  simpg::put(row);
  return static_cast<Datum>(0);
}

/* sim.list_sources(view, names): a row a table. */
SIM_FUNCTION(sim_list_sources) {
  ArrayType* names = PG_GETARG_ARRAYTYPE_P(1);
  const simpg::StateReport report = simpg::report_state(PG_GETARG_OID(0), names);
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  if (report.state == simpg::BindingState::broken) {
    simpg::put_names(row, simpg::list_names(names), report.reason);
  }
  ListCell* cell;
  foreach (cell, report.sources.tables) {
    simpg::put_source(row, *static_cast<simpg::SourceTable*>(lfirst(cell)), report.sources.hidden);
  }
  return static_cast<Datum>(0);
}
