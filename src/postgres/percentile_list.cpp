/*
 * percentile_list.cpp -- reads the percentiles that a call asks for.
 */
#include "percentile_list.hpp"

namespace simpg {

namespace {

[[noreturn]] void refuse(int code, const char* message, const char* detail) {
  ereport(ERROR,
          (errcode(code), errmsg_internal("%s", message),
           detail != nullptr ? errdetail_internal("%s", detail) : 0,
           errhint("Percentiles are fractions as in percentile_cont: ARRAY[0.05, 0.5, 0.95].")));
  pg_unreachable();
}

double read_percentile(Datum element, bool is_null, int number) {
  if (is_null) {
    refuse(ERRCODE_NULL_VALUE_NOT_ALLOWED, "a percentile must not be null",
           psprintf("Element %d of percentiles is null.", number));
  }
  const double probability = DatumGetFloat8(element);
  if (!(probability >= 0 && probability <= 1)) {
    refuse(ERRCODE_INVALID_PARAMETER_VALUE,
           psprintf("percentile %g is not between 0 and 1", probability),
           psprintf("It is element %d of percentiles.", number));
  }
  return probability;
}

}  // namespace

std::span<const double> percentiles_of(ArrayType* array) {
  if (array == nullptr) {
    refuse(ERRCODE_NULL_VALUE_NOT_ALLOWED, "percentiles must not be null", nullptr);
  }
  Datum* elements;
  bool* nulls;
  int count;
  deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements,
                    &nulls, &count);
  if (count == 0) {
    refuse(ERRCODE_INVALID_PARAMETER_VALUE, "percentiles is an empty array",
           "At least one percentile must be asked for.");
  }
  auto* percentiles = static_cast<double*>(palloc(sizeof(double) * count));
  for (int i = 0; i < count; i++) {
    percentiles[i] = read_percentile(elements[i], nulls[i], i + 1);
  }
  return {percentiles, static_cast<std::size_t>(count)};
}

std::span<const double> percentiles_argument(FunctionCallInfo call, int number) {
  return percentiles_of(call->args[number].isnull ? nullptr
                                                  : DatumGetArrayTypeP(call->args[number].value));
}

}  // namespace simpg
