/*
 * near_board.cpp -- the pilot, what lies near the rows, and finding them.
 *
 * In memory: the head, the rows, then of each scenario its pilot's progress, of each cell (scenario
 * and slot) its counts and limits, then the values of all pilots, then what is near in each cell.
 */
#include "summary/near_board.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <limits>
#include <new>

#include "summary/percentile.hpp"

namespace sim {
namespace {

/* Fewer values are sooner selected from than sifted. */
constexpr std::int64_t kFewTrials = 131072;
/* One trial of so many is in the pilot; as many again would narrow the bounds by a third. */
constexpr std::int64_t kPilotPart = 32;
/* Enough, unless what is near takes more memory than there is. */
constexpr std::int64_t kUsualPilot = 65536;
/* Half the width of an interval in standard deviations of the row in the pilot. One of two million
 * misses, and its run is simulated again. */
constexpr double kDeviations = 5;
/* Room for more near values than expected, in standard deviations. */
constexpr double kRoomDeviations = 6;
/* Where more than this part of the values is near, all may be kept as well. */
constexpr double kMostNear = 0.3;
/* One value of so many is looked at for equal ones. */
constexpr std::size_t kLookedAt = 8;
/* A value that is this part of an interval's, or more, is a point of its own. */
constexpr std::size_t kHeavyPart = 16;
/* Pieces that an interval with heavy values may have, on average. */
constexpr std::size_t kPieces = 4;
constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

std::vector<std::size_t> places(std::span<const std::int64_t> rows) {
  return {rows.begin(), rows.end()};
}

bool is_finite(double value) { return value - value == 0; }

std::size_t cells(const NearShape& shape) {
  return static_cast<std::size_t>(shape.scenarios) * shape.slots;
}

/* Part of the values near a row. */
double near_part(const NearShape& shape, std::uint64_t pilot) {
  return share_between(places(shape.rows), static_cast<std::size_t>(shape.trials), pilot,
                       kDeviations);
}

/*
 * Values for which a cell has room.  Of the pilot k values lie within the bounds; of all values as
 * large a part does, with a standard deviation of the root of k in the pilot's terms.
 */
std::uint64_t room_for(const NearShape& shape, std::uint64_t pilot) {
  const auto trials = static_cast<double>(pilot);
  const double expected = near_part(shape, pilot) * trials;
  const double most = expected + kRoomDeviations * (std::sqrt(expected) + 1);
  return static_cast<std::uint64_t>(most / trials * static_cast<double>(shape.trials));
}

/* What a pilot of so many trials and what is near then take, and the trials that wait for it. */
std::size_t bytes_of_values(const NearShape& shape, std::uint64_t pilot) {
  return cells(shape) * (2 * pilot + room_for(shape, pilot)) * sizeof(double);
}

/* Four times as many make the bounds half as wide. */
std::uint64_t pilot_trials(const NearShape& shape) {
  const std::int64_t most = shape.trials / kPilotPart;
  std::int64_t pilot = std::min(most, kUsualPilot);
  while (pilot < most && bytes_of_values(shape, static_cast<std::uint64_t>(pilot)) > shape.memory) {
    pilot = std::min(2 * pilot, most);
  }
  return static_cast<std::uint64_t>(pilot);
}

/* One of `every` values that lies within the bounds, sorted. */
std::vector<double> sorted_within(std::span<const double> values, const RowBounds& bounds,
                                  std::size_t every) {
  std::vector<double> inside;
  for (std::size_t i = 0; i < values.size(); i += every) {
    if (values[i] >= bounds.low && values[i] <= bounds.high) inside.push_back(values[i]);
  }
  std::sort(inside.begin(), inside.end());
  return inside;
}

/* Whether one of them may be heavy: of a few, some are equal. */
bool may_hold_heavy(std::span<const double> values, const RowBounds& bounds) {
  if (bounds.is_point()) return false;
  const std::vector<double> some = sorted_within(values, bounds, kLookedAt);
  return std::adjacent_find(some.begin(), some.end()) != some.end();
}

/* The heavy ones of sorted values. */
std::vector<double> heavy_values(std::span<const double> values) {
  std::vector<double> heavy;
  for (std::size_t i = 0; i < values.size();) {
    const auto next = std::upper_bound(values.begin(), values.end(), values[i]);
    const auto end = static_cast<std::size_t>(next - values.begin());
    if ((end - i) * kHeavyPart >= values.size()) heavy.push_back(values[i]);
    i = end;
  }
  return heavy;
}

/* An interval as its heavy values and what lies between and beside these. */
void cut(const RowBounds& whole, std::span<const double> heavy, std::span<const double> sorted,
         std::vector<RowBounds>& pieces) {
  double low = whole.low;
  const auto add_between = [&](double high) {
    const auto first = std::lower_bound(sorted.begin(), sorted.end(), low);
    const bool any = first != sorted.end() && *first <= high;
    if (low <= high && (any || std::isinf(low) || std::isinf(high))) pieces.push_back({low, high});
  };
  for (const double point : heavy) {
    add_between(std::nextafter(point, -std::numeric_limits<double>::infinity()));
    pieces.push_back({point, point});
    low = std::nextafter(point, std::numeric_limits<double>::infinity());
  }
  add_between(whole.high);
}

/*
 * The bounds, where one holds a value that very many are equal to, in pieces: what is a point need
 * not be kept, for its count says all.
 */
std::vector<RowBounds> cut_at_points(const std::vector<RowBounds>& bounds,
                                     std::span<const double> pilot) {
  std::vector<RowBounds> pieces;
  for (const RowBounds& whole : bounds) {
    if (may_hold_heavy(pilot, whole)) {
      const std::vector<double> inside = sorted_within(pilot, whole, 1);
      cut(whole, heavy_values(inside), inside, pieces);
    } else {
      pieces.push_back(whole);
    }
  }
  return pieces.size() <= kPieces * bounds.size() ? pieces : bounds;
}

/* The pilot's finite values are reordered. */
std::vector<RowBounds> pilot_bounds(std::span<double> pilot, std::span<const std::size_t> wanted,
                                    std::int64_t trials) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (pilot.empty()) return {{-kInfinity, kInfinity}};
  return cut_at_points(bounds_around(pilot, wanted, static_cast<std::size_t>(trials), kDeviations),
                       pilot);
}

}  // namespace

struct NearBoard::Head {
  std::uint32_t scenarios;
  std::uint32_t slots;
  std::int64_t trials;
  std::uint64_t row_count;
  std::uint64_t bounds_room;  // of a cell
  std::uint64_t pilot_trials;
  std::uint64_t near_room;  // values of a cell
};

/* Of one scenario. */
struct NearBoard::Pilot {
  std::atomic<std::uint64_t> promised;  // trials that somebody writes or has written
  std::atomic<std::uint64_t> written;
  std::atomic<std::uint64_t> known;  // 1: the bounds are there

  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
};

struct NearBoard::Cell {
  std::atomic<std::int64_t> added;    // values
  std::atomic<std::uint64_t> near;    // of these, more than there is room for too
  std::atomic<std::uint64_t> bounds;  // how many
};

/* One of the bounds and its counts. */
struct NearBoard::Limits {
  double low;
  double high;
  std::atomic<std::int64_t> below;
  std::atomic<std::int64_t> up_to;
};

std::size_t NearBoard::size(const NearShape& shape) {
  if (shape.trials < kFewTrials || shape.rows.empty() || cells(shape) == 0) return 0;
  const std::uint64_t pilot = pilot_trials(shape);
  if (near_part(shape, pilot) > kMostNear || bytes_of_values(shape, pilot) > shape.memory) return 0;
  return sizeof(Head) + shape.rows.size() * sizeof(std::int64_t) + shape.scenarios * sizeof(Pilot) +
         cells(shape) * (sizeof(Cell) + kPieces * shape.rows.size() * sizeof(Limits) +
                         (pilot + room_for(shape, pilot)) * sizeof(double));
}

NearBoard NearBoard::make(const NearShape& shape, void* memory) {
  const std::uint64_t pilot = pilot_trials(shape);
  new (memory) Head{.scenarios = shape.scenarios,
                    .slots = shape.slots,
                    .trials = shape.trials,
                    .row_count = shape.rows.size(),
                    .bounds_room = kPieces * shape.rows.size(),
                    .pilot_trials = pilot,
                    .near_room = room_for(shape, pilot)};
  NearBoard board(memory);
  std::copy(shape.rows.begin(), shape.rows.end(), board.rows());
  for (std::uint32_t scenario = 0; scenario < shape.scenarios; ++scenario) {
    new (&board.pilot(scenario)) Pilot{};
    for (std::uint32_t slot = 0; slot < shape.slots; ++slot) {
      new (&board.cell(scenario, slot)) Cell{};
      for (std::size_t i = 0; i < kPieces * shape.rows.size(); ++i) {
        new (board.limits(scenario, slot) + i) Limits{};
      }
    }
  }
  return board;
}

NearBoard::Head& NearBoard::head() const { return *reinterpret_cast<Head*>(memory_); }

std::uint32_t NearBoard::slots() const { return head().slots; }

std::int64_t* NearBoard::rows() const {
  return reinterpret_cast<std::int64_t*>(memory_ + sizeof(Head));
}

NearBoard::Pilot& NearBoard::pilot(std::uint32_t scenario) const {
  return reinterpret_cast<Pilot*>(rows() + head().row_count)[scenario];
}

NearBoard::Cell& NearBoard::cell(std::uint32_t scenario, std::uint32_t slot) const {
  auto* first = reinterpret_cast<Cell*>(&pilot(head().scenarios));
  return first[static_cast<std::size_t>(scenario) * head().slots + slot];
}

NearBoard::Limits* NearBoard::limits(std::uint32_t scenario, std::uint32_t slot) const {
  auto* first = reinterpret_cast<Limits*>(&cell(head().scenarios, 0));
  return first + (static_cast<std::size_t>(scenario) * head().slots + slot) * head().bounds_room;
}

double* NearBoard::pilot_values(std::uint32_t scenario, std::uint32_t slot) const {
  auto* first = reinterpret_cast<double*>(limits(head().scenarios, 0));
  return first + (static_cast<std::size_t>(scenario) * head().slots + slot) * head().pilot_trials;
}

double* NearBoard::near_values(std::uint32_t scenario, std::uint32_t slot) const {
  double* first = pilot_values(head().scenarios, 0);
  return first + (static_cast<std::size_t>(scenario) * head().slots + slot) * head().near_room;
}

std::vector<RowBounds> NearBoard::bounds(std::uint32_t scenario, std::uint32_t slot) const {
  std::vector<RowBounds> bounds;
  if (pilot(scenario).known.load(std::memory_order_acquire) == 0) return bounds;
  const Limits* from = limits(scenario, slot);
  for (std::uint64_t i = 0; i < cell(scenario, slot).bounds; ++i) {
    bounds.push_back({from[i].low, from[i].high});
  }
  return bounds;
}

void NearBoard::offer_pilot(std::uint32_t scenario, std::span<const double> values,
                            std::size_t trials) {
  Pilot& progress = pilot(scenario);
  const std::uint64_t room = head().pilot_trials;
  if (progress.promised.load() >= room) return;
  const std::uint64_t first = progress.promised.fetch_add(trials);
  if (first >= room) return;
  const std::uint64_t n = std::min<std::uint64_t>(trials, room - first);
  for (std::uint32_t slot = 0; slot < head().slots; ++slot) {
    std::copy_n(values.data() + slot * trials, n, pilot_values(scenario, slot) + first);
  }
  if (progress.written.fetch_add(n) + n == room) settle(scenario);
}

/* By whoever has filled the pilot. */
void NearBoard::settle(std::uint32_t scenario) {
  const std::vector<std::size_t> wanted = places({rows(), head().row_count});
  for (std::uint32_t slot = 0; slot < head().slots; ++slot) {
    double* first = pilot_values(scenario, slot);
    double* last = std::partition(first, first + head().pilot_trials, is_finite);
    const std::vector<RowBounds> bounds = pilot_bounds({first, last}, wanted, head().trials);
    Limits* to = limits(scenario, slot);
    for (const RowBounds& each : bounds) {
      to->low = each.low;
      to++->high = each.high;
    }
    cell(scenario, slot).bounds = bounds.size();
  }
  pilot(scenario).known.store(1, std::memory_order_release);
}

void NearBoard::add(std::uint32_t scenario, std::uint32_t slot, std::span<const double> values,
                    std::vector<RowBounds>& bounds) {
  std::vector<double> near;
  near.reserve(values.size());
  copy_between(values, bounds, near, kNoLimit);
  Cell& own = cell(scenario, slot);
  const std::uint64_t first = own.near.fetch_add(near.size());
  if (first < head().near_room) {
    const std::size_t n = std::min<std::size_t>(near.size(), head().near_room - first);
    std::copy_n(near.data(), n, near_values(scenario, slot) + first);
  }
  Limits* to = limits(scenario, slot);
  for (const RowBounds& each : bounds) {
    to->below += each.below;
    to++->up_to += each.up_to;
  }
  own.added += static_cast<std::int64_t>(values.size());
}

std::optional<std::vector<double>> NearBoard::find(std::uint32_t scenario, std::uint32_t slot,
                                                   std::span<const std::int64_t> rows,
                                                   std::int64_t count) const {
  const Cell& own = cell(scenario, slot);
  if (own.added != count || own.near > head().near_room) return std::nullopt;
  std::vector<RowBounds> counted = bounds(scenario, slot);
  for (std::size_t i = 0; i < counted.size(); ++i) {
    counted[i].below = limits(scenario, slot)[i].below;
    counted[i].up_to = limits(scenario, slot)[i].up_to;
  }
  std::vector<double> found(rows.size());
  std::vector<std::size_t> open;     // places in `found`
  std::vector<std::int64_t> inside;  // rows of what is near
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    const RowBounds* holding = find_bounds(counted, row);
    if (holding == nullptr) return std::nullopt;
    if (holding->is_point()) {
      found[i] = holding->low + 0.0;  // a zero is positive
    } else {
      open.push_back(i);
      inside.push_back(static_cast<std::int64_t>(row_between(row, counted)));
    }
  }
  const std::vector<double> selected =
      order_statistics({near_values(scenario, slot), static_cast<std::size_t>(own.near)}, inside);
  for (std::size_t i = 0; i < open.size(); ++i) found[open[i]] = selected[i];
  return found;
}

void NearSifter::take(std::uint32_t scenario, std::span<const double> values, std::size_t trials,
                      bool all_finite) {
  board_.offer_pilot(scenario, values, trials);
  if (sift(scenario, values, trials, all_finite)) return;
  const std::lock_guard lock(mutex_);
  waiting_.push_back({scenario, {values.begin(), values.end()}, trials, all_finite});
}

bool NearSifter::finish() {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](const Waiting& each) {
    return sift(each.scenario, each.values, each.trials, each.all_finite);
  });
  return waiting_.empty();
}

/* False, and nothing done, where the bounds are not known. */
bool NearSifter::sift(std::uint32_t scenario, std::span<const double> values, std::size_t trials,
                      bool all_finite) {
  std::vector<double> finite;
  for (std::uint32_t slot = 0; slot < board_.slots(); ++slot) {
    std::vector<RowBounds> bounds = board_.bounds(scenario, slot);
    if (bounds.empty()) return false;
    std::span<const double> own = values.subspan(slot * trials, trials);
    if (!all_finite && !std::all_of(own.begin(), own.end(), is_finite)) {
      finite.clear();
      std::copy_if(own.begin(), own.end(), std::back_inserter(finite), is_finite);
      own = finite;
    }
    board_.add(scenario, slot, own, bounds);
  }
  return true;
}

}  // namespace sim
