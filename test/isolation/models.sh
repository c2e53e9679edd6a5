#!/usr/bin/env bash
# models.sh -- two sessions change one model: the second waits, and decides on what the first has left.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }

# Runs the statements $1 in a transaction that commits when somebody waits for it; $2 meanwhile. Prints what $2 said.
first_then() {
  local first=$1 second=$2 waiting
  mkfifo "$work/fifo"
  run <"$work/fifo" >"$work/first" &
  exec 3>"$work/fifo"
  printf 'BEGIN;\n%s;\n\\echo ready\n' "$first" >&3
  until grep -q ready "$work/first"; do sleep 0.02; done
  run -c "$second" >"$work/second" &
  waiting=0
  for _ in $(seq 500); do
    waiting=$(run -c "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    if [[ $waiting -gt 0 ]] || [[ -z $(jobs -rp | sed -n 2p) ]]; then break; fi
    sleep 0.02
  done
  printf 'waited %s\n' "$waiting"
  printf 'COMMIT;\n' >&3
  exec 3>&-
  wait
  rm "$work/fifo"
  head -n 1 "$work/second"
}

run -c "SELECT sim.create_model('plan', E'input a = 1\noutput b = a')" >"$work/log"

check_same "a scenario is checked against the text that another session is storing" \
  "$(first_then "SELECT sim.create_model('plan', E'input c = 1\noutput b = c', replace => true)" \
    "SELECT sim.create_scenario('plan', 'low', '{\"a\": 0}')")" \
  "$(printf 'waited 1\nERROR:  scenario "low" names an unknown input "a"')"
check_same "a text is checked against the scenario that another session is storing" \
  "$(first_then "SELECT sim.create_scenario('plan', 'low', '{\"c\": 0}')" \
    "SELECT sim.create_model('plan', 'output b = 1', replace => true)")" \
  "$(printf 'waited 1\nERROR:  the text does not fit what model "plan" is used with')"
check_same "two replacements make two versions" \
  "$(first_then "SELECT sim.create_model('plan', E'input c = 2\noutput b = c', replace => true)" \
    "SELECT sim.create_model('plan', E'input c = 3\noutput b = c', replace => true)")" \
  "$(printf 'waited 1\n4')"
check_same "the same text from two sessions makes one" \
  "$(first_then "SELECT sim.create_model('plan', E'input c = 4\noutput b = c', replace => true)" \
    "SELECT sim.create_model('plan', E'input c = 4\noutput b = c', replace => true)")" \
  "$(printf 'waited 1\n5')"
check_same "of two sessions that take one name, one gets it" \
  "$(first_then "SELECT sim.create_model('fresh', 'output x = 1')" "SELECT sim.create_model('fresh', 'output x = 2')")" \
  "$(printf 'waited 1\nERROR:  model "fresh" already exists')"
check_same "parents that two sessions set make no circle" \
  "$(run -c "SELECT sim.create_scenario('plan', 'one', '{}')" -c "SELECT sim.create_scenario('plan', 'two', '{}')" >"$work/log"
    first_then "SELECT sim.create_scenario('plan', 'one', '{}', 'two', true)" \
      "SELECT sim.create_scenario('plan', 'two', '{}', 'one', true)")" \
  "$(printf 'waited 1\nERROR:  the parents of scenario "two" lead back to itself')"
check_same "a model that was dropped meanwhile is missed" \
  "$(first_then "SELECT sim.drop_model('plan')" "SELECT sim.create_scenario('plan', 'three', '{}')")" \
  "$(printf 'waited 1\nERROR:  model "plan" does not exist')"

run -c "SELECT sim.create_model('slow', 'output x = 1')" >"$work/log"
check_same "reading does not wait for who changes" \
  "$(first_then "SELECT sim.create_model('slow', 'output x = 2', replace => true)" "SELECT value FROM sim.converge('slow')")" \
  "$(printf 'waited 0\n1')"
done_testing
