/*
 * store_content.cpp -- compares tables by their digests.
 */
#include "store_content.hpp"

#include <algorithm>
#include <cstring>

namespace simpg {

namespace {

bool same_text(const char* a, const char* b) { return strcmp(a, b) == 0; }

}  // namespace

bool same_table(const StoredTable& a, const StoredTable& b) {
  if (!same_text(a.name, b.name) || a.is_input != b.is_input || a.column_count != b.column_count ||
      a.rows != b.rows || (a.fault != nullptr) != (b.fault != nullptr)) {
    return false;
  }
  for (int i = 0; i < a.column_count; i++) {
    if (!same_text(a.columns[i], b.columns[i]) || a.digests[i] != b.digests[i]) {
      return false;
    }
  }
  return true;
}

bool same_content(const SessionModel& a, const SessionModel& b) {
  return a.model.id == b.model.id && a.model.version == b.model.version &&
         same_text(a.model.label, b.model.label) && same_text(a.model.source, b.model.source) &&
         std::equal(a.tables, a.tables + a.table_count, b.tables, b.tables + b.table_count,
                    same_table);
}

int64 size_of(const SessionModel& session) {
  int64 size = 0;
  for (int i = 0; i < session.table_count; i++) {
    size += session.tables[i].rows * session.tables[i].column_count * int64{sizeof(double)};
  }
  return size;
}

}  // namespace simpg
