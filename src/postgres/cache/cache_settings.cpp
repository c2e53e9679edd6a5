/*
 * cache_settings.cpp -- defines the settings of the cache.
 */
#include "cache/cache_settings.hpp"

SIM_SERVER_BEGIN
#include <utils/guc.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr int kLevelOff = static_cast<int>(CacheLevel::none);
constexpr int kLevelSession = static_cast<int>(CacheLevel::session);
constexpr int kLevelShared = static_cast<int>(CacheLevel::shared);
constexpr int kLevelTable = static_cast<int>(CacheLevel::table);

const config_enum_entry kLevels[] = {{"off", kLevelOff, false},
                                     {"session", kLevelSession, false},
                                     {"shared", kLevelShared, false},
                                     {"table", kLevelTable, false},
                                     {nullptr, 0, false}};

constexpr int kLogged = static_cast<int>(CachePersistence::logged);
constexpr int kUnlogged = static_cast<int>(CachePersistence::unlogged);

const config_enum_entry kPersistences[] = {
    {"logged", kLogged, false}, {"unlogged", kUnlogged, false}, {nullptr, 0, false}};

int level_setting = kLevelTable;
int session_size_setting = 16384;    // kB
int shared_size_setting = 65536;     // kB
int shared_ttl_setting = 86400;      // s
int table_size_setting = 1048576;    // kB
int table_ttl_setting = 30 * 86400;  // s
int table_persistence_setting = kLogged;
int wait_setting = 10000;  // ms

/* What finds shared results cannot be had later than at the server's start, so the setting exists
 * only then. */
void define_shared_size() {
  if (process_shared_preload_libraries_in_progress) {
    DefineCustomIntVariable("sim.cache_shared_size", "Memory for results that all sessions share.",
                            "It is dynamic shared memory, taken when it is needed.",
                            &shared_size_setting, 65536, 0, 1024 * 1024 * 1024, PGC_SIGHUP,
                            GUC_UNIT_KB, nullptr, nullptr, nullptr);
  }
}

}  // namespace

void define_cache_settings() {
  DefineCustomEnumVariable("sim.cache", "Farthest level of the cache of results that is used.",
                           "Changes speed, never a result.", &level_setting, kLevelTable, kLevels,
                           PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("sim.cache_session_size", "Memory for results that a session keeps.",
                          nullptr, &session_size_setting, 16384, 0, MAX_KILOBYTES, PGC_USERSET,
                          GUC_UNIT_KB, nullptr, nullptr, nullptr);
  define_shared_size();
  DefineCustomIntVariable("sim.cache_shared_ttl",
                          "Age at which results leave the memory that all sessions share.", nullptr,
                          &shared_ttl_setting, 86400, 0, INT_MAX, PGC_SUSET, GUC_UNIT_S, nullptr,
                          nullptr, nullptr);
  DefineCustomIntVariable("sim.cache_table_size", "Room for results that outlive the server.",
                          nullptr, &table_size_setting, 1048576, 0, MAX_KILOBYTES, PGC_SUSET,
                          GUC_UNIT_KB, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "sim.cache_table_ttl", "Age at which results leave the tables of the cache.", nullptr,
      &table_ttl_setting, 30 * 86400, 0, INT_MAX, PGC_SUSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
  DefineCustomEnumVariable(
      "sim.cache_table_persistence", "Kind of the table that results are kept in.",
      "Logged: sim.stored_cache. Unlogged: sim.stored_cache_unlogged, which spares the write-ahead "
      "log, is empty after a crash, and is not on standbys.",
      &table_persistence_setting, kLogged, kPersistences, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("sim.cache_wait",
                          "Longest time a statement waits for results that others compute.",
                          "After it the statement computes them itself.", &wait_setting, 10000, 0,
                          INT_MAX, PGC_USERSET, GUC_UNIT_MS, nullptr, nullptr, nullptr);
}

CacheLevel farthest_level() { return static_cast<CacheLevel>(level_setting); }
Size session_cache_size() { return static_cast<Size>(session_size_setting) * 1024; }
Size shared_cache_size() { return static_cast<Size>(shared_size_setting) * 1024; }
int64 shared_cache_ttl() { return shared_ttl_setting; }
Size table_cache_size() { return static_cast<Size>(table_size_setting) * 1024; }
int64 table_cache_ttl() { return table_ttl_setting; }
CachePersistence table_cache_persistence() {
  return static_cast<CachePersistence>(table_persistence_setting);
}
int cache_wait() { return wait_setting; }

}  // namespace simpg
