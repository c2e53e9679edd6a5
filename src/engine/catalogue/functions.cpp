/*
 * functions.cpp -- the table of functions, ordered by group and name.
 */
#include "catalogue/functions.hpp"

#include <algorithm>
#include <string>

#include "core/math.hpp"

namespace sim {
namespace {

constexpr std::string_view kArithmetic = "arithmetic";
constexpr std::string_view kExponential = "exponential";
constexpr std::string_view kTrigonometric = "trigonometric";
constexpr std::string_view kProbability = "probability";
constexpr std::string_view kLogic = "logic";
constexpr std::string_view kTime = "time";
constexpr std::string_view kData = "data";

constexpr Operation kNoOperation = Operation::add;  // ignored by the forms that have none
constexpr int kAny = -1;

/* What an entry says to people. */
struct Words {
  std::string_view parameters;
  std::string_view group;
  std::string_view doc;
  std::string_view example;
  std::string_view result;
};

constexpr Function entry(std::string_view name, FunctionForm form, Operation operation,
                         double constant, int min_arguments, int max_arguments, const Words& words,
                         std::string_view body) {
  return {name,          form,          operation,        constant,
          min_arguments, max_arguments, words.parameters, words.group,
          words.doc,     words.example, words.result,     body};
}

constexpr Function unary(std::string_view name, Operation operation, const Words& words) {
  return entry(name, FunctionForm::operation, operation, 0, 1, 1, words, {});
}

constexpr Function binary(std::string_view name, Operation operation, const Words& words) {
  return entry(name, FunctionForm::operation, operation, 0, 2, 2, words, {});
}

constexpr Function fold(std::string_view name, Operation operation, int min_arguments,
                        const Words& words) {
  return entry(name, FunctionForm::fold, operation, 0, min_arguments, kAny, words, {});
}

constexpr Function number(std::string_view name, double value, const Words& words) {
  return entry(name, FunctionForm::constant, kNoOperation, value, 0, 0, words, {});
}

constexpr Function conditional(std::string_view name, const Words& words) {
  return entry(name, FunctionForm::conditional, Operation::select, 0, 3, 3, words, {});
}

constexpr Function over_time(std::string_view name, const Words& words) {
  return entry(name, FunctionForm::time_aggregate, kNoOperation, 0, 1, 1, words, {});
}

constexpr Function over_data(std::string_view name, const Words& words) {
  return entry(name, FunctionForm::data_aggregate, kNoOperation, 0, 1, 1, words, {});
}

constexpr Function formula(std::string_view name, int arguments, const Words& words,
                           std::string_view body) {
  return entry(name, FunctionForm::expression, kNoOperation, 0, arguments, arguments, words, body);
}

constexpr Function kFunctions[] = {
    // arithmetic
    unary("abs", Operation::absolute,
          {"x", kArithmetic, "The value without its sign.", "abs(-3)", "3"}),
    unary("cbrt", Operation::cbrt, {"x", kArithmetic, "Cube root.", "cbrt(27)", "3"}),
    unary("ceil", Operation::ceil,
          {"x", kArithmetic, "The smallest whole number not below x.", "ceil(2.1)", "3"}),
    unary("ceiling", Operation::ceil,
          {"x", kArithmetic, "Another name for ceil.", "ceiling(-2.1)", "-2"}),
    unary("floor", Operation::floor,
          {"x", kArithmetic, "The largest whole number not above x.", "floor(-2.1)", "-3"}),
    fold("greatest", Operation::maximum, 1,
         {"a, b, ...", kArithmetic, "The largest of the values.", "greatest(1, 3, 2)", "3"}),
    fold("least", Operation::minimum, 1,
         {"a, b, ...", kArithmetic, "The smallest of the values.", "least(1, 3, 2)", "1"}),
    fold("max", Operation::maximum, 2,
         {"a, b, ...", kArithmetic, "The largest of two or more values.", "max(1, 3, 2)", "3"}),
    fold("min", Operation::minimum, 2,
         {"a, b, ...", kArithmetic, "The smallest of two or more values.", "min(1, 3, 2)", "1"}),
    binary("mod", Operation::modulo,
           {"a, b", kArithmetic, "The remainder of a / b with the sign of a, as a % b.",
            "mod(-7, 3)", "-1"}),
    unary(
        "round", Operation::round,
        {"x", kArithmetic, "The nearest whole number, halves away from zero.", "round(2.5)", "3"}),
    binary("round", Operation::round_to,
           {"x, digits", kArithmetic,
            "x to so many decimal places (before the point where negative), halves away from zero.",
            "round(1.005, 2)", "1.01"}),
    unary("sign", Operation::sign,
          {"x", kArithmetic, "1, 0 or -1 as x is positive, zero or negative.", "sign(-3)", "-1"}),
    unary("sqrt", Operation::sqrt, {"x", kArithmetic, "Square root.", "sqrt(16)", "4"}),
    fold("sum", Operation::add, 2,
         {"a, b, ...", kArithmetic, "The sum of two or more values.", "sum(1, 2, 3)", "6"}),
    unary("trunc", Operation::trunc,
          {"x", kArithmetic, "x without its fraction, towards zero.", "trunc(-2.7)", "-2"}),

    // exponential
    unary("exp", Operation::exp,
          {"x", kExponential, "e to the power x.", "exp(2)", "7.38905609893065"}),
    unary("expm1", Operation::expm1,
          {"x", kExponential, "exp(x) - 1, accurate for small x.", "expm1(0)", "0"}),
    unary("ln", Operation::ln,
          {"x", kExponential, "Natural logarithm.", "ln(2)", "0.6931471805599453"}),
    unary("log", Operation::log10, {"x", kExponential, "Logarithm to base 10.", "log(1000)", "3"}),
    binary("log", Operation::log_base,
           {"b, x", kExponential, "Logarithm of x to base b, ln(x) / ln(b).", "log(2, 8)", "3"}),
    unary("log10", Operation::log10,
          {"x", kExponential, "Logarithm to base 10.", "log10(0.01)", "-2"}),
    unary("log1p", Operation::log1p,
          {"x", kExponential, "ln(1 + x), accurate for small x.", "log1p(0)", "0"}),
    unary("log2", Operation::log2, {"x", kExponential, "Logarithm to base 2.", "log2(8)", "3"}),
    binary("pow", Operation::power,
           {"a, b", kExponential, "Another name for power.", "pow(2, 10)", "1024"}),
    binary("power", Operation::power,
           {"a, b", kExponential, "a to the power b, as a ^ b.", "power(2, 0.5)",
            "1.4142135623730951"}),

    // trigonometric
    unary("acos", Operation::acos,
          {"x", kTrigonometric, "Inverse cosine, in radians.", "acos(1)", "0"}),
    unary("acosh", Operation::acosh,
          {"x", kTrigonometric, "Inverse hyperbolic cosine.", "acosh(1)", "0"}),
    unary("asin", Operation::asin,
          {"x", kTrigonometric, "Inverse sine, in radians.", "asin(1)", "1.5707963267948966"}),
    unary("asinh", Operation::asinh,
          {"x", kTrigonometric, "Inverse hyperbolic sine.", "asinh(0)", "0"}),
    unary("atan", Operation::atan,
          {"x", kTrigonometric, "Inverse tangent, in radians.", "atan(1)", "0.7853981633974483"}),
    binary("atan2", Operation::atan2,
           {"y, x", kTrigonometric, "The angle of the point (x, y), in radians.", "atan2(1, 0)",
            "1.5707963267948966"}),
    unary("atanh", Operation::atanh,
          {"x", kTrigonometric, "Inverse hyperbolic tangent.", "atanh(0)", "0"}),
    unary("cos", Operation::cos,
          {"x", kTrigonometric, "Cosine of an angle in radians.", "cos(0)", "1"}),
    unary("cosh", Operation::cosh, {"x", kTrigonometric, "Hyperbolic cosine.", "cosh(0)", "1"}),
    formula("degrees", 1,
            {"x", kTrigonometric, "Degrees of an angle in radians.", "degrees(pi())", "180"},
            "x * 180 / pi()"),
    number("pi", math::kPi, {"", kTrigonometric, "The number pi.", "pi()", "3.141592653589793"}),
    formula("radians", 1,
            {"x", kTrigonometric, "Radians of an angle in degrees.", "radians(180)",
             "3.141592653589793"},
            "x * pi() / 180"),
    unary("sin", Operation::sin,
          {"x", kTrigonometric, "Sine of an angle in radians.", "sin(0)", "0"}),
    unary("sinh", Operation::sinh, {"x", kTrigonometric, "Hyperbolic sine.", "sinh(0)", "0"}),
    unary("tan", Operation::tan,
          {"x", kTrigonometric, "Tangent of an angle in radians.", "tan(0)", "0"}),
    unary("tanh", Operation::tanh, {"x", kTrigonometric, "Hyperbolic tangent.", "tanh(0)", "0"}),

    // probability
    binary("beta", Operation::beta,
           {"a, b", kProbability,
            "The beta function gamma(a) * gamma(b) / gamma(a + b), for positive a and b.",
            "beta(1, 2)", "0.5"}),
    unary("digamma", Operation::digamma,
          {"x", kProbability, "The derivative of lgamma.", "digamma(1)", "-0.5772156649015329"}),
    unary("erf", Operation::erf,
          {"x", kProbability, "Error function.", "erf(1)", "0.8427007929497149"}),
    unary("erfc", Operation::erfc,
          {"x", kProbability, "1 - erf(x), accurate for large x.", "erfc(0)", "1"}),
    formula("factorial", 1,
            {"n", kProbability, "1 * 2 * ... * n, and gamma(n + 1) between whole numbers.",
             "factorial(5)", "120"},
            "gamma(n + 1)"),
    unary("gamma", Operation::gamma, {"x", kProbability, "The gamma function.", "gamma(5)", "24"}),
    unary("lgamma", Operation::lgamma,
          {"x", kProbability, "Natural logarithm of the gamma function's absolute value.",
           "lgamma(1)", "0"}),
    unary("normal_cdf", Operation::normal_cdf,
          {"x", kProbability, "Probability that a standard normal value is at most x.",
           "normal_cdf(0)", "0.5"}),
    formula("normal_cdf", 3,
            {"x, mean, sd", kProbability, "Probability that a normal value is at most x.",
             "normal_cdf(10, 10, 2)", "0.5"},
            "normal_cdf((x - mean) / sd)"),
    unary("normal_density", Operation::normal_density,
          {"x", kProbability, "Density of the standard normal distribution.", "normal_density(0)",
           "0.3989422804014327"}),
    formula("normal_density", 3,
            {"x, mean, sd", kProbability, "Density of a normal distribution.",
             "normal_density(10, 10, 0.5)", "0.7978845608028654"},
            "normal_density((x - mean) / sd) / sd"),
    unary("normal_quantile", Operation::normal_quantile,
          {"p", kProbability,
           "The value that a standard normal value stays below with probability p.",
           "normal_quantile(0.9)", "1.2815515655446006"}),
    formula("normal_quantile", 3,
            {"p, mean, sd", kProbability,
             "The value that a normal value stays below with probability p.",
             "normal_quantile(0.5, 10, 2)", "10"},
            "mean + sd * normal_quantile(p)"),

    // logic
    conditional("if",
                {"condition, a, b", kLogic, "a where the condition is true (not zero), else b.",
                 "if(2 > 1, 10, 20)", "10"}),
    conditional("iif", {"condition, a, b", kLogic, "Another name for if.", "iif(0, 10, 20)", "20"}),
    unary("is_finite", Operation::is_finite,
          {"x", kLogic, "1 for a finite number, 0 for an infinity.", "is_finite(1 / 0)", "0"}),

    // time
    over_time("all", {"x[*]", kTime, "1 if x is true (not zero) at every step.",
                      "all(wealth[*] > 0)", ""}),
    over_time("any",
              {"x[*]", kTime, "1 if x is true (not zero) at some step.", "any(wealth[*] = 0)", ""}),
    over_time("average", {"x[*]", kTime, "Another name for avg.", "average(price[1..12])", ""}),
    over_time("avg", {"x[*]", kTime, "The mean of x over steps.", "avg(price[*])", ""}),
    over_time("first_step",
              {"condition[t]", kTime,
               "The first step at which the condition is true, else one step after the last.",
               "first_step(wealth[t] = 0)", ""}),
    over_time("max", {"x[*]", kTime, "The largest x over steps.", "max(debt[*])", ""}),
    over_time("min", {"x[*]", kTime, "The smallest x over steps.", "min(wealth[*])", ""}),
    over_time("sum", {"x[*]", kTime, "The sum of x over steps.", "sum(cash_flow[1..12])", ""}),

    // data
    over_data("count", {"data.column", kData, "The number of rows.", "count(market.stock)", ""}),
    over_data("mean", {"data.column", kData, "The mean of a column.", "mean(market.stock)", ""}),
    over_data("sd", {"data.column", kData,
                     "The standard deviation of a column, with n - 1 in the denominator.",
                     "sd(market.stock)", ""}),
    over_data("stddev", {"data.column", kData, "Another name for sd.", "stddev(market.stock)", ""}),
};

std::string fold_case(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

bool accepts(const Function& function, int arguments) {
  return arguments >= function.min_arguments &&
         (function.max_arguments == kAny || arguments <= function.max_arguments);
}

}  // namespace

std::span<const Function> functions() { return kFunctions; }

const Function* find_function(std::string_view name, int arguments) {
  const std::string folded = fold_case(name);
  const auto* found = std::ranges::find_if(kFunctions, [&](const Function& function) {
    return function.name == folded && accepts(function, arguments);
  });
  return found == std::ranges::end(kFunctions) ? nullptr : found;
}

bool is_function_name(std::string_view name) {
  return std::ranges::find(kFunctions, fold_case(name), &Function::name) !=
         std::ranges::end(kFunctions);
}

}  // namespace sim
