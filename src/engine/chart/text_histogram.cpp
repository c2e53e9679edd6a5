/*
 * text_histogram.cpp -- chooses classes, counts, draws.
 */
#include "chart/text_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "chart/numbers.hpp"

namespace sim {
namespace {

/* So many different values or fewer get a line each. */
constexpr std::size_t kMostValueLines = 15;
/* The share of values on each side that does not widen the classes. */
constexpr double kOutside = 0.005;
/* A range smaller than this part of its values is rounding noise. */
constexpr double kNoise = 1e-12;

struct Line {
  std::string label;
  std::uint64_t count;
};

/* The different values with their counts, ascending; empty if there are too many. */
std::vector<WeightedValue> different_values(std::span<const WeightedValue> values) {
  std::vector<WeightedValue> found;
  for (const WeightedValue& weighted : values) {
    const auto at =
        std::lower_bound(found.begin(), found.end(), weighted.value,
                         [](const WeightedValue& a, double value) { return a.value < value; });
    if (at != found.end() && at->value == weighted.value) {
      at->count += weighted.count;
    } else {
      if (found.size() == kMostValueLines) return {};
      found.insert(at, weighted);
    }
  }
  return found;
}

/* The smallest value with more than `before` values at or below it. Reorders the values. */
double value_after(std::span<WeightedValue> values, std::uint64_t before) {
  const auto less = [](const WeightedValue& a, const WeightedValue& b) {
    return a.value < b.value;
  };
  while (values.size() > 1) {
    const std::size_t half = values.size() / 2;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half),
                     values.end(), less);
    std::uint64_t below = 0;
    for (const WeightedValue& weighted : values.first(half)) below += weighted.count;
    if (below > before) {
      values = values.first(half);
    } else {
      before -= below;
      values = values.subspan(half);
    }
  }
  return values[0].value;
}

std::uint64_t sum_counts(std::span<const WeightedValue> values) {
  std::uint64_t total = 0;
  for (const WeightedValue& weighted : values) total += weighted.count;
  return total;
}

/* The range that the classes cover: the middle of the values, or all if the middle is one point. */
std::pair<double, double> choose_range(std::span<WeightedValue> values) {
  const std::uint64_t total = sum_counts(values);
  const auto outside = static_cast<std::uint64_t>(kOutside * static_cast<double>(total));
  const double low = value_after(values, outside);
  const double high = value_after(values, total - 1 - outside);
  if (low < high) return {low, high};
  return {value_after(values, 0), value_after(values, total - 1)};
}

/* A width of 1, 2 or 5 times a power of ten. */
struct RoundStep {
  double multiple;
  int exponent;

  /* The edge number i; dividing rounds correctly where multiplying by 0.1 would not. */
  double edge(double i) const {
    if (exponent >= 0) return i * multiple * power_of_ten(exponent);
    return i * multiple / power_of_ten(-exponent);
  }
};

RoundStep choose_step(double low, double high, int classes) {
  const double width = high / classes - low / classes;
  RoundStep step{1, decimal_exponent(width)};
  const double leading = width / power_of_ten(step.exponent);
  if (leading >= 6.25) return {1, step.exponent + 1};
  if (leading >= 2.5) {
    step.multiple = 5;
  } else if (leading >= 1.25) {
    step.multiple = 2;
  }
  return step;
}

/* Smallest step for which powers of ten and quotients by it are normal numbers. */
constexpr int kSmallestExponent = -290;

std::vector<Line> value_lines(std::span<const WeightedValue> values) {
  std::vector<Line> lines;
  for (const WeightedValue& weighted : values) {
    lines.push_back({format_significant(weighted.value, 6), weighted.count});
  }
  return lines;
}

std::vector<Line> class_lines(std::span<const WeightedValue> values, double low, double high,
                              int classes) {
  const std::vector<double> edges = round_edges(low, high, classes);
  const std::size_t count = edges.size() - 1;
  const RoundStep step = choose_step(low, high, classes);
  std::vector<Line> lines(count, Line{{}, 0});
  bool any_below = false;
  bool any_above = false;
  for (const WeightedValue& weighted : values) {
    const auto above = std::upper_bound(edges.begin(), edges.end(), weighted.value);
    const std::ptrdiff_t place = above - edges.begin() - 1;
    any_below = any_below || place < 0;
    any_above = any_above || weighted.value > edges.back();
    const auto last = static_cast<std::ptrdiff_t>(count) - 1;
    lines[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(place, 0, last))].count +=
        weighted.count;
  }
  const auto label = [&](double edge) {
    const bool plain = step.exponent >= -6 && std::abs(edge) < 1e15;
    return plain ? format_fixed(edge, std::max(0, -step.exponent)) : format_significant(edge, 6);
  };
  for (std::size_t i = 0; i < count; ++i) lines[i].label = label(edges[i]);
  if (any_below) lines.front().label = "< " + label(edges[1]);
  if (any_above) lines.back().label = "≥ " + label(edges[count - 1]);
  return lines;
}

/* Full blocks, then one of as many eighths as are left. */
std::string draw_bar(std::size_t eighths) {
  static constexpr const char* kParts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string bar;
  for (std::size_t i = 0; i < eighths / 8; ++i) bar += "█";
  return bar + kParts[eighths % 8];
}

std::vector<std::string> draw(std::span<const Line> lines, std::size_t bar_width) {
  std::uint64_t total = 0;
  std::uint64_t most = 1;
  std::size_t label_width = 0;
  for (const Line& line : lines) {
    total += line.count;
    most = std::max(most, line.count);
    label_width = std::max(label_width, display_width(line.label));
  }
  std::vector<std::string> text;
  for (const Line& line : lines) {
    const double share = static_cast<double>(line.count) / static_cast<double>(most);
    auto eighths =
        static_cast<std::size_t>(std::rint(share * 8.0 * static_cast<double>(bar_width)));
    if (line.count > 0) eighths = std::max<std::size_t>(eighths, 1);
    const double part = static_cast<double>(line.count) / static_cast<double>(total);
    text.push_back(align_right(line.label, label_width) + " ▏" +
                   align_left(draw_bar(eighths), bar_width) + " " +
                   align_right(format_percent(part), 5));
  }
  return text;
}

/* Reorders the values. */
std::vector<std::string> draw_histogram(std::span<WeightedValue> values,
                                        const HistogramStyle& style) {
  if (values.empty()) return {};
  const auto few = different_values(values);
  if (!few.empty()) return draw(value_lines(few), style.bar_width);
  const auto [low, high] = choose_range(values);
  const double size = std::max(std::abs(low), std::abs(high));
  if (high / size - low / size < kNoise) {
    return draw(value_lines(std::vector<WeightedValue>{{low, sum_counts(values)}}),
                style.bar_width);
  }
  return draw(class_lines(values, low, high, style.classes), style.bar_width);
}

}  // namespace

std::vector<double> round_edges(double low, double high, int classes) {
  const RoundStep step = choose_step(low, high, classes);
  if (step.exponent < kSmallestExponent) return {low, high};
  /* Quotients of the bounds by the step, formed like the edges. */
  const double unit = step.edge(1);
  double first = std::floor(low / unit);
  double last = std::ceil(high / unit);
  while (step.edge(first) > low) --first;
  while (step.edge(last) < high) ++last;
  std::vector<double> edges;
  for (double i = first; i <= last; ++i) edges.push_back(step.edge(i));
  return edges;
}

std::vector<std::string> text_histogram(std::span<const double> values,
                                        const HistogramStyle& style) {
  std::vector<WeightedValue> finite;
  finite.reserve(values.size());
  for (const double value : values) {
    if (std::isfinite(value)) finite.push_back({value, 1});
  }
  return draw_histogram(finite, style);
}

std::vector<std::string> text_histogram(std::span<const WeightedValue> values,
                                        const HistogramStyle& style) {
  std::vector<WeightedValue> finite;
  for (const WeightedValue& weighted : values) {
    if (std::isfinite(weighted.value) && weighted.count > 0) finite.push_back(weighted);
  }
  return draw_histogram(finite, style);
}

}  // namespace sim
