/*
 * bytes.cpp -- plain data as bytes and back.
 *
 * Arrays are copied whole where the machine stores numbers as the format does, which is every
 * machine in use.
 */
#include "core/bytes.hpp"

#include <cstring>
#include <utility>

#include "core/error.hpp"

namespace sim {
namespace {

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorKind::corrupt_state, "damaged state of a simulation", what);
}

}  // namespace

void ByteWriter::append_integer(std::uint64_t value, int width) {
  std::uint8_t little_endian[8];
  for (int i = 0; i < width; ++i) little_endian[i] = static_cast<std::uint8_t>(value >> (8 * i));
  bytes_.insert(bytes_.end(), little_endian, little_endian + width);
}

void ByteWriter::string(std::string_view text) {
  u64(text.size());
  bytes_.insert(bytes_.end(), text.begin(), text.end());
}

void ByteWriter::doubles(std::span<const double> values) {
  u64(values.size());
  raw_doubles(values);
}

void ByteWriter::blob(std::span<const std::uint8_t> bytes) {
  u64(bytes.size());
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void ByteWriter::raw_doubles(std::span<const double> values) {
  if constexpr (std::endian::native == std::endian::little) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(values.data());
    bytes_.insert(bytes_.end(), first, first + values.size_bytes());
  } else {
    for (const double value : values) f64(value);
  }
}

std::vector<std::uint8_t> ByteWriter::take() { return std::exchange(bytes_, {}); }

std::span<const std::uint8_t> ByteReader::take(std::size_t n) {
  if (n > rest_.size()) fail("The bytes end too early.");
  const auto taken = rest_.first(n);
  rest_ = rest_.subspan(n);
  return taken;
}

std::uint64_t ByteReader::read_integer(int width) {
  const auto bytes = take(static_cast<std::size_t>(width));
  std::uint64_t value = 0;
  for (int i = 0; i < width; ++i) {
    value |= static_cast<std::uint64_t>(bytes[static_cast<std::size_t>(i)]) << (8 * i);
  }
  return value;
}

bool ByteReader::boolean() {
  const std::uint8_t value = u8();
  if (value > 1) fail("A truth value is neither 0 nor 1.");
  return value == 1;
}

std::string ByteReader::string() {
  const auto bytes = take(length(1));
  return std::string(bytes.begin(), bytes.end());
}

std::vector<double> ByteReader::doubles() {
  std::vector<double> values(length(sizeof(double)));
  raw_doubles(values);
  return values;
}

std::vector<std::uint8_t> ByteReader::blob() {
  const auto bytes = take(length(1));
  return {bytes.begin(), bytes.end()};
}

void ByteReader::raw_doubles(std::span<double> values) {
  if (values.size() > remaining() / sizeof(double)) fail("The bytes end too early.");
  if constexpr (std::endian::native == std::endian::little) {
    const auto bytes = take(values.size_bytes());
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  } else {
    for (double& value : values) value = f64();
  }
}

std::size_t ByteReader::length(std::size_t bytes_each) {
  const std::uint64_t count = u64();
  if (count > remaining() / bytes_each) fail("A length is greater than what follows.");
  return static_cast<std::size_t>(count);
}

void ByteReader::expect_end() const {
  if (!rest_.empty()) fail("Bytes are left over.");
}

void ByteReader::expect_magic(std::uint32_t magic) {
  if (u32() != magic) fail("The bytes begin with the wrong mark.");
}

}  // namespace sim
