/*
 * experiment_data.cpp -- sim.experiment_data: the bound rows that an experiment holds.
 */
#include "boundary.hpp"

#include "core/error.hpp"
#include "experiment/experiment.hpp"
#include "row_writer.hpp"
#include "scan/compiled.hpp"

namespace simpg {

namespace {

/* `column` is empty for an input. */
void write_values(RowWriter& table, std::string_view name, std::string_view column,
                  std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); i++) {
    add_text(table, name);
    add_text(table, column);
    add_bigint(table, static_cast<int64>(i) + 1);
    add_value(table, values[i]);
    put(table);
  }
}

/* The bytes may be anybody's. */
void check_rows(const sim::Experiment& experiment) {
  for (const sim::DataTable& block : experiment.data) {
    const std::size_t columns = block.columns.size();
    const bool whole = columns > 0 && block.rows >= 0 && block.values.size() % columns == 0 &&
                       block.values.size() / columns == static_cast<std::size_t>(block.rows);
    if (!whole) {
      throw sim::Error(sim::ErrorKind::corrupt_state, "the rows of an experiment are damaged");
    }
  }
}

}  // namespace

/* sim.experiment_data(experiment) */
SIM_FUNCTION(sim_experiment_data) {
  RowWriter table = open_rows(fcinfo);
  const bytea* bytes = PG_GETARG_BYTEA_PP(0);
  auto* experiment = make_holder<sim::Experiment>(CurrentMemoryContext);
  guarded([&] { check_rows(hold(experiment, sim::deserialize_experiment(bytes_of(bytes)))); });
  for (const sim::DataTable& block : experiment->object->data) {
    for (std::size_t column = 0; column < block.columns.size(); column++) {
      write_values(table, block.name, block.columns[column],
                   {block.column(column), static_cast<std::size_t>(block.rows)});
    }
  }
  for (const sim::BoundInput& input : experiment->object->bound) {
    write_values(table, input.name, {}, input.values);
  }
  return Datum{0};
}

}  // namespace simpg
