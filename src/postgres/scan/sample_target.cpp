/*
 * sample_target.cpp -- the target that a backend's next scan takes over.
 */
#include "scan/sample_target.hpp"

namespace simpg {

namespace {

SampleTarget expected;

}  // namespace

void expect_samples(const SampleTarget& target) { expected = target; }

const SampleTarget& expected_samples() { return expected; }

}  // namespace simpg
