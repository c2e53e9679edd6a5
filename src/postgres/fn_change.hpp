/*
 * fn_change.hpp -- what all functions that change a stored model share: seeing what was written
 * before, taking turns, and checking that scenarios and bindings fit a text.
 *
 * A function that changes something works under a snapshot of its own, taken after it has locked
 * the row of the model.  So two of them never decide on what the other is changing, and a statement
 * that calls several sees what each has done.
 */
#pragma once

#include "postgres.hpp"

#include "store_binding.hpp"
#include "store_scenario.hpp"

namespace simpg {

/* Makes what was written so far visible to the queries that follow, until end_change(). */
void begin_change();
void end_change();

/* begin_change(), with the row of the model locked: the model as it is when it is this caller's
 * turn. Raises 42501 for a user who sees the model and may not change it. */
StoredModel begin_model_change(const text* name);

/* The same for what only members of the owner may do. */
StoredModel begin_owner_change(const text* name);

/* A name for something that is made: folded, without '@'. Raises 22004, 22023. */
const char* read_new_name(const text* name, const char* argument, const char* what);

/* Raises 42710 for the (folded) name of a model that there is. */
[[noreturn]] void report_name_in_use(const char* name, const char* hint);

/* Raises 54000 when the text has more steps than sim.max_steps allows. */
void check_steps(const sim::ModelDescription& description);

/*
 * Raises 42704 for a key that the text does not know, with the nearest name, and for one that is a
 * formula.  `layer` was read for `whose`, which opens the message.
 */
void check_keys(const sim::ModelDescription& description, const StoredLayer& layer,
                const char* whose);

/*
 * Compiles the model with these scenarios, so that their texts, numbers of values and ranges are
 * checked.  While data blocks are not all bound, only the syntax of texts is.
 */
void check_scenarios(const StoredModel& model, const sim::ModelDescription& description,
                     const StoredScenario* scenarios, int count);

/* Raises 2BP01 naming every scenario's key and every binding that a new text has no input or data
 * block for. */
void check_dependents(const StoredModel& next, const sim::ModelDescription& description);

}  // namespace simpg
