/*
 * syntax.cpp -- the spelling of the solve methods.
 */
#include "language/syntax.hpp"

namespace sim {

std::string_view method_name(SolveMethod method) {
  switch (method) {
    case SolveMethod::automatic:
      return "auto";
    case SolveMethod::direct:
      return "direct";
    case SolveMethod::newton:
      return "newton";
    case SolveMethod::gauss_seidel:
      return "gauss_seidel";
    case SolveMethod::jacobi:
      return "jacobi";
  }
  return "auto";
}

}  // namespace sim
