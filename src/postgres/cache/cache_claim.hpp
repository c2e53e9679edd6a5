/*
 * cache_claim.hpp -- the shared memory of claims; what they are for stands in cache.hpp.
 */
#pragma once

#include "cache/cache.hpp"

namespace simpg {

/* For the server's start: how much memory claims take, and taking it. */
Size claim_memory();
void start_claims();

/* Makes the end of transactions release claims; once, when the module is loaded. */
void register_claims();

}  // namespace simpg
