/*
 * subtransaction.hpp -- runs a piece of the glue in a subtransaction that keeps an error from the
 * caller.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

struct ContainedWork {
  void (*run)(void*);
  void* argument;
  bool stops_cancel = false;  // a cancelled work is an error like others; else the cancel goes on
};

/* Null when the work was done; else its error, in the current memory context, and all that it did
 * is undone. */
ErrorData* contain_error(const ContainedWork& work);

/* The same: the message of the error, with its code. */
const char* run_contained(const ContainedWork& work, int* code = nullptr);

}  // namespace simpg
