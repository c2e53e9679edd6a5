/*
 * closed_form.hpp -- the quantiles that are a formula: normal, lognormal, uniform, triangular,
 * exponential, weibull, bernoulli.
 *
 * Each is a struct with its Coefficients, what can be computed from the parameters alone, and
 * `apply`, which takes the coefficients of lane i by a function: constant for a prepared
 * distribution, an array's element for lanes with parameters of their own.  Both go through the
 * same operations, so they give the same bits.  0 < u < 1, and x may be u.  `valid` says the same
 * as parameter_error, in a form that is cheap for a lane.  The standard normal and exponential
 * quantiles inside come from tables.
 */
#pragma once

#include <array>
#include <cmath>
#include <limits>

#include "core/instruction_set.hpp"
#include "core/math.hpp"
#include "random/standard_tables.hpp"

namespace sim::closed_form {

inline bool finite(double x) { return std::fabs(x) <= std::numeric_limits<double>::max(); }
inline bool positive(double x) { return x > 0 && finite(x); }

inline constexpr std::size_t kBlock = 256;

struct EachLane {
  template <class Function>
  SIM_INLINE static void run(Function function, std::size_t n) {
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) function(i);
  }
};

/* Calls function(i) for i < n with the best vector instructions; calls must not depend on one
 * another. */
template <class Function>
void each_lane(std::size_t n, Function function) {
  dispatch<EachLane>(function, n);
}

struct Normal {
  static constexpr std::size_t kParameters = 2;
  struct Coefficients {
    double mean;
    double sd;
  };
  static bool valid(const double* p) { return finite(p[0]) && positive(p[1]); }
  static Coefficients prepare(const double* p) { return {p[0], p[1]}; }

  template <class Lane>
  static void apply(const Lane& lane, const double* u, double* x, std::size_t n) {
    normal_table().apply(u, x, n);
    each_lane(n, [=](std::size_t i) { x[i] = lane(i).mean + lane(i).sd * x[i]; });
  }
};

/* By the mean and standard deviation of the logarithm. */
struct LognormalLog {
  static constexpr std::size_t kParameters = 2;
  using Coefficients = Normal::Coefficients;
  static bool valid(const double* p) { return Normal::valid(p); }
  static Coefficients prepare(const double* p) { return {p[0], p[1]}; }

  template <class Lane>
  static void apply(const Lane& lane, const double* u, double* x, std::size_t n) {
    Normal::apply(lane, u, x, n);
    math::exp(x, x, n);
  }
};

/* By the mean and standard deviation of the value. */
struct Lognormal {
  static constexpr std::size_t kParameters = 2;
  using Coefficients = Normal::Coefficients;
  static bool valid(const double* p) { return positive(p[0]) && positive(p[1]); }
  static Coefficients prepare(const double* p) {
    const double ratio = p[1] / p[0];
    const double variance = math::log1p(ratio * ratio);
    return {math::ln(p[0]) - 0.5 * variance, std::sqrt(variance)};
  }

  /* prepare for n lanes at once; n <= kBlock. */
  static void prepare_lanes(const double* mean, const double* sd, std::size_t n,
                            Coefficients* coefficients) {
    std::array<double, kBlock> variance{};
    std::array<double, kBlock> log_mean{};
    for (std::size_t i = 0; i < n; ++i) {
      const double ratio = sd[i] / mean[i];
      variance[i] = ratio * ratio;
    }
    math::log1p(variance.data(), variance.data(), n);
    math::ln(mean, log_mean.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
      coefficients[i] = {log_mean[i] - 0.5 * variance[i], std::sqrt(variance[i])};
    }
  }

  template <class Lane>
  static void apply(const Lane& lane, const double* u, double* x, std::size_t n) {
    LognormalLog::apply(lane, u, x, n);
  }
};

struct Uniform {
  static constexpr std::size_t kParameters = 2;
  struct Coefficients {
    double min;
    double max;
  };
  static bool valid(const double* p) {
    return finite(p[0]) && finite(p[1]) && positive(p[1] - p[0]);
  }
  static Coefficients prepare(const double* p) { return {p[0], p[1]}; }

  template <class Lane>
  static void apply(const Lane& lane, const double* u, double* x, std::size_t n) {
    each_lane(n, [=](std::size_t i) {
      const double min = lane(i).min;
      const double max = lane(i).max;
      const double value = min + (max - min) * u[i];
      x[i] = value < max ? value : max;
    });
  }
};

struct Triangular {
  static constexpr std::size_t kParameters = 3;
  struct Coefficients {
    double min;
    double max;
    double peak;   // the probability below the mode
    double left;   // min + left * sqrt(u) below the mode
    double right;  // max - right * sqrt(1 - u) above it
  };
  static bool valid(const double* p) {
    return finite(p[0]) && finite(p[2]) && positive(p[2] - p[0]) && p[0] <= p[1] && p[1] <= p[2];
  }
  static Coefficients prepare(const double* p) {
    const double range = p[2] - p[0];
    const double root = std::sqrt(range);
    return {p[0], p[2], (p[1] - p[0]) / range, root * std::sqrt(p[1] - p[0]),
            root * std::sqrt(p[2] - p[1])};
  }

  template <class Lane>
  static void apply(const Lane& lane, const double* u, double* x, std::size_t n) {
    each_lane(n, [=](std::size_t i) {
      const Coefficients& c = lane(i);
      const bool below = u[i] <= c.peak;
      const double root = std::sqrt(below ? u[i] : 1 - u[i]);
      const double left = c.min + c.left * root;
      const double right = c.max - c.right * root;
      const double value = below ? left : right;
      const double above_min = value < c.min ? c.min : value;
      x[i] = above_min > c.max ? c.max : above_min;
    });
  }
};

struct Exponential {
  static constexpr std::size_t kParameters = 1;
  struct Coefficients {
    double rate;
  };
  static bool valid(const double* p) { return positive(p[0]); }
  static Coefficients prepare(const double* p) { return {p[0]}; }

  template <class Lane>
  static void apply(const Lane& lane, const double* u, double* x, std::size_t n) {
    exponential_table().apply(u, x, n);
    each_lane(n, [=](std::size_t i) { x[i] = x[i] / lane(i).rate; });
  }
};

struct Weibull {
  static constexpr std::size_t kParameters = 2;
  struct Coefficients {
    double exponent;  // 1 / shape
    double scale;
  };
  static bool valid(const double* p) { return positive(p[0]) && positive(p[1]); }
  static Coefficients prepare(const double* p) { return {1 / p[0], p[1]}; }

  template <class Lane>
  static void apply(const Lane& lane, const double* u, double* x, std::size_t n) {
    exponential_table().apply(u, x, n);
    math::ln(x, x, n);
    each_lane(n, [=](std::size_t i) { x[i] = lane(i).exponent * x[i]; });
    math::exp(x, x, n);
    each_lane(n, [=](std::size_t i) { x[i] = lane(i).scale * x[i]; });
  }
};

struct Bernoulli {
  static constexpr std::size_t kParameters = 1;
  struct Coefficients {
    double p;
  };
  static bool valid(const double* p) { return p[0] >= 0 && p[0] <= 1; }
  static Coefficients prepare(const double* p) { return {p[0]}; }

  template <class Lane>
  static void apply(const Lane& lane, const double* u, double* x, std::size_t n) {
    each_lane(n, [=](std::size_t i) {
      const double p = lane(i).p;
      const bool success = u[i] <= 0.5 ? u[i] > 1 - p : 1 - u[i] < p;
      x[i] = success ? 1.0 : 0.0;
    });
  }
};

}  // namespace sim::closed_form
