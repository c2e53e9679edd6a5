/*
 * store_text.hpp -- texts between the database and the engine: encodings, folded names, nearest
 * names.
 *
 * The engine reads and writes UTF-8.  A name is folded before it is looked up, as the language
 * folds it: this touches ASCII letters and double quotes only and is the same in every encoding a
 * server can have.
 */
#pragma once

#include "postgres.hpp"

#include "experiment/inspect.hpp"

namespace simpg {

/*
 * The text in UTF-8, palloc'd or the argument itself.  Raises 22021 for bytes that are no text in
 * the database's encoding, and in an SQL_ASCII database for bytes that are not UTF-8.
 */
const char* to_utf8(const char* server_text);

/* A text of the engine in the database's encoding, palloc'd or the argument itself. */
const char* from_utf8(const char* utf8_text);

/* The same as a value of type text. */
Datum text_from_utf8(const char* utf8_text);

/* The argument as a C string; raises 22004 "name must not be null" for null. */
const char* require_text(const text* value, const char* argument);

/*
 * The name folded as the language folds it: "Energy" in double quotes keeps its letters.  Raises
 * 22023 unless it then has 1 to 63 bytes.  `what` says what is named: "model", "scenario".
 */
const char* fold(const char* name, const char* what);

/* The candidate nearest to the name, or null when none is near. */
const char* nearest(const char* name, const char* const* candidates, int count);

/* What a text of the current version says, owned by the current memory context. Raises 42601 for a
 * bad text. */
const sim::ModelDescription* describe(const char* utf8_name, const char* utf8_source);

}  // namespace simpg
