/*
 * name_index.hpp -- places by name, for the names of a model.
 *
 * A text of thousands of formulas looks its names up several times each; here that takes one hash
 * and one comparison.  Names are added and never removed.
 */
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim {

class NameIndex {
 public:
  using Entry = std::pair<std::string, std::uint32_t>;

  /* end() if the name is not there. */
  const Entry* find(std::string_view name) const;
  const Entry* end() const { return entries_.data() + entries_.size(); }
  /* Requires: the name is there. */
  std::uint32_t at(std::string_view name) const { return find(name)->second; }
  /* A name that is there keeps its place. */
  void emplace(std::string name, std::uint32_t place);

 private:
  /* Where the name is in the table, or the free place where it would be. */
  std::size_t slot_of(std::string_view name) const;
  void grow();

  std::vector<Entry> entries_;        // in the order in which they came
  std::vector<std::uint32_t> table_;  // open addressing: 1 + the number of an entry, 0 is free
};

}  // namespace sim
