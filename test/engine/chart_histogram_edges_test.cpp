/*
 * chart_histogram_edges_test.cpp -- bins are round, hold every value, and are not flattened by far
 * ones.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "chart/histogram_edges.hpp"

namespace {

TEST(HistogramEdges, AreRoundInTheMiddleAndReachTheExtremes) {
  EXPECT_EQ(sim::histogram_edges({-3.7, 0.4, 9.6, 1000}, 10),
            (std::vector<double>{-3.7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000}));
  EXPECT_EQ(sim::histogram_edges({0.3, 0.4, 9.6, 9.9}, 10),
            (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST(HistogramEdges, AreTwoAroundOneValueAndWholeAroundARareOne) {
  EXPECT_EQ(sim::histogram_edges({5, 5, 5, 5}, 20), (std::vector<double>{5, 5.05}));
  EXPECT_EQ(sim::histogram_edges({0, 0, 0, 0}, 20), (std::vector<double>{0, 1}));
  EXPECT_EQ(sim::histogram_edges({5e-324, 5e-324, 5e-324, 5e-324}, 20).size(), 2U);
  EXPECT_LT(5e-324, sim::histogram_edges({5e-324, 5e-324, 5e-324, 5e-324}, 20)[1]);
  EXPECT_EQ(sim::histogram_edges({0, 0, 0, 1}, 5), (std::vector<double>{0, 0.2, 0.4, 0.6, 0.8, 1}));
}

TEST(HistogramEdges, DoNotDivideRoundingNoise) {
  for (const int bins : {1, 40, 10000}) {
    for (double part = 1e-17; part < 1e-7; part *= 3) {
      const double high = 1e300 * (1 + part);
      const auto edges = sim::histogram_edges({1e300, 1e300, high, high}, bins);
      EXPECT_LE(edges.front(), 1e300);
      EXPECT_GE(edges.back(), high);
      EXPECT_EQ(std::adjacent_find(edges.begin(), edges.end()), edges.end());
    }
  }
}

TEST(HistogramEdges, AscendForAnyRange) {
  for (const double size : {1e-300, 1e-9, 1.0, 1e12, 8e307}) {
    for (const int bins : {1, 7, 40, 1000}) {
      const auto edges = sim::histogram_edges({-2 * size, -size, size / 3, 2 * size}, bins);
      EXPECT_GE(edges.size(), 2U);
      EXPECT_LE(edges.front(), -2 * size);
      EXPECT_GE(edges.back(), 2 * size);
      EXPECT_TRUE(std::is_sorted(edges.begin(), edges.end()));
      EXPECT_EQ(std::adjacent_find(edges.begin(), edges.end()), edges.end());
    }
  }
}

}  // namespace
