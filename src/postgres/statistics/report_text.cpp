/*
 * report_text.cpp -- a run in words and bars.
 *
 * Numbers are written with as many digits as the standard error of the mean leaves meaning.  An
 * output without time has its statistics and a histogram; one that is only ever 0 or 1 is said as a
 * share; one with time is a table over its steps.
 */
#include "statistics/report_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "chart/numbers.hpp"

namespace simpg {

namespace {

/* Places of the percentiles in the analysis. */
enum Place : std::size_t { p05, p25, median, p75, p95 };

/* Most lines that an output with time takes. */
constexpr std::size_t kMostSteps = 40;

using Line = std::string;
using Cells = std::vector<std::array<std::string, 6>>;

/* "plant_cost@1" to "plant_cost, version 1". */
std::string model_words(const std::string& model) {
  const std::size_t at = model.rfind('@');
  return at == std::string::npos ? model
                                 : model.substr(0, at) + ", version " + model.substr(at + 1);
}

Line head_line(const RunAnalysis& analysis, const ReportHead& head) {
  std::int64_t failed = 0;
  for (std::uint32_t slot = 0; slot < analysis.slots(); slot++) {
    failed = std::max(failed, analysis.total(0, slot).failed);
  }
  Line line = model_words(head.model);
  if (head.scenario != "base") {
    line += ", scenario " + head.scenario;
  }
  line += " · " + sim::format_count(analysis.simulation().trials()) + " trials, seed " +
          std::to_string(head.seed);
  line += " · " + sim::format_count(failed) + " failed · " + format_duration(head.milliseconds);
  if (head.workers > 0) {
    line += ", " + std::to_string(head.workers) + (head.workers == 1 ? " worker" : " workers");
  }
  return line;
}

std::string title(const sim::Slot& slot) {
  return slot.unit.empty() ? slot.output : slot.output + " [" + slot.unit + "]";
}

bool is_truth(double value) { return value == 0 || value == 1; }

/* Whether every value is 0 or 1, as far as range and percentiles tell. */
bool is_condition(const RunAnalysis& analysis, std::uint32_t slot) {
  const sim::Moments& total = analysis.total(0, slot);
  bool truths = is_truth(total.min) && is_truth(total.max);
  for (const Place place : {p05, p25, median, p75, p95}) {
    truths = truths && is_truth(analysis.percentiles(0, slot)[place].value);
  }
  return truths;
}

std::string share(double value) { return sim::format_fixed(100 * value, 1) + " %"; }

void add_condition(std::vector<Line>& lines, const RunAnalysis& analysis, std::uint32_t slot) {
  const sim::Moments& total = analysis.total(0, slot);
  const double error = total.std_error();
  lines.push_back(
      " " + title(analysis.simulation().slots()[slot]) + "   true in " + share(total.mean) +
      (error > 0 ? " ± " + sim::format_fixed(100 * error, error < 0.0005 ? 2 : 1) + " %" : ""));
}

void add_number(std::vector<Line>& lines, const RunAnalysis& analysis, std::uint32_t slot) {
  const sim::Moments& total = analysis.total(0, slot);
  const int decimals = sim::decimals_for_error(total.mean, total.std_error());
  Line spread = "  ";
  constexpr std::array<const char*, 5> names = {"p05", "p25", "median", "p75", "p95"};
  for (std::size_t i = 0; i < names.size(); i++) {
    spread += " " + std::string(names[i]) + " " +
              sim::format_fixed(analysis.percentiles(0, slot)[i].value, decimals) +
              (i + 1 < names.size() ? "  " : "");
  }
  lines.push_back(" " + title(analysis.simulation().slots()[slot]) + "   mean " +
                  sim::format_with_error(total.mean, total.std_error()) + "   sd " +
                  sim::format_significant(total.stddev(), 4));
  lines.push_back(spread);
  for (const std::string& bar : analysis.drawing(0, slot)) {
    lines.push_back("   " + bar);
  }
}

/* Columns as wide as their widest cell, aligned right. */
void add_table(std::vector<Line>& lines, const Cells& cells) {
  std::array<std::size_t, 6> widths{};
  for (const auto& row : cells) {
    for (std::size_t c = 0; c < row.size(); c++) {
      widths[c] = std::max(widths[c], sim::display_width(row[c]));
    }
  }
  for (const auto& row : cells) {
    Line line = "  ";
    for (std::size_t c = 0; c < row.size(); c++) {
      line += (c == 0 ? " " : "   ") + sim::align_right(row[c], widths[c]);
    }
    lines.push_back(line);
  }
}

/* An output over its steps: slots [first, end). */
void add_steps(std::vector<Line>& lines, const RunAnalysis& analysis, std::uint32_t first,
               std::uint32_t end) {
  const auto slots = analysis.simulation().slots();
  const std::uint32_t count = end - first;
  const std::uint32_t stride = (count + kMostSteps - 1) / kMostSteps;
  Cells cells = {{"step", "mean", "p05", "median", "p95", "failed"}};
  for (std::uint32_t slot = first; slot < end; slot++) {
    if ((end - 1 - slot) % stride != 0) {
      continue;
    }
    const sim::Moments& total = analysis.total(0, slot);
    const int decimals = sim::decimals_for_error(total.mean, total.std_error());
    cells.push_back({std::to_string(slots[slot].step), sim::format_fixed(total.mean, decimals),
                     sim::format_fixed(analysis.percentiles(0, slot)[p05].value, decimals),
                     sim::format_fixed(analysis.percentiles(0, slot)[median].value, decimals),
                     sim::format_fixed(analysis.percentiles(0, slot)[p95].value, decimals),
                     sim::format_count(total.failed)});
  }
  lines.push_back(" " + title(slots[first]) + " by step");
  add_table(lines, cells);
}

void add_output(std::vector<Line>& lines, const RunAnalysis& analysis, std::uint32_t first,
                std::uint32_t end) {
  const sim::Slot& slot = analysis.simulation().slots()[first];
  if (slot.step >= 0) {
    add_steps(lines, analysis, first, end);
  } else if (analysis.total(0, first).count == 0) {
    lines.push_back(" " + title(slot) + "   failed in every trial");
  } else if (is_condition(analysis, first)) {
    add_condition(lines, analysis, first);
  } else {
    add_number(lines, analysis, first);
  }
}

}  // namespace

std::string format_duration(double milliseconds) {
  if (milliseconds < 1000) {
    return sim::format_fixed(milliseconds, milliseconds < 10 ? 1 : 0) + " ms";
  }
  return sim::format_fixed(milliseconds / 1000, 1) + " s";
}

std::vector<std::string> report_lines(const RunAnalysis& analysis, const ReportHead& head) {
  std::vector<Line> lines = {head_line(analysis, head)};
  const auto slots = analysis.simulation().slots();
  std::uint32_t first = 0;
  while (first < analysis.slots()) {
    std::uint32_t end = first + 1;
    while (end < analysis.slots() && slots[end].output_index == slots[first].output_index) {
      end++;
    }
    add_output(lines, analysis, first, end);
    first = end;
  }
  return lines;
}

}  // namespace simpg
