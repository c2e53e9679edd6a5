/*
 * boundary.cpp -- keeps what was thrown until the C++ frames are gone, then reports it.
 *
 * The copy lives in static memory: taking it may not fail, for it is taken also when memory is out.
 * A backend has one thread and reports one error at a time.
 */
#include "boundary.hpp"

#include <cstring>
#include <exception>
#include <new>
#include <string_view>

#include "core/error.hpp"

namespace simpg {

namespace boundary_detail {

int64 live_objects = 0;

namespace {

struct Failure {
  int sqlstate;
  bool cancelled;
  char message[2048];
  char detail[32768];
  char hint[4096];
};

Failure failure;

/* Copies as much as fits; never cuts a UTF-8 character. */
void copy_text(char* target, std::size_t size, std::string_view source) noexcept {
  std::size_t length = source.size();
  if (length >= size) {
    length = size - 1;
    while (length > 0 && (static_cast<unsigned char>(source[length]) & 0xC0) == 0x80) --length;
  }
  std::memcpy(target, source.data(), length);
  target[length] = '\0';
}

int sqlstate_of(sim::ErrorKind kind) noexcept {
  switch (kind) {
    case sim::ErrorKind::invalid_model:
      return ERRCODE_SYNTAX_ERROR;
    case sim::ErrorKind::invalid_parameter:
      return ERRCODE_INVALID_PARAMETER_VALUE;
    case sim::ErrorKind::undefined_name:
      return ERRCODE_UNDEFINED_OBJECT;
    case sim::ErrorKind::invalid_data:
      return ERRCODE_DATA_EXCEPTION;
    case sim::ErrorKind::out_of_range:
      return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
    case sim::ErrorKind::not_converged:
      return kErrcodeNotConverged;
    case sim::ErrorKind::limit_exceeded:
      return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
    case sim::ErrorKind::cancelled:
      return ERRCODE_QUERY_CANCELED;
    case sim::ErrorKind::corrupt_state:
      return ERRCODE_DATA_CORRUPTED;
  }
  return ERRCODE_INTERNAL_ERROR;
}

void record(int sqlstate, std::string_view message, std::string_view detail,
            std::string_view hint) noexcept {
  failure.sqlstate = sqlstate;
  failure.cancelled = false;
  copy_text(failure.message, sizeof failure.message, message);
  copy_text(failure.detail, sizeof failure.detail, detail);
  copy_text(failure.hint, sizeof failure.hint, hint);
}

const char* converted(const char* words) {
  return pg_any_to_server(words, static_cast<int>(std::strlen(words)), PG_UTF8);
}

}  // namespace

void record_failure() noexcept {
  try {
    throw;
  } catch (const sim::Error& error) {
    record(sqlstate_of(error.kind()), error.what(), error.detail(), error.hint());
    failure.cancelled = error.kind() == sim::ErrorKind::cancelled;
  } catch (const std::bad_alloc&) {
    record(ERRCODE_OUT_OF_MEMORY, "out of memory",
           "The simulation needs more memory than there is.",
           "Ask for fewer outputs, scenarios or steps at a time.");
  } catch (const std::exception& error) {
    record(ERRCODE_INTERNAL_ERROR, error.what(), "", "");
  } catch (...) {
    record(ERRCODE_INTERNAL_ERROR, "unknown exception in the simulation engine", "", "");
  }
}

void raise_failure() {
  if (failure.cancelled) {
    CHECK_FOR_INTERRUPTS();
    ereport(ERROR, (errcode(ERRCODE_QUERY_CANCELED), errmsg("canceling statement")));
  }
  const char* message = converted(failure.message);
  const char* detail = converted(failure.detail);
  const char* hint = converted(failure.hint);
  ereport(ERROR, (errcode(failure.sqlstate), errmsg_internal("%s", message),
                  detail[0] != '\0' ? errdetail_internal("%s", detail) : 0,
                  hint[0] != '\0' ? errhint("%s", hint) : 0));
}

}  // namespace boundary_detail

int64 live_objects() { return boundary_detail::live_objects; }

/* sim.live_objects(): for tests of what cancelled statements leave behind. */
SIM_FUNCTION(sim_live_objects) { PG_RETURN_INT64(live_objects()); }

}  // namespace simpg
