/*
 * results.cpp -- keys of results, results as bytes, and what a run must compute.
 */
#include "statistics/results.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "core/bytes.hpp"
#include "core/error.hpp"

namespace simpg {

namespace {

/* Raised when the bytes of a result change. */
constexpr std::uint32_t kFormat = 1;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/* What is asked, as bytes; a key is hashed with it. */
std::vector<std::uint8_t> form_bytes(const ResultForm& form) {
  sim::ByteWriter writer;
  writer.u32(kFormat);
  writer.boolean(form.intervals);
  writer.u32(static_cast<std::uint32_t>(form.bins));
  writer.doubles(form.probabilities);
  return writer.take();
}

sim::Sha256Digest hash_with(const sim::Sha256Digest& key, const std::vector<std::uint8_t>& form) {
  sim::Sha256 hash;
  hash.update(form);
  hash.update(key);
  return hash.finish();
}

void write_moments(sim::ByteWriter& writer, const sim::Moments& total) {
  writer.i64(total.count);
  writer.i64(total.failed);
  for (const double number : {total.mean, total.m2, total.m3, total.m4, total.min, total.max}) {
    writer.f64(number);
  }
}

sim::Moments read_moments(sim::ByteReader& reader) {
  sim::Moments total;
  total.count = reader.i64();
  total.failed = reader.i64();
  for (double* number : {&total.mean, &total.m2, &total.m3, &total.m4, &total.min, &total.max}) {
    *number = reader.f64();
  }
  return total;
}

void write_percentile(sim::ByteWriter& writer, const sim::PercentileEstimate& percentile,
                      bool intervals) {
  writer.f64(percentile.value);
  if (!intervals) return;
  writer.f64(percentile.has_lower ? percentile.lower : kNaN);
  writer.f64(percentile.has_upper ? percentile.upper : kNaN);
}

sim::PercentileEstimate read_percentile(sim::ByteReader& reader, bool intervals) {
  sim::PercentileEstimate percentile{};
  percentile.value = reader.f64();
  if (!intervals) return percentile;
  percentile.lower = reader.f64();
  percentile.upper = reader.f64();
  percentile.has_lower = !std::isnan(percentile.lower);
  percentile.has_upper = !std::isnan(percentile.upper);
  return percentile;
}

void write_histogram(sim::ByteWriter& writer, const Histogram& histogram) {
  writer.doubles(histogram.edges);
  for (const std::int64_t count : histogram.counts) {
    writer.i64(count);
  }
}

Histogram read_histogram(sim::ByteReader& reader) {
  Histogram histogram;
  histogram.edges = reader.doubles();
  for (std::size_t i = 1; i < histogram.edges.size(); i++) {
    histogram.counts.push_back(reader.i64());
  }
  return histogram;
}

using SlotPlaces = std::map<std::pair<std::string, std::int64_t>, std::uint32_t>;

SlotPlaces slots_of(const sim::Simulation& simulation) {
  SlotPlaces places;
  for (std::uint32_t slot = 0; slot < simulation.slots().size(); slot++) {
    const sim::Slot& reported = simulation.slots()[slot];
    places.emplace(std::pair(reported.output, reported.step), slot);
  }
  return places;
}

}  // namespace

Results::Results(const ExperimentKeys& keys, ResultForm form)
    : keys_(keys), form_(std::move(form)), outputs_(keys.outputs.at(0).size()) {
  const std::vector<std::uint8_t> asked = form_bytes(form_);
  for (const std::vector<sim::OutputKey>& scenario : keys_.outputs) {
    for (const sim::OutputKey& output : scenario) {
      cache_keys_.push_back(hash_with(output.key, asked));
    }
  }
  cells_.resize(cache_keys_.size());
  nothing_.totals.resize(1);
  nothing_.totals[0].failed = keys_.trials;
  nothing_.percentiles.assign(form_.probabilities.size(), {kNaN, kNaN, kNaN, false, false});
  if (form_.bins > 0) nothing_.histograms.resize(1);
}

std::size_t Results::step_count(std::size_t place) const {
  const sim::OutputKey& key = key_at(place);
  return key.last_step < key.first_step
             ? 0
             : static_cast<std::size_t>((key.last_step - key.first_step) / key.every) + 1;
}

std::vector<std::uint8_t> Results::bytes(std::size_t place) const {
  sim::ByteWriter writer;
  for (const sim::Moments& total : cells_[place].totals) {
    write_moments(writer, total);
  }
  for (const sim::PercentileEstimate& percentile : cells_[place].percentiles) {
    write_percentile(writer, percentile, form_.intervals);
  }
  for (const Histogram& histogram : cells_[place].histograms) {
    write_histogram(writer, histogram);
  }
  return writer.take();
}

void Results::take(std::size_t place, std::span<const std::uint8_t> bytes) {
  sim::ByteReader reader(bytes);
  Cell cell;
  cell.known = true;
  const std::size_t steps = step_count(place);
  for (std::size_t step = 0; step < steps; step++) {
    cell.totals.push_back(read_moments(reader));
  }
  for (std::size_t i = 0; i < steps * form_.probabilities.size(); i++) {
    cell.percentiles.push_back(read_percentile(reader, form_.intervals));
  }
  for (std::size_t step = 0; form_.bins > 0 && step < steps; step++) {
    cell.histograms.push_back(read_histogram(reader));
  }
  reader.expect_end();
  cells_[place] = std::move(cell);
}

void Results::take(std::size_t place, const Results& finer) {
  const Cell& from = finer.cells_[place];
  const std::vector<double>& there = finer.form_.probabilities;
  Cell cell;
  cell.known = true;
  cell.totals = from.totals;
  for (std::size_t step = 0; step < from.totals.size(); step++) {
    for (const double probability : form_.probabilities) {
      const auto at = std::lower_bound(there.begin(), there.end(), probability) - there.begin();
      cell.percentiles.push_back(
          from.percentiles[step * there.size() + static_cast<std::size_t>(at)]);
    }
  }
  cells_[place] = std::move(cell);
}

/* By place: the first place with the same key. */
std::vector<std::size_t> Results::first_of_each_key() const {
  std::map<sim::Sha256Digest, std::size_t> first;
  std::vector<std::size_t> places;
  places.reserve(count());
  for (std::size_t place = 0; place < count(); place++) {
    places.push_back(first.emplace(cache_keys_[place], place).first->second);
  }
  return places;
}

std::vector<Results::Missing> Results::missing(const std::vector<bool>& left_out) const {
  const std::vector<std::size_t> first = first_of_each_key();
  std::map<std::vector<std::size_t>, std::size_t> known;  // by outputs
  std::vector<Missing> found;
  for (std::size_t scenario = 0; scenario < scenarios(); scenario++) {
    std::vector<std::size_t> lacking;
    for (std::size_t output = 0; output < outputs_; output++) {
      const std::size_t place = scenario * outputs_ + output;
      const bool wanted = is_usable(place) && (left_out.empty() || !left_out[place]);
      if (wanted && !cells_[place].known && first[place] == place) lacking.push_back(output);
    }
    if (lacking.empty()) continue;
    const auto [entry, added] = known.emplace(lacking, found.size());
    if (added) found.push_back({{}, std::move(lacking)});
    found[entry->second].scenarios.push_back(scenario);
  }
  return found;
}

void Results::take(const Missing& missing, const RunAnalysis& analysis) {
  const SlotPlaces slots = slots_of(analysis.simulation());
  for (std::uint32_t number = 0; number < missing.scenarios.size(); number++) {
    for (const std::size_t output : missing.outputs) {
      const std::size_t place = missing.scenarios[number] * outputs_ + output;
      const sim::OutputKey& key = key_at(place);
      Cell cell;
      cell.known = true;
      cell.computed = true;
      for (std::int64_t step = key.first_step; step <= key.last_step; step += key.every) {
        const std::uint32_t slot = slots.at({key.output, step});
        cell.totals.push_back(analysis.total(number, slot));
        const auto percentiles = analysis.percentiles(number, slot);
        cell.percentiles.insert(cell.percentiles.end(), percentiles.begin(), percentiles.end());
        if (form_.bins > 0) cell.histograms.push_back(analysis.histogram(number, slot));
      }
      cells_[place] = std::move(cell);
    }
  }
}

/* In the order in which they first have a step. */
std::vector<Results::Reported> Results::reported_outputs() const {
  constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  std::vector<std::size_t> where(outputs_, kNowhere);
  std::vector<Reported> reported;
  for (std::size_t place = 0; place < count(); place++) {
    if (step_count(place) == 0) continue;
    const std::int64_t first = key_at(place).first_step;
    std::size_t& at = where[place % outputs_];
    if (at == kNowhere) {
      at = reported.size();
      reported.push_back({place % outputs_, first});
    } else {
      reported[at].first = std::min(reported[at].first, first);
    }
  }
  return reported;
}

Results::Row Results::row(std::size_t scenario, std::size_t output, std::int64_t step) const {
  const std::size_t place = scenario * outputs_ + output;
  const sim::OutputKey& key = key_at(place);
  const bool exists = step >= key.first_step && step <= key.last_step;
  const std::size_t number =
      exists ? static_cast<std::size_t>((step - key.first_step) / key.every) : 0;
  const Cell& cell = exists ? cells_[place] : nothing_;
  return {keys_.scenarios[scenario].c_str(),
          key.output.c_str(),
          step,
          &cell.totals[number],
          cell.percentiles.data() + number * form_.probabilities.size(),
          form_.bins > 0 ? &cell.histograms[number] : nullptr};
}

void Results::finish() {
  const std::vector<std::size_t> first = first_of_each_key();
  for (std::size_t place = 0; place < count(); place++) {
    if (!cells_[place].known) cells_[place] = cells_[first[place]];
  }
  const std::vector<Reported> reported = reported_outputs();
  for (std::size_t scenario = 0; scenario < scenarios(); scenario++) {
    for (const Reported& each : reported) {
      if (!is_usable(scenario * outputs_ + each.output)) continue;
      const sim::OutputKey& key = key_at(each.output);
      for (std::int64_t step = each.first; step <= key.last_step; step += key.every) {
        rows_.push_back(row(scenario, each.output, step));
      }
    }
  }
}

}  // namespace simpg
