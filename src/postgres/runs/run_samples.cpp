/*
 * run_samples.cpp -- sim.run_samples: the samples of an experiment, a row a block, one at a time.
 *
 * A function that gives its rows one by one streams in a select list; in FROM the server would
 * gather all of them first.
 */
#include "boundary.hpp"

#include "runs/number_array.hpp"
#include "runs/sample_blocks.hpp"

SIM_SERVER_BEGIN
#include <funcapi.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr int kColumns = 3;

Holder<SampleBlocks>* open_blocks(FunctionCallInfo call, MemoryContext context) {
  MemoryContext before = MemoryContextSwitchTo(context);
  const bytea* experiment = DatumGetByteaPP(call->args[0].value);
  Holder<SampleBlocks>* blocks = make_holder<SampleBlocks>(context);
  guarded([&] { hold(blocks, bytes_of(experiment), current_knobs()); });
  MemoryContextSwitchTo(before);
  return blocks;
}

TupleDesc describe_row(FunctionCallInfo call) {
  TupleDesc descriptor;
  get_call_result_type(call, nullptr, &descriptor);
  return BlessTupleDesc(descriptor);
}

Datum make_row(const SampleBlock& block, TupleDesc descriptor) {
  Datum values[kColumns] = {Int32GetDatum(static_cast<int32>(block.place) + 1),
                            Int64GetDatum(block.first_trial + 1),
                            PointerGetDatum(make_array(block.values))};
  bool nulls[kColumns] = {};
  return HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls));
}

}  // namespace

/* sim.run_samples(experiment) */
SIM_FUNCTION(sim_run_samples) {
  if (SRF_IS_FIRSTCALL()) {
    FuncCallContext* opened = SRF_FIRSTCALL_INIT();
    MemoryContext before = MemoryContextSwitchTo(opened->multi_call_memory_ctx);
    opened->tuple_desc = describe_row(fcinfo);
    MemoryContextSwitchTo(before);
    opened->user_fctx = open_blocks(fcinfo, opened->multi_call_memory_ctx);
  }
  FuncCallContext* context = SRF_PERCALL_SETUP();
  SampleBlocks* blocks = static_cast<Holder<SampleBlocks>*>(context->user_fctx)->object;
  BackendControl control;
  SampleBlock block;
  CHECK_FOR_INTERRUPTS();
  guarded([&] { block = blocks->next(control); });
  if (block.values.empty()) {
    SRF_RETURN_DONE(context);
  }
  SRF_RETURN_NEXT(context, make_row(block, context->tuple_desc));
}

}  // namespace simpg
