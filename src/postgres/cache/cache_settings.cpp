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

int level_setting = kLevelTable;
int session_size_setting = 16384;  // kB

}  // namespace

void define_cache_settings() {
  DefineCustomEnumVariable("sim.cache", "Farthest level of the cache of results that is used.",
                           "Changes speed, never a result.", &level_setting, kLevelTable, kLevels,
                           PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("sim.cache_session_size", "Memory for results that a session keeps.",
                          nullptr, &session_size_setting, 16384, 0, MAX_KILOBYTES, PGC_USERSET,
                          GUC_UNIT_KB, nullptr, nullptr, nullptr);
}

CacheLevel farthest_level() { return static_cast<CacheLevel>(level_setting); }
Size session_cache_size() { return static_cast<Size>(session_size_setting) * 1024; }

}  // namespace simpg
