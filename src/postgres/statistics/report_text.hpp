/*
 * report_text.hpp -- a run in words and bars, for a person at a terminal: pure C++, to be called
 * inside guarded().
 */
#pragma once

#include "postgres.hpp"

#include <string>
#include <vector>

#include "statistics/run_analysis.hpp"

namespace simpg {

/* What the head line says of how it ran. */
struct ReportHead {
  std::string model;  // name@version
  std::string scenario;
  int64 seed;
  double milliseconds;
  int workers;
};

/*
 * Lines without newline.  Requires: the analysis has the percentiles of sim.monte_carlo and shapes,
 * and one scenario.
 */
std::vector<std::string> report_lines(const RunAnalysis& analysis, const ReportHead& head);

/* "41 ms", "3.2 s" */
std::string format_duration(double milliseconds);

}  // namespace simpg
