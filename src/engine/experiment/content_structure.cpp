/*
 * content_structure.cpp -- finds the parts of a model, writes and hashes them.
 */
#include "experiment/content_structure.hpp"

#include <algorithm>
#include <bit>

#include "experiment/content_text.hpp"
#include "model/graph.hpp"

namespace sim {
namespace {

/* Variables that a definition reads, each as often as it does. */
template <class Visit>
void for_each_read(const Model& model, const Variable& variable, Visit visit) {
  for_each_definition(variable, [&](const Expression& expression) {
    for (const Node& node : expression.nodes) {
      if (node.kind != NodeKind::variable) continue;
      const auto found = model.variable_index.find(node.name);
      if (found != model.variable_index.end()) visit(found->second, node.index);
    }
  });
}

/* Whether a value of the same step may be meant; x[5] is one at step 5. */
bool may_be_same_step(const Index& index) {
  return index.kind == IndexKind::none || index.kind == IndexKind::absolute ||
         (index.kind == IndexKind::relative && index.offset == 0);
}

void write_digest(ByteWriter& writer, const Sha256Digest& digest) {
  for (const std::uint8_t byte : digest) writer.u8(byte);
}

void write_column(ByteWriter& writer, const TableDigest* table, std::string_view column) {
  if (table == nullptr) return;
  writer.i64(table->rows);
  for (std::size_t i = 0; i < table->columns.size(); ++i)
    if (table->columns[i] == column) write_digest(writer, table->digests[i]);
}

/* Where a variable of a part begins in the bytes. */
constexpr std::uint8_t kInside = 0, kOutside = 1, kParameter = 2, kUnknown = 3;

}  // namespace

/* Names inside the bytes of a part, or of a function with parameters. */
class ContentStructure::Names final : public ContentNames {
 public:
  Names(ContentStructure& structure, std::uint32_t part, std::vector<std::uint32_t>& reads)
      : structure_(structure), part_(part), reads_(&reads) {}
  Names(ContentStructure& structure, const std::vector<std::string>& parameters)
      : structure_(structure), parameters_(&parameters) {}

  void variable(ByteWriter& writer, std::string_view name) override {
    if (parameters_ != nullptr) return parameter(writer, name);
    const auto found = structure_.model_.variable_index.find(name);
    if (found == structure_.model_.variable_index.end()) {
      writer.u8(kUnknown);
      return writer.string(name);
    }
    const std::uint32_t part = structure_.part_of_[found->second];
    writer.u8(part == part_ ? kInside : kOutside);
    if (part != part_) writer.u32(place_of(part));
    writer.string(structure_.model_.variables[found->second].hidden ? "" : name);
  }

  void column(ByteWriter& writer, std::string_view table, std::string_view column) override {
    writer.string(table);
    writer.string(column);
    write_column(writer, structure_.table(table), column);
    structure_.read_columns_.emplace(table, column);
  }

  bool function(ByteWriter& writer, std::string_view name) override {
    const auto user = structure_.model_.functions.find(name);
    if (user == structure_.model_.functions.end()) return false;
    writer.string({});
    write_digest(writer, hash_of(user->first, user->second));
    return true;
  }

 private:
  void parameter(ByteWriter& writer, std::string_view name) const {
    const auto place = std::find(parameters_->begin(), parameters_->end(), name);
    writer.u8(kParameter);
    writer.u32(static_cast<std::uint32_t>(place - parameters_->begin()));
  }

  std::uint32_t place_of(std::uint32_t part) {
    const auto [entry, added] = places_.emplace(part, static_cast<std::uint32_t>(reads_->size()));
    if (added) reads_->push_back(part);
    return entry->second;
  }

  const Sha256Digest& hash_of(const std::string& name, const UserFunction& function) {
    const auto known = structure_.functions_.find(name);
    if (known != structure_.functions_.end()) return known->second;
    ByteWriter writer;
    writer.u64(function.parameters.size());
    Names inside(structure_, function.parameters);
    write_expression(writer, function.body, inside);
    return structure_.functions_.emplace(name, sha256(writer.take())).first->second;
  }

  ContentStructure& structure_;
  std::uint32_t part_ = 0;
  std::vector<std::uint32_t>* reads_ = nullptr;
  const std::vector<std::string>* parameters_ = nullptr;
  std::map<std::uint32_t, std::uint32_t> places_;
};

/* Names as they are. */
class ContentStructure::PlainNames final : public ContentNames {
 public:
  void variable(ByteWriter& writer, std::string_view name) override { writer.string(name); }
  void column(ByteWriter& writer, std::string_view table, std::string_view column) override {
    writer.string(table);
    writer.string(column);
  }
  bool function(ByteWriter&, std::string_view) override { return false; }
};

ContentStructure::ContentStructure(Model model, const KeyedModel& keyed)
    : model_(std::move(model)), keyed_(keyed) {
  find_parts();
  hashes_.reserve(parts_.size());
  for (const Part& part : parts_)
    hashes_.push_back(hash_part(
        part, part.number == kNoNumber ? 0 : model_.variables[part.number].input.number, hashes_));
}

void ContentStructure::find_parts() {
  const std::size_t count = model_.variables.size();
  std::vector<bool> required(count, false);
  std::vector<std::uint32_t> open;
  const auto need = [&](std::uint32_t variable) {
    if (required[variable]) return;
    required[variable] = true;
    open.push_back(variable);
  };
  DependencyGraph edges(count);
  for (const Output& output : model_.outputs) need(output.variable);
  while (!open.empty()) {
    const std::uint32_t variable = open.back();
    open.pop_back();
    for_each_read(model_, model_.variables[variable], [&](std::uint32_t read, const Index&) {
      edges[variable].push_back(read);
      need(read);
    });
  }
  find_loops(required);
  part_of_.assign(count, kNoPart);
  for (const Component& component : strongly_connected_components(edges))
    if (required[component.members[0]]) write_part(component.members);
}

/* Those that a step may have; numbered from 1. */
void ContentStructure::find_loops(const std::vector<bool>& required) {
  DependencyGraph edges(model_.variables.size());
  for (std::uint32_t i = 0; i < edges.size(); ++i)
    if (required[i])
      for_each_read(model_, model_.variables[i], [&](std::uint32_t read, const Index& index) {
        if (may_be_same_step(index)) edges[i].push_back(read);
      });
  loop_of_.assign(edges.size(), 0);
  std::uint32_t loops = 0;
  for (const Component& component : strongly_connected_components(edges)) {
    if (!component.circular) continue;
    ++loops;
    for (const std::uint32_t member : component.members) loop_of_[member] = loops;
  }
}

void ContentStructure::write_part(const std::vector<std::uint32_t>& members) {
  const std::uint32_t number = static_cast<std::uint32_t>(parts_.size());
  for (const std::uint32_t member : members) part_of_[member] = number;
  std::vector<std::uint32_t> ordered = members;
  const auto name = [&](std::uint32_t i) -> const std::string& { return model_.variables[i].name; };
  std::sort(ordered.begin(), ordered.end(),
            [&](std::uint32_t a, std::uint32_t b) { return name(a) < name(b); });
  Part part;
  ByteWriter writer;
  Names names(*this, number, part.reads);
  writer.u64(ordered.size());
  for (const std::uint32_t member : ordered) {
    const Variable& variable = model_.variables[member];
    write_variable(writer, variable, names);
    if (variable.timed) writer.i64(model_.steps);
    if (variable.kind != VariableKind::input) continue;
    if (variable.input.kind == InputDefinition::Kind::number) part.number = member;
    if (variable.input.kind == InputDefinition::Kind::series)
      write_digest(writer, series_digest(variable));
  }
  write_loops(writer, ordered);
  part.bytes = writer.take();
  parts_.push_back(std::move(part));
}

/* How the loops of a part are solved, and in which order formulas take each other's new values. */
void ContentStructure::write_loops(ByteWriter& writer,
                                   const std::vector<std::uint32_t>& members) const {
  std::vector<std::uint32_t> circular;
  for (const std::uint32_t member : members)
    if (loop_of_[member] != 0) circular.push_back(member);
  if (circular.empty()) return;
  const SolveSettings& solve = model_.solve;
  writer.string(method_name(solve.method));
  writer.f64(solve.tolerance);
  writer.i64(solve.iterations);
  writer.f64(solve.damping);
  if (solve.method != SolveMethod::gauss_seidel) return;
  // By loop, so that formulas of different loops may stand in any order.
  std::map<std::uint32_t, std::uint32_t> first_of;
  for (std::uint32_t i = 0; i < circular.size(); ++i) first_of.emplace(loop_of_[circular[i]], i);
  std::sort(circular.begin(), circular.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(first_of[loop_of_[a]], model_.variables[a].range.offset) <
           std::pair(first_of[loop_of_[b]], model_.variables[b].range.offset);
  });
  for (const std::uint32_t member : circular) writer.string(model_.variables[member].name);
}

/* Bound values outside the input's range are an error, which only those see who read them: the
 * range belongs to what is bound. */
Sha256Digest ContentStructure::series_digest(const Variable& variable) const {
  if (!variable.input.series.empty()) return digest_values(variable.input.series);
  const auto bound = std::find_if(keyed_.bound.begin(), keyed_.bound.end(),
                                  [&](const BoundDigest& b) { return b.name == variable.name; });
  if (!variable.range_low && !variable.range_high) return bound->digest;
  ByteWriter writer;
  write_digest(writer, bound->digest);
  for (const std::optional<double>& limit : {variable.range_low, variable.range_high}) {
    writer.boolean(limit.has_value());
    writer.f64(limit.value_or(0));
  }
  return sha256(writer.take());
}

const TableDigest* ContentStructure::table(std::string_view name) const {
  for (const TableDigest& table : keyed_.data)
    if (table.name == name) return &table;
  return nullptr;
}

Sha256Digest ContentStructure::hash_part(const Part& part, double value,
                                         const std::vector<Sha256Digest>& hashes) const {
  std::vector<std::uint8_t> bytes = part.bytes;
  if (part.number != kNoNumber)
    for (int i = 0; i < 8; ++i)
      bytes.push_back(static_cast<std::uint8_t>(std::bit_cast<std::uint64_t>(value) >> (8 * i)));
  for (const std::uint32_t read : part.reads)
    bytes.insert(bytes.end(), hashes[read].begin(), hashes[read].end());
  return sha256(bytes);
}

std::vector<Sha256Digest> ContentStructure::hashes(const Scenario& scenario) const {
  std::vector<Sha256Digest> found = hashes_;
  std::vector<bool> changed(parts_.size(), false);
  std::map<std::uint32_t, double> numbers;  // by part
  for (const Override& item : scenario.overrides) {
    const double* number = std::get_if<double>(&item.value);
    const auto at = model_.variable_index.find(item.name);
    if (number == nullptr || at == model_.variable_index.end() || !is_read(at->second)) continue;
    numbers[part_of_[at->second]] = *number;
    changed[part_of_[at->second]] = true;
  }
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const bool reached = changed[i] || std::any_of(part.reads.begin(), part.reads.end(),
                                                   [&](std::uint32_t r) { return changed[r]; });
    if (!reached) continue;
    const auto number = numbers.find(i);
    found[i] = hash_part(part, number == numbers.end() ? 0 : number->second, found);
    changed[i] = found[i] != hashes_[i];
  }
  std::vector<Sha256Digest> outputs;
  for (const Output& output : model_.outputs) outputs.push_back(found[part_of_[output.variable]]);
  return outputs;
}

std::optional<Sha256Digest> ContentStructure::hash_of_rows(const TableDigest& table) const {
  Sha256 hash;
  bool read = false;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!read_columns_.contains({table.name, table.columns[i]})) continue;
    read = true;
    hash.update(table.columns[i]);
    hash.update(table.digests[i]);
  }
  return read ? std::optional(hash.finish()) : std::nullopt;
}

bool ContentStructure::reads_block(const std::string& name) const {
  const auto column = read_columns_.lower_bound({name, {}});
  return column != read_columns_.end() && column->first == name;
}

bool ContentStructure::is_historical(std::uint32_t variable) const {
  const Variable& input = model_.variables[variable];
  return is_read(variable) && input.kind == VariableKind::input &&
         input.input.kind == InputDefinition::Kind::draw &&
         input.input.draw->kind == DistributionKind::historical;
}

std::int64_t ContentStructure::windows() const {
  std::int64_t least = 0;
  for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
    if (!is_historical(i)) continue;
    const Variable& variable = model_.variables[i];
    const TableDigest* block = table(variable.input.draw->table);
    if (block == nullptr) continue;
    const std::int64_t full = std::max<std::int64_t>(
        1, block->rows - (variable.timed ? model_.steps : std::int64_t{1}) + 1);
    least = least == 0 ? full : std::min(least, full);
  }
  return least;
}

std::string ContentStructure::block_without_windows() const {
  for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
    if (!is_historical(i)) continue;
    const std::string& block = model_.variables[i].input.draw->table;
    if (table(block) == nullptr) return block;
  }
  return {};
}

Sha256Digest ContentStructure::hash_of_input(std::uint32_t variable, double value) const {
  const Variable& input = model_.variables[variable];
  ByteWriter writer;
  PlainNames names;
  write_input(writer, input, names);
  if (input.input.kind == InputDefinition::Kind::number) writer.f64(value);
  if (input.input.kind == InputDefinition::Kind::series) write_digest(writer, series_digest(input));
  return sha256(writer.take());
}

}  // namespace sim
