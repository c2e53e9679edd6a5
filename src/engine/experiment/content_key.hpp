/*
 * content_key.hpp -- names the result of one output of one scenario by everything it depends on.
 *
 * A key is a SHA-256.  Equal keys mean equal bits of every trial; so a result may be kept under its
 * key and given again, and is current as long as its key is what it would be now.  Into the key go
 * the definitions that the output reads, directly or through others, as syntax trees: comments,
 * spelling, the order of definitions, units, descriptions and whatever else the output does not
 * read are no part of it.  The order of formulas is, inside loops solved one formula after the
 * other.  Rows are known by digests, so that a key can be had without them.
 */
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/sha256.hpp"
#include "experiment/experiment.hpp"

namespace sim {

/*
 * What the engine computes from equal experiments.  Raised whenever it computes other bits, which
 * test/reference/fingerprints.txt shows, and whenever other bytes are hashed: results kept by an
 * older engine are then found no more.
 */
inline constexpr std::uint32_t kNumericalVersion = 3;

/* Of the bits of the values, in their order. */
Sha256Digest digest_values(std::span<const double> values);

/* Rows bound to a data block, without the rows. */
struct TableDigest {
  std::string name;
  std::int64_t rows = 0;
  std::vector<std::string> columns;
  std::vector<Sha256Digest> digests;  // digest_values of each column
};

/* Values bound to an input, without them where there are several. */
struct BoundDigest {
  std::string name;
  std::int64_t rows = 0;
  double first = 0;  // the value, where there is one
  Sha256Digest digest{};
};

/* A model with what is bound to it. */
struct KeyedModel {
  std::string model;  // name@version, for messages
  std::string source;
  std::vector<TableDigest> data;
  std::vector<BoundDigest> bound;
  std::int64_t max_steps = 0;  // 0: no limit
  /* Inputs and data blocks that are not among the bound ones, because their values are not to be
   * had. */
  std::vector<std::string> unusable{};
  /* The keys are to be of every formula at every step, as ScenarioSolver solves them, not of the
   * model's outputs. */
  bool all_formulas = false;
};

/* One output of a scenario. */
struct OutputKey {
  std::string output;
  Sha256Digest key;
  /* The steps it has values at, first, first + every, ... last; both -1 without time, and last
   * before first where there is none. */
  std::int64_t first_step = -1;
  std::int64_t last_step = -1;
  std::int64_t every = 1;
  /* What it reads that cannot be used, the first in the order of the model's list; empty for
   * nothing, and else the key names no result. */
  std::string unusable;
};

/* An input, or a data block, that the model's outputs read, as it is in a scenario. */
struct EffectiveInput {
  enum class Source : std::uint8_t { model, binding, override_value };
  std::string name;
  Source source = Source::model;
  std::string definition;       // as written; empty for numbers and rows
  std::optional<double> value;  // of a number
  std::int64_t rows = 0;        // of what is bound or given for each step
  Sha256Digest hash;            // of the definition alone, not of what it reads
  bool unusable = false;        // there is no value, no rows and no hash
};

class ContentKeys {
 public:
  /* Throws Error as Simulation does, for all that is wrong but rows. */
  explicit ContentKeys(const KeyedModel& model);
  ~ContentKeys();
  ContentKeys(ContentKeys&&) noexcept;

  /* How many trials a simulation of these scenarios has that is asked for so many, or for
   * kAllWindows. */
  std::int64_t trials(std::int64_t asked, std::span<const Scenario> scenarios);
  /* The data block that this number depends on and that cannot be used; empty where there is none.
   * No result has a key then. */
  std::string unusable_for_trials(std::int64_t asked, std::span<const Scenario> scenarios);

  /* Of the model's outputs, in its order.  Throws Error for overrides the model cannot take. */
  std::vector<OutputKey> keys(const Scenario& scenario, std::int64_t trials, std::uint64_t seed);

  /* Of all outputs together, solved without chance; their order is no part of it. Throws as
   * keys(). */
  Sha256Digest converged_key(const Scenario& scenario);

  /* In the order of the model, data blocks last. Throws as keys(). */
  std::vector<EffectiveInput> inputs(const Scenario& scenario);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace sim
