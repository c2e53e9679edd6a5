/*
 * view_rights.cpp -- walks the queries of views as the server does when it checks rights: tables as
 * the owner of the view that names them, functions as who runs the query.
 */
#include "tracking/view_rights.hpp"

#include "store_relation.hpp"

SIM_SERVER_BEGIN
#include <access/relation.h>
#include <access/sysattr.h>
#include <nodes/bitmapset.h>
#include <rewrite/rewriteHandler.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct Check {
  Oid view;
  Oid reader;  // whom the view's query reads tables as
  Oid runner;  // whom it calls functions as
  const char* denied;
};

void check_view(Check* check);

bool may_read_column(Oid relation, int number, Oid role) {
  if (number == InvalidAttrNumber) {
    return pg_attribute_aclcheck_all(relation, role, ACL_SELECT, ACLMASK_ALL) == ACLCHECK_OK;
  }
  return pg_attribute_aclcheck(relation, static_cast<AttrNumber>(number), role, ACL_SELECT) ==
         ACLCHECK_OK;
}

/* As ExecCheckRTPerms: the right on the table, or on each column; without columns on any. */
bool may_read(Oid relation, const Bitmapset* columns, Oid role) {
  if (pg_class_aclcheck(relation, role, ACL_SELECT) == ACLCHECK_OK) {
    return true;
  }
  if (bms_is_empty(columns)) {
    return pg_attribute_aclcheck_all(relation, role, ACL_SELECT, ACLMASK_ANY) == ACLCHECK_OK;
  }
  bool allowed = true;
  int member = -1;
  while (allowed && (member = bms_next_member(columns, member)) >= 0) {
    allowed = may_read_column(relation, member + FirstLowInvalidHeapAttributeNumber, role);
  }
  return allowed;
}

const char* kind_name(Oid relation) {
  switch (get_rel_relkind(relation)) {
    case RELKIND_VIEW:
      return "view";
    case RELKIND_MATVIEW:
      return "materialized view";
    case RELKIND_FOREIGN_TABLE:
      return "foreign table";
    case RELKIND_SEQUENCE:
      return "sequence";
    default:
      return "table";
  }
}

/* What a view with security_invoker names is read as who reads the view. */
void check_inner_view(Oid view, Check* check) {
  Relation relation = relation_open(view, AccessShareLock);
  Check inner = {view,
                 RelationHasSecurityInvoker(relation) ? check->reader : owner_of_relation(view),
                 check->runner, nullptr};
  relation_close(relation, AccessShareLock);
  check_view(&inner);
  check->denied = inner.denied;
}

void check_table(Query* query, RangeTblEntry* entry, Check* check) {
  if (entry->rtekind != RTE_RELATION || entry->relid == check->view) {
    return;
  }
  if (!may_read(entry->relid, selected_columns(query, entry), check->reader)) {
    check->denied = psprintf("permission denied for %s %s", kind_name(entry->relid),
                             get_rel_name(entry->relid));
  } else if (get_rel_relkind(entry->relid) == RELKIND_VIEW) {
    check_inner_view(entry->relid, check);
  }
}

bool check_function(Oid function, void* context) {
  auto* check = static_cast<Check*>(context);
  if (function_access(function, check->runner) != ACLCHECK_OK) {
    check->denied = psprintf("permission denied for function %s", get_func_name(function));
  }
  return check->denied != nullptr;
}

bool check_node(Node* node, void* context) {
  auto* check = static_cast<Check*>(context);
  if (node == nullptr || IsA(node, RangeTblEntry)) {
    return false;
  }
  if (IsA(node, Query)) {
    Query* query = reinterpret_cast<Query*>(node);
    ListCell* cell;
    foreach (cell, query->rtable) {
      if (check->denied == nullptr) {
        check_table(query, lfirst_node(RangeTblEntry, cell), check);
      }
    }
    return check->denied != nullptr || walk_query(query, check_node, context);
  }
  return check_functions_in_node(node, check_function, context) ||
         walk_expression(node, check_node, context);
}

void check_view(Check* check) {
  check_stack_depth();
  Relation relation = relation_open(check->view, AccessShareLock);
  check_node(reinterpret_cast<Node*>(get_view_query(relation)), check);
  relation_close(relation, AccessShareLock);
}

}  // namespace

const char* why_denied(Oid view) {
  const Oid owner = owner_of_relation(view);
  Check check = {view, owner, owner, nullptr};
  check_view(&check);
  return check.denied;
}

}  // namespace simpg
