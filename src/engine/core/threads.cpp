/*
 * threads.cpp -- starts threads, tells them to stop, and waits for them.
 */
#include "core/threads.hpp"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "core/error.hpp"

namespace sim {
namespace {

/* Nanoseconds that the caller naps while it waits, at first and at most. */
constexpr long kFirstNap = 20000;
constexpr long kLongestNap = 1000000;

/* A thread starts with the signals of the one that makes it. */
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

class Team {
 public:
  Team(Control& control, const std::function<void(int, Control&)>& work)
      : callers_(control), work_(work) {}
  /* Joins, also where an exception passes. */
  ~Team() {
    stop_ = true;
    for (std::thread& helper : helpers_) helper.join();
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  void start(int helpers) {
    const SignalsBlocked blocked;
    helpers_.reserve(static_cast<std::size_t>(helpers));
    try {
      for (int thread = 1; thread <= helpers; ++thread) {
        helpers_.emplace_back([this, thread] { help(thread); });
      }
    } catch (const std::system_error&) {
      // The work is done by those that there are.
    }
  }

  void take_part() {
    CallersView view(*this);
    run(0, view);
    wait();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  class Told final : public Control {
   public:
    explicit Told(const Team& team) : team_(team) {}
    bool stop_requested() noexcept override { return team_.stop_; }

   private:
    const Team& team_;
  };

  class CallersView final : public Control {
   public:
    explicit CallersView(Team& team) : team_(team) {}
    bool stop_requested() noexcept override {
      return team_.stop_ || team_.callers_.stop_requested();
    }

   private:
    Team& team_;
  };

  static std::exception_ptr cancelled() {
    return std::make_exception_ptr(Error(ErrorKind::cancelled, "cancelled"));
  }

  void help(int thread) {
    Told told(*this);
    run(thread, told);
    ++ended_;
  }

  /* In naps, not by a wait with a time limit: that would read a clock, and nothing here does. */
  void wait() {
    timespec nap{0, kFirstNap};
    while (ended_ < helpers_.size()) {
      if (!stop_ && callers_.stop_requested()) fail(cancelled());
      nanosleep(&nap, nullptr);
      nap.tv_nsec = std::min(2 * nap.tv_nsec, kLongestNap);
    }
  }

  void run(int thread, Control& control) {
    try {
      const ThreadControl asked(control);
      work_(thread, control);
    } catch (...) {
      fail(std::current_exception());
    }
  }

  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    stop_ = true;
  }

  Control& callers_;
  const std::function<void(int, Control&)>& work_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> ended_{0};
  std::mutex mutex_;
  std::exception_ptr failure_;  // the first; written under the mutex, read when all have ended
  std::vector<std::thread> helpers_;
};

}  // namespace

void run_in_threads(int threads, Control& control,
                    const std::function<void(int thread, Control& control)>& work) {
  if (threads <= 1) {
    work(0, control);
    return;
  }
  Team team(control, work);
  team.start(threads - 1);
  team.take_part();
}

}  // namespace sim
