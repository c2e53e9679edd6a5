/*
 * solved_bytes.cpp -- name after name, each with its first step and its values.
 */
#include "converge/solved_bytes.hpp"

#include "core/bytes.hpp"
#include "core/error.hpp"

namespace simpg {

namespace {

struct Series {
  std::int64_t first_step;
  std::vector<double> values;
};

}  // namespace

std::vector<std::uint8_t> solved_bytes(const sim::SolvedScenario& solved,
                                       const std::vector<std::string>& names) {
  sim::ByteWriter writer;
  std::size_t begin = 0;
  while (begin < solved.slots.size()) {
    std::size_t end = begin;
    while (end < solved.slots.size() &&
           solved.slots[end].variable == solved.slots[begin].variable) {
      end++;
    }
    writer.string(names[solved.slots[begin].variable]);
    writer.i64(solved.slots[begin].step);
    writer.doubles(solved.values.subspan(begin, end - begin));
    begin = end;
  }
  return writer.take();
}

KeptScenario read_solved(std::span<const std::uint8_t> bytes, const NamePlaces& places) {
  std::map<std::uint32_t, Series> series;
  sim::ByteReader reader(bytes);
  while (reader.remaining() > 0) {
    const auto place = places.find(reader.string());
    const std::int64_t first_step = reader.i64();
    std::vector<double> values = reader.doubles();
    if (place == places.end()) {
      throw sim::Error(sim::ErrorKind::corrupt_state, "a result in the cache is damaged");
    }
    series[place->second] = {first_step, std::move(values)};
  }
  KeptScenario scenario;
  for (const auto& [variable, of_variable] : series) {
    std::int64_t step = of_variable.first_step;
    for (const double value : of_variable.values) {
      scenario.slots.push_back({variable, step++});
      scenario.values.push_back(value);
    }
  }
  return scenario;
}

}  // namespace simpg
