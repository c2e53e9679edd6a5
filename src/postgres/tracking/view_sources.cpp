/*
 * view_sources.cpp -- walks the queries of views, down to the tables they read.
 */
#include "tracking/view_sources.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "store_relation.hpp"

SIM_SERVER_BEGIN
#include <access/genam.h>
#include <access/relation.h>
#include <access/sysattr.h>
#include <access/table.h>
#include <access/transam.h>
#include <catalog/namespace.h>
#include <catalog/partition.h>
#include <catalog/pg_inherits.h>
#include <catalog/pg_language.h>
#include <catalog/pg_subscription_rel.h>
#include <catalog/pg_type.h>
#include <nodes/bitmapset.h>
#include <nodes/value.h>
#include <optimizer/optimizer.h>
#include <rewrite/rewriteHandler.h>
#include <storage/lmgr.h>
#include <utils/fmgroids.h>
#include <utils/guc.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/ruleutils.h>
#include <utils/snapmgr.h>
#include <utils/syscache.h>
#include <utils/varlena.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct Walk {
  ViewSources* sources;
  Oid view;
  bool nested;       // the view is one that another one reads
  const Query* top;  // of the view
};

void find_in_view(Oid view, ViewSources* sources, bool nested);

void hide(ViewSources* sources, const char* reason) {
  if (sources->hidden == nullptr) {
    sources->hidden = reason;
  }
}

bool is_known_language(Oid language) {
  return language == INTERNALlanguageId || language == ClanguageId;
}

/* Functions of the server are what their labels say; those of users may be labelled immutable and
 * read tables all the same, which no one can see who only sees their labels. */
bool find_hidden_function(Oid function, void* context) {
  auto* sources = static_cast<ViewSources*>(context);
  HeapTuple found = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(found)) {
    elog(ERROR, "cache lookup failed for function %u", function);
  }
  const Form_pg_proc row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(found));
  if (row->provolatile != PROVOLATILE_IMMUTABLE) {
    hide(sources, psprintf("function %s is not immutable", NameStr(row->proname)));
  } else if (function >= FirstNormalObjectId &&
             (row->prokind == PROKIND_AGGREGATE || !is_known_language(row->prolang))) {
    hide(sources, psprintf("function %s may read tables unseen", NameStr(row->proname)));
  }
  ReleaseSysCache(found);
  return false;
}

SourceTable* add_table(ViewSources* sources, Oid relation) {
  ListCell* cell;
  foreach (cell, sources->tables) {
    auto* table = static_cast<SourceTable*>(lfirst(cell));
    if (table->relation == relation) {
      return table;
    }
  }
  auto* table = static_cast<SourceTable*>(palloc0(sizeof(SourceTable)));
  table->relation = relation;
  sources->tables = lappend(sources->tables, table);
  return table;
}

/* Of the system columns only the table's own oid stays what it is when a table is rewritten. */
bool is_lasting(AttrNumber number) { return number >= 0 || number == TableOidAttributeNumber; }

void add_columns(SourceTable* table, const Bitmapset* columns, ViewSources* sources) {
  int member = -1;
  while ((member = bms_next_member(columns, member)) >= 0) {
    const auto number = static_cast<AttrNumber>(member + FirstLowInvalidHeapAttributeNumber);
    if (!is_lasting(number)) {
      hide(sources, psprintf("VACUUM FULL changes system columns of %s unseen",
                             get_rel_name(table->relation)));
    }
    if (number <= 0) {
      table->whole = true;
    } else {
      String* name = makeString(get_attname(table->relation, number, false));
      table->columns = list_append_unique(table->columns, name);
    }
  }
}

bool has_subscription(Oid relation) {
  Relation catalog = table_open(SubscriptionRelRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_subscription_rel_srrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan =
      systable_beginscan(catalog, SubscriptionRelSrrelidSrsubidIndexId, true, nullptr, 1, &key);
  const bool found = HeapTupleIsValid(systable_getnext(scan));
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return found;
}

/* Logical replication applies rows without firing triggers of statements; what it applies to a
 * partitioned table goes to the partitions. */
bool is_replicated(Oid relation) {
  bool found = has_subscription(relation);
  ListCell* cell;
  foreach (cell, get_rel_relispartition(relation) ? get_partition_ancestors(relation) : NIL) {
    found = found || has_subscription(lfirst_oid(cell));
  }
  return found;
}

/* Why changes of the table's own rows may go unseen; null: they do not. */
const char* hidden_in_table(Relation relation) {
  const char* name = RelationGetRelationName(relation);
  const Form_pg_class row = relation->rd_rel;
  if (RelationGetRelid(relation) < FirstNormalObjectId) {
    return psprintf("system catalog %s changes unseen", name);
  }
  if (row->relkind == RELKIND_FOREIGN_TABLE) {
    return psprintf("foreign table %s changes unseen", name);
  }
  if (row->relkind != RELKIND_RELATION && row->relkind != RELKIND_PARTITIONED_TABLE &&
      row->relkind != RELKIND_MATVIEW) {
    return psprintf("%s is no table", name);
  }
  if (row->relrowsecurity) {
    return psprintf("row-level security of %s may depend on settings", name);
  }
  if (row->relpersistence == RELPERSISTENCE_UNLOGGED) {
    return psprintf("%s is unlogged: a crash empties it without a trace", name);
  }
  if (is_replicated(RelationGetRelid(relation))) {
    return psprintf("%s is filled by logical replication, which fires no statement triggers", name);
  }
  return nullptr;
}

void find_in_members(Oid table, ViewSources* sources) {
  LockRelationOid(table, AccessShareLock);
  ListCell* cell;
  foreach (cell, find_all_inheritors(table, AccessShareLock, nullptr)) {
    Relation member = relation_open(lfirst_oid(cell), NoLock);
    const char* reason = hidden_in_table(member);
    if (reason != nullptr) {
      hide(sources, reason);
    }
    relation_close(member, NoLock);
  }
}

void find_in_relation(Oid relation, const Bitmapset* columns, ViewSources* sources) {
  if (get_rel_relkind(relation) == RELKIND_VIEW) {
    find_in_view(relation, sources, true);
    return;
  }
  find_in_members(relation, sources);
  add_columns(add_table(sources, relation), columns, sources);
}

void find_in_tables(Query* query, const Walk& walk) {
  ListCell* cell;
  foreach (cell, query->rtable) {
    RangeTblEntry* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->rtekind == RTE_RELATION && entry->relid != walk.view) {
      if (entry->tablesample != nullptr) {
        hide(walk.sources, "it takes a sample of a table");
      }
      if (!walk.nested) {
        walk.sources->named = list_append_unique_oid(walk.sources->named, entry->relid);
      }
      find_in_relation(entry->relid, selected_columns(query, entry), walk.sources);
    }
  }
}

bool is_exact(Oid type) {
  return type == INT2OID || type == INT4OID || type == INT8OID || type == NUMERICOID;
}

/* Whether it gives the same in whatever order rows come. */
bool is_free_of_order(const Aggref* aggregate) {
  constexpr const char* kAny[] = {"count", "min",     "max",    "bool_and", "bool_or",
                                  "every", "bit_and", "bit_or", "bit_xor"};
  constexpr const char* kOfExactNumbers[] = {"sum",         "avg",      "stddev",  "stddev_pop",
                                             "stddev_samp", "variance", "var_pop", "var_samp"};
  if (aggregate->aggorder != NIL || aggregate->aggdistinct != NIL) {
    return true;
  }
  const char* name = get_func_name(aggregate->aggfnoid);
  const auto is_named = [name](const char* each) { return strcmp(each, name) == 0; };
  return aggregate->aggfnoid < FirstNormalObjectId &&
         (std::any_of(std::begin(kAny), std::end(kAny), is_named) ||
          (std::any_of(std::begin(kOfExactNumbers), std::end(kOfExactNumbers), is_named) &&
           is_exact(linitial_oid(aggregate->aggargtypes))));
}

/* The rows of the binding itself are brought into an order; those within its query come as they
 * lie. */
bool depends_on_places(const Node* node, const Walk& walk) {
  if (IsA(node, Aggref)) {
    return !is_free_of_order(reinterpret_cast<const Aggref*>(node));
  }
  if (IsA(node, WindowFunc)) {
    return true;
  }
  const auto* query = reinterpret_cast<const Query*>(node);
  return IsA(node, Query) && (walk.nested || query != walk.top) &&
         (query->limitCount != nullptr || query->limitOffset != nullptr || query->hasDistinctOn);
}

bool find_in_node(Node* node, void* context) {
  if (node == nullptr || IsA(node, RangeTblEntry)) {
    return false;
  }
  const auto* walk = static_cast<Walk*>(context);
  if (depends_on_places(node, *walk)) {
    walk->sources->by_places = true;
  }
  if (IsA(node, Query)) {
    find_in_tables(reinterpret_cast<Query*>(node), *walk);
    return walk_query(reinterpret_cast<Query*>(node), find_in_node, context);
  }
  check_functions_in_node(node, find_hidden_function, walk->sources);
  return walk_expression(node, find_in_node, context);
}

void find_in_view(Oid view, ViewSources* sources, bool nested) {
  check_stack_depth();
  Relation relation = relation_open(view, AccessShareLock);
  Query* query = get_view_query(relation);
  Walk walk = {sources, view, nested, query};
  find_in_node(reinterpret_cast<Node*>(query), &walk);
  if (contain_mutable_functions(reinterpret_cast<Node*>(query))) {
    hide(sources, "what it gives may depend on settings or the clock");
  }
  relation_close(relation, AccessShareLock);
  sources->views = list_append_unique_oid(sources->views, view);
}

}  // namespace

ViewSources find_sources(Oid view) {
  ViewSources sources = {NIL, NIL, NIL, nullptr, false};
  find_in_view(view, &sources, false);
  ListCell* cell;
  foreach (cell, sources.tables) {
    static_cast<SourceTable*>(lfirst(cell))->placed = sources.by_places;
  }
  return sources;
}

const char* qualified_query(Oid view) {
  const int level = NewGUCNestLevel();
  set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
                    GUC_ACTION_SAVE, true, 0, false);
  PushActiveSnapshot(GetLatestSnapshot());
  const Datum query = OidFunctionCall1(F_PG_GET_VIEWDEF_OID, ObjectIdGetDatum(view));
  PopActiveSnapshot();
  AtEOXact_GUC(false, level);
  return TextDatumGetCString(query);
}

ArrayType* source_names(Oid view) {
  List* named = find_sources(view).named;
  const int count = list_length(named);
  Datum* values = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (int i = 0; i < count; i++) {
    values[i] = CStringGetTextDatum(qualified_name(list_nth_oid(named, i)));
  }
  return construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT);
}

ArrayType* source_owners(Oid view) {
  List* named = find_sources(view).named;
  const int count = list_length(named);
  Datum* values = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (int i = 0; i < count; i++) {
    values[i] = ObjectIdGetDatum(owner_of_relation(list_nth_oid(named, i)));
  }
  return construct_array(values, count, REGROLEOID, sizeof(Oid), true, TYPALIGN_INT);
}

const char* qualified_name(Oid relation) {
  return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                    get_rel_name(relation));
}

Oid find_relation(const char* qualified) {
  List* names = textToQualifiedNameList(cstring_to_text(qualified));
  if (list_length(names) != 2) {
    return InvalidOid;
  }
  const Oid schema = get_namespace_oid(strVal(linitial(names)), true);
  return OidIsValid(schema) ? get_relname_relid(strVal(lsecond(names)), schema) : InvalidOid;
}

}  // namespace simpg
