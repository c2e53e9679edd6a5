/*
 * known_functions.cpp -- tells the extension's functions by their identifiers.
 */
#include "scan/known_functions.hpp"

SIM_SERVER_BEGIN
#include <utils/inval.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct Noted {
  KnownFunction function;
  Oid identifier;
  uint32 hash;  // of the row of pg_proc
};

Noted noted[] = {
    {KnownFunction::samples, InvalidOid, 0},     {KnownFunction::chunks, InvalidOid, 0},
    {KnownFunction::monte_carlo, InvalidOid, 0}, {KnownFunction::percentiles, InvalidOid, 0},
    {KnownFunction::compare, InvalidOid, 0},     {KnownFunction::converge, InvalidOid, 0},
    {KnownFunction::result_keys, InvalidOid, 0}};

/* A row of pg_proc changed: its identifier may come to name another function. Hash 0: any row may
 * have. */
void forget_functions(Datum, int, uint32 hash) {
  for (Noted& entry : noted) {
    if (hash == 0 || entry.hash == hash) {
      entry.identifier = InvalidOid;
    }
  }
}

void watch_functions() {
  static bool watching = false;
  if (!watching) {
    CacheRegisterSyscacheCallback(PROCOID, forget_functions, Datum{0});
    watching = true;
  }
}

}  // namespace

void learn_function(KnownFunction function, Oid identifier) {
  watch_functions();
  for (Noted& entry : noted) {
    if (entry.function == function && entry.identifier != identifier) {
      entry.hash = GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(identifier));
      entry.identifier = identifier;
    }
  }
}

KnownFunction find_function(Oid identifier) {
  for (const Noted& entry : noted) {
    if (OidIsValid(identifier) && entry.identifier == identifier) {
      return entry.function;
    }
  }
  return KnownFunction::none;
}

}  // namespace simpg
