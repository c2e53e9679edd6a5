/*
 * sketch_argument.cpp -- checks that two arrays can be a sketch: nothing is read beyond them then.
 */
#include "runs/sketch_argument.hpp"

#include <cmath>

namespace simpg {

namespace {

bool is_sketch(const sim::QuantileSketch& sketch) {
  const std::size_t count = sketch.levels.size();
  if (count < 2 || count != sketch.values.size() || sketch.levels[0] != 0 ||
      sketch.levels[count - 1] != 1) {
    return false;
  }
  for (std::size_t i = 1; i < count; i++) {
    if (!(sketch.levels[i - 1] < sketch.levels[i] && sketch.values[i - 1] <= sketch.values[i])) {
      return false;
    }
  }
  return std::isfinite(sketch.values[0]) && std::isfinite(sketch.values[count - 1]);
}

}  // namespace

sim::QuantileSketch sketch_argument(FunctionCallInfo call, int first) {
  const sim::QuantileSketch sketch = {numbers_argument(call, first),
                                      numbers_argument(call, first + 1)};
  if (!is_sketch(sketch)) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
             errmsg("levels and values are not those of a sketch"),
             errdetail("Levels ascend from 0 to 1, and there is one value each, none smaller than "
                       "the one before.")));
  }
  return sketch;
}

}  // namespace simpg
