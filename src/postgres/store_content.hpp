/*
 * store_content.hpp -- whether two readings of a model gave the same.
 */
#pragma once

#include "store_session.hpp"

namespace simpg {

/* Faults count as the same, whatever they say. */
bool same_table(const StoredTable& a, const StoredTable& b);

/* The version, its text and all tables. */
bool same_content(const SessionModel& a, const SessionModel& b);

/* Of the rows of its tables, in bytes. */
int64 size_of(const SessionModel& session);

}  // namespace simpg
