/*
 * pass.cpp -- threads take the next chunk until there is none.
 */
#include "experiment/pass.hpp"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "core/threads.hpp"

namespace sim {
namespace {

/* Merges all chunks that this thread gets. */
Partial take_chunks(const Simulation& simulation, std::atomic<std::int64_t>& next,
                    const ChunkWork& work, Control& control) {
  Partial partial;
  const std::int64_t count = simulation.chunk_count();
  for (std::int64_t chunk = next++; chunk < count; chunk = next++)
    partial.merge(work(simulation, chunk, control));
  return partial;
}

}  // namespace

Partial run_pass(const Simulation& simulation, int threads, const ChunkWork& work,
                 Control& control) {
  const int useful = static_cast<int>(std::min<std::int64_t>(threads, simulation.chunk_count()));
  std::vector<Partial> partials(static_cast<std::size_t>(std::max(useful, 1)));
  std::atomic<std::int64_t> next{0};
  run_in_threads(std::max(useful, 1), control, [&](int thread, Control& own) {
    Partial& mine = partials[static_cast<std::size_t>(thread)];
    mine = thread == 0 ? take_chunks(simulation, next, work, own)
                       : take_chunks(simulation.another(), next, work, own);
  });
  for (std::size_t thread = 1; thread < partials.size(); ++thread)
    partials[0].merge(std::move(partials[thread]));
  return std::move(partials[0]);
}

}  // namespace sim
