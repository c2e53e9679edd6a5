/*
 * experiment_whole_expressions.hpp -- writes random expressions and distributions of all the
 * language has, with arguments outside of where functions are defined.
 *
 * Texts are made from patterns whose marks are replaced one after the other, so that the order of
 * the dice does not hang on the order in which a compiler evaluates operands.
 */
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/functions.hpp"
#include "experiment_dice.hpp"

namespace sim::testing {

using Names = std::vector<std::string>;

/* What an expression may read. */
struct Scope {
  Names names;      // known wherever the expression is
  Names terms{};    // what is to be read most: series, members of loops
  Names members{};  // of the loop that the expression is part of, the next one first
};

class ExpressionWriter {
 public:
  explicit ExpressionWriter(Dice& dice) : dice_(dice), wild_(dice.one_in(4)) {
    for (const Function& function : functions())
      if (function.form != FunctionForm::time_aggregate &&
          function.form != FunctionForm::data_aggregate)
        catalogue_.push_back(call_of(function));
  }

  /* Functions of the user's, as patterns. */
  void add_function(std::string pattern) { user_.push_back(std::move(pattern)); }
  void add_data(std::string term) { data_.push_back(std::move(term)); }

  std::string number() {
    if (wild_ && dice_.one_in(4)) return dice_.pick(kWildNumbers);
    return dice_.pick(kNumbers);
  }

  std::string leaf(const Scope& scope) {
    if (!scope.terms.empty() && !dice_.one_in(3)) return dice_.pick(scope.terms);
    if (!data_.empty() && dice_.one_in(12)) return dice_.pick(data_);
    return scope.names.empty() || dice_.one_in(4) ? number() : dice_.pick(scope.names);
  }

  std::string expression(const Scope& scope, int depth) {
    if (depth <= 0 || dice_.one_in(6)) return leaf(scope);
    const std::size_t kind = dice_.below(20);
    if (kind < 10) return fill(dice_.pick(kArithmetic), scope, depth);
    if (kind < 13) return fill(dice_.pick(kLogic), scope, depth);
    if (kind < 16) return fill(dice_.pick(kTame), scope, depth);
    if (kind < 18 || user_.empty()) return fill(dice_.pick(catalogue_), scope, depth);
    return fill(dice_.pick(user_), scope, depth);
  }

  /* Mostly with parameters that are allowed. */
  std::string distribution(const Scope& scope) {
    return fill(dice_.pick(kDistributions), scope, 2);
  }

  /*
   * The pattern with each mark replaced: @ by an expression, # by a name or number, $ by a number,
   * ! by a positive value, ? by a probability, & by a whole number, { by the next member of a loop
   * and } by any of them.
   */
  std::string fill(std::string_view pattern, const Scope& scope, int depth) {
    std::string text;
    for (const char mark : pattern) switch (mark) {
        case '@':
          text += expression(scope, depth - 1);
          break;
        case '#':
          text += leaf(scope);
          break;
        case '$':
          text += number();
          break;
        case '!':
          text += fill(dice_.pick(kPositive), scope, 1);
          break;
        case '?':
          text += fill(dice_.pick(kProbability), scope, 1);
          break;
        case '&':
          text += fill(dice_.pick(kCount), scope, 1);
          break;
        case '{':
          text += scope.members.front();
          break;
        case '}':
          text += dice_.pick(scope.members);
          break;
        default:
          text += mark;
      }
    return text;
  }

  /* A formula of a loop of this kind: linear, in pieces, smooth, or anything. */
  std::string loop_formula(const Scope& scope, std::size_t kind) {
    if (kind > 2) {
      Scope inside = scope;
      inside.terms.insert(inside.terms.end(), scope.members.begin(), scope.members.end());
      return "(" + expression(inside, 3) + ") * 0.1 + 0.2 * " + scope.members.front();
    }
    const Names& patterns = kind == 0 ? kLinear : kind == 1 ? kPieces : kSmooth;
    return fill(dice_.pick(patterns), scope, 2);
  }

 private:
  static std::string call_of(const Function& function) {
    std::string call(function.name);
    const int arguments = std::max(function.min_arguments, 0);
    for (int i = 0; i < arguments; ++i) call += i == 0 ? "(@" : ", @";
    return call + (arguments == 0 ? "()" : ")");
  }

  inline static const Names kNumbers = {"0", "1",    "2",     "0.5", "-3",
                                        "7", "1.25", "12.75", "0.1", "1e-3"};
  inline static const Names kWildNumbers = {
      "(-0)",   "1e308", "(-1e308)",    "1e-310",  "4.9e-324",         "(1/0)",
      "(-1/0)", "(0/0)", "(-5e-324)",   "171.5",   "2147483648",       "(-1e16)",
      "709.79", "1e22",  "(ln(0) * 2)", "(-0.5)",  "9007199254740993", "1e-17",
      "(1-1)",  "0.999", "sqrt(-1)",    "(-1e-3)", "(-170.5)"};
  inline static const Names kArithmetic = {
      "(@ + @)",   "(@ + @)",    "(@ - @)",       "(@ - @)",     "@ * @",
      "@ * @",     "(@) / (@)",  "(@) / (# - #)", "(@) % (@)",   "-(@)",
      "(@) ^ 2",   "abs(@) ^ #", "(@) ^ $",       "+@",          "$ * # + @",
      "$ * # - @", "@ - # * #",  "(1 + #) * @",   "2 ^ -abs(@)", "(@ + @ + @)"};
  inline static const Names kLogic = {"if(@ > @, @, @)",
                                      "if(@, #, @)",
                                      "case when @ < # then @ when # then $ else @ end",
                                      "case # when $ then @ when $ then # else @ end",
                                      "(@ between # and @)",
                                      "(# not between @ and $)",
                                      "(@ in (#, $, 1))",
                                      "(# not in ($, 2))",
                                      "(not (@) or # and @ <> 1)",
                                      "(@ >= @)",
                                      "(# <= @ and not @ = #)",
                                      "if(# > 0 or # < -1, @, @ / #)",
                                      "if(not # < $, # / #, @)"};
  inline static const Names kTame = {
      "exp(-abs(@))",      "sqrt(abs(@))",     "ln(1 + abs(@))", "tanh(@)",      "max(@, @, #)",
      "min(@, @)",         "greatest(0, @)",   "least(@, #)",    "sin(@)",       "normal_cdf(@)",
      "round(@, 2)",       "round(@ * 4) / 4", "max(0, @ - #)",  "sum(#, @, $)", "floor(@)",
      "mod(@, 7)",         "sign(@)",          "erf(@)",         "greatest(@)",  "abs(@)",
      "log(2, 1 + abs(@))"};
  inline static const Names kPositive = {"2", "0.5", "(abs(@) + 0.25)", "((#) ^ 2 + 1e-3)", "#"};
  inline static const Names kProbability = {"0.3", "0.875", "1 / (1 + abs(@))", "normal_cdf(#)"};
  inline static const Names kCount = {"5", "40", "floor(min(abs(@), 30))", "(round(abs(#)) + 1)"};
  inline static const Names kDistributions = {"normal(@, !)",
                                              "lognormal(!, !)",
                                              "lognormal_log(min(#, 3), !)",
                                              "uniform(-abs(@), !)",
                                              "uniform(@, @)",
                                              "triangular(-!, 0, !)",
                                              "triangular(@, @, @)",
                                              "pert(-!, 0, !)",
                                              "pert(1, min(max(#, 1), 4), 5)",
                                              "exponential(!)",
                                              "gamma(!, !)",
                                              "weibull(!, !)",
                                              "beta(!, !)",
                                              "student_t(!)",
                                              "student_t(3)",
                                              "poisson(!)",
                                              "poisson(100 * !)",
                                              "binomial(&, ?)",
                                              "bernoulli(?)",
                                              "discrete(@, 0.25, @, 0.75)",
                                              "discrete(1, 0.5, 2, 0.25, #, 0.25)"};

  inline static const Names kLinear = {
      "$ * { + @",       "0.3 * { - 0.2 * } + @",    "({ + #) / 4",    "@ - { / 3",
      "0.5 * { + 0 * }", "# * 0.1 * { + @",          "0.25 * ({ - #)", "{ + #",
      "-(0.5 * {)",      "# * 2 - 0.5 * { + 0.1 * }"};
  inline static const Names kPieces = {"if({ > #, 0.5 * }, 0.25 * {) + @",
                                       "max(@, 0.5 * {)",
                                       "0.3 * abs({) - 0.1 * } + #",
                                       "min(#, { * 0.9)",
                                       "case when } < # then 0.2 * { else @ end + 0 * {",
                                       "greatest(0, # - 0.5 * {)",
                                       "round(0.5 * {) + #",
                                       "if(# > 0, 0.5 * {, #) + 0.1 * }"};
  inline static const Names kSmooth = {"tanh({) + #",
                                       "0.3 * tanh({) + (# + 2) * 0.1 * }",
                                       "cos({) * 0.5 + @",
                                       "exp(-abs({)) + 0.1 * }",
                                       "# / (1 + { ^ 2)",
                                       "sqrt(abs({) + 1) - #",
                                       "ln(1 + { ^ 2) + 0.1 * }",
                                       "0.1 * { * } + 1",
                                       "normal_cdf({ - #) + @",
                                       "lgamma(2 + abs({)) * 0.2"};

  Dice& dice_;
  const bool wild_;  // a quarter of the models has numbers at the ends of what doubles hold
  Names catalogue_;
  Names user_;
  Names data_;
};

}  // namespace sim::testing
