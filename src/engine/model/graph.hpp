/*
 * graph.hpp -- strongly connected components of a dependency graph.
 */
#pragma once

#include <cstdint>
#include <vector>

namespace sim {

/* edges[i]: what i depends on. */
using DependencyGraph = std::vector<std::vector<std::uint32_t>>;

struct Component {
  std::vector<std::uint32_t> members;  // ascending
  bool circular = false;               // more than one member, or a member that depends on itself
};

/*
 * The components, each after all it depends on.  The order depends on the graph alone.
 * R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972), 146-160,
 * without recursion.
 */
std::vector<Component> strongly_connected_components(const DependencyGraph& edges);

}  // namespace sim
