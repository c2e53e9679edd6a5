/*
 * term_builder.hpp -- the state of building terms, for the files of this room only; compiler.hpp is
 * the door.
 */
#pragma once

#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "model/compiler.hpp"
#include "model/graph.hpp"
#include "model/reads.hpp"

namespace sim {

class TermBuilder final : public LeafReader {
 public:
  TermBuilder(const Model& model, std::span<const Output> wanted, Chance chance,
              std::span<const DataTable> tables, Optimisation optimisation)
      : model_(model),
        wanted_(wanted),
        chance_(chance),
        tables_(tables),
        lowering_(model, built_.terms) {
    built_.terms = TermGraph(optimisation == Optimisation::on);
  }

  TermProgram build() {
    built_.program.steps = model_.steps;
    for (const Variable& variable : model_.variables)
      built_.program.variable_names.push_back(variable.name);
    built_.scalars.assign(model_.variables.size(), kNoTerm);
    built_.depth.assign(model_.variables.size(), 0);
    find_required();
    number_parameters();
    build_scalars(false);
    build_phases();
    build_scalars(true);
    list_slots();
    return std::move(built_);
  }

  // Leaves, as they stand in the formula being lowered.
  TermId variable(const Node& node) override;
  TermId time() override {
    return step_ >= 0 ? number(static_cast<double>(step_))
                      : built_.terms.leaf(TermKind::time, Level::step, 0);
  }
  TermId data_aggregate(std::string_view function, const Node& column) override;
  TermId time_aggregate(std::string_view function, const Node& node) override;

 private:
  TermId number(double value) { return built_.terms.number(value); }
  TermId nan() { return number(std::nan("")); }

  void find_required();
  void number_parameters();
  void build_scalars(bool over_time);
  void build_phases();
  void build_phase(std::int64_t step);
  void mark_own_steps(std::int64_t step);
  std::int64_t step_seen_by(std::uint32_t variable) const {
    return phase_ != nullptr && own_step_[variable] ? phase_->step : -1;
  }
  void build_component(const Component& component);
  void refuse_inputs(const Component& loop) const;
  void list_slots();

  bool exists(const Variable& variable, std::int64_t step) const {
    return step != 0 || !variable.from_step_1;
  }
  const Expression* rule_at(const Variable& variable, std::int64_t step) const;
  std::vector<std::uint32_t> same_step_reads(std::uint32_t variable) const;
  TermId lower_variable(std::uint32_t variable);
  TermId lower_input(const Variable& variable, std::uint32_t index);
  TermId draw(const Variable& variable);
  std::uint32_t draw_spec(const Variable& variable, const DrawDefinition& definition,
                          std::vector<TermId> parameters);
  TermId series_term(std::vector<double> values);
  TermId lagged(std::uint32_t variable, std::int64_t lag);
  TermId captured(std::uint32_t variable, std::int64_t step, Level level);
  std::vector<TermId>& values() { return phase_ == nullptr ? built_.scalars : phase_->values; }
  double column_mean(const DataTable& table, std::size_t column) const;

  const Model& model_;
  std::span<const Output> wanted_;
  const Chance chance_;
  std::span<const DataTable> tables_;
  TermProgram built_;
  Lowering lowering_;
  std::vector<bool> required_;
  std::vector<std::vector<Read>> reads_;
  PhaseTerms* phase_ = nullptr;                      // null while scalars are built
  std::vector<std::vector<std::uint32_t>> readers_;  // of each variable
  /* Whether the step of the phase is one of its own to a variable, by what it reads.  To others it
   * is a step like any: what else is computed must not make constants of their terms. */
  std::vector<bool> own_step_;
  std::int64_t step_ = -1;        // the phase's, as the variable being lowered sees it
  std::int64_t start_step_ = -1;  // the k of the start rule being lowered
  /* By definition, parameters, and the phase where parameters differ between phases. */
  std::map<std::tuple<const DrawDefinition*, std::vector<TermId>, std::int64_t>, std::uint32_t>
      draw_specs_;
  std::map<std::pair<std::uint32_t, std::int64_t>, std::uint32_t> capture_places_;
  std::map<std::tuple<TimeAggregate, std::uint32_t, std::int64_t, std::int64_t>, std::uint32_t>
      aggregate_places_;
};

}  // namespace sim
