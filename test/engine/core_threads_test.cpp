/*
 * core_threads_test.cpp -- threads share work, stop when they should, and leave nothing behind.
 */
#include "core/threads.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>

#include "core/error.hpp"

namespace sim {
namespace {

/* Asks to stop from some time on. */
class StopAfter final : public Control {
 public:
  explicit StopAfter(std::chrono::milliseconds patience)
      : end_(std::chrono::steady_clock::now() + patience) {}
  bool stop_requested() noexcept override {
    asked_by_caller &= std::this_thread::get_id() == caller_;
    return std::chrono::steady_clock::now() >= end_;
  }
  bool asked_by_caller = true;

 private:
  std::thread::id caller_ = std::this_thread::get_id();
  std::chrono::steady_clock::time_point end_;
};

void work_until_stopped(Control& control) {
  while (!control.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  throw Error(ErrorKind::cancelled, "cancelled");
}

TEST(Threads, WorkOnceEachAndAtTheSameTime) {
  for (const int threads : {1, 2, 5}) {
    std::atomic<int> arrived{0};
    std::vector<std::atomic<int>> calls(static_cast<std::size_t>(threads));
    Unstoppable control;
    run_in_threads(threads, control, [&](int thread, Control&) {
      ++calls[static_cast<std::size_t>(thread)];
      ++arrived;
      while (arrived < threads) std::this_thread::yield();  // none waits for another to end
    });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST(Threads, TakeNoSignals) {
  std::atomic<int> blocked{0};
  std::atomic<bool> callers_blocked{true};
  Unstoppable control;
  run_in_threads(3, control, [&](int thread, Control&) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    const bool all = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGUSR1) == 1;
    if (thread == 0) {
      callers_blocked = all;
    } else {
      blocked += all ? 1 : 0;
    }
  });
  EXPECT_EQ(blocked, 2);
  EXPECT_FALSE(callers_blocked);
}

TEST(Threads, StopWhenTheCallerIsAskedTo) {
  for (const bool caller_works : {true, false}) {
    StopAfter control(std::chrono::milliseconds(30));
    std::atomic<int> stopped{0};
    const auto work = [&](int thread, Control& own) {
      if (thread == 0 && !caller_works) return;
      try {
        work_until_stopped(own);
      } catch (const Error&) {
        ++stopped;
        throw;
      }
    };
    try {
      run_in_threads(4, control, work);
      ADD_FAILURE() << "it was not cancelled";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    }
    EXPECT_EQ(stopped, caller_works ? 4 : 3);
    EXPECT_TRUE(control.asked_by_caller) << "a helper asked the caller's control";
  }
}

TEST(Threads, ThrowTheFirstFailureAndStopTheOthers) {
  for (const int failing : {0, 2}) {
    Unstoppable control;
    try {
      run_in_threads(3, control, [&](int thread, Control& own) {
        if (thread == failing) throw std::runtime_error("the first");
        work_until_stopped(own);
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "the first");
    }
  }
}

}  // namespace
}  // namespace sim
