/*
 * models.cpp -- writes the models' texts.
 */
#include "models.hpp"

#include <map>
#include <stdexcept>

namespace bench {
namespace {

using Writer = std::string (*)(int size);

constexpr const char* kWealth = R"(
price[0] = 1
wealth[0] = 1000000
wealth[t] = max(0, wealth[t-1] - 40000 / 12 * price[t]) * (1 + (0.6 * stock[t] + 0.4 * bond[t]))

output success = wealth[last] > 0
output real_wealth = wealth[last] / price[last]
)";

std::string bootstrap_path(int size) {
  return "steps " + std::to_string(size) + R"( month
data market(stock, bond, inflation)
input (stock[t], bond[t], inflation[t]) ~ bootstrap(market, block => 12)

price[t] = price[t-1] * (1 + inflation[t]))" +
         kWealth;
}

std::string normal_path(int size) {
  return "steps " + std::to_string(size) + R"( month
input stock[t] ~ normal(0.0075, 0.04)
input bond[t] ~ normal(0.0035, 0.015)
input inflation = 0.0017

price[t] = price[t-1] * (1 + inflation))" +
         kWealth;
}

std::string cost_with_energy(std::string_view energy) {
  return "input material_cost  = 100\n" + std::string(energy) + R"(
input transport_cost ~ triangular(20, 25, 40)

disposal_cost  = 0.8 * material_cost + co2_cost
co2_cost       = 0.1 * energy_cost + 0.05 * disposal_cost
logistics_cost = transport_cost + eco_fees
eco_fees       = 0.1 * logistics_cost + 0.05 * co2_cost

output total_cost = material_cost + energy_cost + disposal_cost + co2_cost + logistics_cost + eco_fees
)";
}

std::string cost(int) { return cost_with_energy("input energy_cost ~ normal(80, 12)"); }

/* Transport at its mean: what is left depends on the row of the grid alone. */
std::string grid(int) {
  std::string text =
      cost_with_energy("data grid(energy)\ninput energy_cost ~ historical(grid.energy)");
  const std::string drawn = "~ triangular(20, 25, 40)";
  return text.replace(text.find(drawn), drawn.size(), "= 85 / 3.0");
}

std::string lognormals(int) {
  std::string text;
  std::string sum = "output total = ";
  for (int i = 1; i <= 12; ++i) {
    const std::string name = "x" + std::to_string(i);
    text += "input " + name + " ~ lognormal(" + std::to_string(50 + 10 * i) + ", " +
            std::to_string(10 + 2 * i) + ")\n";
    sum += (i > 1 ? " + " : "") + name;
  }
  return text + sum + "\n";
}

std::string cycles(int size) {
  const auto cell = [](int cycle, int place) {
    return "c" + std::to_string(cycle) + "_" + std::to_string(place);
  };
  std::string text = "input demand = 100\n";
  for (int cycle = 1; cycle <= size; ++cycle) {
    const std::string from = cycle == 1 ? "demand" : cell(cycle - 1, 9);
    text += cell(cycle, 1) + " = 0.2 * " + cell(cycle, 9) + " + 0.5 * " + from + " + 3\n";
    for (int place = 2; place <= 9; ++place)
      text += cell(cycle, place) + " = 0.7 * " + cell(cycle, place - 1) + " + " +
              std::to_string(place) + "\n";
  }
  return text + "output " + cell(size, 9) + "\n";
}

std::string wide(int size) {
  std::string text;
  for (int i = 0; i < 20; ++i)
    text += "input x" + std::to_string(i) + " ~ normal(" + std::to_string(10 + i) + ", 2)\n";
  std::string sum = "output total = 0";
  for (int i = 0; i < size; ++i) {
    const std::string before = i < 20 ? "x" + std::to_string(19 - i) : "f" + std::to_string(i - 20);
    text += "f" + std::to_string(i) + " = 0.5 * " + before + " + 0.25 * x" +
            std::to_string(i % 20) + " - " + std::to_string(i % 7) + "\n";
    if (i % 100 == 0 || i >= size - 20) sum += " + f" + std::to_string(i);
  }
  return text + sum + "\n";
}

const std::map<std::string, Writer, std::less<>>& writers() {
  static const std::map<std::string, Writer, std::less<>> table = {
      {"j1b", bootstrap_path}, {"j1n", normal_path}, {"cost", cost}, {"j4", lognormals},
      {"cycles", cycles},      {"grid", grid},       {"wide", wide}, {"path", normal_path}};
  return table;
}

}  // namespace

std::string model_text(std::string_view name, int size) {
  const auto found = writers().find(name);
  if (found == writers().end())
    throw std::invalid_argument("no model \"" + std::string(name) + "\"");
  return found->second(size);
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& [name, writer] : writers()) names.push_back(name);
  return names;
}

}  // namespace bench
