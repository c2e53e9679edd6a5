/*
 * core_control_test.cpp -- what takes no control asks that of its thread, and often enough.
 */
#include "core/control.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "experiment/content_key.hpp"
#include "experiment/inspect.hpp"
#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

/* Stops at the given question. */
class StopsAt final : public Control {
 public:
  explicit StopsAt(int question) : question_(question) {}
  bool stop_requested() noexcept override { return ++asked >= question_; }
  int asked = 0;

 private:
  int question_;
};

int questions_in(const std::function<void()>& work) {
  StopsAt never(1 << 30);
  const ThreadControl control(never);
  work();
  return never.asked;
}

/* Formulas that need each other, one the next. */
std::string ring(int size) {
  std::string text = "input u = 1\n";
  for (int i = 0; i < size; ++i)
    text += "x" + std::to_string(i) + " = u + 0.5 * x" + std::to_string((i + 1) % size) + "\n";
  return text;
}

TEST(ThreadControl, IsAskedWhileItLives) {
  stop_if_asked();
  StopsAt never(1 << 30), at_once(1);
  {
    const ThreadControl outer(never);
    {
      const ThreadControl inner(at_once);
      EXPECT_EQ(refusal_of([] { stop_if_asked(); }).kind, ErrorKind::cancelled);
    }
    stop_if_asked();
  }
  stop_if_asked();
  EXPECT_EQ(never.asked, 1);
}

TEST(ThreadControl, IsAskedWhileALongTextIsReadAndCompiled) {
  const std::string text = ring(20000);
  EXPECT_GT(questions_in([&] { check_model(text); }), 50);
  EXPECT_GT(questions_in([&] { describe_model("m", text); }), 70);
  // At any of the questions the work ends, also where errors of the text are collected.
  const int last = questions_in([&] { check_model(text); });
  for (const int question : {1, last / 3, last / 2, last}) {
    StopsAt stop(question);
    const ThreadControl control(stop);
    EXPECT_EQ(refusal_of([&] { check_model(text); }).kind, ErrorKind::cancelled) << question;
    EXPECT_EQ(stop.asked, question);
  }
}

TEST(ThreadControl, IsAskedWhileValuesAreHashed) {
  const std::vector<double> values(1 << 20, 1.5);
  EXPECT_GE(questions_in([&] { digest_values(values); }), 8);
}

}  // namespace
}  // namespace sim::testing
