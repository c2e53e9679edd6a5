/*
 * fn_binding_view.cpp -- makes a view of a query that a user gives as text.
 */
#include "fn_binding_view.hpp"

#include <cstring>

SIM_SERVER_BEGIN
#include <catalog/namespace.h>
#include <commands/defrem.h>
#include <nodes/makefuncs.h>
#include <nodes/nodeFuncs.h>
#include <nodes/parsenodes.h>
#include <optimizer/optimizer.h>
#include <parser/analyze.h>
#include <parser/parse_oper.h>
#include <parser/parse_relation.h>
#include <parser/parser.h>
#include <tcop/utility.h>
#include <utils/lsyscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct GivenQuery {
  const char* name;  // of what it is bound to
  const char* words;
  bool unordered_groups;  // DISTINCT ON without ORDER BY
};

/* Turns places in the query into what a client shows as such: the client's own statement is
 * another. */
void place_error(void* argument) {
  const GivenQuery* query = static_cast<GivenQuery*>(argument);
  const int position = geterrposition();
  if (position > 0) {
    errposition(0);
    internalerrposition(position);
    internalerrquery(query->words);
  }
  if (query->unordered_groups && geterrcode() == ERRCODE_INVALID_COLUMN_REFERENCE) {
    errdetail("Without an ORDER BY of its own the query is ordered by its columns.");
    errhint("Add an ORDER BY that begins with the expressions of DISTINCT ON.");
  }
  errcontext("query bound to \"%s\"", query->name);
}

[[noreturn]] void refuse(const GivenQuery& query, int code, const char* what, const char* detail) {
  ereport(ERROR, (errcode(code), errmsg("the query for \"%s\" %s", query.name, what),
                  errdetail("%s", detail), errhint("Bind one SELECT that only reads.")));
  pg_unreachable();
}

SelectStmt* parse_select(const GivenQuery& query) {
  List* statements = raw_parser(query.words, RAW_PARSE_DEFAULT);
  if (list_length(statements) != 1) {
    refuse(query, ERRCODE_SYNTAX_ERROR, "is not one statement",
           psprintf("It has %d statements.", list_length(statements)));
  }
  Node* statement = linitial_node(RawStmt, statements)->stmt;
  if (!IsA(statement, SelectStmt)) {
    refuse(query, ERRCODE_SYNTAX_ERROR, "is no SELECT",
           psprintf("It is %s.", GetCommandTagName(CreateCommandTag(statement))));
  }
  return castNode(SelectStmt, statement);
}

RawStmt* make_raw(const SelectStmt* select) {
  RawStmt* raw = makeNode(RawStmt);
  raw->stmt = static_cast<Node*>(copyObjectImpl(select));
  raw->stmt_location = 0;
  raw->stmt_len = 0;
  return raw;
}

/* DISTINCT is a list of nothing, DISTINCT ON one of expressions, with which an order has to begin.
 */
bool takes_rows_of_groups(const SelectStmt* select) {
  return select->sortClause == NIL && select->distinctClause != NIL &&
         linitial(select->distinctClause) != nullptr;
}

/* What the query means; refuses whatever would be more than a repeatable reading of rows. */
Query* analyze(const GivenQuery& query, const SelectStmt* select) {
  Query* analyzed = parse_analyze_fixedparams(make_raw(select), query.words, nullptr, 0, nullptr);
  if (analyzed->commandType != CMD_SELECT) {
    refuse(query, ERRCODE_SYNTAX_ERROR, "is no SELECT", "It is SELECT INTO, which makes a table.");
  }
  if (analyzed->hasModifyingCTE) {
    refuse(query, ERRCODE_FEATURE_NOT_SUPPORTED, "changes data",
           "WITH holds an INSERT, UPDATE or DELETE.");
  }
  if (analyzed->rowMarks != NIL) {
    refuse(query, ERRCODE_FEATURE_NOT_SUPPORTED, "locks rows", "It says FOR UPDATE or FOR SHARE.");
  }
  if (select->limitOption == LIMIT_OPTION_WITH_TIES) {
    refuse(query, ERRCODE_FEATURE_NOT_SUPPORTED, "says WITH TIES",
           "Rows are ordered by all columns after its ORDER BY, so there are no ties.");
  }
  if (isQueryUsingTempRelation(analyzed)) {
    refuse(query, ERRCODE_FEATURE_NOT_SUPPORTED, "reads a temporary table",
           "A binding outlives the session, the table does not.");
  }
  if (contain_volatile_functions(reinterpret_cast<Node*>(analyzed))) {
    refuse(query, ERRCODE_FEATURE_NOT_SUPPORTED, "calls a volatile function",
           "Reading the same rows twice must give the same values.");
  }
  return analyzed;
}

bool is_sortable(Oid type) {
  Oid less;
  get_sort_group_operators(type, false, false, false, &less, nullptr, nullptr, nullptr);
  return OidIsValid(less);
}

/* ORDER BY 3 */
SortBy* order_by_position(int position) {
  A_Const* constant = makeNode(A_Const);
  constant->val.ival.type = T_Integer;
  constant->val.ival.ival = position;
  constant->location = -1;
  SortBy* sort = makeNode(SortBy);
  sort->node = reinterpret_cast<Node*>(constant);
  sort->sortby_dir = SORTBY_DEFAULT;
  sort->sortby_nulls = SORTBY_NULLS_DEFAULT;
  sort->useOp = NIL;
  sort->location = -1;
  return sort;
}

/* Ties of the query's own ORDER BY are broken by all columns that can be sorted. */
void complete_order(SelectStmt* select, const Query* analyzed) {
  ListCell* cell;
  foreach (cell, analyzed->targetList) {
    const TargetEntry* entry = lfirst_node(TargetEntry, cell);
    if (!entry->resjunk && is_sortable(exprType(reinterpret_cast<Node*>(entry->expr)))) {
      select->sortClause = lappend(select->sortClause, order_by_position(entry->resno));
    }
  }
}

/* Through the door that CREATE VIEW takes, so that event triggers and other extensions see it. */
void create_view(RangeVar* view, SelectStmt* select, const char* words, bool replace) {
  ViewStmt* statement = makeNode(ViewStmt);
  statement->replace = replace;
  statement->view = view;
  statement->query = reinterpret_cast<Node*>(select);
  statement->withCheckOption = NO_CHECK_OPTION;
  PlannedStmt* wrapper = makeNode(PlannedStmt);
  wrapper->commandType = CMD_UTILITY;
  wrapper->utilityStmt = reinterpret_cast<Node*>(statement);
  ProcessUtility(wrapper, words, false, PROCESS_UTILITY_QUERY, nullptr, nullptr, None_Receiver,
                 nullptr);
  CommandCounterIncrement();
}

}  // namespace

MadeView make_binding_view(const char* model, const char* name, const char* query) {
  GivenQuery given = {name, query, false};
  ErrorContextCallback context = {error_context_stack, place_error, &given};
  error_context_stack = &context;
  SelectStmt* select = parse_select(given);
  const bool ordered = select->sortClause != NIL;
  given.unordered_groups = takes_rows_of_groups(select);
  complete_order(select, analyze(given, select));
  const Oid schema = get_namespace_oid("sim_bindings", false);
  char* view_name = ChooseRelationName(model, name, "binding", schema, false);
  RangeVar* view = makeRangeVar(pstrdup("sim_bindings"), view_name, -1);
  create_view(view, select, query, false);
  error_context_stack = context.previous;
  return {RangeVarGetRelid(view, NoLock, false), ordered};
}

void check_binding_query(const char* name, const char* query) {
  const GivenQuery given = {name, query, false};
  analyze(given, parse_select(given));
}

void replace_binding_view(Oid view, const char* name, const char* query) {
  GivenQuery given = {name, query, false};
  SelectStmt* select = parse_select(given);
  complete_order(select, analyze(given, select));
  create_view(makeRangeVar(pstrdup("sim_bindings"), get_rel_name(view), -1), select, query, true);
}

}  // namespace simpg
