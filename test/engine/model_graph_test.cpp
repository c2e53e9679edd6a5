/*
 * model_graph_test.cpp -- strongly connected components against plain reachability.
 */
#include "model/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "experiment_random_models.hpp"

namespace sim {
namespace {

using Reach = std::vector<std::vector<bool>>;

Reach reachability(const DependencyGraph& edges) {
  Reach reach(edges.size(), std::vector<bool>(edges.size(), false));
  for (std::size_t from = 0; from < edges.size(); ++from)
    for (const std::uint32_t to : edges[from]) reach[from][to] = true;
  for (std::size_t k = 0; k < edges.size(); ++k)
    for (std::size_t i = 0; i < edges.size(); ++i)
      for (std::size_t j = 0; j < edges.size(); ++j)
        if (reach[i][k] && reach[k][j]) reach[i][j] = true;
  return reach;
}

DependencyGraph random_graph(std::size_t nodes, std::size_t edges, testing::Dice& dice) {
  DependencyGraph graph(nodes);
  for (std::size_t i = 0; i < edges; ++i)
    graph[dice.below(nodes)].push_back(static_cast<std::uint32_t>(dice.below(nodes)));
  return graph;
}

void expect_components(const DependencyGraph& graph) {
  const Reach reach = reachability(graph);
  const std::vector<Component> components = strongly_connected_components(graph);
  std::vector<std::size_t> place(graph.size(), graph.size());
  for (std::size_t c = 0; c < components.size(); ++c) {
    const std::vector<std::uint32_t>& members = components[c].members;
    ASSERT_FALSE(members.empty());
    EXPECT_TRUE(std::is_sorted(members.begin(), members.end()));
    EXPECT_EQ(components[c].circular, reach[members[0]][members[0]]);
    for (const std::uint32_t member : members) {
      EXPECT_EQ(place[member], graph.size()) << "in two components";
      place[member] = c;
    }
  }
  for (std::size_t i = 0; i < graph.size(); ++i) {
    ASSERT_LT(place[i], graph.size()) << "in no component";
    for (std::size_t j = 0; j < graph.size(); ++j) {
      const bool together = reach[i][j] && reach[j][i];
      EXPECT_TRUE(i == j || (place[i] == place[j]) == together);
      EXPECT_TRUE(!reach[i][j] || place[i] >= place[j]) << "before what it depends on";
    }
  }
}

TEST(Graph, ComponentsAreThoseOfMutualReachabilityInOrderOfEvaluation) {
  testing::Dice dice(1);
  for (int i = 0; i < 400; ++i) {
    const std::size_t nodes = 1 + dice.below(12);
    expect_components(random_graph(nodes, dice.below(3 * nodes), dice));
  }
}

TEST(Graph, OrderDependsOnTheGraphAlone) {
  testing::Dice dice(2);
  const DependencyGraph graph = random_graph(50, 80, dice);
  const std::vector<Component> first = strongly_connected_components(graph);
  const std::vector<Component> second = strongly_connected_components(graph);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].members, second[i].members);
}

TEST(Graph, AChainOfAMillionNeedsNoDeepStack) {
  constexpr std::uint32_t kLength = 1'000'000;
  DependencyGraph chain(kLength);
  for (std::uint32_t i = 0; i + 1 < kLength; ++i) chain[i].push_back(i + 1);
  const std::vector<Component> components = strongly_connected_components(chain);
  ASSERT_EQ(components.size(), kLength);
  EXPECT_EQ(components[0].members[0], kLength - 1);
  chain[kLength - 1].push_back(0);
  EXPECT_EQ(strongly_connected_components(chain).size(), 1u);
}

TEST(Graph, OfNothingHasNoComponents) { EXPECT_TRUE(strongly_connected_components({}).empty()); }

}  // namespace
}  // namespace sim
