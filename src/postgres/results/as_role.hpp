/*
 * as_role.hpp -- runs a piece of the glue as another role, in a subtransaction that keeps an error
 * from the caller.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

struct RoleWork {
  Oid role;
  bool restricted;     // in a security-restricted operation: no temporary table can be made
  bool stops_cancel;   // a cancelled work is an error like others; else the cancel goes on
  void (*run)(void*);  // connects to SPI by itself
  void* argument;
};

/*
 * Null when the work was done; else the message of its error, with its code, and all that it did is
 * undone.  The role cannot be changed from inside, whatever the work calls.
 */
const char* run_as_role(const RoleWork& work, int* code = nullptr);

}  // namespace simpg
