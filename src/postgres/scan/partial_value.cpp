/*
 * partial_value.cpp -- a Partial as an expanded object.
 */
#include "scan/partial_value.hpp"

#include <cstring>

#include "scan/compiled.hpp"

namespace simpg {

namespace {

PartialValue* value_of(ExpandedObjectHeader* header) {
  return reinterpret_cast<PartialValue*>(header);
}

Size flat_size(ExpandedObjectHeader* header) {
  PartialValue* value = value_of(header);
  if (value->flat->object == nullptr) {
    guarded([&] { hold(value->flat, value->partial->object->serialize()); });
    check_value_size(value->flat->object->size());
  }
  return value->flat->object->size() + VARHDRSZ;
}

void flatten(ExpandedObjectHeader* header, void* result, Size size) {
  const std::vector<std::uint8_t>& bytes = *value_of(header)->flat->object;
  SET_VARSIZE(result, size);
  std::memcpy(VARDATA(result), bytes.data(), bytes.size());
}

constexpr ExpandedObjectMethods kMethods = {flat_size, flatten};

}  // namespace

PartialValue* make_partial_value(MemoryContext context) {
  auto* value = static_cast<PartialValue*>(MemoryContextAllocZero(context, sizeof(PartialValue)));
  EOH_init_header(&value->header, &kMethods, context);
  value->partial = make_holder<sim::Partial>(context);
  value->flat = make_holder<std::vector<std::uint8_t>>(context);
  return value;
}

const sim::Partial* partial_of(Datum value) {
  if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value))) {
    return nullptr;
  }
  ExpandedObjectHeader* header = DatumGetEOHP(value);
  return header->eoh_methods == &kMethods ? value_of(header)->partial->object : nullptr;
}

}  // namespace simpg
