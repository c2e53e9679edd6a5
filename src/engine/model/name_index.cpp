/*
 * name_index.cpp -- open addressing with linear probing, at most half full.
 */
#include "model/name_index.hpp"

#include <algorithm>

namespace sim {
namespace {

/* FNV-1a with 64 bits (Fowler, Noll & Vo; IETF draft-eastlake-fnv, section 2). */
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace

std::size_t NameIndex::slot_of(std::string_view name) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = hash_of(name) & mask;
  while (table_[slot] != 0 && entries_[table_[slot] - 1].first != name) slot = (slot + 1) & mask;
  return slot;
}

const NameIndex::Entry* NameIndex::find(std::string_view name) const {
  if (table_.empty()) return end();
  const std::uint32_t found = table_[slot_of(name)];
  return found == 0 ? end() : &entries_[found - 1];
}

void NameIndex::emplace(std::string name, std::uint32_t place) {
  if (table_.size() < 2 * (entries_.size() + 1)) grow();
  const std::size_t slot = slot_of(name);
  if (table_[slot] != 0) return;
  entries_.emplace_back(std::move(name), place);
  table_[slot] = static_cast<std::uint32_t>(entries_.size());
}

void NameIndex::grow() {
  table_.assign(std::max<std::size_t>(16, 2 * table_.size()), 0);
  for (std::size_t i = 0; i < entries_.size(); ++i)
    table_[slot_of(entries_[i].first)] = static_cast<std::uint32_t>(i + 1);
}

}  // namespace sim
