/*
 * near_board.hpp -- of all values of a run those near wanted rows of the sorted values, gathered by
 * several processes while they simulate.
 *
 * The first values of a run, whoever has them, go to the board as a pilot.  Whoever fills it finds
 * out between which values each wanted row will lie, in all likelihood (Floyd & Rivest 1975, as in
 * selection.hpp), and says so to all.  From then on a process puts on the board what lies there and
 * counts the rest.  Which trials are the pilot depends on who is fast, and so do the bounds: they
 * decide what is kept, never what is found, for the counts tell whether the rows are there.
 *
 * The board lies in memory that the caller gives and that processes may share: it has no pointers.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "summary/selection.hpp"

namespace sim {

/* What a board is for. */
struct NearShape {
  std::uint32_t scenarios = 0;
  std::uint32_t slots = 0;
  std::int64_t trials = 0;         // of each scenario
  std::vector<std::int64_t> rows;  // wanted if no trial fails; strictly ascending
  std::size_t memory = 0;          // most bytes, of the board and of what waits for its bounds
};

/* A view: whoever made the memory gives it back. */
class NearBoard {
 public:
  /* Bytes of a board; 0 where it would not help: for few trials, where most values lie near one of
   * the rows, or where what is near does not fit the memory. */
  static std::size_t size(const NearShape& shape);
  /* Makes a board in memory of that size, aligned for a double. */
  static NearBoard make(const NearShape& shape, void* memory);
  /* The one that was made there. */
  explicit NearBoard(void* memory) : memory_(static_cast<std::byte*>(memory)) {}

  std::uint32_t slots() const;
  /* Of a slot of a scenario, without counts; none as long as the pilot is not there. */
  std::vector<RowBounds> bounds(std::uint32_t scenario, std::uint32_t slot) const;
  /* Further values of a scenario: `trials` of each slot, one slot after another.  What exceeds the
   * pilot is ignored. */
  void offer_pilot(std::uint32_t scenario, std::span<const double> values, std::size_t trials);
  /* Finite values of a slot, under bounds that bounds() gave; these get their counts. */
  void add(std::uint32_t scenario, std::uint32_t slot, std::span<const double> values,
           std::vector<RowBounds>& bounds);

  /*
   * The values in the given rows of `count` values, sorted; nothing where the board does not hold
   * them: the pilot misled, there was more than room, or not all that many values were added.
   * Requires: nobody adds; rows strictly ascending, below count.
   */
  std::optional<std::vector<double>> find(std::uint32_t scenario, std::uint32_t slot,
                                          std::span<const std::int64_t> rows,
                                          std::int64_t count) const;

 private:
  struct Head;
  struct Pilot;
  struct Cell;
  struct Limits;

  Head& head() const;
  Pilot& pilot(std::uint32_t scenario) const;
  std::int64_t* rows() const;
  Cell& cell(std::uint32_t scenario, std::uint32_t slot) const;
  Limits* limits(std::uint32_t scenario, std::uint32_t slot) const;
  double* pilot_values(std::uint32_t scenario, std::uint32_t slot) const;
  double* near_values(std::uint32_t scenario, std::uint32_t slot) const;
  void settle(std::uint32_t scenario);

  std::byte* memory_;
};

/*
 * One process at a board: keeps what it has before the bounds are known, and sifts it when they
 * are.  Its threads may share it.
 */
class NearSifter {
 public:
  explicit NearSifter(NearBoard board) : board_(board) {}

  /* All values of so many trials of a scenario, one slot after another; whether all are finite is
   * known from their moments. */
  void take(std::uint32_t scenario, std::span<const double> values, std::size_t trials,
            bool all_finite);
  /* Whether all that was taken is on the board; if not, some other process is about to tell the
   * bounds, and this is to be called again. */
  bool finish();

 private:
  struct Waiting {
    std::uint32_t scenario;
    std::vector<double> values;
    std::size_t trials;
    bool all_finite;
  };

  bool sift(std::uint32_t scenario, std::span<const double> values, std::size_t trials,
            bool all_finite);

  NearBoard board_;
  std::mutex mutex_;  // of what is waiting
  std::vector<Waiting> waiting_;
};

}  // namespace sim
