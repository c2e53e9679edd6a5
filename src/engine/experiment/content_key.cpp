/*
 * content_key.cpp -- keys of outputs and of inputs, over the structures that scenarios share.
 */
#include "experiment/content_key.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include "core/control.hpp"
#include "experiment/content_structure.hpp"
#include "experiment/prepare.hpp"
#include "experiment/simulation.hpp"
#include "experiment/unusable.hpp"

namespace sim {
namespace {

/* Texts in overrides make structures of their own, of which some are remembered: so many, and of
 * large models so many variables altogether. */
constexpr std::size_t kMostStructures = 32;
constexpr std::size_t kMostVariables = 50'000;

bool is_unusable(const KeyedModel& keyed, const std::string& name) {
  return std::find(keyed.unusable.begin(), keyed.unusable.end(), name) != keyed.unusable.end();
}

Model bound_model(const KeyedModel& keyed) {
  Model model = require_model(keyed.model, keyed.source);
  check_steps(keyed.model, model, keyed.max_steps);
  for (const BoundDigest& bound : keyed.bound)
    bind_unseen(keyed.model, model, bound.name, bound.rows, bound.first);
  put_unusable(keyed.unusable, model);
  for (const DataBlock& block : model.data)
    if (!is_unusable(keyed, block.name) &&
        std::none_of(keyed.data.begin(), keyed.data.end(),
                     [&](const TableDigest& table) { return table.name == block.name; }))
      refuse_unbound(keyed.model, block.name);
  if (keyed.all_formulas)
    model.outputs = wanted_outputs(Experiment{}, model, Reports::all_formulas);
  return model;
}

const Override* override_of(const Scenario& scenario, const std::string& name) {
  const auto found = std::find_if(scenario.overrides.begin(), scenario.overrides.end(),
                                  [&](const Override& item) { return item.name == name; });
  return found == scenario.overrides.end() ? nullptr : &*found;
}

std::string words_at(const Model& model, SourceRange range) {
  return model.source.substr(range.offset, range.length);
}

/* An input's own definition, as the text has it. */
std::string written(const Model& model, const InputDefinition& input) {
  if (input.kind == InputDefinition::Kind::expression)
    return words_at(model, input.expression.range);
  if (input.kind == InputDefinition::Kind::draw) return "~ " + words_at(model, input.draw->range);
  return {};
}

}  // namespace

Sha256Digest digest_values(std::span<const double> values) {
  static_assert(std::endian::native == std::endian::little);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes());
  constexpr std::size_t kBytesAtATime = 1 << 20;
  Sha256 hash;
  for (std::size_t first = 0; first < bytes.size(); first += kBytesAtATime) {
    stop_if_asked();
    hash.update(bytes.subspan(first, std::min(kBytesAtATime, bytes.size() - first)));
  }
  return hash.finish();
}

struct ContentKeys::Implementation {
  explicit Implementation(const KeyedModel& given) : keyed(given), base(bound_model(keyed)) {}

  const ContentStructure& structure_of(const Scenario& scenario);
  OutputKey key_of(const ContentStructure& structure, const Output& output,
                   const Sha256Digest& hash, std::int64_t trials, std::uint64_t seed) const;
  EffectiveInput describe(const ContentStructure& structure, std::uint32_t variable,
                          const Override* given) const;

  KeyedModel keyed;
  Model base;
  std::map<std::string, ContentStructure> structures;
};

const ContentStructure& ContentKeys::Implementation::structure_of(const Scenario& scenario) {
  check_overrides(scenario, base);
  const std::string name = sim::structure_of(base, scenario);
  const auto known = structures.find(name);
  if (known != structures.end()) return known->second;
  Model model = base;
  apply_overrides(scenario, model);
  const std::size_t variables = (structures.size() + 1) * model.variables.size();
  if (structures.size() >= kMostStructures || variables > kMostVariables) structures.clear();
  return structures.try_emplace(name, std::move(model), keyed).first->second;
}

OutputKey ContentKeys::Implementation::key_of(const ContentStructure& structure,
                                              const Output& output, const Sha256Digest& hash,
                                              std::int64_t trials, std::uint64_t seed) const {
  const Variable& variable = structure.model().variables[output.variable];
  OutputKey key;
  key.output = variable.name;
  if (variable.timed) {
    key.every = output.every;
    key.first_step = variable.from_step_1 ? output.every : 0;
    key.last_step = base.steps / output.every * output.every;
  }
  ByteWriter writer;
  writer.u32(kNumericalVersion);
  writer.i64(trials);
  writer.u64(seed);
  writer.string(variable.name);
  writer.i64(key.every);
  for (const std::uint8_t byte : hash) writer.u8(byte);
  key.key = sha256(writer.take());
  return key;
}

EffectiveInput ContentKeys::Implementation::describe(const ContentStructure& structure,
                                                     std::uint32_t variable,
                                                     const Override* given) const {
  const Variable& input = structure.model().variables[variable];
  EffectiveInput effective;
  effective.name = input.name;
  effective.unusable = given == nullptr && is_unusable(keyed, input.name);
  const bool bound = effective.unusable ||
                     std::any_of(keyed.bound.begin(), keyed.bound.end(),
                                 [&](const BoundDigest& each) { return each.name == input.name; });
  effective.source = given != nullptr ? EffectiveInput::Source::override_value
                     : bound          ? EffectiveInput::Source::binding
                                      : EffectiveInput::Source::model;
  if (effective.unusable) return effective;
  double value = input.input.number;
  if (given != nullptr && std::holds_alternative<double>(given->value))
    value = std::get<double>(given->value);
  if (input.input.kind == InputDefinition::Kind::number) effective.value = value;
  if (input.input.kind == InputDefinition::Kind::series) effective.rows = base.steps;
  if (given == nullptr) effective.definition = written(structure.model(), input.input);
  if (given != nullptr && std::holds_alternative<std::string>(given->value))
    effective.definition = std::get<std::string>(given->value);
  effective.hash = structure.hash_of_input(variable, value);
  return effective;
}

ContentKeys::ContentKeys(const KeyedModel& model)
    : implementation_(std::make_unique<Implementation>(model)) {}
ContentKeys::~ContentKeys() = default;
ContentKeys::ContentKeys(ContentKeys&&) noexcept = default;

std::int64_t ContentKeys::trials(std::int64_t asked, std::span<const Scenario> scenarios) {
  if (asked != kAllWindows) return asked;
  std::int64_t least = 0;
  for (const Scenario& scenario : scenarios) {
    const std::int64_t windows = implementation_->structure_of(scenario).windows();
    if (windows > 0) least = least == 0 ? windows : std::min(least, windows);
  }
  return least > 0 ? least : kDefaultTrials;
}

std::string ContentKeys::unusable_for_trials(std::int64_t asked,
                                             std::span<const Scenario> scenarios) {
  std::string block;
  if (asked != kAllWindows || implementation_->keyed.unusable.empty()) return block;
  for (const Scenario& scenario : scenarios)
    if (block.empty()) block = implementation_->structure_of(scenario).block_without_windows();
  return block;
}

std::vector<OutputKey> ContentKeys::keys(const Scenario& scenario, std::int64_t trials,
                                         std::uint64_t seed) {
  const ContentStructure& structure = implementation_->structure_of(scenario);
  const std::vector<Sha256Digest> hashes = structure.hashes(scenario);
  std::vector<OutputKey> keys;
  keys.reserve(hashes.size());
  for (std::size_t i = 0; i < hashes.size(); ++i)
    keys.push_back(
        implementation_->key_of(structure, structure.model().outputs[i], hashes[i], trials, seed));
  const std::vector<std::string> unusable = not_replaced(implementation_->keyed.unusable, scenario);
  if (unusable.empty()) return keys;
  const std::vector<std::uint32_t> reads = first_reads(structure.model(), unusable);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::uint32_t read = reads[structure.model().outputs[i].variable];
    if (read != kReadsNone) keys[i].unusable = unusable[read];
  }
  return keys;
}

Sha256Digest ContentKeys::converged_key(const Scenario& scenario) {
  const ContentStructure& structure = implementation_->structure_of(scenario);
  const std::vector<Sha256Digest> hashes = structure.hashes(scenario);
  std::vector<std::pair<std::string_view, std::size_t>> by_name;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const std::uint32_t variable = structure.model().outputs[i].variable;
    by_name.emplace_back(structure.model().variables[variable].name, i);
  }
  std::sort(by_name.begin(), by_name.end());
  ByteWriter writer;
  writer.u32(kNumericalVersion);
  writer.string("converged");
  for (const auto& [name, place] : by_name) {
    writer.string(name);
    for (const std::uint8_t byte : hashes[place]) writer.u8(byte);
  }
  return sha256(writer.take());
}

std::vector<EffectiveInput> ContentKeys::inputs(const Scenario& scenario) {
  const ContentStructure& structure = implementation_->structure_of(scenario);
  const Model& model = structure.model();
  std::vector<EffectiveInput> inputs;
  for (std::uint32_t i = 0; i < model.variables.size(); ++i)
    if (structure.is_read(i) && model.variables[i].kind == VariableKind::input)
      inputs.push_back(
          implementation_->describe(structure, i, override_of(scenario, model.variables[i].name)));
  for (const TableDigest& table : implementation_->keyed.data) {
    const std::optional<Sha256Digest> hash = structure.hash_of_rows(table);
    if (!hash) continue;
    EffectiveInput& rows = inputs.emplace_back();
    rows.name = table.name;
    rows.source = EffectiveInput::Source::binding;
    rows.rows = table.rows;
    rows.hash = *hash;
  }
  for (const DataBlock& block : model.data) {
    if (!is_unusable(implementation_->keyed, block.name) || !structure.reads_block(block.name))
      continue;
    EffectiveInput& rows = inputs.emplace_back();
    rows.name = block.name;
    rows.source = EffectiveInput::Source::binding;
    rows.unusable = true;
  }
  return inputs;
}

}  // namespace sim
