/*
 * control.cpp -- the control of each thread.
 */
#include "core/control.hpp"

#include <utility>

#include "core/error.hpp"

namespace sim {
namespace {

thread_local Control* thread_control = nullptr;

}  // namespace

ThreadControl::ThreadControl(Control& control) : before_(std::exchange(thread_control, &control)) {}

ThreadControl::~ThreadControl() { thread_control = before_; }

void stop_if_asked() {
  if (thread_control != nullptr && thread_control->stop_requested())
    throw Error(ErrorKind::cancelled, "cancelled");
}

}  // namespace sim
