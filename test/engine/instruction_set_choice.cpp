/*
 * instruction_set_choice.cpp -- runs all tests with the instruction set that the environment names
 * in SIM_TEST_INSTRUCTION_SET: baseline, avx2 or avx512.
 */
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string_view>

#include "core/instruction_set.hpp"

namespace sim::testing {
namespace {

/* Before each test: some go through all sets themselves and end with the best. */
class ForcedSet final : public ::testing::EmptyTestEventListener {
 public:
  explicit ForcedSet(InstructionSet set) : set_(set) {}
  void OnTestStart(const ::testing::TestInfo&) override {
    if (!force_instruction_set(set_)) std::abort();
  }

 private:
  InstructionSet set_;
};

bool listen() {
  const char* name = std::getenv("SIM_TEST_INSTRUCTION_SET");
  if (name == nullptr) return false;
  const std::map<std::string_view, InstructionSet> sets = {{"baseline", InstructionSet::baseline},
                                                           {"avx2", InstructionSet::avx2},
                                                           {"avx512", InstructionSet::avx512}};
  ::testing::UnitTest::GetInstance()->listeners().Append(new ForcedSet(sets.at(name)));
  return true;
}

const bool listening = listen();

}  // namespace
}  // namespace sim::testing
