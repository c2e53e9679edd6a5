/*
 * experiment_step_models.hpp -- writes random models in which values that are the same in all
 * trials, and values that are drawn, read each other's steps in every way.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment_random_models.hpp"

namespace sim::testing {

class StepModel {
 public:
  explicit StepModel(std::uint64_t seed) : dice_(seed + 5000) {
    steps_ = 6 + dice_.below(9);
    write("steps " + std::to_string(steps_));
    write("data rows_(a, b)");
    write("input k0 = 1.5\ninput k1 = 0.25\ninput k2[t] = k0 + t / 7");
    write("input s0[t] ~ series(rows_.a)");
    write("input d0 ~ normal(k0, 1)");
    write("input u0[t] ~ normal(0, 1)\ninput u1[t] ~ exponential(abs(p0[t]) + 0.5)");
    write("input b0[t] ~ bootstrap(rows_.b)");
    same_ = {"k2[t]", "t", "k1", "if(t between 1 and 6, s0[t], -1)"};
    drawn_ = {"d0", "u0[t]", "b0[t]"};
    write_formula("p0", same_);
    drawn_.push_back("u1[t]");
    for (int i = 1; i < 5; ++i) write_formula("p" + std::to_string(i), same_);
    write_loop("g", same_);
    for (int i = 0; i < 4; ++i) write_formula("q" + std::to_string(i), drawn_);
    write_loop("h", drawn_);
    write_formula("p9", same_);
    write_outputs();
  }

  const std::string& text() const { return text_; }

 private:
  using Names = std::vector<std::string>;

  void write(const std::string& line) { text_ += line + "\n"; }

  /* Of the terms of its kind; what is drawn reads the others, too. */
  std::string leaf(const Names& kind) {
    if (&kind == &drawn_ && dice_.one_in(2)) return dice_.pick(same_);
    return dice_.pick(kind);
  }

  std::string expression(const Names& kind, int depth) {
    if (depth == 0) return leaf(kind);
    const auto part = [&] { return expression(kind, depth - 1); };
    switch (dice_.below(9)) {
      case 0:
      case 1:
        return "(" + part() + " + " + part() + ")";
      case 2:
        return "(" + part() + " - " + part() + ") * 0.5";
      case 3:
        return part() + " * " + part();
      case 4:
        return "max(" + part() + ", " + part() + ")";
      case 5:
        return "if(" + part() + " > " + part() + ", " + part() + ", " + part() + ")";
      case 6:
        return dice_.pick(Names{"tanh", "abs", "ln", "floor", "sin"}) + "(" + part() + ")";
      case 7:
        return "(" + part() + ") / (" + part() + ")";
      default:
        return "abs(" + part() + ") ^ " + dice_.pick(Names{"k1", "0.5", "2"});
    }
  }

  /* With start rules, a look back at itself, and readers of several of its steps. */
  void write_formula(const std::string& name, Names& kind) {
    const std::size_t starts = dice_.below(3);
    for (std::size_t step = 0; step < starts; ++step)
      write(name + "[" + std::to_string(step) +
            "] = " + dice_.pick(Names{"k0", "k1 * 2", &kind == &drawn_ ? "d0" : "k0 + t", "3"}));
    std::string rule = expression(kind, 3);
    if (starts > 0)
      rule = "0.5 * " + name + "[t-" + std::to_string(1 + dice_.below(starts)) + "] + " + rule;
    write(name + "[t] = " + rule);
    names_.push_back(name);
    kind.push_back(name + "[t]");
    const std::string lag = std::to_string(1 + dice_.below(4));
    if (dice_.one_in(2)) kind.push_back("if(t > 4, " + name + "[t-" + lag + "], k0)");
    if (dice_.one_in(3)) kind.push_back("if(t >= 5, " + name + "[" + lag + "], k1)");
  }

  void write_loop(const std::string& name, Names& kind) {
    const std::string other = name + "1";
    const bool linear = dice_.one_in(2);
    write(name + "[t] = 0.25 * " + (linear ? other + "[t]" : "tanh(" + other + "[t])") + " + " +
          expression(kind, 1));
    write(other + "[t] = 0.5 * " + name + "[t] - " + leaf(kind));
    for (const std::string& member : {name, other}) {
      names_.push_back(member);
      kind.push_back(member + "[t]");
    }
  }

  void write_outputs() {
    for (const std::string& name : names_) {
      if (dice_.one_in(2))
        write("output " + name + "[t] every " + std::to_string(1 + dice_.below(4)));
      if (!dice_.one_in(3)) continue;
      const std::string argument = name + dice_.pick(Names{"[*]", "[1..4]", "[2..last]"});
      write("output z_" + name + " = " + dice_.pick(Names{"sum", "avg", "min", "max"}) + "(" +
            argument + ") + first_step(" + name + "[t] > 1) * " + dice_.pick(Names{"d0", "k0"}) +
            " + " + name + dice_.pick(Names{"[last]", "[3]", "[last-1]"}));
    }
    write("output w = u0[2] + q0[last]");
  }

  Dice dice_;
  std::size_t steps_ = 0;
  std::string text_;
  Names same_;   // terms that are the same in all trials
  Names drawn_;  // terms that are not
  Names names_;
};

}  // namespace sim::testing
