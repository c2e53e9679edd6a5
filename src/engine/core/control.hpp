/*
 * control.hpp -- how a long computation learns that it should stop.
 *
 * The engine asks between batches of work; whoever runs it answers.  The destructor is protected
 * and not virtual, so that an implementation can be trivially destructible and live in a frame that
 * a database error may leave by longjmp.
 */
#pragma once

#include <cstddef>

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

/*
 * Whom this thread asks, while the object lives, in work that takes no Control: reading, compiling
 * and describing texts, which is short unless they are very long.
 */
class ThreadControl {
 public:
  explicit ThreadControl(Control& control);
  ~ThreadControl();
  ThreadControl(const ThreadControl&) = delete;
  ThreadControl& operator=(const ThreadControl&) = delete;

 private:
  Control* before_;
};

/* Throws Error(cancelled) when the thread's control, if it has one, asks to stop. */
void stop_if_asked();

/* Asks the thread's control once in so many pieces of work; most take less than a microsecond. */
class Asking {
 public:
  explicit Asking(std::size_t patience = std::size_t{1} << 13) : patience_(patience) {}
  void spend(std::size_t pieces = 1) {
    spent_ += pieces;
    if (spent_ < patience_) return;
    spent_ = 0;
    stop_if_asked();
  }

 private:
  std::size_t patience_;
  std::size_t spent_ = 0;
};

}  // namespace sim
