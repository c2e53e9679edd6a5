/*
 * quantile.cpp -- chooses how a distribution is drawn, prepared or lane by lane.
 *
 * Four ways: a formula over blocks of lanes (closed_form.hpp), a table made for the parameters
 * (standard_tables.hpp), Boost.Math's inverses value by value, and search in a list of values or
 * counts.
 */
#include "random/quantile.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "random/closed_form.hpp"
#include "random/count_quantile.hpp"
#include "random/direct_quantile.hpp"
#include "random/guide_table.hpp"
#include "random/large_beta.hpp"
#include "random/standard_tables.hpp"

namespace sim {

class Quantile::Method {
 public:
  virtual ~Method() = default;
  /* x[i] is the quantile of u[i], 0 < u[i] < 1, for i < n; u and x may be the same array. */
  virtual void apply(const double* u, double* x, std::size_t n) const = 0;
  /* Whether other u become NaN without being looked for. */
  virtual bool takes_any_number() const { return false; }
};

namespace {

using closed_form::each_lane;
using closed_form::kBlock;
using Parameters = std::span<const double>;

template <class Form>
class ClosedForm final : public Quantile::Method {
 public:
  explicit ClosedForm(Parameters p) : coefficients_(Form::prepare(p.data())) {}

  void apply(const double* u, double* x, std::size_t n) const override {
    const auto lane = [c = coefficients_](std::size_t) -> const auto& { return c; };
    Form::apply(lane, u, x, n);
  }

 private:
  typename Form::Coefficients coefficients_;
};

/* Any function of one u. */
template <class Function>
class ValueByValue final : public Quantile::Method {
 public:
  explicit ValueByValue(Function function) : function_(std::move(function)) {}

  void apply(const double* u, double* x, std::size_t n) const override {
    for (std::size_t i = 0; i < n; ++i) x[i] = function_(u[i]);
  }

 private:
  Function function_;
};

template <class Function>
std::shared_ptr<const Quantile::Method> value_by_value(Function function) {
  return std::make_shared<ValueByValue<Function>>(std::move(function));
}

/* A beta variable stretched to an interval. */
class Pert {
 public:
  explicit Pert(const double* p)
      : min_(p[0]),
        max_(p[2]),
        alpha_(1 + 4 * (p[1] - p[0]) / (p[2] - p[0])),
        beta_(1 + 4 * (p[2] - p[1]) / (p[2] - p[0])) {}

  double alpha() const { return alpha_; }
  double beta() const { return beta_; }
  SIM_INLINE double stretch(double x) const {
    const double value = min_ + (max_ - min_) * x;
    return value > max_ ? max_ : value;
  }

 private:
  double min_;
  double max_;
  double alpha_;
  double beta_;
};

/* A table, and what makes a draw of the standard distribution's; of NaN it makes NaN. */
template <class Function>
class Tabled final : public Quantile::Method {
 public:
  Tabled(SharedTable table, Function finish) : table_(std::move(table)), finish_(finish) {}

  void apply(const double* u, double* x, std::size_t n) const override {
    if constexpr (std::is_same_v<Function, Affine>) {
      table_->apply(u, x, n, finish_);
    } else {
      table_->apply(u, x, n);
      each_lane(n, [x, finish = finish_](std::size_t i) { x[i] = finish(x[i]); });
    }
  }
  bool takes_any_number() const override { return true; }

 private:
  SharedTable table_;
  Function finish_;
};

template <class Function>
std::shared_ptr<const Quantile::Method> tabled(SharedTable table, Function finish) {
  if (!table) return nullptr;
  return std::make_shared<Tabled<Function>>(std::move(table), finish);
}

/* Nothing also where the median is not a normal number, or close to one that is not. */
std::shared_ptr<const Quantile::Method> make_lognormal(double median, double sdlog) {
  if (!(median > 1e-300 && median < 1e300)) return nullptr;
  return tabled(lognormal_table(sdlog), Affine{0, median});
}

/* Nothing where there is no table. */
std::shared_ptr<const Quantile::Method> make_tabled(DistributionKind kind, Parameters p) {
  switch (kind) {
    case DistributionKind::normal:
      return tabled({SharedTable(), &normal_table()}, Affine{p[0], p[1]});
    case DistributionKind::lognormal: {
      const double ratio = p[1] / p[0];
      return make_lognormal(p[0] / std::sqrt(1 + ratio * ratio),
                            closed_form::Lognormal::prepare(p.data()).sd);
    }
    case DistributionKind::lognormal_log:
      return make_lognormal(math::exp(p[0]), p[1]);
    case DistributionKind::exponential:
      return tabled({SharedTable(), &exponential_table()},
                    [rate = p[0]](double x) { return x / rate; });
    case DistributionKind::gamma:
      return tabled(gamma_table(p[0]), [rate = p[1]](double x) { return x / rate; });
    case DistributionKind::beta:
      return tabled(beta_table(p[0], p[1]), [](double x) { return x > 1 ? 1 : x; });
    case DistributionKind::pert: {
      const Pert pert(p.data());
      return tabled(beta_table(pert.alpha(), pert.beta()),
                    [pert](double x) { return pert.stretch(x); });
    }
    case DistributionKind::student_t:
      return tabled(student_t_table(p[0]), Affine{});
    default:
      return nullptr;
  }
}

CountDistribution count_distribution(DistributionKind kind, const double* p) {
  return kind == DistributionKind::poisson ? CountDistribution::poisson(p[0])
                                           : CountDistribution::binomial(p[0], p[1]);
}

/* Listed values in ascending order, each with the probability of a value up to it. */
struct ValueList {
  explicit ValueList(Parameters p) {
    std::vector<std::pair<double, double>> pairs;
    for (std::size_t i = 0; i + 1 < p.size(); i += 2) {
      if (p[i + 1] > 0) pairs.emplace_back(p[i], p[i + 1]);
    }
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    double sum = 0;
    for (const auto& [value, probability] : pairs) {
      sum += probability;
      values.push_back(value);
      cumulative.push_back(sum);
    }
    for (double& upto : cumulative) upto /= sum;
  }

  double operator()(double u) const {
    const auto found = std::lower_bound(cumulative.begin(), cumulative.end(), u);
    return values[static_cast<std::size_t>(found - cumulative.begin())];
  }

  std::vector<double> values;
  std::vector<double> cumulative;  // ends with 1
};

class ListMethod final : public Quantile::Method {
 public:
  explicit ListMethod(ValueList list)
      : values_(std::move(list.values)), table_(std::move(list.cumulative)) {}

  void apply(const double* u, double* x, std::size_t n) const override {
    table_.apply(u, x, n);
    for (std::size_t i = 0; i < n; ++i) x[i] = values_[static_cast<std::size_t>(x[i])];
  }

 private:
  std::vector<double> values_;
  GuideTable table_;
};

/* By an object that takes whole batches. */
template <class Batches>
class InBatches final : public Quantile::Method {
 public:
  explicit InBatches(Batches batches) : batches_(std::move(batches)) {}

  void apply(const double* u, double* x, std::size_t n) const override { batches_.apply(u, x, n); }

 private:
  Batches batches_;
};

/* The quantile of one u where there is no formula for whole batches. */
double direct_quantile(DistributionKind kind, Parameters p, double u) {
  switch (kind) {
    case DistributionKind::pert: {
      const Pert pert(p.data());
      return pert.stretch(beta_quantile(pert.alpha(), pert.beta(), u));
    }
    case DistributionKind::gamma:
      return gamma_quantile(p[0], u) / p[1];
    case DistributionKind::beta:
      return beta_quantile(p[0], p[1], u);
    case DistributionKind::student_t:
      return student_t_quantile(p[0], u);
    case DistributionKind::poisson:
    case DistributionKind::binomial:
      return count_distribution(kind, p.data()).search(u);
    case DistributionKind::discrete:
      return ValueList(p)(u);
    default:
      return math::kNaN;  // has a formula, or comes from data
  }
}

template <class Visitor>
bool visit_closed_form(DistributionKind kind, Visitor visit) {
  switch (kind) {
    case DistributionKind::normal:
      return visit.template operator()<closed_form::Normal>(), true;
    case DistributionKind::lognormal:
      return visit.template operator()<closed_form::Lognormal>(), true;
    case DistributionKind::lognormal_log:
      return visit.template operator()<closed_form::LognormalLog>(), true;
    case DistributionKind::uniform:
      return visit.template operator()<closed_form::Uniform>(), true;
    case DistributionKind::triangular:
      return visit.template operator()<closed_form::Triangular>(), true;
    case DistributionKind::exponential:
      return visit.template operator()<closed_form::Exponential>(), true;
    case DistributionKind::weibull:
      return visit.template operator()<closed_form::Weibull>(), true;
    case DistributionKind::bernoulli:
      return visit.template operator()<closed_form::Bernoulli>(), true;
    default:
      return false;
  }
}

std::shared_ptr<const Quantile::Method> make_method(DistributionKind kind, Parameters p) {
  if (kind == DistributionKind::beta && LargeBeta::serves(p[0], p[1])) {
    return std::make_shared<InBatches<LargeBeta>>(LargeBeta(p[0], p[1]));
  }
  if (auto tabled = make_tabled(kind, p)) return tabled;
  std::shared_ptr<const Quantile::Method> method;
  const bool closed = visit_closed_form(
      kind, [&]<class Form>() { method = std::make_shared<ClosedForm<Form>>(p); });
  if (closed) return method;
  if (kind == DistributionKind::poisson || kind == DistributionKind::binomial) {
    return std::make_shared<InBatches<CountQuantile>>(
        CountQuantile(count_distribution(kind, p.data())));
  }
  if (kind == DistributionKind::discrete) return std::make_shared<ListMethod>(ValueList(p));
  return value_by_value([kind, parameters = std::vector<double>(p.begin(), p.end())](double u) {
    return direct_quantile(kind, parameters, u);
  });
}

bool inside(double u) { return u > 0 && u < 1; }

struct CountOutside {
  SIM_INLINE static void run(const double* u, std::size_t n, std::size_t* count) {
    std::size_t outside = 0;
    for (std::size_t i = 0; i < n; ++i) outside += u[i] > 0 && u[i] < 1 ? 0 : 1;
    *count = outside;
  }
};

/* Calls apply(i, u', x', count) for blocks from lane i on, where u' is strictly between 0 and 1;
 * where u is not, x becomes NaN. */
template <class Apply>
void for_blocks(const double* u, double* x, std::size_t n, Apply apply) {
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = std::min(kBlock, n - i);
    std::size_t outside;
    dispatch<CountOutside>(u + i, count, &outside);
    if (outside == 0) {
      apply(i, u + i, x + i, count);
      continue;
    }
    std::array<double, kBlock> original;
    std::array<double, kBlock> replaced;
    std::copy_n(u + i, count, original.begin());
    std::transform(original.begin(), original.begin() + count, replaced.begin(),
                   [](double value) { return inside(value) ? value : 0.5; });
    apply(i, replaced.data(), x + i, count);
    for (std::size_t j = 0; j < count; ++j) x[i + j] = inside(original[j]) ? x[i + j] : math::kNaN;
  }
}

/* One block of lanes with parameters of their own, by a formula. */
template <class Form>
void apply_lanes(const double* const* parameters, std::size_t offset, const double* u, double* x,
                 std::size_t n) {
  std::array<typename Form::Coefficients, kBlock> coefficients;
  std::array<bool, kBlock> valid;
  for (std::size_t i = 0; i < n; ++i) {
    std::array<double, Form::kParameters> p;
    for (std::size_t j = 0; j < p.size(); ++j) p[j] = parameters[j][offset + i];
    valid[i] = Form::valid(p.data());
    if constexpr (!std::is_same_v<Form, closed_form::Lognormal>) {
      coefficients[i] = Form::prepare(p.data());
    }
  }
  if constexpr (std::is_same_v<Form, closed_form::Lognormal>) {
    // Its logarithms are worth a batch.
    Form::prepare_lanes(parameters[0] + offset, parameters[1] + offset, n, coefficients.data());
  }
  Form::apply(
      [&](std::size_t i) -> const auto& { return coefficients[i]; }, u, x, n);
  for (std::size_t i = 0; i < n; ++i) x[i] = valid[i] ? x[i] : math::kNaN;
}

void apply_direct_lanes(DistributionKind kind, const double* const* parameters, std::size_t count,
                        std::size_t offset, const double* u, double* x, std::size_t n) {
  std::vector<double> p(count);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < count; ++j) p[j] = parameters[j][offset + i];
    const bool valid = !parameter_error(kind, p);
    x[i] = valid ? direct_quantile(kind, p, u[i]) : math::kNaN;
  }
}

}  // namespace

Quantile::Quantile(std::shared_ptr<const Method> method) : method_(std::move(method)) {}

Quantile Quantile::prepare(DistributionKind kind, std::span<const double> parameters) {
  const Distribution& facts = distribution(kind);
  if (facts.from_data) {
    throw Error(ErrorKind::invalid_parameter,
                std::string(facts.name) + " is drawn from data and has no quantile function");
  }
  if (const auto complaint = parameter_error(kind, parameters)) {
    throw Error(ErrorKind::invalid_parameter, std::string(facts.name) + ": " + *complaint);
  }
  return Quantile(make_method(kind, parameters));
}

double Quantile::operator()(double u) const {
  double x;
  apply(&u, &x, 1);
  return x;
}

void Quantile::apply(const double* u, double* x, std::size_t n) const {
  if (method_->takes_any_number()) return method_->apply(u, x, n);
  for_blocks(u, x, n, [&](std::size_t, const double* inner_u, double* inner_x, std::size_t count) {
    method_->apply(inner_u, inner_x, count);
  });
}

void quantile_lanes(DistributionKind kind, const double* const* parameters,
                    std::size_t parameter_count, const double* u, double* x, std::size_t n) {
  if (parameter_count < static_cast<std::size_t>(distribution(kind).min_arguments)) {
    std::fill_n(x, n, math::kNaN);
    return;
  }
  for_blocks(
      u, x, n, [&](std::size_t i, const double* inner_u, double* inner_x, std::size_t count) {
        const bool closed = visit_closed_form(
            kind, [&]<class Form>() { apply_lanes<Form>(parameters, i, inner_u, inner_x, count); });
        if (!closed) {
          apply_direct_lanes(kind, parameters, parameter_count, i, inner_u, inner_x, count);
        }
      });
}

}  // namespace sim
