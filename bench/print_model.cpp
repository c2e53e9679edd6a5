/*
 * print_model.cpp -- bench_model NAME [SIZE] prints the text of a benchmark's model.
 */
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "models.hpp"

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: bench_model NAME [SIZE]\n");
    return 2;
  }
  try {
    std::fputs(bench::model_text(arguments[1], count > 2 ? std::atoi(arguments[2]) : bench::kMonths)
                   .c_str(),
               stdout);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 2;
  }
  return 0;
}
