/*
 * scan_functions.cpp -- sim.samples and sim.chunks as plain functions, for the places that the
 * planner's hook does not reach.
 *
 * They give the rows that SimScan gives, all at once and in one process.
 */
#include "boundary.hpp"
#include "row_writer.hpp"

#include "scan/partial_value.hpp"
#include "scan/sim_scan_state.hpp"

SIM_SERVER_BEGIN
#include <utils/tuplestore.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* The rows of a window, as the definition list orders them. */
void store_window(const SampleWindow& window, const SampleColumns& columns, Tuplestorestate* store,
                  TupleDesc descriptor, Datum* values, bool* nulls) {
  for (int64 trial = 0; trial < window.trials; trial++) {
    for (int row = 0; row < window.rows; row++) {
      for (int c = 0; c < columns.count; c++) {
        nulls[c] = false;
        if (columns.columns[c].kind == ColumnKind::trial) {
          values[c] = Int64GetDatum(window.first_trial + trial + 1);
        } else if (columns.columns[c].kind == ColumnKind::step) {
          values[c] = Int32GetDatum(window.steps[row]);
        } else {
          const std::int32_t place = window.places[c * window.rows + row];
          nulls[c] = place < 0;
          values[c] =
              place < 0 ? Datum{0} : Float8GetDatum(window.values[place * window.trials + trial]);
        }
      }
      tuplestore_putvalues(store, descriptor, values, nulls);
    }
  }
}

void store_samples(SampleReader* reader, const SampleColumns& columns,
                   const ReturnSetInfo* result) {
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * (columns.count + 1)));
  auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * (columns.count + 1)));
  const int64 chunks = reader->work().chunks;
  BackendControl control;
  for (int64 chunk = 0; chunk < chunks; chunk++) {
    guarded([&] { reader->start_chunk(chunk); });
    for (;;) {
      CHECK_FOR_INTERRUPTS();
      guarded([&] { reader->next_leaf(control); });
      if (reader->window().trials == 0) {
        break;
      }
      store_window(reader->window(), columns, result->setResult, result->setDesc, values, nulls);
    }
  }
}

/* A call in a target list says nothing of the columns. */
void require_definition(FunctionCallInfo call) {
  const auto* result = reinterpret_cast<ReturnSetInfo*>(call->resultinfo);
  if (result == nullptr || !IsA(result, ReturnSetInfo) || result->expectedDesc == nullptr) {
    ereport(
        ERROR,
        (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
         errmsg("sim.samples is called where no columns are defined"),
         errhint(
             "Write FROM sim.samples(...) AS s(trial bigint, total float8), with the names of the "
             "model's outputs.")));
  }
}

void store_partials(ChunkReader* reader, const ReturnSetInfo* result) {
  const int64 chunks = reader->simulation().chunk_count();
  MemoryContext row_context =
      AllocSetContextCreate(CurrentMemoryContext, "sim partial", ALLOCSET_SMALL_SIZES);
  BackendControl control;
  for (int64 number = 0; number < chunks; number++) {
    CHECK_FOR_INTERRUPTS();
    PartialValue* partial = make_partial_value(row_context);
    sim::Chunk chunk;
    guarded([&] {
      chunk = reader->simulation().chunk(number);
      hold(partial->partial, reader->summarize(number, control));
    });
    Datum values[kChunkColumns] = {Int32GetDatum(static_cast<int32>(chunk.scenario)),
                                   Int64GetDatum(number), datum_of(partial)};
    bool nulls[kChunkColumns] = {};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    MemoryContextReset(row_context);
  }
}

}  // namespace

/* sim.samples(model, trials, seed, scenario, overrides): a row a trial, or a row a trial and step.
 */
SIM_FUNCTION(sim_samples) {
  require_definition(fcinfo);
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  const auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  Datum values[kSampleArguments];
  bool nulls[kSampleArguments];
  copy_arguments(fcinfo, kSampleArguments, values, nulls);
  const SampleColumns columns = columns_of_descriptor(result->setDesc);
  const bytea* experiment = experiment_bytes(*load_samples(sample_request(values, nulls), columns));
  Holder<SampleReader>* reader = make_holder<SampleReader>(CurrentMemoryContext);
  guarded([&] { hold(reader, bytes_of(experiment), columns, current_knobs()); });
  store_samples(reader->object, columns, result);
  return Datum{0};
}

/* sim.chunks(experiment, keep): the partial of each chunk. */
SIM_FUNCTION(sim_chunks) {
  InitMaterializedSRF(fcinfo, 0);
  if (PG_ARGISNULL(0)) {
    ereport(ERROR,
            (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("experiment must not be null")));
  }
  const bytea* experiment = PG_GETARG_BYTEA_PP(0);
  const bytea* keep = PG_ARGISNULL(1) ? nullptr : PG_GETARG_BYTEA_PP(1);
  Holder<ChunkReader>* reader = make_holder<ChunkReader>(CurrentMemoryContext);
  guarded([&] {
    hold(reader, bytes_of(experiment),
         keep == nullptr ? std::span<const std::uint8_t>{} : bytes_of(keep), current_knobs());
  });
  store_partials(reader->object, reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo));
  return Datum{0};
}

}  // namespace simpg
