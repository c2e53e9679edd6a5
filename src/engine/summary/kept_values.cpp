/*
 * kept_values.cpp -- collecting, counting, merging and storing the values of a slot.
 */
#include "summary/kept_values.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"

namespace sim {
namespace {

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorKind::corrupt_state, "damaged state of a simulation", what);
}

void write_bin(ByteWriter& writer, const Bin& bin) {
  writer.u64(bin.count);
  if (bin.count == 0) return;
  writer.f64(bin.min);
  writer.f64(bin.max);
}

Bin read_bin(ByteReader& reader) {
  Bin bin;
  bin.count = reader.u64();
  if (bin.count == 0) return bin;
  bin.min = reader.f64();
  bin.max = reader.f64();
  if (!(bin.min <= bin.max) || !std::isfinite(bin.min) || !std::isfinite(bin.max)) {
    fail("The extremes of a count are not in order.");
  }
  return bin;
}

}  // namespace

void Bin::add(const Bin& other) {
  count += other.count;
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

void ValueList::push_back(double value) {
  if (blocks_.empty()) blocks_.emplace_back();
  blocks_.back().push_back(value);
  ++size_;
}

void ValueList::append_finite(std::span<const double> values, std::size_t failed) {
  if (blocks_.empty()) blocks_.emplace_back();
  auto& block = blocks_.back();
  block.insert(block.end(), values.begin(), values.end());
  if (failed > 0) {
    const auto added = block.end() - static_cast<std::ptrdiff_t>(values.size());
    const auto fails = [](double value) { return !(value - value == 0); };
    block.erase(std::remove_if(added, block.end(), fails), block.end());
  }
  size_ += values.size() - failed;
}

void ValueList::merge(ValueList&& other) {
  for (auto& block : other.blocks_) {
    if (block.empty()) continue;
    block.shrink_to_fit();  // it grew by doubling, and stays for long
    blocks_.push_back(std::move(block));
  }
  size_ += other.size_;
  other.clear();
}

std::span<const double> ValueList::values() const {
  if (blocks_.empty()) return {};
  if (blocks_.size() > 1) {
    std::vector<double> all;
    all.reserve(size_);
    for (auto& block : blocks_) {
      all.insert(all.end(), block.begin(), block.end());
      block = {};
    }
    blocks_.clear();
    blocks_.push_back(std::move(all));
  }
  return blocks_.front();
}

std::vector<double> ValueList::take() {
  if (blocks_.empty()) return {};
  values();
  std::vector<double> all = std::move(blocks_.front());
  clear();
  return all;
}

void ValueList::clear() {
  blocks_.clear();
  size_ = 0;
}

std::size_t ValueList::memory() const {
  std::size_t bytes = blocks_.capacity() * sizeof(std::vector<double>);
  for (const auto& block : blocks_) bytes += block.capacity() * sizeof(double);
  return bytes;
}

void ValueList::write(ByteWriter& writer) const {
  writer.reserve((size_ + 1) * sizeof(double));
  writer.u64(size_);
  for (const auto& block : blocks_) writer.raw_doubles(block);
}

ValueList ValueList::read(ByteReader& reader) {
  ValueList list;
  std::vector<double> values = reader.doubles();
  list.size_ = values.size();
  if (!values.empty()) list.blocks_.push_back(std::move(values));
  return list;
}

KeptSlot::KeptSlot(std::span<const Bracket> brackets)
    : brackets_(brackets.begin(), brackets.end()),
      finder_(brackets),
      parts_(brackets.size()),
      between_(brackets.size() + 1) {
  for (std::size_t i = 0; i < brackets.size(); ++i) {
    if (brackets[i].bins > 0) parts_[i].scale = BinScale(brackets[i]);
  }
}

void KeptSlot::add(const double* values, std::size_t n, std::size_t failed) {
  if (keeps_all()) {
    parts_[0].values.append_finite({values, n}, failed);
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double value = values[i];
    if (!(value - value == 0)) continue;
    const std::size_t region = finder_.region(value);
    if (region % 2 == 0) {
      between_[region / 2].add(value);
    } else {
      add_inside(region / 2, value);
    }
  }
}

void KeptSlot::add_inside(std::size_t bracket, double value) {
  Part& part = parts_[bracket];
  if (!part.bins.empty()) {
    part.bins[part.scale.bin(value)].add(value);
    return;
  }
  part.values.push_back(value);
  const std::uint32_t bins = brackets_[bracket].bins;
  if (bins > 0 && part.values.size() > bins) count_values(bracket);
}

void KeptSlot::count_values(std::size_t bracket) {
  parts_[bracket].bins = bins(bracket);
  parts_[bracket].values.clear();
}

/* The bins of a counted bracket, whichever form they have. */
std::vector<Bin> KeptSlot::bins(std::size_t bracket) const {
  const Part& part = parts_[bracket];
  if (!part.bins.empty()) return part.bins;
  std::vector<Bin> bins(brackets_[bracket].bins);
  part.values.for_each([&](double value) { bins[part.scale.bin(value)].add(value); });
  return bins;
}

void KeptSlot::merge(KeptSlot&& other) {
  if (brackets_ != other.brackets_ || keeps_all() != other.keeps_all()) {
    throw Error(ErrorKind::corrupt_state, "partial results keep different values",
                "They were computed under different plans.");
  }
  for (std::size_t i = 0; i < between_.size(); ++i) between_[i].add(other.between_[i]);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!keeps_all() && brackets_[i].bins > 0) {
      merge_counted(i, std::move(other.parts_[i]));
    } else {
      parts_[i].values.merge(std::move(other.parts_[i].values));
    }
  }
}

void KeptSlot::merge_counted(std::size_t bracket, Part&& other) {
  Part& part = parts_[bracket];
  const std::size_t values = part.values.size() + other.values.size();
  if (part.bins.empty() && other.bins.empty() && values <= brackets_[bracket].bins) {
    part.values.merge(std::move(other.values));
    return;
  }
  if (part.bins.empty()) count_values(bracket);
  other.values.for_each([&](double value) { part.bins[part.scale.bin(value)].add(value); });
  for (std::size_t i = 0; i < other.bins.size(); ++i) part.bins[i].add(other.bins[i]);
}

std::span<const double> KeptSlot::samples(std::uint32_t bracket) const {
  if (bracket >= parts_.size()) return {};
  if (!keeps_all() && brackets_[bracket].bins > 0) return {};
  return parts_[bracket].values.values();
}

std::vector<double> KeptSlot::take_samples(std::uint32_t bracket) {
  if (bracket >= parts_.size()) return {};
  if (!keeps_all() && brackets_[bracket].bins > 0) return {};
  return parts_[bracket].values.take();
}

std::vector<Region> KeptSlot::regions() const {
  std::vector<Region> regions;
  for (std::uint32_t i = 0; i < between_.size(); ++i) {
    regions.push_back({Region::Kind::between, i, between_[i]});
    if (i == brackets_.size()) break;
    if (brackets_[i].bins > 0) {
      for (const Bin& bin : bins(i)) regions.push_back({Region::Kind::bin, i, bin});
    } else {
      Bin all;
      parts_[i].values.for_each([&](double value) { all.add(value); });
      regions.push_back({Region::Kind::collected, i, all});
    }
  }
  return regions;
}

std::size_t KeptSlot::memory() const {
  std::size_t bytes = brackets_.capacity() * (sizeof(Bracket) + 2 * sizeof(double)) +
                      between_.capacity() * sizeof(Bin) + parts_.capacity() * sizeof(Part);
  for (const Part& part : parts_) {
    bytes += part.values.memory() + part.bins.capacity() * sizeof(Bin);
  }
  return bytes;
}

void KeptSlot::write(ByteWriter& writer) const {
  writer.boolean(keeps_all());
  if (!keeps_all()) write_brackets(writer, brackets_);
  for (const Part& part : parts_) {
    part.values.write(writer);
    writer.u64(part.bins.size());
    for (const Bin& bin : part.bins) write_bin(writer, bin);
  }
  for (const Bin& bin : between_) write_bin(writer, bin);
}

KeptSlot KeptSlot::read(ByteReader& reader) {
  const bool all = reader.boolean();
  KeptSlot slot = all ? KeptSlot() : KeptSlot(read_brackets(reader));
  for (std::size_t i = 0; i < slot.parts_.size(); ++i) slot.read_part(reader, i);
  for (Bin& bin : slot.between_) bin = read_bin(reader);
  return slot;
}

void KeptSlot::read_part(ByteReader& reader, std::size_t bracket) {
  Part& part = parts_[bracket];
  part.values = ValueList::read(reader);
  const double low = keeps_all() ? std::numeric_limits<double>::lowest() : brackets_[bracket].low;
  const double high = keeps_all() ? std::numeric_limits<double>::max() : brackets_[bracket].high;
  bool inside = true;
  part.values.for_each([&](double value) { inside &= value >= low && value <= high; });
  if (!inside) fail("A value lies outside its interval.");

  const std::size_t bins = reader.length(sizeof(std::uint64_t));
  if (bins == 0) return;
  if (keeps_all() || bins != brackets_[bracket].bins || part.values.size() > 0) {
    fail("The number of bins is wrong.");
  }
  part.bins.resize(bins);
  for (Bin& bin : part.bins) bin = read_bin(reader);
}

}  // namespace sim
