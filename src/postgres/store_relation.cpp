/*
 * store_relation.cpp -- looks relations up in the catalog.
 */
#include "store_relation.hpp"

SIM_SERVER_BEGIN
#include <catalog/namespace.h>
#include <catalog/pg_class.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

Oid own_relation(const char* name, bool missing_ok) {
  const Oid schema = get_namespace_oid("sim", missing_ok);
  return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

Oid owner_of_relation(Oid relation) {
  HeapTuple found = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(found)) {
    return InvalidOid;
  }
  const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(found))->relowner;
  ReleaseSysCache(found);
  return owner;
}

}  // namespace simpg
