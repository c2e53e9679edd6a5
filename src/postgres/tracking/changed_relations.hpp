/*
 * changed_relations.hpp -- which tables and views that bindings may have read an event trigger's
 * command has changed.
 */
#pragma once

#include "postgres.hpp"

SIM_SERVER_BEGIN
#include <commands/event_trigger.h>
SIM_SERVER_END

namespace simpg {

/* Records in the log of changes what the command that ends has changed: each relation that a
 * binding may read, or definitions as a whole where what it has changed cannot be told. */
void record_altered(const EventTriggerData* data);

/* The same for what the command has dropped. */
void record_dropped(const EventTriggerData* data);

}  // namespace simpg
