/*
 * store_text.cpp -- texts between the database and the engine.
 */
#include "store_text.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "boundary.hpp"
#include "language/parser.hpp"

namespace simpg {

const char* to_utf8(const char* server_text) {
  return pg_server_to_any(server_text, static_cast<int>(strlen(server_text)), PG_UTF8);
}

const char* from_utf8(const char* utf8_text) {
  return pg_any_to_server(utf8_text, static_cast<int>(strlen(utf8_text)), PG_UTF8);
}

Datum text_from_utf8(const char* utf8_text) { return CStringGetTextDatum(from_utf8(utf8_text)); }

const char* require_text(const text* value, const char* argument) {
  if (value == nullptr) {
    ereport(ERROR,
            (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", argument)));
  }
  return text_to_cstring(value);
}

const char* fold(const char* name, const char* what) {
  const size_t length = strlen(name);
  char* folded = static_cast<char*>(palloc(length + 1));
  guarded([&] {
    const std::string result = sim::fold_name({name, length});
    const size_t kept = result.size() < length ? result.size() : length;
    memcpy(folded, result.data(), kept);
    folded[kept] = '\0';
  });
  const size_t bytes = strlen(folded);
  if (bytes == 0 || bytes > 63) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("\"%s\" cannot be the name of a %s", name, what),
                    errdetail("A name has 1 to 63 bytes; this one has %zu.", bytes)));
  }
  return folded;
}

const char* nearest(const char* name, const char* const* candidates, int count) {
  int found = -1;
  guarded([&] {
    const std::vector<std::string> names(candidates, candidates + count);
    const std::string best = sim::nearest_name(name, names);
    for (int i = 0; found < 0 && !best.empty() && i < count; i++) {
      found = best == candidates[i] ? i : -1;
    }
  });
  return found < 0 ? nullptr : candidates[found];
}

const sim::ModelDescription* describe(const char* utf8_name, const char* utf8_source) {
  sim::ModelDescription* description = nullptr;
  guarded([&] {
    description = new sim::ModelDescription(sim::describe_model(utf8_name, utf8_source));
  });
  return own(CurrentMemoryContext, description);
}

}  // namespace simpg
