/*
 * fn_diff.cpp -- sim.diff_model: two versions of a model compared.
 */
#include "store.hpp"

#include <vector>

#include "boundary.hpp"
#include "language/definition_diff.hpp"
#include "row_writer.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

const char* read_version(const StoredModel& model, int32 version) {
  return load_model(
             cstring_to_text(psprintf("%s@%d", quote_identifier(from_utf8(model.name)), version)))
      .source;
}

int32 read_number(FunctionCallInfo fcinfo, int index, const char* argument) {
  if (PG_ARGISNULL(index)) {
    ereport(ERROR,
            (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", argument)));
  }
  return PG_GETARG_INT32(index);
}

const std::vector<sim::DefinitionChange>* compare(const char* before, const char* after) {
  auto* changes = make_holder<std::vector<sim::DefinitionChange>>(CurrentMemoryContext);
  guarded([&] { hold(changes, sim::diff_definitions(before, after)); });
  return changes->object;
}

void add_changes(FunctionCallInfo fcinfo, const std::vector<sim::DefinitionChange>& changes) {
  RowWriter row = open_rows(fcinfo);
  for (const sim::DefinitionChange& change : changes) {
    add_text(row, change.kind.c_str());
    add_text(row, std::string_view(change.name));
    add_text(row, change.change.c_str());
    add_text(row, std::string_view(change.old_text));
    add_text(row, std::string_view(change.new_text));
    put(row);
  }
}

}  // namespace

}  // namespace simpg

/* sim.diff_model(model, from_version, to_version) */
SIM_FUNCTION(sim_diff_model) {
  const simpg::StoredModel model = simpg::load_current_model(simpg::text_argument(fcinfo, 0));
  const char* before = simpg::read_version(model, simpg::read_number(fcinfo, 1, "from_version"));
  const char* after = simpg::read_version(model, simpg::read_number(fcinfo, 2, "to_version"));
  simpg::add_changes(fcinfo, *simpg::compare(before, after));
  return static_cast<Datum>(0);
}
