/*
 * chart_text_histogram_test.cpp -- histograms as text: classes, labels, bars.
 */
#include "chart/text_histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "chart/numbers.hpp"

namespace sim {
namespace {

using Lines = std::vector<std::string>;

Lines draw(const std::vector<double>& values, const HistogramStyle& style = {}) {
  return text_histogram(std::span<const double>(values), style);
}

/* Quantiles of the logistic distribution at n evenly spread probabilities. */
std::vector<double> bell(std::size_t n, double center, double scale) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    values.push_back(center + scale * std::log(u / (1 - u)));
  }
  return values;
}

TEST(TextHistogram, DrawsBarsInEighthsOfTheLongest) {
  const Lines lines = draw({1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3}, {.classes = 5, .bar_width = 2});
  EXPECT_EQ(lines, (Lines{"1 ▏██  62 %", "2 ▏▎    8 %", "3 ▏█   31 %"}));
}

TEST(TextHistogram, HasAboutAsManyRoundClassesAsWanted) {
  for (const double scale : {0.001, 0.3, 1.0, 2.2, 47.0, 5e6}) {
    const Lines lines = draw(bell(10000, 7 * scale, scale));
    EXPECT_GE(lines.size(), 7u);
    EXPECT_LE(lines.size(), 17u);
  }
}

TEST(TextHistogram, CountsWhatLiesOutsideInTheFirstAndLastClass) {
  const Lines lines = draw(bell(10000, 320, 9));
  EXPECT_EQ(lines.front().substr(0, 6), "< 280 ");
  EXPECT_TRUE(lines.back().starts_with("≥ 360 ")) << lines.back();
  EXPECT_TRUE(lines[1].starts_with("  280 ")) << lines[1];
}

TEST(TextHistogram, LabelsAlignAndLinesHaveOneWidth) {
  for (const auto& values : {bell(5000, 0, 1e6), bell(5000, 0, 1e-9), bell(5000, 0.5, 0.1)}) {
    const Lines lines = draw(values);
    for (const std::string& line : lines) {
      EXPECT_EQ(display_width(line), display_width(lines[0]));
      EXPECT_EQ(display_width(line.substr(0, line.find("▏"))),
                display_width(lines[0].substr(0, lines[0].find("▏"))));
    }
  }
}

TEST(TextHistogram, GivesEachOfAFewValuesALine) {
  std::vector<double> truth(1000, 1);
  for (std::size_t i = 0; i < 40; ++i) truth[i] = 0;
  const Lines lines = draw(truth);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("0 ▏")) << lines[0];
  EXPECT_TRUE(lines[0].ends_with("  4 %")) << lines[0];
  EXPECT_TRUE(lines[1].ends_with(" 96 %")) << lines[1];
  EXPECT_EQ(draw(std::vector<double>(7, 3.25)).size(), 1u);
}

TEST(TextHistogram, ShowsOneLineForRoundingNoise) {
  std::vector<double> noise;
  for (int i = 0; i < 100; ++i) noise.push_back(1e6 * (1 + i * 0x1p-52));
  const Lines lines = draw(noise);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("1,000,000 ▏"));
}

TEST(TextHistogram, LeavesOutFailedTrialsAndDrawsNothingForNone) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(draw({}).empty());
  EXPECT_TRUE(draw({infinity, -infinity, infinity - infinity}).empty());
  EXPECT_EQ(draw({1, 2, infinity}), draw({1, 2}));
}

TEST(TextHistogram, IsTheSameFromValuesAndFromCounts) {
  std::vector<double> values;
  std::vector<WeightedValue> counted;
  for (int i = 0; i < 200; ++i) {
    const auto count = static_cast<std::uint64_t>(1 + i * (199 - i));
    counted.push_back({i * 0.5, count});
    values.insert(values.end(), count, i * 0.5);
  }
  counted.push_back({1e9, 0});
  EXPECT_EQ(text_histogram(std::span<const WeightedValue>(counted)), draw(values));
}

TEST(TextHistogram, EndsForValuesOfAnySize) {
  for (const double scale : {1e-320, 1e-300, 1e290, 1.7e307}) {
    std::vector<double> values;
    for (int i = 0; i < 1000; ++i) values.push_back((i % 100 - 50) * scale / 10);
    EXPECT_FALSE(draw(values).empty());
    EXPECT_LE(draw(values).size(), 17u);
  }
}

TEST(RoundEdges, AreRoundAndCoverTheRange) {
  EXPECT_EQ(round_edges(283, 355, 8),
            (std::vector<double>{280, 290, 300, 310, 320, 330, 340, 350, 360}));
  EXPECT_EQ(round_edges(0, 1, 10),
            (std::vector<double>{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}));
  const auto edges = round_edges(-0.37, 12.2, 12);
  EXPECT_LE(edges.front(), -0.37);
  EXPECT_GE(edges.back(), 12.2);
}

}  // namespace
}  // namespace sim
