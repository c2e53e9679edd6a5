/*
 * as_owner.hpp -- the rights of an owner for a while, in a security-restricted operation and with a
 * search_path that holds nothing of anybody's.
 *
 * When an error leaves what stands between, the server itself restores user and settings.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

struct OwnerOperation {
  Oid caller;
  int caller_flags;
  int settings;  // nesting level: what is set between goes with it
};

OwnerOperation begin_as_owner(Oid owner);
void end_as_owner(const OwnerOperation& operation);

}  // namespace simpg
