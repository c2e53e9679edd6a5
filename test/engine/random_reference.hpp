/*
 * random_reference.hpp -- reads the reference numbers of test/reference for the tests of
 * distributions.
 */
#pragma once

#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "catalogue/distributions.hpp"

namespace sim {

struct ReferenceQuantile {
  std::string label;
  DistributionKind kind;
  std::vector<double> parameters;
  double p;
  double quantile;
};

struct ReferenceCount {
  std::string label;
  DistributionKind kind;
  std::vector<double> parameters;
  double k;
  double probability;
  double cumulative;
};

struct ReferenceMoments {
  std::string label;
  DistributionKind kind;
  std::vector<double> parameters;
  double mean;
  double variance;  // NaN where there is none
};

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  if (text.ends_with(separator)) parts.emplace_back();
  return parts;
}

/* The rows of a file without its heading; throws where the file is missing or empty. */
inline std::vector<std::vector<std::string>> read_reference(const std::string& file) {
  std::ifstream stream(SIM_REFERENCE_DIR "/" + file);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) rows.push_back(split(line, ','));
  if (rows.empty()) throw std::runtime_error("no reference numbers in " + file);
  return rows;
}

/* Kind and parameters of a row; erlang and chi_square are gamma distributions under other names. */
template <class Row>
void read_distribution(const std::vector<std::string>& fields, Row& row) {
  row.label = fields[0] + " " + fields[1];
  for (const std::string& pair : split(fields[1], ';')) {
    row.parameters.push_back(std::stod(pair.substr(pair.find('=') + 1)));
  }
  if (fields[0] == "erlang") {
    row.kind = DistributionKind::gamma;
  } else if (fields[0] == "chi_square") {
    row.kind = DistributionKind::gamma;
    row.parameters = {row.parameters[0] / 2, 0.5};
  } else {
    row.kind = find_distribution(fields[0])->kind;
  }
}

inline std::vector<ReferenceQuantile> reference_quantiles() {
  std::vector<ReferenceQuantile> rows;
  for (const auto& fields : read_reference("distributions.csv")) {
    ReferenceQuantile row{};
    read_distribution(fields, row);
    row.p = std::stod(fields[2]);
    row.quantile = std::stod(fields[3]);
    rows.push_back(row);
  }
  return rows;
}

inline std::vector<ReferenceCount> reference_counts() {
  std::vector<ReferenceCount> rows;
  for (const auto& fields : read_reference("discrete.csv")) {
    ReferenceCount row{};
    read_distribution(fields, row);
    row.k = std::stod(fields[2]);
    row.probability = std::stod(fields[3]);
    row.cumulative = std::stod(fields[4]);
    rows.push_back(row);
  }
  return rows;
}

inline std::vector<ReferenceMoments> reference_moments() {
  std::vector<ReferenceMoments> rows;
  for (const auto& fields : read_reference("moments.csv")) {
    ReferenceMoments row{};
    read_distribution(fields, row);
    row.mean = std::stod(fields[2]);
    row.variance =
        fields[3].empty() ? std::numeric_limits<double>::quiet_NaN() : std::stod(fields[3]);
    rows.push_back(row);
  }
  return rows;
}

}  // namespace sim
