/*
 * minimiser.hpp -- makes an experiment small without losing what is wrong with it.
 */
#pragma once

#include <functional>
#include <string>

#include "experiment_whole_cases.hpp"

namespace sim::soak {

/* What is wrong with a case; empty for nothing. */
std::string fault_of(const testing::WholeCase& whole);

class Minimiser {
 public:
  explicit Minimiser(testing::WholeCase whole);

  /* Prints the smallest case found. */
  void run();

 private:
  bool try_change(const std::function<void(testing::WholeCase&)>& change);
  template <class Items>
  bool drop_each(const Items& items, std::size_t least);
  bool fewer_trials();
  bool drop_parts();
  bool drop_lines();
  bool shrink_brackets();
  bool shrink_chains();
  bool replace(std::size_t at, std::size_t length, const std::string& with);
  void print() const;

  testing::WholeCase case_;
  std::string kind_;  // the words before the first colon of the fault, or "crash"
};

}  // namespace sim::soak
