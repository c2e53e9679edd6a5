/*
 * store_fault.cpp -- keeps the error of a reading, and raises it again.
 */
#include "store_fault.hpp"

#include <algorithm>
#include <cstring>

#include "subtransaction.hpp"

SIM_SERVER_BEGIN
#include <access/xact.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Those that another attempt, or somebody else's, need not meet: out of step with other
 * transactions, out of memory or disk, beyond a limit such as the depth of the stack, interrupted,
 * the system's or the server's own. */
bool is_fault(int code) {
  switch (ERRCODE_TO_CATEGORY(code)) {
    case MAKE_SQLSTATE('4', '0', '0', '0', '0'):
    case MAKE_SQLSTATE('5', '3', '0', '0', '0'):
    case MAKE_SQLSTATE('5', '4', '0', '0', '0'):
    case MAKE_SQLSTATE('5', '7', '0', '0', '0'):
    case MAKE_SQLSTATE('5', '8', '0', '0', '0'):
    case MAKE_SQLSTATE('7', '2', '0', '0', '0'):
    case MAKE_SQLSTATE('X', 'X', '0', '0', '0'):
      return false;
    default:
      return code != ERRCODE_LOCK_NOT_AVAILABLE;
  }
}

struct Reading {
  void (*read)(void*);
  void* argument;
};

/* Who asks first is no part of the error's context, for others may ask later. */
void read_without_context(void* argument) {
  const auto* reading = static_cast<const Reading*>(argument);
  ErrorContextCallback* before = error_context_stack;
  error_context_stack = nullptr;
  reading->read(reading->argument);
  error_context_stack = before;
}

}  // namespace

const ErrorData* catch_fault(void (*read)(void*), void* argument) {
  if (IsInParallelMode()) {
    read(argument);
    return nullptr;
  }
  Reading reading = {read, argument};
  ErrorData* error = contain_error({read_without_context, &reading, true});
  if (error != nullptr && !is_fault(error->sqlerrcode)) {
    ThrowErrorData(error);
  }
  return error;
}

bool has_fault(const StoredExperiment& stored) {
  return std::any_of(stored.tables, stored.tables + stored.table_count,
                     [](const StoredTable& table) { return table.fault != nullptr; });
}

int find_fault(const StoredExperiment& stored, const char* name) {
  for (int i = 0; i < stored.table_count; i++) {
    if (stored.tables[i].fault != nullptr && strcmp(stored.tables[i].name, name) == 0) {
      return i;
    }
  }
  return -1;
}

void raise_fault(const StoredExperiment& stored, int place) {
  if (place >= 0) {
    ThrowErrorData(const_cast<ErrorData*>(stored.tables[place].fault));
  }
}

}  // namespace simpg
