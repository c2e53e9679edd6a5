/*
 * result_hash.cpp -- feeds the bits of a run's statistics to SHA-256.
 */
#include "statistics/result_hash.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "core/sha256.hpp"

namespace simpg {

namespace {

/* Feeds numbers by their bits, texts with their end, so that different results cannot look alike.
 */
class ResultHash {
 public:
  void add(const char* words) { hash_.update(std::string_view(words, std::strlen(words) + 1)); }
  void add(std::int64_t value) { add_bits(static_cast<std::uint64_t>(value)); }
  void add(double value) {
    add_bits(std::isnan(value) ? kNaNBits : std::bit_cast<std::uint64_t>(value));
  }
  sim::Sha256Digest finish() { return hash_.finish(); }

 private:
  static constexpr std::uint64_t kNaNBits = 0x7ff8000000000000;

  void add_bits(std::uint64_t bits) {
    std::uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
      bytes[i] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
    hash_.update(bytes);
  }

  sim::Sha256 hash_;
};

sim::Sha256Digest hash_results(std::span<const Results::Row> rows, const StatisticsPlaces& places) {
  ResultHash hash;
  for (const Results::Row& row : rows) {
    const sim::Moments& total = *row.total;
    hash.add(row.scenario);
    hash.add(row.output);
    hash.add(row.step);
    hash.add(total.count);
    hash.add(total.failed);
    for (const double number : {total.mean, total.m2, total.m3, total.m4, total.min, total.max}) {
      hash.add(number);
    }
    for (const int place : places.places) {
      hash.add(row.percentiles[place].value);
    }
  }
  return hash.finish();
}

}  // namespace

void write_result_hash(std::span<const Results::Row> rows, const StatisticsPlaces& places,
                       char* digits) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint8_t byte : hash_results(rows, places)) {
    *digits++ = kDigits[byte >> 4];
    *digits++ = kDigits[byte & 15];
  }
  *digits = '\0';
}

}  // namespace simpg
