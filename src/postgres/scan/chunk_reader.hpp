/*
 * chunk_reader.hpp -- reduces chunk after chunk to partials: pure C++, to be called inside
 * guarded().
 */
#pragma once

#include "scan/compiled.hpp"

#include <vector>

#include "scan/keep.hpp"
#include "summary/partial.hpp"

namespace simpg {

class ChunkReader {
 public:
  /* No bytes in `keep`: moments only. Throws what compile() and read_keep() throw. */
  ChunkReader(std::span<const std::uint8_t> experiment, std::span<const std::uint8_t> keep,
              const Knobs& knobs);

  const std::string& model() const { return experiment_->model; }
  const sim::Simulation& simulation() const { return experiment_->simulation; }

  /* Pure: the chunk's partial, or that of its differences from scenario 0. */
  sim::Partial summarize(int64 number, sim::Control& control) const;

  /* The same as bytes, which stay until the next call. */
  void compute(int64 number, sim::Control& control);
  const std::vector<std::uint8_t>& partial() const { return partial_; }
  /* Values that are not finite in the partial computed last. */
  int64 failed() const { return failed_; }

 private:
  SharedExperiment experiment_;
  Keep keep_;
  std::vector<std::uint8_t> partial_;
  int64 failed_ = 0;
};

}  // namespace simpg
