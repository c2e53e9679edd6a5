/*
 * minimiser.cpp -- tries smaller experiments, each in a process of its own, so that crashes can be
 * made small too.
 */
#include "soak/minimiser.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

#include "experiment_comparisons.hpp"
#include "experiment_naive_comparison.hpp"

namespace sim::soak {

using testing::WholeCase;

namespace {

/* How it was computed: the words before the first colon. */
std::string kind_of(const std::string& fault) { return fault.substr(0, fault.find(':')); }

/* The kind of fault that a process of its own finds. */
std::string kind_found_apart(const WholeCase& whole) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    std::freopen("/dev/null", "w", stderr);
    const rlimit seconds{20, 20};
    setrlimit(RLIMIT_CPU, &seconds);
    const std::string kind = kind_of(fault_of(whole));
    if (write(ends[1], kind.data(), kind.size()) < 0) std::abort();
    _exit(0);
  }
  close(ends[1]);
  std::string kind(200, '\0');
  const ssize_t length = read(ends[0], kind.data(), kind.size());
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return "crash";
  kind.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return kind;
}

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/* Behind the bracket that closes the one at `open`. */
std::size_t end_of_bracket(const std::string& text, std::size_t open) {
  std::size_t at = open, depth = 0;
  do {
    if (text[at] == '(') ++depth;
    if (text[at] == ')') --depth;
    ++at;
  } while (depth > 0 && at < text.size());
  return at;
}

}  // namespace

std::string fault_of(const WholeCase& whole) {
  try {
    const std::string fault = testing::Comparison(whole).run();
    return fault.empty() ? testing::difference_from_naive(whole) : fault;
  } catch (const std::exception& exception) {
    return std::string("exception: ") + exception.what();
  }
}

Minimiser::Minimiser(WholeCase whole) : case_(std::move(whole)), kind_(kind_found_apart(case_)) {}

void Minimiser::run() {
  std::printf("kind: %s\n", kind_.c_str());
  if (kind_.empty()) return;
  try_change([](WholeCase& whole) { whole.reordered.clear(); });
  while (fewer_trials() || drop_parts() || drop_lines() || shrink_brackets() || shrink_chains()) {
  }
  print();
}

bool Minimiser::try_change(const std::function<void(WholeCase&)>& change) {
  WholeCase smaller = case_;
  change(smaller);
  if (kind_found_apart(smaller) != kind_) return false;
  case_ = std::move(smaller);
  return true;
}

template <class Items>
bool Minimiser::drop_each(const Items& items, std::size_t least) {
  bool dropped = false;
  for (std::size_t i = items(case_).size(); i-- > least;)
    dropped |= try_change([&](WholeCase& whole) {
      auto& all = items(whole);
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
    });
  return dropped;
}

bool Minimiser::fewer_trials() {
  for (const std::int64_t trials : {1, 2, 140}) {
    const std::int64_t own = case_.experiment.trials;
    if ((own < 0 || own > trials) &&
        try_change([&](WholeCase& whole) { whole.experiment.trials = trials; }))
      return true;
  }
  return false;
}

bool Minimiser::drop_parts() {
  bool dropped = drop_each(
      [](WholeCase & whole) -> auto& { return whole.experiment.scenarios; }, 1);
  for (std::size_t i = 0; i < case_.experiment.scenarios.size(); ++i)
    dropped |= drop_each(
        [i](WholeCase & whole) -> auto& { return whole.experiment.scenarios[i].overrides; }, 0);
  dropped |= drop_each(
      [](WholeCase & whole) -> auto& { return whole.experiment.bound; }, 0);
  return drop_each(
             [](WholeCase & whole) -> auto& { return whole.some; }, 0) ||
         dropped;
}

bool Minimiser::drop_lines() {
  bool dropped = false;
  for (std::size_t end = case_.experiment.source.size(); end > 0;) {
    const std::size_t before =
        end < 2 ? std::string::npos : case_.experiment.source.rfind('\n', end - 2);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    dropped |= replace(begin, end - begin, "");
    end = begin;
  }
  return dropped;
}

/* What stands in brackets, with the name before them, becomes a number, or loses the brackets. */
bool Minimiser::shrink_brackets() {
  bool shrunk = false;
  for (std::size_t open = 0; open < case_.experiment.source.size(); ++open) {
    const std::string text = case_.experiment.source;
    if (text[open] != '(') continue;
    const std::size_t end = end_of_bracket(text, open);
    std::size_t begin = open;
    while (begin > 0 && in_word(text[begin - 1])) --begin;
    const std::string inside = text.substr(open + 1, end - open - 2);
    for (const std::string& with : {std::string("1"), std::string("2"), inside})
      if (with.size() < end - begin && replace(begin, end - begin, with)) {
        shrunk = true;
        break;
      }
  }
  return shrunk;
}

/* One operand of a chain goes. */
bool Minimiser::shrink_chains() {
  bool shrunk = false;
  for (std::size_t at = 0; at < case_.experiment.source.size(); ++at) {
    const std::string text = case_.experiment.source;
    for (const std::string_view sign : {" + ", " - ", " * ", " / ", " ^ ", " and ", " or "}) {
      if (text.compare(at, sign.size(), sign) != 0) continue;
      const auto stops = [](char c) {
        return c == ' ' || c == '\n' || c == '(' || c == ')' || c == ',';
      };
      std::size_t end = at + sign.size(), begin = at;
      while (end < text.size() && !stops(text[end])) ++end;
      while (begin > 0 && !stops(text[begin - 1])) --begin;
      if (replace(at, end - at, "") || (begin < at && replace(begin, at + sign.size() - begin, "")))
        shrunk = true;
      break;
    }
  }
  return shrunk;
}

bool Minimiser::replace(std::size_t at, std::size_t length, const std::string& with) {
  return try_change([&](WholeCase& whole) { whole.experiment.source.replace(at, length, with); });
}

void Minimiser::print() const {
  const Experiment& experiment = case_.experiment;
  std::printf("%s\ntrials %lld seed %llu\n", experiment.source.c_str(),
              static_cast<long long>(experiment.trials),
              static_cast<unsigned long long>(experiment.seed));
  for (const auto& bound : experiment.bound) {
    std::printf("bound %s =", bound.name.c_str());
    for (const double value : bound.values) std::printf(" %.17g", value);
    std::printf("\n");
  }
  for (const std::string& name : case_.some) std::printf("some %s\n", name.c_str());
  for (const Scenario& scenario : experiment.scenarios) {
    std::printf("scenario %s\n", scenario.name.c_str());
    for (const Override& item : scenario.overrides) {
      std::printf("  %s = ", item.name.c_str());
      if (const auto* number = std::get_if<double>(&item.value)) std::printf("%.17g", *number);
      if (const auto* text = std::get_if<std::string>(&item.value))
        std::printf("'%s'", text->c_str());
      if (const auto* series = std::get_if<std::vector<double>>(&item.value))
        for (const double value : *series) std::printf("%.17g ", value);
      std::printf("\n");
    }
  }
  std::fflush(stdout);
  if (kind_ != "crash") std::printf("fault: %s\n", fault_of(case_).c_str());
}

}  // namespace sim::soak
