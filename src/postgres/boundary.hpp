/*
 * boundary.hpp -- where PostgreSQL and C++ meet, and neither's way of failing crosses into the
 * other.
 *
 * The server reports an error by longjmp, which runs no destructors; C++ reports it by an
 * exception, which the server does not know.  Three rules keep them apart:
 *
 *   - Engine code runs only inside guarded().  What it throws is copied into plain memory while the
 * frames unwind, and reported to the server when the last C++ object is gone.
 *   - Code inside guarded() never calls the server: no palloc, no ereport, no CHECK_FOR_INTERRUPTS.
 *   - Outside guarded() no object with a destructor is alive.  C++ objects that must outlive a call
 * belong to a memory context (Holder), which deletes them whatever way it ends.
 *
 * live_objects() counts what is alive: after any transaction, failed or not, it is 0 again.
 */
#pragma once

#include "postgres.hpp"

#include <type_traits>
#include <utility>

#include "core/control.hpp"

#define SIM_EXPORT __attribute__((visibility("default")))

/*
 * Opens the definition of a C function that SQL can call: its arguments are in `fcinfo`.  Before
 * PostgreSQL 16 the server's own macro leaves the symbols hidden.
 */
#define SIM_FUNCTION(name)                                 \
  extern "C" {                                             \
  SIM_EXPORT const Pg_finfo_record* pg_finfo_##name(void); \
  SIM_EXPORT Datum name(FunctionCallInfo fcinfo);          \
  }                                                        \
  const Pg_finfo_record* pg_finfo_##name(void) {           \
    static const Pg_finfo_record record = {1};             \
    return &record;                                        \
  }                                                        \
  Datum name([[maybe_unused]] FunctionCallInfo fcinfo)

namespace simpg {

/* SQLSTATE of a loop of formulas that does not converge. */
inline constexpr int kErrcodeNotConverged = MAKE_SQLSTATE('S', 'M', '0', '0', '1');

namespace boundary_detail {

extern int64 live_objects;

/* Counts itself: what a longjmp skips stays counted. */
struct Alive {
  Alive() { ++live_objects; }
  ~Alive() { --live_objects; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
};

/* Copies the exception being handled into plain memory. */
void record_failure() noexcept;
/* Reports what was recorded; only a server error leaves it. */
[[noreturn]] void raise_failure();

}  // namespace boundary_detail

/* Asks the engine to stop when this backend has been asked to. */
class BackendControl final : public sim::Control {
 public:
  bool stop_requested() noexcept override {
    return InterruptPending && (QueryCancelPending || ProcDiePending) &&
           InterruptHoldoffCount == 0 && QueryCancelHoldoffCount == 0 && CritSectionCount == 0;
  }
};
static_assert(std::is_trivially_destructible_v<BackendControl>);

/*
 * Runs engine code. Every exception becomes a server error with SQLSTATE, message, detail and hint,
 * after all C++ frames are unwound; Error(cancelled) becomes the server's own message about the
 * cancel request, timeout or shutdown.
 *
 * Requires: `function` never calls the server and holds nothing with a destructor.
 */
template <class Function>
void guarded(Function&& function) {
  static_assert(std::is_trivially_destructible_v<std::remove_reference_t<Function>>,
                "the frame around guarded() may be left by longjmp");
  bool failed = false;
  try {
    const boundary_detail::Alive alive;
    BackendControl control;
    const sim::ThreadControl asked(control);
    function();
  } catch (...) {
    boundary_detail::record_failure();
    failed = true;
  }
  if (failed) boundary_detail::raise_failure();
}

/* The place of a C++ object that is deleted when the memory context of the holder is reset or
 * deleted. */
template <class T>
struct Holder {
  T* object;  // null until hold()
  MemoryContextCallback callback;
};

/* An empty holder in the context. Server side: outside guarded(). */
template <class T>
Holder<T>* make_holder(MemoryContext context) {
  auto* holder = static_cast<Holder<T>*>(MemoryContextAllocZero(context, sizeof(Holder<T>)));
  holder->callback.func = [](void* argument) {
    auto* held = static_cast<Holder<T>*>(argument);
    if (held->object == nullptr) return;
    delete std::exchange(held->object, nullptr);
    --boundary_detail::live_objects;
  };
  holder->callback.arg = holder;
  MemoryContextRegisterResetCallback(context, &holder->callback);
  return holder;
}

/* Makes the object of an empty holder. C++ side: inside guarded(). */
template <class T, class... Arguments>
T& hold(Holder<T>* holder, Arguments&&... arguments) {
  holder->object = new T(std::forward<Arguments>(arguments)...);
  ++boundary_detail::live_objects;
  return *holder->object;
}

/* Hands an object made by new to the context. Server side; the object is deleted also when memory
 * is out. */
template <class T>
T* own(MemoryContext context, T* object) {
  Holder<T>* volatile holder = nullptr;
  PG_TRY();
  { holder = make_holder<T>(context); }
  PG_CATCH();
  {
    delete object;
    PG_RE_THROW();
  }
  PG_END_TRY();
  holder->object = object;
  ++boundary_detail::live_objects;
  return object;
}

/* C++ objects of this backend that are alive: those in holders, and guarded() calls that have not
 * returned. */
int64 live_objects();

}  // namespace simpg
