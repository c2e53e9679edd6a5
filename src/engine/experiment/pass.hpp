/*
 * pass.hpp -- one pass over all trials of a simulation in one process, in one thread or several.
 */
#pragma once

#include <cstdint>
#include <functional>

#include "core/control.hpp"
#include "experiment/simulation.hpp"

namespace sim {

/* What becomes of a chunk; pure, and called by several threads with simulations of their own. */
using ChunkWork =
    std::function<Partial(const Simulation& simulation, std::int64_t chunk, Control& control)>;

/*
 * The merged partials of all chunks: the same bits for any number of threads.  Throws what `work`
 * throws first; Error(cancelled).  Requires: threads >= 1.
 */
Partial run_pass(const Simulation& simulation, int threads, const ChunkWork& work,
                 Control& control);

}  // namespace sim
