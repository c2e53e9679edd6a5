/*
 * partial_aggregate.cpp -- the aggregate sim.merge(partial): the merge tree under SQL's own
 * parallel aggregation.
 *
 * The state is a Partial that belongs to the aggregate's memory context.  Partials may come in any
 * order and grouping, through serialization or not: the result has the same bits.
 */
#include "statistics/partial_aggregate.hpp"

#include "scan/compiled.hpp"
#include "scan/partial_value.hpp"
#include "summary/partial.hpp"

namespace simpg {

namespace {

using State = Holder<sim::Partial>;

State* state_argument(FunctionCallInfo call, int number) {
  return call->args[number].isnull
             ? nullptr
             : reinterpret_cast<State*>(DatumGetPointer(call->args[number].value));
}

MemoryContext aggregate_context(FunctionCallInfo call) {
  MemoryContext context;
  if (AggCheckCallContext(call, &context) == 0) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("sim.merge works as an aggregate only")));
  }
  return context;
}

/* The state of the aggregate, made when there is none. */
State* running_state(FunctionCallInfo call) {
  MemoryContext context = aggregate_context(call);
  State* state = state_argument(call, 0);
  if (state == nullptr) {
    state = make_holder<sim::Partial>(context);
    guarded([&] { hold(state); });
  }
  return state;
}

/* Holds the bytes twice for a moment only: a state may be large. */
bytea* serialized(const State* state) {
  MemoryContext writing =
      AllocSetContextCreate(CurrentMemoryContext, "sim partial bytes", ALLOCSET_SMALL_SIZES);
  auto* bytes = make_holder<std::vector<std::uint8_t>>(writing);
  guarded([&] { hold(bytes, state->object->serialize()); });
  bytea* value = make_bytea(bytes->object->data(), bytes->object->size());
  MemoryContextDelete(writing);
  return value;
}

/* Takes a copy in: the value may be read elsewhere, too. */
void take_in(State* state, Datum value) {
  if (const sim::Partial* partial = partial_of(value)) {
    guarded([&] { state->object->merge(sim::Partial(*partial)); });
  } else {
    const bytea* bytes = DatumGetByteaPP(value);
    guarded([&] { state->object->merge(sim::Partial::deserialize(bytes_of(bytes))); });
  }
}

/* Where the query that runs inside this backend wants its result; null: as bytes, as everybody. */
State* result_place = nullptr;

}  // namespace

void expect_merge_result(Holder<sim::Partial>* place) { result_place = place; }

/* Takes one partial in; NULL adds nothing. */
SIM_FUNCTION(sim_merge_transition) {
  State* state = running_state(fcinfo);
  if (!PG_ARGISNULL(1)) {
    take_in(state, PG_GETARG_DATUM(1));
  }
  PG_RETURN_POINTER(state);
}

/* Takes another state in; that one is spent. */
SIM_FUNCTION(sim_merge_combine) {
  State* other = state_argument(fcinfo, 1);
  State* state = running_state(fcinfo);
  if (other != nullptr) {
    guarded([&] { state->object->merge(std::move(*other->object)); });
  }
  PG_RETURN_POINTER(state);
}

SIM_FUNCTION(sim_merge_serialize) {
  aggregate_context(fcinfo);
  PG_RETURN_BYTEA_P(serialized(state_argument(fcinfo, 0)));
}

/* The state lives as long as the row it came in: combining moves it away. */
SIM_FUNCTION(sim_merge_deserialize) {
  aggregate_context(fcinfo);
  const bytea* partial = PG_GETARG_BYTEA_PP(0);
  State* state = make_holder<sim::Partial>(CurrentMemoryContext);
  guarded([&] { hold(state, sim::Partial::deserialize(bytes_of(partial))); });
  PG_RETURN_POINTER(state);
}

/* NULL where there was no row. */
SIM_FUNCTION(sim_merge_final) {
  aggregate_context(fcinfo);
  State* state = state_argument(fcinfo, 0);
  if (state == nullptr) {
    PG_RETURN_NULL();
  }
  if (result_place != nullptr) {
    guarded([&] { hold(result_place, std::move(*state->object)); });
    result_place = nullptr;
    PG_RETURN_NULL();
  }
  PG_RETURN_BYTEA_P(serialized(state));
}

}  // namespace simpg
