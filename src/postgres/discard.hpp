/*
 * discard.hpp -- DISCARD ALL and DISCARD PLANS also discard what this extension keeps in the
 * session.
 */
#pragma once

namespace simpg {

/* Watches for the two statements; once, when the module is loaded. */
void register_discard();

}  // namespace simpg
