/*
 * discard.hpp -- DISCARD ALL and DISCARD PLANS also discard what this extension keeps in the
 * session; the end of a transaction discards what takes much memory.
 */
#pragma once

namespace simpg {

/* Watches for both; once, when the module is loaded. */
void register_discard();

}  // namespace simpg
