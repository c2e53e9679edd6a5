/*
 * diagnostics.cpp -- collecting what is wrong, and drawing it with carets.
 */
#include "language/diagnostics.hpp"

#include <algorithm>

#include "language/utf8.hpp"

namespace sim {

namespace {

/* How much of a line is shown, in columns; the rest is cut away around the offending place. */
constexpr int kShownColumns = 100;
constexpr int kColumnsBefore = 40;

bool ends_line(std::string_view source, std::size_t offset) {
  if (source[offset] == '\n') return true;
  const bool before_newline = offset + 1 < source.size() && source[offset + 1] == '\n';
  return source[offset] == '\r' && !before_newline;
}

/* One line of the source with its characters apart, so that columns can be counted and cut. */
struct ShownLine {
  std::vector<std::string> characters;
  int caret_start = 0;
  int caret_count = 1;
};

std::string shown_character(std::string_view source, std::size_t offset, const CodePoint& point) {
  if (!point.well_formed) return "?";
  if (point.value < 0x20 || point.value == 0x7F) return " ";
  return std::string(source.substr(offset, point.length));
}

std::size_t line_start_of(std::string_view source, std::size_t offset) {
  while (offset > 0 && !ends_line(source, offset - 1)) --offset;
  return offset;
}

bool is_blank(char letter) { return letter == ' ' || letter == '\t'; }

/* Of a long line only what is near the place. */
ShownLine read_line(std::string_view source, SourceRange range) {
  const std::size_t start = std::min<std::size_t>(range.offset, source.size());
  const std::size_t stop = std::min<std::size_t>(start + range.length, source.size());
  std::size_t offset = line_start_of(source, start);
  while (offset < start && is_blank(source[offset])) ++offset;
  int left_out = count_code_points(source.substr(offset, start - offset)) - 2 * kShownColumns;
  for (; left_out > 0; --left_out) offset += decode_utf8(source, offset).length;
  ShownLine line;
  int carets = 0;
  while (offset < source.size() && !ends_line(source, offset)) {
    const CodePoint point = decode_utf8(source, offset);
    if (offset < start) ++line.caret_start;
    if (offset >= start && offset < stop) ++carets;
    line.characters.push_back(shown_character(source, offset, point));
    offset += point.length;
    if (static_cast<int>(line.characters.size()) > line.caret_start + 2 * kShownColumns) break;
  }
  line.caret_count = std::max(1, carets);
  return line;
}

/* Source line and caret line, both indented by two, without a line feed at the end. */
std::string draw(const ShownLine& line) {
  const int length = static_cast<int>(line.characters.size());
  const int caret_end = line.caret_start + line.caret_count;
  int first = 0;
  if (std::max(length, caret_end) > kShownColumns && line.caret_start > kColumnsBefore) {
    first = line.caret_start - kColumnsBefore;
  }
  const int last = std::min(length, first + kShownColumns);
  std::string text = first > 0 ? "  ..." : "  ";
  const int carets_at = line.caret_start - first + (first > 0 ? 3 : 0);
  for (int i = first; i < last; ++i) text += line.characters[i];
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (last < length) text += "...";
  const int shown_carets = std::max(1, std::min(caret_end, last) - line.caret_start);
  return text + "\n  " + std::string(carets_at, ' ') + std::string(shown_carets, '^');
}

}  // namespace

Position position_of(std::string_view source, std::uint32_t offset) {
  const std::size_t end = std::min<std::size_t>(offset, source.size());
  Position position{1, 1};
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (!ends_line(source, i)) continue;
    ++position.line;
    line_start = i + 1;
  }
  position.column = 1 + count_code_points(source.substr(line_start, end - line_start));
  return position;
}

void Diagnostics::error(SourceRange range, std::string message, std::string hint) {
  items_.push_back({Severity::error, range, std::move(message), std::move(hint)});
}

void Diagnostics::warning(SourceRange range, std::string message, std::string hint) {
  items_.push_back({Severity::warning, range, std::move(message), std::move(hint)});
}

bool Diagnostics::has_errors() const { return error_count() > 0; }

int Diagnostics::error_count() const {
  return static_cast<int>(std::count_if(items_.begin(), items_.end(), [](const Diagnostic& item) {
    return item.severity == Severity::error;
  }));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> items = items_;
  std::stable_sort(items.begin(), items.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.range.offset < b.range.offset;
  });
  return items;
}

std::string render_errors(const Diagnostics& diagnostics, std::string_view source, int limit) {
  std::string text;
  int shown = 0;
  for (const Diagnostic& item : diagnostics.sorted()) {
    if (item.severity != Severity::error) continue;
    if (shown == limit) break;
    const Position position = position_of(source, item.range.offset);
    if (shown > 0) text += '\n';
    text += "line " + std::to_string(position.line) + ", column " +
            std::to_string(position.column) + ": " + item.message + '\n';
    text += draw(read_line(source, item.range));
    ++shown;
  }
  const int left = diagnostics.error_count() - shown;
  if (left > 0) text += "\n... and " + std::to_string(left) + " more";
  return text;
}

}  // namespace sim
