/*
 * experiment_random_models.hpp -- writes random models of every construct of the language, the same
 * for the same seed.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment_dice.hpp"

namespace sim::testing {

class RandomModel {
 public:
  explicit RandomModel(std::uint64_t seed) : dice_(seed) {
    if (dice_.one_in(4)) steps_ = 0;
    write_frame();
    write_inputs();
    write_functions();
    write_scalars();
    if (steps_ > 0) {
      write_timed();
      write_finals();
    }
    write_outputs();
  }

  /* The statements in any order. */
  std::string text() {
    for (std::size_t i = lines_.size(); i > 1; --i)
      std::swap(lines_[i - 1], lines_[dice_.below(i)]);
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  using Names = std::vector<std::string>;

  static std::string numbered(const char* stem, std::size_t i) { return stem + std::to_string(i); }
  void line(std::string text) { lines_.push_back(std::move(text)); }
  std::string number() {
    return dice_.pick(Names{"0", "1", "2", "0.5", "-3", "1.25", "7", "1e-3", "12.75", "0.1"});
  }

  void write_frame() {
    line("solve method gauss_seidel tolerance 1e-6 iterations 60");
    line("data rows_(a, b)");
    if (steps_ == 0) return;
    steps_ = 5 + dice_.below(9);
    line("steps " + std::to_string(steps_));
  }

  void write_inputs() {
    for (std::size_t i = 0; i < 3; ++i) {
      line("input " + numbered("n", i) + " = " + number());
      scalars_.push_back(numbered("n", i));
    }
    line("input e0 = n0 * 2 + " + number());
    line("input d0 ~ normal(n0, abs(n1) + 0.5)");
    line("input d1 ~ uniform(d0 - 1, d0 + " + dice_.pick(Names{"1", "2", "n2"}) + ")");
    line("input d2 ~ triangular(1, 2, 5)");
    line("input d3 ~ empirical(rows_.a)");
    line("input (j0, j1) ~ bootstrap(rows_)");
    for (const char* name : {"e0", "d0", "d1", "d2", "d3", "j0", "j1"}) scalars_.push_back(name);
    if (steps_ == 0) return;
    line("input m0[t] = n1 + t");
    line("input u0[t] ~ normal(0, 1)");
    line("input u1[t] ~ exponential(abs(d0) + t)");
    line("input (b0[t], b1[t]) ~ bootstrap(rows_, block => " + std::to_string(1 + dice_.below(5)) +
         ")");
    line("input s0[t] ~ series(rows_.b)");
    for (const char* name : {"m0", "u0", "u1", "b0", "b1", "s0"}) timed_.push_back(name);
  }

  void write_functions() {
    line("function f0(x, y) = " + expression({"x", "y"}, {}, 3));
    line("function f1(x) = f0(x, x * 2) + if(x > 1, x, f0(1, x))");
    functions_ = true;
  }

  void write_scalars() {
    for (std::size_t i = 0; i < 5; ++i) {
      line(numbered("v", i) + " = " + expression(scalars_, {}, 4));
      scalars_.push_back(numbered("v", i));
    }
    line("l0 = 0.2 * l1 + " + expression(scalars_, {}, 2));
    line("l1 = 0.3 * l0 - 0.1 * abs(l2) + 1");
    line("l2 = if(l0 > 0, 0.5 * l1, 0.4 * l2) + n1");
    if (dice_.one_in(2)) line("solve l1 = n0 + 1");
    for (const char* name : {"l0", "l1", "l2"}) scalars_.push_back(name);
  }

  void write_timed() {
    for (std::size_t i = 0; i < 6; ++i) {
      const std::string name = numbered("x", i);
      const std::size_t starts = dice_.below(4);
      for (std::size_t step = 0; step < starts; ++step)
        line(name + "[" + std::to_string(step) + "] = " +
             (dice_.one_in(3) && step > 0 ? name + "[" + std::to_string(step - 1) + "] + t"
                                          : expression(scalars_, {}, 3)));
      Names terms;
      for (const std::string& other : timed_) terms.push_back(other + "[t]");
      const std::size_t lag = starts > 0 ? 1 + dice_.below(starts) : 0;
      if (lag > 0) terms.push_back(name + "[t-" + std::to_string(lag) + "]");
      for (const std::string& other : walks_)
        terms.push_back("if(t > 3, " + other + "[t-" + std::to_string(dice_.below(4)) + "], n0)");
      for (const std::string& other : walks_)
        terms.push_back("if(t >= 4, " + other + "[" + std::to_string(dice_.below(5)) + "], d0)");
      terms.push_back("t");
      line(name + "[t] = " + expression(scalars_, terms, 4));
      timed_.push_back(name);
      walks_.push_back(name);
    }
    line("q0[0] = n0");
    line("q0[t] = 0.9 * q0[t-1] + 0.25 * q1[t] + " + expression(scalars_, {"x0[t]"}, 1));
    line("q1[t] = 0.5 * q0[t] - 0.125 * abs(q1[t])");
    timed_.push_back("q0");
    timed_.push_back("q1");
  }

  void write_finals() {
    Names terms;
    for (const std::string& name : timed_) {
      terms.push_back("sum(" + name + "[*])");
      terms.push_back("avg(" + name + "[1..4])");
      terms.push_back("max(" + name + "[2..last] * 2)");
      terms.push_back("min(" + name + "[*])");
      terms.push_back("first_step(" + name + "[t] > " + number() + ")");
      terms.push_back("any(" + name + "[t] < n0)");
      terms.push_back("all(" + name + "[t] + x0[t] > -5)");
      terms.push_back(name + "[last]");
      terms.push_back(name + "[" + std::to_string(1 + dice_.below(5)) + "]");
    }
    for (std::size_t i = 0; i < 5; ++i) {
      line(numbered("z", i) + " = " + expression(scalars_, terms, 3));
      finals_.push_back(numbered("z", i));
    }
  }

  void write_outputs() {
    if (dice_.one_in(3)) return;  // everything is reported then
    for (const std::string& name : scalars_)
      if (dice_.one_in(3)) line("output " + name);
    for (const std::string& name : finals_)
      if (!dice_.one_in(3)) line("output " + name);
    for (const std::string& name : timed_)
      if (dice_.one_in(2))
        line("output " + name + "[t] every " + std::to_string(1 + dice_.below(3)));
  }

  std::string leaf(const Names& scalars, const Names& terms) {
    if (!terms.empty() && !dice_.one_in(3)) return dice_.pick(terms);
    return dice_.one_in(4) ? number() : dice_.pick(scalars);
  }

  std::string expression(const Names& scalars, const Names& terms, int depth) {
    if (depth == 0 || dice_.one_in(6)) return leaf(scalars, terms);
    const auto part = [&] { return expression(scalars, terms, depth - 1); };
    switch (dice_.below(functions_ ? 17 : 15)) {
      case 0:
      case 1:
        return "(" + part() + " + " + part() + ")";
      case 2:
        return "(" + part() + " - " + part() + ")";
      case 3:
        return part() + " * " + part();
      case 4:
        return "(" + part() + ") / (" + part() + ")";
      case 5:
        return "max(" + part() + ", " + part() + ", " + leaf(scalars, terms) + ")";
      case 6:
        return "if(" + part() + " > " + part() + ", " + part() + ", " + part() + ")";
      case 7:
        return "case when " + part() + " then " + part() + " when " + leaf(scalars, terms) +
               " < 1 then 2 else " + part() + " end";
      case 8:
        return "(" + part() + " between " + leaf(scalars, terms) + " and " + part() + ")";
      case 9:
        return dice_.pick(
                   Names{"sqrt", "abs", "ln", "exp", "floor", "round", "sin", "tanh", "erf"}) +
               "(" + part() + ")";
      case 10:
        return "(not (" + part() + ") or " + leaf(scalars, terms) + " and " + part() + " <> 1)";
      case 11:
        return "exp(-abs(" + part() + "))";
      case 12:
        return "mod(" + part() + ", " + part() + ")";
      case 13:
        return "abs(" + part() + ") ^ " + dice_.pick(Names{"2", "0.5", "-1", "1.5"});
      case 14:
        return "(mean(rows_.a) + round(" + part() + ", 2))";
      case 15:
        return "f0(" + part() + ", " + leaf(scalars, terms) + ")";
      default:
        return "f1(" + part() + ")";
    }
  }

  Dice dice_;
  std::size_t steps_ = 1;
  bool functions_ = false;
  Names lines_;
  Names scalars_;
  Names timed_;
  Names walks_;   // timed formulas
  Names finals_;  // scalars that read whole series
};

}  // namespace sim::testing
