/*
 * cost.cpp -- weights of actions, in additions.
 */
#include "experiment/cost.hpp"

namespace sim {
namespace {

double draw_weight(DistributionKind kind) {
  switch (kind) {
    case DistributionKind::uniform:
    case DistributionKind::bernoulli:
      return 8;
    case DistributionKind::normal:
    case DistributionKind::triangular:
    case DistributionKind::exponential:
      return 15;
    case DistributionKind::gamma:
    case DistributionKind::beta:
    case DistributionKind::pert:
    case DistributionKind::student_t:
      return 2000;
    default:
      return 30;
  }
}

double operation_weight(Operation operation) {
  if (operation <= Operation::round || operation == Operation::select) return 1;
  if (operation >= Operation::add && operation <= Operation::divide) return 1;
  if (operation >= Operation::minimum && operation <= Operation::logical_or) return 1;
  return 8;
}

double list_weight(const Program& program, const ActionList& actions) {
  double weight = 0;
  for (const Action& action : actions) {
    switch (action.kind) {
      case ActionKind::operation:
        weight += operation_weight(action.operation) + (action.follow_up != FollowUp::nothing);
        break;
      case ActionKind::gather:
        weight += static_cast<double>(program.gathers[action.spec].columns.size());
        break;
      case ActionKind::draw:
        weight += draw_weight(program.draws[action.spec].kind);
        break;
      case ActionKind::row:
        weight += 6;
        break;
      case ActionKind::solve: {
        const LoopSpec& loop = program.loops[action.spec];
        const double n = static_cast<double>(loop.unknowns.size());
        const double body =
            list_weight(program, loop.body) + list_weight(program, loop.jacobian_body);
        // Newton takes about five rounds; an elimination costs n^3 / 3 and some housekeeping a
        // lane.
        weight += loop.method == SolveMethod::direct && !loop.solution.empty() ? n + 1
                  : loop.uniform                                               ? n * n
                  : loop.method == SolveMethod::direct                         ? 200 + n * n * n / 3
                                                       : 5 * (body + 200 + n * n * n / 3);
        break;
      }
      default:
        weight += 1;
    }
  }
  return weight;
}

}  // namespace

double operations_per_lane(const Program& program) {
  double weight = 1 + list_weight(program, program.trial) + list_weight(program, program.final) +
                  static_cast<double>(program.slots.size()) * 3;
  if (program.phases.empty()) return weight;
  const double general =
      list_weight(program, program.phases[program.phase_of(program.steps)].actions);
  return weight + static_cast<double>(program.steps) *
                      (general + static_cast<double>(program.aggregates.size()));
}

}  // namespace sim
