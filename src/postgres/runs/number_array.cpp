/*
 * number_array.cpp -- makes and reads arrays of numbers without a detour through Datums.
 */
#include "runs/number_array.hpp"

#include <cstring>

namespace simpg {

namespace {

ArrayType* make_array(Oid type, const void* elements, std::size_t count) {
  if (count == 0) {
    return construct_empty_array(type);
  }
  const Size size = ARR_OVERHEAD_NONULLS(1) + count * 8;
  auto* array = static_cast<ArrayType*>(palloc0(size));
  SET_VARSIZE(array, size);
  array->ndim = 1;
  array->elemtype = type;
  ARR_DIMS(array)[0] = static_cast<int>(count);
  ARR_LBOUND(array)[0] = 1;
  std::memcpy(ARR_DATA_PTR(array), elements, count * 8);
  return array;
}

}  // namespace

ArrayType* make_array(std::span<const double> numbers) {
  return make_array(FLOAT8OID, numbers.data(), numbers.size());
}

ArrayType* make_array(std::span<const int64> counts) {
  return make_array(INT8OID, counts.data(), counts.size());
}

std::span<const double> numbers_of(const ArrayType* array) {
  if (ARR_NDIM(array) > 1) {
    ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                    errmsg("an array of numbers has %d dimensions", ARR_NDIM(array)),
                    errhint("Give it one dimension.")));
  }
  if (array_contains_nulls(const_cast<ArrayType*>(array))) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                    errmsg("an array of numbers contains a null")));
  }
  const int count = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
  return {reinterpret_cast<const double*>(ARR_DATA_PTR(array)), static_cast<std::size_t>(count)};
}

std::span<const double> numbers_argument(FunctionCallInfo call, int number) {
  return call->args[number].isnull ? std::span<const double>{}
                                   : numbers_of(DatumGetArrayTypeP(call->args[number].value));
}

}  // namespace simpg
