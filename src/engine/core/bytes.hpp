/*
 * bytes.hpp -- plain data as bytes and back: little-endian, no padding, equal data give equal
 * bytes.
 *
 * What is written here travels between processes and may come back damaged or forged.  A reader
 * therefore checks every access against the bytes it was given and every length against the bytes
 * that are left, before it allocates anything. There are no field names and no versions: each
 * format begins with a magic number of its own.
 */
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

class ByteWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u32(std::uint32_t value) { append_integer(value, 4); }
  void u64(std::uint64_t value) { append_integer(value, 8); }
  void i64(std::int64_t value) { u64(static_cast<std::uint64_t>(value)); }
  /* All 64 bits: NaN payloads and the sign of zero survive. */
  void f64(double value) { u64(std::bit_cast<std::uint64_t>(value)); }
  void boolean(bool value) { u8(value ? 1 : 0); }

  /* Length (64 bits), then the elements. */
  void string(std::string_view text);
  void doubles(std::span<const double> values);
  void blob(std::span<const std::uint8_t> bytes);

  /* Elements without a length, for a reader that knows how many there are. */
  void raw_doubles(std::span<const double> values);

  void reserve(std::size_t more) { bytes_.reserve(bytes_.size() + more); }
  std::size_t size() const { return bytes_.size(); }
  /* Hands over what was written; the writer is empty afterwards. */
  std::vector<std::uint8_t> take();

 private:
  void append_integer(std::uint64_t value, int width);

  std::vector<std::uint8_t> bytes_;
};

/* Every read throws Error(corrupt_state) instead of passing the end. The bytes must outlive the
 * reader. */
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(read_integer(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(read_integer(4)); }
  std::uint64_t u64() { return read_integer(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  double f64() { return std::bit_cast<double>(u64()); }
  /* Throws Error(corrupt_state) for a byte that is neither 0 nor 1. */
  bool boolean();

  std::string string();
  std::vector<double> doubles();
  std::vector<std::uint8_t> blob();

  void raw_doubles(std::span<double> values);

  /* Leaves a string, or numbers with their length, unread. */
  void skip_string() { take(length(1)); }
  void skip_doubles() { take(length(sizeof(double)) * sizeof(double)); }

  /*
   * A length (64 bits) of elements that take at least `bytes_each` bytes.  Throws
   * Error(corrupt_state) when so many cannot follow, so that the caller may allocate for it.
   * Requires: bytes_each >= 1.
   */
  std::size_t length(std::size_t bytes_each);

  std::size_t remaining() const { return rest_.size(); }
  /* Throws Error(corrupt_state) when bytes are left over. */
  void expect_end() const;
  /* Throws Error(corrupt_state) unless the next 32 bits are `magic`. */
  void expect_magic(std::uint32_t magic);

 private:
  std::span<const std::uint8_t> take(std::size_t n);
  std::uint64_t read_integer(int width);

  std::span<const std::uint8_t> rest_;
};

}  // namespace sim
