/*
 * audit.hpp -- writes rows of sim.stored_audit.
 *
 * A row is written with the rights of the table's owner, as what a foreign key cascades to is:
 * users read the table and cannot write it.  Only what the extension itself has seen happen is
 * written, so nobody makes up rows.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* A value of a row, or NULL. */
struct AuditValue {
  Datum value;
  bool is_null;
};

inline constexpr AuditValue kAuditNull = {0, true};

/* What was done to what; the rest of the row is known from the session and the model. */
struct AuditEntry {
  const char* action;
  const char* kind;
  AuditValue model_id;
  AuditValue owner;  // NULL: that of the model
  AuditValue object;
  AuditValue before;  // records
  AuditValue after;
};

/* Writes the row; none for a change that leaves a record as it was. */
void write_audit(const AuditEntry& entry);

}  // namespace simpg
