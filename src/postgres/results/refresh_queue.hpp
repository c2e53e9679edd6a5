/*
 * refresh_queue.hpp -- result views that are refreshed when a writer's transaction commits.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/*
 * To be called for each statement that changes the relation: the result views that follow it with
 * refresh => 'on_commit' are refreshed at the end of the transaction.  Needs no right of the
 * writer.  Where no such view follows the relation, it costs one look into an index.
 *
 * `model_id` is 0, but for sim's own tables: there it is the model that is changed.
 */
void queue_refreshes(Oid relation, int32 model_id);

/* To be called when definitions of the relations have changed, or which triggers they have: the
 * result views of the models that read them, or a table that they are part of, are refreshed, or
 * learn what they follow from now on. */
void queue_definition_refreshes(List* relations);

/* Watches for PREPARE TRANSACTION; once, when the module is loaded. */
void register_refresh_queue();

}  // namespace simpg
