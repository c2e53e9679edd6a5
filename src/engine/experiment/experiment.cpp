/*
 * experiment.cpp -- experiments as bytes, and layers of overrides as one.
 */
#include "experiment/experiment.hpp"

#include <algorithm>
#include <map>

#include "core/bytes.hpp"
#include "core/error.hpp"

namespace sim {
namespace {

constexpr std::uint32_t kFormat = 0x53494d31;  // "SIM1"

void write_value(ByteWriter& writer, const OverrideValue& value) {
  writer.u8(static_cast<std::uint8_t>(value.index()));
  if (const double* number = std::get_if<double>(&value)) writer.f64(*number);
  if (const auto* series = std::get_if<std::vector<double>>(&value)) writer.doubles(*series);
  if (const auto* text = std::get_if<std::string>(&value)) writer.string(*text);
}

OverrideValue read_value(ByteReader& reader) {
  switch (reader.u8()) {
    case 0:
      return reader.f64();
    case 1:
      return reader.doubles();
    case 2:
      return reader.string();
    default:
      throw Error(ErrorKind::corrupt_state, "the bytes of an experiment are damaged");
  }
}

void write_strings(ByteWriter& writer, const std::vector<std::string>& strings) {
  writer.u64(strings.size());
  for (const std::string& string : strings) writer.string(string);
}

std::vector<std::string> read_strings(ByteReader& reader) {
  std::vector<std::string> strings;
  for (std::size_t left = reader.length(8); left > 0; --left) strings.push_back(reader.string());
  return strings;
}

void read_run(ByteReader& reader, Experiment& experiment) {
  for (std::size_t left = reader.length(8); left > 0; --left) {
    Scenario scenario;
    scenario.name = reader.string();
    for (std::size_t items = reader.length(9); items > 0; --items) {
      std::string name = reader.string();
      scenario.overrides.push_back({std::move(name), read_value(reader)});
    }
    experiment.scenarios.push_back(std::move(scenario));
  }
  experiment.trials = reader.i64();
  experiment.seed = reader.u64();
  experiment.outputs = read_strings(reader);
  experiment.max_steps = reader.i64();
  if (reader.remaining() > 0) experiment.unusable = read_strings(reader);
  reader.expect_end();
}

}  // namespace

std::vector<Override> merge_overrides(std::span<const std::vector<Override>> layers) {
  // Mostly there is nothing to merge.
  const auto speaks = [](const std::vector<Override>& layer) { return !layer.empty(); };
  if (const auto only = std::ranges::find_if(layers, speaks);
      only != layers.end() && only->size() == 1 && std::ranges::count_if(layers, speaks) == 1)
    return *only;
  std::map<std::string, OverrideValue> merged;
  for (const std::vector<Override>& layer : layers)
    for (const Override& item : layer) merged[item.name] = item.value;
  std::vector<Override> result;
  for (auto& [name, value] : merged) result.push_back({name, std::move(value)});
  return result;
}

std::vector<std::uint8_t> serialize(const Experiment& experiment) {
  ByteWriter writer;
  writer.u32(kFormat);
  writer.string(experiment.model);
  writer.string(experiment.source);
  writer.u64(experiment.data.size());
  for (const DataTable& table : experiment.data) {
    writer.string(table.name);
    write_strings(writer, table.columns);
    writer.i64(table.rows);
    writer.doubles(table.values);
  }
  writer.u64(experiment.bound.size());
  for (const BoundInput& bound : experiment.bound) {
    writer.string(bound.name);
    writer.doubles(bound.values);
  }
  writer.u64(experiment.scenarios.size());
  for (const Scenario& scenario : experiment.scenarios) {
    writer.string(scenario.name);
    writer.u64(scenario.overrides.size());
    for (const Override& item : scenario.overrides) {
      writer.string(item.name);
      write_value(writer, item.value);
    }
  }
  writer.i64(experiment.trials);
  writer.u64(experiment.seed);
  write_strings(writer, experiment.outputs);
  writer.i64(experiment.max_steps);
  if (!experiment.unusable.empty()) write_strings(writer, experiment.unusable);
  return writer.take();
}

Experiment deserialize_experiment(std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes);
  reader.expect_magic(kFormat);
  Experiment experiment;
  experiment.model = reader.string();
  experiment.source = reader.string();
  for (std::size_t left = reader.length(8); left > 0; --left) {
    DataTable table;
    table.name = reader.string();
    table.columns = read_strings(reader);
    table.rows = reader.i64();
    table.values = reader.doubles();
    experiment.data.push_back(std::move(table));
  }
  for (std::size_t left = reader.length(8); left > 0; --left) {
    std::string name = reader.string();
    experiment.bound.push_back({std::move(name), reader.doubles()});
  }
  read_run(reader, experiment);
  return experiment;
}

ExperimentBytes split_experiment(std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes);
  reader.expect_magic(kFormat);
  reader.skip_string();
  reader.skip_string();
  for (std::size_t left = reader.length(8); left > 0; --left) {
    reader.skip_string();
    for (std::size_t columns = reader.length(8); columns > 0; --columns) reader.skip_string();
    reader.i64();
    reader.skip_doubles();
  }
  for (std::size_t left = reader.length(8); left > 0; --left) {
    reader.skip_string();
    reader.skip_doubles();
  }
  const std::size_t model = bytes.size() - reader.remaining();
  return {bytes.first(model), bytes.subspan(model)};
}

Experiment deserialize_run(std::span<const std::uint8_t> run) {
  ByteReader reader(run);
  Experiment experiment;
  read_run(reader, experiment);
  return experiment;
}

}  // namespace sim
