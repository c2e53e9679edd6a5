/*
 * store_layer.cpp -- reads overrides out of JSON.
 */
#include "store_scenario.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

#include "store_text.hpp"

namespace simpg {

namespace {

struct Place {
  const char* whose;
  const char* key;
};

[[noreturn]] void report_value(const Place& place, const char* found, const char* hint) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                  errmsg("%s: the value of \"%s\" is %s", place.whose, place.key, found),
                  errdetail("A value is a number, true or false, a text that is an expression or "
                            "begins with ~, or an "
                            "array with a number for each step."),
                  errhint("%s", hint)));
  pg_unreachable();
}

double read_number(const JsonbValue& value, const Place& place) {
  if (value.type == jbvBool) {
    return value.val.boolean ? 1 : 0;
  }
  const double number = double_of(value.val.numeric);
  if (!std::isfinite(number)) {
    report_value(place, "beyond the range of a double",
                 "Give a number between -1.7e308 and 1.7e308.");
  }
  return number;
}

bool is_number(const JsonbValue& value) {
  return value.type == jbvNumeric || value.type == jbvBool;
}

void read_numbers(JsonbContainer* array, const Place& place, StoredOverride* read) {
  const int size = static_cast<int>(JsonContainerSize(array));
  double* numbers = static_cast<double*>(palloc(sizeof(double) * (size + 1)));
  for (int i = 0; i < size; i++) {
    const JsonbValue* element = getIthJsonbValueFromContainer(array, i);
    if (!is_number(*element)) {
      report_value(place, psprintf("an array whose element %d is no number", i + 1),
                   "Give one number for each step.");
    }
    numbers[i] = read_number(*element, place);
  }
  read->kind = StoredOverride::Kind::numbers;
  read->numbers = numbers;
  read->count = size;
}

StoredOverride read_value(const JsonbValue& value, const Place& place) {
  StoredOverride read = {place.key, to_utf8(place.key), StoredOverride::Kind::number, 0, nullptr, 0,
                         nullptr};
  if (is_number(value)) {
    read.number = read_number(value, place);
  } else if (value.type == jbvString) {
    read.kind = StoredOverride::Kind::text;
    read.words = to_utf8(pnstrdup(value.val.string.val, value.val.string.len));
  } else if (value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data)) {
    read_numbers(value.val.binary.data, place, &read);
  } else if (value.type == jbvNull) {
    report_value(place, "null", "Leave the key out where nothing is to be replaced.");
  } else {
    report_value(place, "an object", "Objects do not nest here.");
  }
  return read;
}

}  // namespace

double double_of(Numeric number) {
  const char* digits = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
  double value;
  // Quicker than the server's own conversion, and rounded as that is.
  const std::from_chars_result read = std::from_chars(digits, digits + strlen(digits), value);
  if (read.ec == std::errc() && *read.ptr == '\0') {
    return value;
  }
  return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(number)));
}

StoredLayer read_layer(Jsonb* overrides, const char* whose) {
  if (overrides == nullptr) {
    return {0, nullptr};
  }
  if (!JB_ROOT_IS_OBJECT(overrides)) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s: not a JSON object", whose),
             errhint("Write the names of inputs and their values: '{\"energy\": 120}'.")));
  }
  StoredOverride* read =
      static_cast<StoredOverride*>(palloc(sizeof(StoredOverride) * (JB_ROOT_COUNT(overrides) + 1)));
  int count = 0;
  JsonbIterator* iterator = JsonbIteratorInit(&overrides->root);
  JsonbValue value;
  JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
  Place place = {whose, nullptr};
  while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE) {
    if (token == WJB_KEY) {
      place.key = pnstrdup(value.val.string.val, value.val.string.len);
    } else if (token == WJB_VALUE) {
      read[count++] = read_value(value, place);
    }
  }
  return {count, read};
}

bool read_same_numbers(Jsonb* overrides, const StoredLayer& before, double* numbers) {
  if (!JB_ROOT_IS_OBJECT(overrides) || static_cast<int>(JB_ROOT_COUNT(overrides)) != before.count) {
    return false;
  }
  JsonbIterator* iterator = JsonbIteratorInit(&overrides->root);
  JsonbValue value;
  JsonbIteratorNext(&iterator, &value, true);
  for (int i = 0; i < before.count; i++) {
    const char* key = before.overrides[i].key;
    JsonbIteratorNext(&iterator, &value, true);
    if (strncmp(key, value.val.string.val, value.val.string.len) != 0 ||
        key[value.val.string.len] != '\0') {
      return false;
    }
    JsonbIteratorNext(&iterator, &value, true);
    if (!is_number(value)) {
      return false;
    }
    numbers[i] = read_number(value, {"overrides", key});
  }
  return true;
}

}  // namespace simpg
