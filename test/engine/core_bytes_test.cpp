/*
 * core_bytes_test.cpp -- plain data as bytes: round trips, and nothing read that is not there.
 */
#include "core/bytes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace sim {
namespace {

ErrorKind kind_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::cancelled;
}

TEST(Bytes, ReadsBackWhatWasWritten) {
  const std::vector<double> numbers = {0.0, -0.0, 1e308, 5e-324};
  const std::vector<std::uint8_t> blob = {1, 2, 255};
  const std::string text("a\0b", 3);
  ByteWriter writer;
  writer.u8(200);
  writer.u32(4000000000u);
  writer.u64(18000000000000000000u);
  writer.i64(-5);
  writer.f64(-0.1);
  writer.boolean(true);
  writer.string(text);
  writer.doubles(numbers);
  writer.blob(blob);
  writer.raw_doubles(numbers);
  const auto bytes = writer.take();

  ByteReader reader(bytes);
  EXPECT_EQ(reader.u8(), 200);
  EXPECT_EQ(reader.u32(), 4000000000u);
  EXPECT_EQ(reader.u64(), 18000000000000000000u);
  EXPECT_EQ(reader.i64(), -5);
  EXPECT_EQ(reader.f64(), -0.1);
  EXPECT_TRUE(reader.boolean());
  EXPECT_EQ(reader.string(), text);
  const std::vector<double> read = reader.doubles();
  EXPECT_EQ(read, numbers);
  EXPECT_TRUE(std::signbit(read[1]));
  EXPECT_EQ(reader.blob(), blob);
  std::vector<double> raw(4);
  reader.raw_doubles(raw);
  EXPECT_EQ(raw, numbers);
  EXPECT_NO_THROW(reader.expect_end());
}

TEST(Bytes, AreLittleEndianWhateverTheMachine) {
  ByteWriter writer;
  writer.u32(0x01020304);
  writer.f64(1.0);
  EXPECT_EQ(writer.take(), (std::vector<std::uint8_t>{4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f}));
}

TEST(Bytes, KeepThePayloadOfNaN) {
  const double nan = std::bit_cast<double>(0x7ff8000000abcdefu);
  ByteWriter writer;
  writer.f64(nan);
  const auto bytes = writer.take();
  EXPECT_EQ(std::bit_cast<std::uint64_t>(ByteReader(bytes).f64()), 0x7ff8000000abcdefu);
}

TEST(Bytes, AreNeverReadBeyondTheEnd) {
  const std::vector<std::uint8_t> bytes(7, 0);
  EXPECT_EQ(kind_of([&] { ByteReader(bytes).u64(); }), ErrorKind::corrupt_state);
  EXPECT_EQ(kind_of([&] { ByteReader(bytes).f64(); }), ErrorKind::corrupt_state);
  EXPECT_EQ(kind_of([&] { ByteReader(bytes).string(); }), ErrorKind::corrupt_state);
  EXPECT_EQ(kind_of([&] {
              std::vector<double> one(1);
              ByteReader(bytes).raw_doubles(one);
            }),
            ErrorKind::corrupt_state);
}

TEST(Bytes, RefuseALengthThatCannotFollowBeforeAllocatingForIt) {
  for (const std::uint64_t length :
       {std::uint64_t{2}, std::uint64_t{1} << 61, std::numeric_limits<std::uint64_t>::max()}) {
    ByteWriter writer;
    writer.u64(length);
    writer.f64(1);
    const auto bytes = writer.take();
    EXPECT_EQ(kind_of([&] { ByteReader(bytes).doubles(); }), ErrorKind::corrupt_state);
  }
}

TEST(Bytes, RefuseWhatIsLeftOverAndWrongMarksAndTruthValues) {
  const std::vector<std::uint8_t> bytes = {2, 0, 0, 0};
  EXPECT_EQ(kind_of([&] { ByteReader(bytes).expect_end(); }), ErrorKind::corrupt_state);
  EXPECT_EQ(kind_of([&] { ByteReader(bytes).boolean(); }), ErrorKind::corrupt_state);
  EXPECT_EQ(kind_of([&] { ByteReader(bytes).expect_magic(3); }), ErrorKind::corrupt_state);
  ByteReader reader(bytes);
  EXPECT_NO_THROW(reader.expect_magic(2));
}

}  // namespace
}  // namespace sim
