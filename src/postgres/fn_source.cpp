/*
 * fn_source.cpp -- the text of a model as an argument.
 */
#include "fn_source.hpp"

#include <cstring>

#include "boundary.hpp"
#include "settings.hpp"
#include "store_text.hpp"

namespace simpg {

const char* read_source(const text* source) {
  const char* words = to_utf8(require_text(source, "source"));
  const int64 size = static_cast<int64>(strlen(words));
  if (size > max_model_size()) {
    ereport(
        ERROR,
        (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
         errmsg("the text of the model has " INT64_FORMAT " bytes", size),
         errdetail("sim.max_model_size is " INT64_FORMAT " bytes.", max_model_size()),
         errhint(
             "Move numbers into a table and bind them, or have a superuser raise the setting.")));
  }
  return words;
}

const std::vector<sim::CheckRow>* check_source(const char* source) {
  Holder<std::vector<sim::CheckRow>>* findings =
      make_holder<std::vector<sim::CheckRow>>(CurrentMemoryContext);
  guarded([&] { hold(findings, sim::check_model(source)); });
  return findings->object;
}

}  // namespace simpg
