#!/usr/bin/env bash
# sharing.sh -- a session that knows a model stops knowing it when it is revoked, and who waited for a lock asks again.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
cleanup() {
  exec 3>&- 4>&- || true
  wait || true
  psql -X -q -c 'DROP OWNED BY sim_test_owner, sim_test_guest CASCADE' -c 'DROP ROLE sim_test_owner, sim_test_guest' \
    >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t "$@" 2>&1; }

# Two sessions that stay: tell gives a statement to one of them, hear waits for the answer to the last.
start() {
  mkfifo "$work/$1.questions"
  echo 'end 0' >"$work/$1.answers"
  echo 0 >"$work/$1.told"
  run <"$work/$1.questions" >>"$work/$1.answers" &
}
start owner && exec 3>"$work/owner.questions"
start guest && exec 4>"$work/guest.questions"
tell() {
  local number=$(($(cat "$work/$1.told") + 1))
  echo "$number" >"$work/$1.told"
  printf '%s;\n\\echo end %s\n' "$2" "$number" >&"$([[ $1 == owner ]] && echo 3 || echo 4)"
}
hear() {
  local number
  number=$(cat "$work/$1.told")
  until grep -q "^end $number\$" "$work/$1.answers"; do sleep 0.02; done
  sed "0,/^end $((number - 1))\$/d" "$work/$1.answers" | grep -v -e '^end ' -e '^DETAIL' -e '^HINT' -e '^CONTEXT' -e '^$' || true
}
ask() {
  tell "$1" "$2"
  hear "$1"
}
until_guest_waits() {
  until [[ $(run -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 1 ]]; do sleep 0.02; done
}

readonly kAnswer="SELECT value FROM sim.converge('m')"
run >"$work/log" <<'SQL'
CREATE ROLE sim_test_owner;
CREATE ROLE sim_test_guest;
GRANT CREATE ON SCHEMA public TO sim_test_owner;
SQL
ask owner 'SET ROLE sim_test_owner' >"$work/log"
ask guest 'SET ROLE sim_test_guest' >"$work/log"
ask owner "SELECT sim.create_model('m', E'input a = 1\noutput y = 10 * a'); SELECT sim.create_scenario('m', 's', '{}')" >"$work/log"

check_same "not granted" "$(ask guest "$kAnswer")" 'ERROR:  model "m" does not exist'
ask owner "BEGIN; SELECT sim.grant('m', 'sim_test_guest', 'run')" >"$work/log"
check_same "nor before the grant is committed" "$(ask guest "$kAnswer")" 'ERROR:  model "m" does not exist'
ask owner 'COMMIT' >"$work/log"
check_same "then at once" "$(ask guest "$kAnswer")" 10
ask guest 'BEGIN ISOLATION LEVEL REPEATABLE READ' >"$work/log"
check_same "also in a transaction with one snapshot" "$(ask guest "$kAnswer")" 10
ask owner "SELECT sim.revoke('m', 'sim_test_guest', 'run')" >"$work/log"
check_same "which goes on with what it sees" "$(ask guest "$kAnswer")" 10
ask guest 'COMMIT' >"$work/log"
check_same "revoked: what the session has kept is of no use" "$(ask guest "$kAnswer")" 'ERROR:  model "m" does not exist'

# The guest waits for the owner, who takes back what the guest counts on.
ask owner "SELECT sim.grant('m', 'sim_test_guest', 'read'); SELECT sim.grant('m', 'sim_test_guest', 'edit')" >"$work/log"
ask owner "BEGIN; SELECT sim.revoke('m', 'sim_test_guest', 'edit')" >"$work/log"
tell guest "SELECT sim.drop_scenario('m', 's')"
until_guest_waits
ask owner 'COMMIT' >"$work/log"
check_same "who waited asks again" "$(hear guest)" 'ERROR:  permission denied for model "m"'
check_same "and has changed nothing" "$(ask owner "SELECT count(*) FROM sim.scenarios")" 1

# Two owners: one gives the model away while the other is about to drop it.
run -c 'GRANT sim_test_owner TO sim_test_guest' -c 'CREATE ROLE sim_test_heir' -c 'GRANT sim_test_heir TO sim_test_owner' \
  -c 'ALTER ROLE sim_test_guest NOINHERIT' >"$work/log"
ask owner "SELECT sim.bind('m', 'a', 'SELECT 2'); SELECT sim.grant('m', 'sim_test_guest', 'edit')" >"$work/log"
ask owner "BEGIN; SELECT sim.set_owner('m', 'sim_test_heir')" >"$work/log"
run -c 'REVOKE sim_test_heir FROM sim_test_owner' >"$work/log"
tell guest "SELECT sim.drop_model('m')"
until_guest_waits
ask owner 'COMMIT' >"$work/log"
check_same "who is owner no more drops nothing" "$(hear guest)" 'ERROR:  must be owner of model "m"'
check_same "not even the view of a binding" "$(run -c "$kAnswer")" 20
run -c "SELECT sim.drop_model('m')" -c 'DROP ROLE sim_test_heir' >"$work/log"
done_testing
