/*
 * named_model.cpp -- sim.named_model: which version of which model a call names.
 */
#include "store.hpp"

#include <cstring>

#include "boundary.hpp"
#include "row_writer.hpp"

namespace simpg {

/* sim.named_model(model): one row, or the error of every function that takes a model. */
SIM_FUNCTION(sim_named_model) {
  RowWriter table = open_rows(fcinfo);
  const text* given = text_argument(fcinfo, 0);
  const StoredModel model = load_model(given);
  const bool pinned = strchr(text_to_cstring(given), '@') != nullptr;
  add_integer(table, model.id);
  add_text(table, model.name);
  add_integer(table, model.version);
  add_boolean(table, pinned);
  add_text(table, model.source);
  put(table);
  return Datum{0};
}

}  // namespace simpg
