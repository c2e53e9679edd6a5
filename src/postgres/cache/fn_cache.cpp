/*
 * fn_cache.cpp -- what users see of the cache: how full it is, and emptying it.
 */
#include "row_writer.hpp"

#include "boundary.hpp"
#include "cache/cache.hpp"
#include "cache/session_cache.hpp"
#include "cache/shared_cache.hpp"
#include "cache/table_cache.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

/* NULL for what is not known. */
void add_count(RowWriter& row, int64 count) {
  if (count < 0) {
    add_null(row);
  } else {
    add_bigint(row, count);
  }
}

void put_level(RowWriter& row, const char* level, const LevelCounts& counts) {
  add_text(row, level);
  add_bigint(row, counts.hits);
  add_bigint(row, counts.misses);
  add_bigint(row, counts.puts);
  add_bigint(row, counts.evictions);
  add_count(row, counts.entries);
  add_count(row, counts.bytes);
  add_count(row, counts.held);
  put(row);
}

/* None for NULL. */
CacheLevel level_argument(FunctionCallInfo fcinfo) {
  const text* given = text_argument(fcinfo, 0);
  if (given == nullptr) {
    return CacheLevel::none;
  }
  const char* name = text_to_cstring(given);
  if (strcmp(name, "session") == 0) {
    return CacheLevel::session;
  }
  if (strcmp(name, "shared") == 0) {
    return CacheLevel::shared;
  }
  if (strcmp(name, "table") == 0) {
    return CacheLevel::table;
  }
  ereport(ERROR,
          (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the cache has no level \"%s\"", name),
           errdetail("The levels are session, shared and table.")));
}

void require_right(const char* what) {
  if (!may_remove_shared_results()) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("permission denied to remove %s", what),
                    errdetail("They are removed by who has DELETE on sim.stored_cache."),
                    errhint("sim.cache_clear('session') empties the session's own level.")));
  }
}

}  // namespace

}  // namespace simpg

/* sim.list_cache_levels() */
SIM_FUNCTION(sim_list_cache_levels) {
  simpg::RowWriter row = simpg::open_rows(fcinfo);
  simpg::put_level(row, "session", simpg::session_cache_counts());
  if (simpg::has_shared_cache()) {
    simpg::put_level(row, "shared", simpg::shared_cache_counts());
  }
  simpg::put_level(row, "table", simpg::table_cache_counts());
  return static_cast<Datum>(0);
}

/* sim.cache_clear(level) */
SIM_FUNCTION(sim_cache_clear) {
  const simpg::CacheLevel level = simpg::level_argument(fcinfo);
  const bool all = level == simpg::CacheLevel::none;
  if (level > simpg::CacheLevel::session) {
    simpg::require_right("cached results that other sessions use");
  }
  const bool shared = !all || simpg::may_remove_shared_results();
  if (all || level == simpg::CacheLevel::session) {
    simpg::session_cache_clear();
  }
  if (shared && (all || level == simpg::CacheLevel::shared)) {
    simpg::shared_cache_clear();
  }
  if (shared && (all || level == simpg::CacheLevel::table)) {
    simpg::table_cache_clear();
  }
  PG_RETURN_VOID();
}

/* sim.cache_prune() */
SIM_FUNCTION(sim_cache_prune) {
  simpg::require_right("cached results that other sessions use");
  PG_RETURN_INT64(simpg::table_cache_prune());
}
