/*
 * experiment_whole_models.hpp -- writes random models of the whole language: inputs of every kind,
 * scalars and series, loops of every kind and method, lags, and what is known at the end only.
 *
 * Nearly all of them are right.  Some are not, or fail when they are run; then the error is what is
 * compared.
 */
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiment_dice.hpp"
#include "experiment_whole_expressions.hpp"

namespace sim::testing {

struct WrittenInput {
  std::string name;
  bool timed = false;
  bool joint = false;
};

class WholeModel {
 public:
  explicit WholeModel(std::uint64_t seed) : dice_(seed), writer_(dice_) {
    write_frame();
    write_functions();
    write_scalar_inputs();
    for (std::size_t parts = 1 + dice_.below(4); parts > 0; --parts) write_scalar_part();
    if (steps_ > 0) {
      write_timed_inputs();
      declare_series();
      for (const Part& part : parts_) write_timed_part(part);
      for (std::size_t parts = dice_.below(4); parts > 0; --parts) write_final_part();
    }
    write_outputs();
  }

  /* The statements in any order: the same for the same number. */
  std::string text(std::uint64_t order) const {
    Dice dice(order);
    Names lines = lines_;
    for (std::size_t i = lines.size(); i > 1; --i) std::swap(lines[i - 1], lines[dice.below(i)]);
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }

  std::int64_t steps() const { return static_cast<std::int64_t>(steps_); }
  bool historical() const { return historical_; }
  /* Whether a loop's iterations go through its formulas in the order of the text. */
  bool ordered() const { return method_ == "gauss_seidel"; }
  const std::vector<WrittenInput>& inputs() const { return inputs_; }
  /* Inputs and formulas without time, and all variables. */
  const Names& scalars() const { return scalars_; }
  const Names& variables() const { return variables_; }

 private:
  struct Series {
    std::string name;
    std::size_t starts;  // how many start rules it has
  };
  /* Series that are formulas one after the other, or the members of a loop. */
  struct Part {
    bool loop;
    std::vector<Series> series;
  };

  static std::string numbered(const std::string& stem, std::size_t i) {
    return stem + std::to_string(i);
  }
  void line(std::string text) { lines_.push_back(std::move(text)); }
  void define(const std::string& left, const std::string& right) { line(left + " = " + right); }

  void write_frame() {
    steps_ = dice_.one_in(4) ? 0 : dice_.pick(std::vector<std::size_t>{1, 2, 3, 4, 6, 9, 13});
    if (steps_ > 0) line("steps " + std::to_string(steps_) + dice_.pick(Names{"", " year"}));
    line("data ra(a, b)");
    line("data rb(c, e, f)");
    for (const char* term : {"mean(ra.a)", "sd(ra.b)", "count(rb.c)", "stddev(rb.f)"})
      writer_.add_data(term);
    method_ = dice_.pick(
        Names{"", "", "auto", "direct", "newton", "gauss_seidel", "gauss_seidel", "jacobi"});
    std::string settings;
    if (!method_.empty()) settings += " method " + method_;
    if ((method_ == "gauss_seidel" || method_ == "jacobi") && dice_.one_in(3)) {
      settings += " damping " + dice_.pick(Names{"0.5", "0.9", "0.05"});
    }
    if (dice_.one_in(3)) settings += " iterations " + dice_.pick(Names{"1", "2", "3", "30", "300"});
    if (dice_.one_in(3))
      settings += " tolerance " + dice_.pick(Names{"1e-6", "0.01", "1e-15", "3"});
    if (!settings.empty()) line("solve" + settings);
  }

  void write_functions() {
    const std::size_t count = dice_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = numbered("f", i);
      const bool two = dice_.one_in(2);
      Scope scope{two ? Names{"x", "y"} : Names{"x"}, two ? Names{"x", "y"} : Names{"x"}};
      line("function " + name + (two ? "(x, y) = " : "(x) = ") + writer_.expression(scope, 3));
      writer_.add_function(name + (two ? "(@, #)" : "(@)"));
    }
  }

  // Inputs.

  void add_input(const std::string& name, bool timed, bool joint = false) {
    inputs_.push_back({name, timed, joint});
    variables_.push_back(name);
    if (timed)
      timed_.push_back(name);
    else
      scalars_.push_back(name);
  }

  void write_scalar_inputs() {
    const std::size_t numbers = 1 + dice_.below(3);
    for (std::size_t i = 0; i < numbers; ++i) {
      const std::string range = dice_.one_in(4) ? " range -1e6 to 1e6 unit 'm' 'a number'" : "";
      define("input " + numbered("n", i),
             dice_.pick(Names{"0", "1", "2", "0.5", "-3", "7", "0.1", "1e-3"}) + range);
      add_input(numbered("n", i), false);
    }
    if (dice_.one_in(2)) {
      define("input e0", writer_.expression({scalars_}, 2));
      add_input("e0", false);
    }
    const std::size_t draws = dice_.below(4);
    for (std::size_t i = 0; i < draws; ++i) {
      line("input " + numbered("d", i) + " ~ " + writer_.distribution({scalars_}));
      add_input(numbered("d", i), false);
    }
    if (dice_.one_in(4)) {
      line("input q0 ~ " + dice_.pick(Names{"empirical(ra.a)", "bootstrap(rb.e)"}));
      add_input("q0", false);
    }
    if (dice_.one_in(4)) write_joint_draw("");
  }

  void write_joint_draw(const std::string& time) {
    const bool three = dice_.one_in(2);
    const std::string table = three ? "rb" : "ra";
    Names names = {"j0", "j1"};
    if (three) names.push_back("j2");
    std::string list;
    for (std::string& name : names) {
      name += time.empty() ? "s" : "t";
      list += (list.empty() ? "" : ", ") + name + time;
      add_input(name, !time.empty(), true);
    }
    std::string drawn = "bootstrap(" + table + ")";
    if (!time.empty() && dice_.one_in(2))
      drawn = "bootstrap(" + table + ", block => " + std::to_string(1 + dice_.below(6)) + ")";
    if (dice_.one_in(5)) {
      drawn = "historical(" + table + ")";
      historical_ = true;
    }
    line("input (" + list + ") ~ " + drawn);
  }

  void write_timed_inputs() {
    if (dice_.one_in(3)) {
      define("input m0[t]", writer_.expression({scalars_, {"t"}}, 2));
      add_input("m0", true);
    }
    if (dice_.one_in(3)) {
      define("input m1[t]", writer_.number());
      add_input("m1", true);
    }
    const std::size_t draws = dice_.below(3);
    for (std::size_t i = 0; i < draws; ++i) {
      Scope scope{scalars_, {"t"}};
      for (const std::string& name : timed_) scope.terms.push_back(name + "[t]");
      if (dice_.one_in(2)) scope.terms.clear();
      line("input " + numbered("u", i) + "[t] ~ " + writer_.distribution(scope));
      add_input(numbered("u", i), true);
    }
    if (dice_.one_in(4)) {
      line("input s0[t] ~ " +
           dice_.pick(Names{"series(ra.b)", "empirical(rb.f)", "bootstrap(ra.a, block => 3)"}));
      add_input("s0", true);
    }
    if (dice_.one_in(4)) write_joint_draw("[t]");
  }

  // Formulas without time.

  void write_scalar_part() {
    if (dice_.one_in(2)) return write_loop({scalars_}, scalars_);
    for (std::size_t count = 1 + dice_.below(3); count > 0; --count)
      write_formula({scalars_}, scalars_);
  }

  void write_formula(const Scope& scope, Names& known) {
    const std::string name = numbered("v", formulas_++);
    define(name, writer_.expression(scope, 3));
    known.push_back(name);
    variables_.push_back(name);
  }

  void write_loop(Scope scope, Names& known) {
    const std::size_t count = 1 + dice_.below(4), kind = loop_kind();
    Names members;
    for (std::size_t i = 0; i < count; ++i) members.push_back(numbered("l", formulas_++));
    for (std::size_t i = 0; i < count; ++i) {
      scope.members = from_next(members, i);
      define(members[i], writer_.loop_formula(scope, kind));
      if (dice_.one_in(6)) define("solve " + members[i], writer_.expression({scalars_}, 2));
    }
    known.insert(known.end(), members.begin(), members.end());
    variables_.insert(variables_.end(), members.begin(), members.end());
  }

  std::size_t loop_kind() {
    return method_ == "direct" ? 0 : dice_.pick(std::vector<std::size_t>{0, 0, 0, 1, 1, 2, 2, 3});
  }

  static Names from_next(const Names& members, std::size_t i) {
    Names turned;
    for (std::size_t k = 1; k <= members.size(); ++k)
      turned.push_back(members[(i + k) % members.size()]);
    return turned;
  }

  // Series.

  void declare_series() {
    const std::size_t count = 1 + dice_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      Part part{dice_.one_in(3), {}};
      const std::size_t members = 1 + dice_.below(3);
      for (std::size_t k = 0; k < members; ++k) {
        const std::size_t starts = dice_.pick(std::vector<std::size_t>{0, 0, 1, 1, 1, 2, 3});
        part.series.push_back({numbered("x", formulas_++), std::min(starts, steps_)});
      }
      parts_.push_back(part);
    }
  }

  void write_timed_part(const Part& part) {
    const std::size_t kind = loop_kind();
    Names members;
    for (const Series& series : part.series) members.push_back(series.name + "[t]");
    for (std::size_t i = 0; i < part.series.size(); ++i) {
      const Series& series = part.series[i];
      Scope scope = timed_scope(series);
      scope.members = from_next(members, i);
      for (std::size_t step = 0; step < series.starts; ++step)
        define(series.name + "[" + std::to_string(step) + "]", start_of(series, step, part, scope));
      define(members[i],
             part.loop ? writer_.loop_formula(scope, kind) : writer_.expression(scope, 3));
      if (part.loop && dice_.one_in(6))
        define("solve " + series.name, writer_.expression({scalars_}, 2));
      if (!part.loop) add_series(series.name);
    }
    if (part.loop)
      for (const Series& series : part.series) add_series(series.name);
  }

  void add_series(const std::string& name) {
    timed_.push_back(name);
    variables_.push_back(name);
  }

  std::string start_of(const Series& series, std::size_t step, const Part& part,
                       const Scope& scope) {
    if (part.loop && dice_.one_in(6)) return writer_.loop_formula({scalars_, {}, scope.members}, 0);
    if (step > 0 && dice_.one_in(3)) return series.name + "[" + std::to_string(step - 1) + "] + t";
    return writer_.expression({scalars_}, 2);
  }

  /* What a rule of the series may read; now and then nothing of the step at all. */
  Scope timed_scope(const Series& own) {
    Scope scope{scalars_};
    if (dice_.one_in(4)) return scope;
    for (const std::string& name : timed_) scope.terms.push_back(name + "[t]");
    if (own.starts > 0)
      scope.terms.push_back(own.name + "[t-" + std::to_string(1 + dice_.below(own.starts)) + "]");
    for (const Part& part : parts_)
      for (const Series& other : part.series) {
        const std::string lag = std::to_string(1 + dice_.below(4));
        const std::string step = std::to_string(dice_.below(std::min<std::size_t>(steps_, 4)));
        scope.terms.push_back("if(t > " + lag + ", " + other.name + "[t-" + lag + "], " +
                              writer_.leaf({scalars_}) + ")");
        if (dice_.one_in(3))
          scope.terms.push_back("if(t > " + step + ", " + other.name + "[" + step + "], " +
                                writer_.leaf({scalars_}) + ")");
        if (own.starts > 0 && other.starts > 0 && dice_.one_in(3))
          scope.terms.push_back(other.name + "[t-1]");
      }
    scope.terms.push_back("t");
    return scope;
  }

  // What is known after the last step.

  void write_final_part() {
    Scope scope{scalars_, final_terms()};
    scope.names.insert(scope.names.end(), finals_.begin(), finals_.end());
    if (dice_.one_in(4)) return write_loop(scope, finals_);
    for (std::size_t count = 1 + dice_.below(3); count > 0; --count) write_formula(scope, finals_);
  }

  Names final_terms() {
    Names terms;
    const std::string some = std::to_string(1 + dice_.below(steps_));
    for (const std::string& name : timed_)
      for (const char* pattern :
           {"sum(~[*])", "avg(~[1..k])", "max(~[k..last] * 2)", "min(~[*])", "average(~[*] + t)",
            "first_step(~[t] > 1)", "any(~[t] < #)", "all(~[t] + ^[t] > -5)", "~[last]", "~[k]",
            "sum(~[*] * ^[*])", "min(~[1..last])", "sum(if(~[*] > 0, ~[*], t))", "~[last-1]",
            "max(if(t > 1, ~[t-1], 0) - ~[t])",

            "any(~[*])", "avg(min(~[*], #))", "all(~[1..k])", "first_step(~[*] < ^[*])"}) {
        if (!dice_.one_in(3)) continue;
        std::string term;
        for (const char mark : std::string_view(pattern))
          term += mark == '~'   ? name
                  : mark == '^' ? dice_.pick(timed_)
                  : mark == 'k' ? some
                  : mark == '#' ? dice_.pick(scalars_)
                                : std::string(1, mark);
        terms.push_back(term);
      }
    return terms;
  }

  void write_outputs() {
    if (dice_.one_in(4)) return;  // everything is reported then
    std::size_t written = 0;
    for (const Names* names : {&scalars_, &finals_})
      for (const std::string& name : *names)
        if (dice_.one_in(2) && ++written > 0) line("output " + name);
    for (const std::string& name : timed_)
      if (dice_.one_in(2) && ++written > 0)
        line("output " + name + "[t]" +
             dice_.pick(Names{"", " every 2", " every 3", " every 50", " unit 'm'"}));
    if (steps_ > 0 && dice_.one_in(4))
      define("output o0", "sum(" + dice_.pick(timed_) + "[*])");
    else if (written == 0 || dice_.one_in(4))
      define("output o0", writer_.expression({scalars_}, 2));
  }

  Dice dice_;
  ExpressionWriter writer_;
  std::size_t steps_ = 0;
  std::string method_;
  bool historical_ = false;
  Names lines_;
  std::vector<WrittenInput> inputs_;
  std::size_t formulas_ = 0;  // that have a name by now
  Names scalars_;             // inputs and formulas without time
  Names timed_;               // inputs and formulas with time
  Names finals_;              // what reads whole series
  Names variables_;           // all of them
  std::vector<Part> parts_;   // all series, written by now or not
};

}  // namespace sim::testing
