/*
 * fn_catalogue.cpp -- sim.list_distributions and sim.list_functions: the engine's catalogue as
 * rows.
 */
#include "row_writer.hpp"

#include "boundary.hpp"
#include "catalogue/distributions.hpp"
#include "catalogue/functions.hpp"

/* sim.list_distributions() */
SIM_FUNCTION(sim_list_distributions) {
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  for (const sim::Distribution& distribution : sim::distributions()) {
    simpg::add_text(row, distribution.name);
    simpg::add_text(row, distribution.parameters);
    simpg::add_text(row, distribution.support);
    simpg::add_text(row, distribution.mean);
    simpg::add_boolean(row, distribution.discrete);
    simpg::add_boolean(row, distribution.from_data);
    simpg::add_text(row, distribution.doc);
    simpg::add_text(row, distribution.example);
    simpg::put(row);
  }
  return static_cast<Datum>(0);
}

/* sim.list_functions() */
SIM_FUNCTION(sim_list_functions) {
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  for (const sim::Function& function : sim::functions()) {
    simpg::add_text(row, function.name);
    simpg::add_text(row, function.parameters);
    simpg::add_text(row, function.group);
    simpg::add_text(row, function.doc);
    simpg::add_text(row, function.example);
    simpg::add_text(row, function.result);
    simpg::put(row);
  }
  return static_cast<Datum>(0);
}
