/*
 * graph.cpp -- Tarjan's algorithm with a stack of its own.
 */
#include "model/graph.hpp"

#include <algorithm>

#include "core/control.hpp"

namespace sim {
namespace {

constexpr std::uint32_t kUnvisited = 0xffffffffu;

class Tarjan {
 public:
  explicit Tarjan(const DependencyGraph& edges)
      : edges_(edges),
        index_(edges.size(), kUnvisited),
        low_(edges.size(), 0),
        on_stack_(edges.size(), false) {}

  std::vector<Component> run() {
    for (std::uint32_t node = 0; node < edges_.size(); ++node)
      if (index_[node] == kUnvisited) visit_from(node);
    return std::move(components_);
  }

 private:
  struct Frame {
    std::uint32_t node;
    std::size_t next_edge;
  };

  void visit_from(std::uint32_t root) {
    enter(root);
    while (!frames_.empty()) {
      asking_.spend();
      Frame& frame = frames_.back();
      if (frame.next_edge < edges_[frame.node].size()) {
        const std::uint32_t target = edges_[frame.node][frame.next_edge++];
        if (index_[target] == kUnvisited)
          enter(target);
        else if (on_stack_[target])
          low_[frame.node] = std::min(low_[frame.node], index_[target]);
        continue;
      }
      leave();
    }
  }

  void enter(std::uint32_t node) {
    index_[node] = low_[node] = counter_++;
    stack_.push_back(node);
    on_stack_[node] = true;
    frames_.push_back({node, 0});
  }

  void leave() {
    const std::uint32_t node = frames_.back().node;
    frames_.pop_back();
    if (!frames_.empty())
      low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
    if (low_[node] == index_[node]) close(node);
  }

  void close(std::uint32_t root) {
    Component component;
    std::uint32_t node;
    do {
      node = stack_.back();
      stack_.pop_back();
      on_stack_[node] = false;
      component.members.push_back(node);
    } while (node != root);
    std::sort(component.members.begin(), component.members.end());
    const std::vector<std::uint32_t>& own = edges_[root];
    component.circular =
        component.members.size() > 1 || std::find(own.begin(), own.end(), root) != own.end();
    components_.push_back(std::move(component));
  }

  const DependencyGraph& edges_;
  std::vector<std::uint32_t> index_;
  std::vector<std::uint32_t> low_;
  std::vector<bool> on_stack_;
  std::vector<std::uint32_t> stack_;
  std::vector<Frame> frames_;
  std::uint32_t counter_ = 0;
  Asking asking_;
  std::vector<Component> components_;
};

}  // namespace

std::vector<Component> strongly_connected_components(const DependencyGraph& edges) {
  return Tarjan(edges).run();
}

}  // namespace sim
