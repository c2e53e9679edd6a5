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

# There are no foreign keys, but what they are for holds.
run -c "SELECT sim.create_model('short', E'input a = 1\noutput b = a')" >"$work/log"
readonly kAddition="INSERT INTO sim.stored_scenarios (model_id, name, overrides) SELECT model_id, 'low', '{\"a\": 0}' FROM sim.stored_models WHERE name = 'short'"
readonly kLeft="SELECT count(*) FROM sim.stored_scenarios AS s WHERE NOT EXISTS (SELECT FROM sim.stored_models AS m WHERE m.model_id = s.model_id)"
check_same "a model that is dropped under REPEATABLE READ leaves nothing behind that the transaction does not see" \
  "$(first_then "$kAddition" \
    "BEGIN ISOLATION LEVEL REPEATABLE READ; DELETE FROM sim.stored_models WHERE name = 'short'; COMMIT")" \
  "$(printf 'waited 1\nERROR:  could not serialize access due to concurrent update')"
run -c "SELECT sim.drop_scenario('short', 'low')" >"$work/log"
check_same "a model that is dropped takes along what another session is adding" \
  "$(first_then "$kAddition" "SELECT sim.drop_model('short')"; run -c "$kLeft")" $'waited 1\n\n0'
run -c "SELECT sim.create_model('short', E'input a = 1\noutput b = a')" >"$work/log"
check_same "nothing is added to a model that another session is dropping" \
  "$(first_then "DELETE FROM sim.stored_models WHERE name = 'short'" "$kAddition"; run -c "$kLeft")" \
  $'waited 1\nERROR:  the model does not exist, or was dropped meanwhile\n0'
check_same "nor to one that does not exist" \
  "$(run -c "INSERT INTO sim.stored_scenarios (model_id, name, overrides) VALUES (-1, 'low', '{}')" | head -n 1)" \
  "ERROR:  the model does not exist, or was dropped meanwhile"

run -c "SELECT sim.run('slow', 10), sim.run('slow', 10)" -c "CREATE ROLE sim_test_heir" >"$work/log"
check_same "a grant on a run that gets another owner meanwhile is refused" \
  "$(first_then "SELECT sim.set_owner('run:1', 'sim_test_heir')" "SELECT sim.grant('run:1', 'public', 'read')")" \
  "$(printf 'waited 1\nERROR:  the run does not exist, or got another owner meanwhile')"
check_same "grants follow the owner of a run, also those that another session is giving" \
  "$(first_then "SELECT sim.grant('run:2', 'public', 'read')" "SELECT sim.set_owner('run:2', 'sim_test_heir')"
    run -c "SELECT owner FROM sim.stored_run_grants")" $'waited 1\n\nsim_test_heir'
check_same "and go with it" \
  "$(run -c "SELECT sim.drop_run(2)" -c "SELECT count(*) FROM sim.stored_run_grants")" $'\n0'
run -c "SELECT sim.drop_run(1)" -c "DROP ROLE sim_test_heir" >"$work/log"
done_testing
