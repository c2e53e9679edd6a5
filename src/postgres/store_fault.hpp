/*
 * store_fault.hpp -- the error that reading a binding has ended in, kept for those who need its
 * rows.
 *
 * A value that cannot be used, or a query that fails, is an error of what reads it, and of nothing
 * else.  So the error is kept in the place of the rows, and is raised, as it was, when something
 * that is wanted reads them.
 */
#pragma once

#include "boundary.hpp"
#include "experiment/unusable.hpp"
#include "store.hpp"

namespace simpg {

/*
 * Runs the work, which reads a binding.  Null when it has; else its error, in the current memory
 * context.  Errors that are no fault of the binding (cancelled, out of memory, out of step with
 * other transactions and the like) go on; so do all in a parallel query, where the server has no
 * subtransactions.
 */
const ErrorData* catch_fault(void (*read)(void*), void* argument);

bool has_fault(const StoredExperiment& stored);

/* The place of the table of that (UTF-8) name that has a fault; -1: none has. */
int find_fault(const StoredExperiment& stored, const char* name);

/* Raises the fault of the table at that place; nothing for -1. */
void raise_fault(const StoredExperiment& stored, int place);

/* guarded(), but for a value that is read and cannot be used: that is the fault it has. */
template <class Function>
void guarded_use(const StoredExperiment& stored, Function&& function) {
  int fault = -1;
  guarded([&] {
    try {
      function();
    } catch (const sim::UnusableValue& unusable) {
      fault = find_fault(stored, unusable.name().c_str());
      if (fault < 0) throw;
    }
  });
  raise_fault(stored, fault);
}

}  // namespace simpg
