/*
 * control.hpp -- how a long computation learns that it should stop.
 *
 * The engine asks between batches of work; whoever runs it answers.  The destructor is protected
 * and not virtual, so that an implementation can be trivially destructible and live in a frame that
 * a database error may leave by longjmp.
 */
#pragma once

namespace sim {

class Control {
 public:
  /* True when the caller wants the computation to end; the engine then throws Error(cancelled). */
  virtual bool stop_requested() noexcept = 0;

 protected:
  ~Control() = default;
};

/* Never asks to stop: for tests, benchmarks and computations that are short by construction. */
class Unstoppable final : public Control {
 public:
  bool stop_requested() noexcept override { return false; }
};

/* Asks whoever is asked at the moment, if anybody: for what outlives the call that made it. */
class CurrentControl final : public Control {
 public:
  bool stop_requested() noexcept override {
    return current != nullptr && current->stop_requested();
  }
  Control* current = nullptr;
};

}  // namespace sim
