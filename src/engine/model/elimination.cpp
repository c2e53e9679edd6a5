/*
 * elimination.cpp -- chooses pivots, eliminates row by row, and substitutes back, all in terms.
 */
#include "model/elimination.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/control.hpp"

namespace sim {
namespace {

/* Beyond this the matrix is factored lane by lane: programs must not grow with the cube of a loop,
 * and for a single lane one library call takes less time than thousands of operations. */
constexpr std::size_t kMostOperations = 1500;
constexpr std::size_t kMoreForEachUnknown = 20;
/* An operation over numbers is done while compiling, which takes its time too. */
constexpr std::size_t kNumbersForOne = 3;
constexpr std::size_t kMostUnknowns = 1000;
/* Threshold pivoting: a pivot is at least 1/10 of the largest entry of its column. */
constexpr double kLargestMultiplier = 10;

/* An entry of the matrix: -value where negative, so that no operation is spent on signs. */
struct Entry {
  std::uint32_t column;
  TermId value;
  bool negative;
};

using Row = std::vector<Entry>;  // by column

struct Pivot {
  std::uint32_t row;
  Entry entry;
};

class Eliminator {
 public:
  Eliminator(TermGraph& terms, std::span<const JacobianTerm> slopes, std::span<const TermId> right)
      : terms_(terms),
        right_(right.begin(), right.end()),
        rows_(right.size()),
        open_(right.size(), true),
        largest_multiplier_(kNoTerm) {
    for (std::uint32_t i = 0; i < rows_.size(); ++i) put(rows_[i], i, {i, terms_.number(1), false});
    for (const JacobianTerm& slope : slopes) {
      if (slope.row == slope.column)
        put(rows_[slope.row], slope.column,
            {slope.column, operation(Operation::subtract, terms_.number(1), slope.value), false});
      else
        put(rows_[slope.row], slope.column, {slope.column, slope.value, true});
    }
  }

  std::optional<Elimination> run() {
    if (rows_.size() > kMostUnknowns) return std::nullopt;
    while (pivots_.size() < rows_.size()) {
      stop_if_asked();
      const std::optional<Pivot> pivot = choose_pivot();
      if (!pivot || is_too_much(*pivot)) return std::nullopt;
      take_pivot(*pivot);
    }
    substitute_back();
    if (largest_multiplier_ != kNoTerm)
      result_.bounded =
          operation(Operation::less_equal, largest_multiplier_, terms_.number(kLargestMultiplier));
    return std::move(result_);
  }

 private:
  TermId operation(Operation operation, TermId a, TermId b = kNoTerm) {
    const TermId result = terms_.operation(operation, a, b);
    effort_ += terms_.is_number(result) ? 1 : kNumbersForOne;
    return result;
  }

  /* At least a product for each entry of the pivot's row, in each row that has one in its column.
   */
  bool is_too_much(const Pivot& pivot) const {
    const std::size_t products = rows_[pivot.row].size() * (count_[pivot.entry.column] - 1);
    return effort_ + products >
           kNumbersForOne * (kMostOperations + kMoreForEachUnknown * rows_.size());
  }

  bool is(TermId id, double number) const {
    return terms_.is_number(id) && terms_[id].number == number;
  }

  TermId multiply(TermId a, TermId b) {
    if (is(a, 1)) return b;
    if (is(b, 1)) return a;
    return operation(Operation::multiply, a, b);
  }

  TermId divide(TermId a, TermId b) { return is(b, 1) ? a : operation(Operation::divide, a, b); }

  /* sum - product, or sum + product. */
  TermId combine(TermId sum, TermId product, bool minus) {
    if (is(sum, 0)) return minus ? operation(Operation::negate, product) : product;
    return operation(minus ? Operation::subtract : Operation::add, sum, product);
  }

  static std::size_t place_of(const Row& row, std::uint32_t column) {
    const auto at = std::lower_bound(row.begin(), row.end(), column,
                                     [](const Entry& e, std::uint32_t c) { return e.column < c; });
    return static_cast<std::size_t>(at - row.begin());
  }

  static const Entry* find(const Row& row, std::uint32_t column) {
    const std::size_t place = place_of(row, column);
    return place < row.size() && row[place].column == column ? &row[place] : nullptr;
  }

  /* Numbers give their sign to the entry: a product with 1 is none. */
  void put(Row& row, std::uint32_t column, Entry entry) {
    if (terms_.is_number(entry.value) && terms_[entry.value].number < 0)
      entry = {column, terms_.number(-terms_[entry.value].number), !entry.negative};
    const std::size_t place = place_of(row, column);
    if (place < row.size() && row[place].column == column)
      row[place] = entry;
    else
      row.insert(row.begin() + static_cast<std::ptrdiff_t>(place), entry);
  }

  /* Of each column, over open rows: the number of entries, and the largest of those that are
   * numbers. */
  void measure_columns() {
    count_.assign(rows_.size(), 0);
    largest_.assign(rows_.size(), 0.0);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      if (!open_[r]) continue;
      for (const Entry& entry : rows_[r]) {
        ++count_[entry.column];
        if (terms_.is_number(entry.value))
          largest_[entry.column] =
              std::max(largest_[entry.column], std::fabs(terms_[entry.value].number));
      }
    }
  }

  bool acceptable(const Entry& entry) const {
    if (!terms_.is_number(entry.value)) return true;
    const double size = std::fabs(terms_[entry.value].number);
    return size > 0 && std::isfinite(size) && size * kLargestMultiplier >= largest_[entry.column];
  }

  /* Smaller is better: what fills in least, then numbers, then what is computed seldom. */
  using Rank = std::tuple<std::size_t, bool, int>;
  Rank rank_of(std::uint32_t r, const Entry& entry) const {
    const Term& right = terms_[right_[r]];
    const int often = terms_.is_number(right_[r]) ? 0
                      : right.loop > 0            ? 5
                                                  : 1 + static_cast<int>(right.level);
    return {(rows_[r].size() - 1) * (count_[entry.column] - 1), !terms_.is_number(entry.value),
            often};
  }

  /* Off the diagonal only where it has no pivot left: 1 - a is zero less often than a. */
  std::optional<Pivot> choose_pivot() {
    measure_columns();
    std::optional<Pivot> best;
    Rank best_rank;
    const auto consider = [&](std::uint32_t r, const Entry& entry) {
      if (!acceptable(entry)) return;
      const Rank candidate = rank_of(r, entry);
      if (best && !(candidate < best_rank)) return;
      best = Pivot{r, entry};
      best_rank = candidate;
    };
    for (std::uint32_t r = 0; r < rows_.size(); ++r)
      if (open_[r])
        if (const Entry* entry = find(rows_[r], r)) consider(r, *entry);
    if (best) return best;
    for (std::uint32_t r = 0; r < rows_.size(); ++r)
      if (open_[r])
        for (const Entry& entry : rows_[r]) consider(r, entry);
    return best;
  }

  void take_pivot(const Pivot& pivot) {
    open_[pivot.row] = false;
    pivots_.push_back(pivot);
    const TermId size = operation(Operation::absolute, pivot.entry.value);
    const auto extreme = [&](Operation which, TermId so_far) {
      return so_far == kNoTerm ? size : operation(which, so_far, size);
    };
    result_.smallest_pivot = extreme(Operation::minimum, result_.smallest_pivot);
    result_.largest_pivot = extreme(Operation::maximum, result_.largest_pivot);
    for (std::size_t r = 0; r < rows_.size(); ++r)
      if (open_[r])
        if (const Entry* entry = find(rows_[r], pivot.entry.column))
          subtract_pivot_row(pivot, r, *entry);
  }

  /* Row r minus so many times the pivot's row that its entry in the pivot's column goes. */
  void subtract_pivot_row(const Pivot& pivot, std::size_t r, const Entry entry) {
    const TermId multiplier = divide(entry.value, pivot.entry.value);
    const bool negative = entry.negative != pivot.entry.negative;
    bound(multiplier);
    Row& row = rows_[r];
    row.erase(row.begin() + static_cast<std::ptrdiff_t>(place_of(row, entry.column)));
    for (const Entry& above : rows_[pivot.row]) {
      if (above.column == entry.column) continue;
      const TermId product = multiply(multiplier, above.value);
      const bool product_negative = negative != above.negative;
      if (const Entry* here = find(row, above.column))
        put(row, above.column,
            {above.column, combine(here->value, product, here->negative == product_negative),
             here->negative});
      else
        put(row, above.column, {above.column, product, !product_negative});
    }
    if (!is(right_[pivot.row], 0))
      right_[r] = combine(right_[r], multiply(multiplier, right_[pivot.row]), !negative);
  }

  /* Multipliers that are numbers obey the threshold by the choice of the pivot. */
  void bound(TermId multiplier) {
    if (terms_.is_number(multiplier)) return;
    const TermId size = operation(Operation::absolute, multiplier);
    largest_multiplier_ = largest_multiplier_ == kNoTerm
                              ? size
                              : operation(Operation::maximum, largest_multiplier_, size);
  }

  void substitute_back() {
    result_.solution.assign(rows_.size(), kNoTerm);
    for (std::size_t k = pivots_.size(); k-- > 0;) {
      const Pivot& pivot = pivots_[k];
      TermId sum = right_[pivot.row];
      for (const Entry& entry : rows_[pivot.row])
        if (entry.column != pivot.entry.column)
          sum =
              combine(sum, multiply(entry.value, result_.solution[entry.column]), !entry.negative);
      const TermId solution = divide(sum, pivot.entry.value);
      result_.solution[pivot.entry.column] =
          pivot.entry.negative ? operation(Operation::negate, solution) : solution;
    }
  }

  TermGraph& terms_;
  std::vector<TermId> right_;
  std::vector<Row> rows_;
  std::vector<bool> open_;  // rows without a pivot yet
  std::vector<Pivot> pivots_;
  std::vector<std::size_t> count_;
  std::vector<double> largest_;
  TermId largest_multiplier_;
  Elimination result_;
  std::size_t effort_ = 0;
};

}  // namespace

std::optional<Elimination> eliminate(TermGraph& terms, std::span<const JacobianTerm> slopes,
                                     std::span<const TermId> right) {
  return Eliminator(terms, slopes, right).run();
}

}  // namespace sim
