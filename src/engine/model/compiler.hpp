/*
 * compiler.hpp -- the parts of compilation, for the files of this room only; compile.hpp is the
 * door for others.
 *
 * TermBuilder turns the definitions a program needs into terms; Scheduler turns terms into lists of
 * actions with registers.
 */
#pragma once

#include <map>
#include <span>
#include <vector>

#include "model/compile.hpp"
#include "model/lowering.hpp"
#include "model/term.hpp"

namespace sim {

struct DrawTerms {
  DrawSpec spec;  // registers are filled in by the scheduler
  std::vector<TermId> parameters;
};

struct JacobianTerm {
  std::uint32_t row;
  std::uint32_t column;
  TermId value;
};

struct LoopTerms {
  LoopSpec spec;  // registers are filled in by the scheduler
  Level level = Level::once;
  std::vector<TermId> values;  // g_i(x), or g_i(0) when direct
  std::vector<JacobianTerm> jacobian;
  std::vector<TermId> starts;  // kNoTerm: 0
  /* What elimination gives: the unknowns when direct, else Newton's step; empty: not written out.
   */
  std::vector<TermId> solution;
  TermId trusted = kNoTerm;  // 1 where that is to be used; kNoTerm: always
  TermId first_unknown = 0;
};

/* The variables' values at one kind of step. */
struct PhaseTerms {
  std::int64_t step = -1;      // -1: all steps without a phase of their own
  std::vector<TermId> values;  // by variable; kNoTerm where there is none
};

/* All terms of a program, before they have an order. */
struct TermProgram {
  TermGraph terms;
  std::vector<DrawTerms> draws;
  std::vector<LoopTerms> loops;
  std::vector<TermId> scalars;  // value of each scalar variable; kNoTerm where not needed
  std::vector<PhaseTerms> phases;
  std::vector<std::int64_t>
      depth;        // of each timed variable: how far others look back; 0: nobody does
  Program program;  // specs found on the way: parameters, series, captures, aggregates, slots
  std::map<std::uint32_t, std::uint32_t> parameter_of;  // variable -> parameter
};

TermProgram build_terms(const Model& model, std::span<const Output> wanted, Chance chance,
                        std::span<const DataTable> tables,
                        Optimisation optimisation = Optimisation::on);

Program schedule(TermProgram built, Optimisation optimisation);

}  // namespace sim
