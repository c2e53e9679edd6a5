/*
 * unusable.hpp -- inputs and data blocks whose values are not to be had, and who reads them; for
 * the files of this room, but for the exception.
 *
 * What supplies a value may fail, or give what no model can compute with.  That is an error of
 * those outputs alone that read it, directly or through others, in scenarios that do not replace
 * it.  In its place stands NaN in the shape that a value would have, so that the programs and keys
 * of all other outputs are what they are with any value.
 */
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "experiment/experiment.hpp"
#include "model/model.hpp"

namespace sim {

/* Something wanted reads what cannot be used. */
class UnusableValue : public Error {
 public:
  explicit UnusableValue(const std::string& name);
  /* Of the input or data block. */
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

/* Puts NaN in the place of each of the names that is an input. */
void put_unusable(const std::vector<std::string>& names, Model& model);

inline constexpr std::uint32_t kReadsNone = 0xffffffffu;

/* By variable of the model: the place of the first of the names that it reads, directly or through
 * others, or is; kReadsNone where there is none. */
std::vector<std::uint32_t> first_reads(const Model& model, std::span<const std::string> names);

/* Those of the names that the scenario does not replace, in their order. */
std::vector<std::string> not_replaced(const std::vector<std::string>& names,
                                      const Scenario& scenario);

}  // namespace sim
