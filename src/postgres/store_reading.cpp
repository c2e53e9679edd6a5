/*
 * store_reading.cpp -- reads the rows of a binding as it is now.
 */
#include "store_reading.hpp"

#include "store_fault.hpp"
#include "store_repeatable.hpp"
#include "tracking/rebind.hpp"

SIM_SERVER_BEGIN
#include <catalog/pg_class.h>
#include <utils/lsyscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct RowsWork {
  MemoryContext parent;
  const BindingTarget& target;
  const BindingRow& binding;
  Reading* reading;
};

void read_rows_of(void* argument) {
  auto* work = static_cast<RowsWork*>(argument);
  work->reading = read_rows(work->parent, work->target, work->binding);
}

/* A reading that nothing tracks: whoever asks again reads again. In the current memory context. */
Reading* faulty_reading(const BindingTarget& target, const BindingRow& binding,
                        const ErrorData* fault) {
  auto* reading = static_cast<Reading*>(palloc0(sizeof(Reading)));
  reading->context = CurrentMemoryContext;
  reading->name = pstrdup(binding.name);
  reading->view = binding.view;
  reading->table.name = pstrdup(target.name);
  reading->table.is_input = target.input != nullptr;
  reading->table.fault = fault;
  return reading;
}

/* As read_rows, but a fault of the binding is what the reading has in the place of rows. */
Reading* read_rows_or_fault(MemoryContext parent, const BindingTarget& target,
                            const BindingRow& binding) {
  MemoryContext context = AllocSetContextCreate(parent, "sim fault", ALLOCSET_SMALL_SIZES);
  MemoryContext caller = MemoryContextSwitchTo(context);
  RowsWork work = {context, target, binding, nullptr};
  const ErrorData* fault = catch_fault(read_rows_of, &work);
  Reading* reading = work.reading;
  if (fault == nullptr) {
    MemoryContextSetParent(reading->context, parent);
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    return reading;
  }
  MemoryContextDeleteChildren(context);
  reading = faulty_reading(target, binding, fault);
  MemoryContextSwitchTo(caller);
  return reading;
}

}  // namespace

Reading* read_binding_now(MemoryContext parent, int32 model, const BindingTarget& target,
                          const BindingRow& binding) {
  BindingRow followed = binding;
  follow_binding(model, &followed);
  return read_rows_or_fault(parent, target, followed);
}

bool reads_repeatably(const Reading& reading) {
  return (reading.table.fault == nullptr || get_rel_relkind(reading.view) == RELKIND_VIEW) &&
         is_repeatable(reading.view);
}

}  // namespace simpg
