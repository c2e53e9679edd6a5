/*
 * content_structure.hpp -- the hashes of all definitions that a model's outputs read, for scenarios
 * that differ in numbers only; for the files of this room only.
 *
 * A Merkle tree over the strongly connected parts of the graph of definitions, each hashed after
 * those it reads.  Of a scenario only the parts that its numbers reach are hashed again.
 */
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/sha256.hpp"
#include "experiment/content_key.hpp"
#include "model/model.hpp"

namespace sim {

class ContentStructure {
 public:
  /* `model` has the overrides of one scenario in their places, and bound series empty. */
  ContentStructure(Model model, const KeyedModel& keyed);

  const Model& model() const { return model_; }
  /* Whether an output reads the variable. */
  bool is_read(std::uint32_t variable) const { return part_of_[variable] != kNoPart; }
  /* Of the columns of a data block that outputs read; nothing where they read none. */
  std::optional<Sha256Digest> hash_of_rows(const TableDigest& table) const;
  /* Whether outputs read a column of the data block. */
  bool reads_block(const std::string& name) const;

  /* One hash for each of the model's outputs: of all they read, the scenario's numbers in place. */
  std::vector<Sha256Digest> hashes(const Scenario& scenario) const;

  /* Full windows of the rows that outputs draw by historical; 0: none does. */
  std::int64_t windows() const;
  /* A data block that outputs draw by historical and that has no digest; empty: there is none. */
  std::string block_without_windows() const;

  /* Of an input's definition alone. */
  Sha256Digest hash_of_input(std::uint32_t variable, double value) const;

 private:
  static constexpr std::uint32_t kNoPart = 0xffffffffu;
  static constexpr std::uint32_t kNoNumber = 0xffffffffu;
  class Names;
  class PlainNames;

  struct Part {
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint32_t> reads;  // parts before this one, in the order of their first use
    std::uint32_t number = kNoNumber;  // the input, where the part is a plain number
  };

  void find_parts();
  void find_loops(const std::vector<bool>& required);
  void write_part(const std::vector<std::uint32_t>& members);
  void write_loops(ByteWriter& writer, const std::vector<std::uint32_t>& members) const;
  Sha256Digest series_digest(const Variable& variable) const;
  bool is_historical(std::uint32_t variable) const;
  const TableDigest* table(std::string_view name) const;
  Sha256Digest hash_part(const Part& part, double value,
                         const std::vector<Sha256Digest>& hashes) const;

  Model model_;
  const KeyedModel& keyed_;
  std::map<std::string, Sha256Digest, std::less<>> functions_;  // of the user's
  std::set<std::pair<std::string, std::string>> read_columns_;  // by data block
  std::vector<std::uint32_t> part_of_;                          // by variable
  std::vector<std::uint32_t> loop_of_;                          // by variable; 0: in none
  std::vector<Part> parts_;
  std::vector<Sha256Digest> hashes_;  // of the parts, with the model's own numbers
};

}  // namespace sim
