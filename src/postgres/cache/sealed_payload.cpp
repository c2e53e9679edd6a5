/*
 * sealed_payload.cpp -- puts a head before the payload and checks it.
 */
#include "cache/sealed_payload.hpp"

SIM_SERVER_BEGIN
#include <port/pg_crc32c.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr uint32 kVersion = 1;

struct Seal {
  uint32 version;
  pg_crc32c checksum;
};

pg_crc32c checksum_of(const CacheKey& key, const char* content, Size size) {
  pg_crc32c checksum;
  INIT_CRC32C(checksum);
  COMP_CRC32C(checksum, key.bytes, sizeof key.bytes);
  COMP_CRC32C(checksum, content, size);
  FIN_CRC32C(checksum);
  return checksum;
}

}  // namespace

bytea* seal(const CacheKey& key, const bytea* payload) {
  const Size size = VARSIZE_ANY_EXHDR(payload);
  const Seal head = {kVersion, checksum_of(key, VARDATA_ANY(payload), size)};
  auto* sealed = static_cast<bytea*>(palloc(VARHDRSZ + sizeof head + size));
  SET_VARSIZE(sealed, VARHDRSZ + sizeof head + size);
  memcpy(VARDATA(sealed), &head, sizeof head);
  memcpy(VARDATA(sealed) + sizeof head, VARDATA_ANY(payload), size);
  return sealed;
}

bytea* unseal(const CacheKey& key, const bytea* sealed) {
  Seal head;
  if (VARSIZE_ANY_EXHDR(sealed) < sizeof head) {
    return nullptr;
  }
  memcpy(&head, VARDATA_ANY(sealed), sizeof head);
  const Size size = VARSIZE_ANY_EXHDR(sealed) - sizeof head;
  const char* content = VARDATA_ANY(sealed) + sizeof head;
  if (head.version != kVersion || !EQ_CRC32C(head.checksum, checksum_of(key, content, size))) {
    return nullptr;
  }
  auto* payload = static_cast<bytea*>(palloc(VARHDRSZ + size));
  SET_VARSIZE(payload, VARHDRSZ + size);
  memcpy(VARDATA(payload), content, size);
  return payload;
}

}  // namespace simpg
