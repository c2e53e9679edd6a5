/*
 * store_repeatable.cpp -- walks the queries of views, down to the tables they read.
 */
#include "store_repeatable.hpp"

SIM_SERVER_BEGIN
#include <access/relation.h>
#include <access/transam.h>
#include <catalog/pg_class.h>
#include <catalog/pg_inherits.h>
#include <nodes/parsenodes.h>
#include <optimizer/optimizer.h>
#include <rewrite/rewriteHandler.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Catalogs are also changed in place, such as the number of rows that VACUUM counts. */
bool is_catalog(Oid oid) { return oid < FirstNormalObjectId; }

bool is_table(char kind) {
  return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_MATVIEW;
}

bool has_foreign_member(Oid table) {
  ListCell* cell;
  foreach (cell, find_all_inheritors(table, AccessShareLock, nullptr)) {
    if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_FOREIGN_TABLE) {
      return true;
    }
  }
  return false;
}

bool is_repeatable_relation(Oid oid) {
  if (is_catalog(oid)) {
    return false;
  }
  if (get_rel_relkind(oid) == RELKIND_VIEW) {
    return is_repeatable(oid);
  }
  Relation relation = relation_open(oid, AccessShareLock);
  const bool plain = is_table(relation->rd_rel->relkind) && !relation->rd_rel->relrowsecurity &&
                     !(relation->rd_rel->relhassubclass && has_foreign_member(oid));
  relation_close(relation, AccessShareLock);
  return plain;
}

/* True ends the walk: something changes without a snapshot. The context is the view's own oid,
 * which stands in its range table too. */
bool find_changeable(Node* node, void* context) {
  if (node == nullptr) {
    return false;
  }
  if (IsA(node, RangeTblEntry)) {
    const auto* entry = reinterpret_cast<RangeTblEntry*>(node);
    return entry->tablesample != nullptr ||
           (entry->rtekind == RTE_RELATION && entry->relid != *static_cast<Oid*>(context) &&
            !is_repeatable_relation(entry->relid));
  }
  if (IsA(node, Query)) {
    return walk_query(reinterpret_cast<Query*>(node), find_changeable, context);
  }
  return walk_expression(node, find_changeable, context);
}

}  // namespace

bool is_repeatable(Oid view) {
  check_stack_depth();
  Relation relation = relation_open(view, AccessShareLock);
  Query* query = get_view_query(relation);
  const bool changeable = contain_mutable_functions(reinterpret_cast<Node*>(query)) ||
                          find_changeable(reinterpret_cast<Node*>(query), &view);
  relation_close(relation, AccessShareLock);
  return !changeable;
}

}  // namespace simpg
