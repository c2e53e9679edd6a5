#!/usr/bin/env bash
# result_views.sh -- result views between sessions: writers, refreshes, readers, drops, and never a stale number called current.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t "$@" 2>&1; }

# Sessions that stay: tell NAME STATEMENT, then answer NAME prints what came of it; ask does both.
declare -A pipe
open_session() {
  local name=$1
  mkfifo "$work/$name.in"
  printf 'end 0\n' >"$work/$name.out"
  echo 0 >"$work/$name.sent"
  run <"$work/$name.in" >>"$work/$name.out" &
  exec {descriptor}>"$work/$name.in"
  pipe[$name]=$descriptor
}
tell() {
  local number=$(($(<"$work/$1.sent") + 1))
  echo $number >"$work/$1.sent"
  printf '%s;\n\\echo end %s\n' "$2" $number >&"${pipe[$1]}"
}
is_done() { grep -q "^end $(<"$work/$1.sent")\$" "$work/$1.out"; }
answer() {
  until is_done "$1"; do sleep 0.02; done
  sed -n "/^end $(($(<"$work/$1.sent") - 1))\$/,\$p" "$work/$1.out" | grep -v '^end ' || true
}
ask() {
  tell "$1" "$2"
  answer "$1"
}
# Until the session waits for a lock; says so, or that it ends.
wait_for_lock() {
  until is_done "$1" || [[ $(run -c "SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'") -gt 0 ]]; do sleep 0.02; done
  if is_done "$1"; then echo ends; else echo waits; fi
}

readonly kTotal="SELECT sum(amount) FROM part"
readonly kState="SELECT DISTINCT mean, state FROM total"
readonly kMaterialized="SELECT mean FROM total_stored"

# total is the sum of two rows, each of which another session changes: 1 at first.
fresh() {
  run >"$work/log" <<SQL
SELECT sim.drop_result_view('total', if_exists => true);
SELECT sim.drop_model('m', if_exists => true);
DROP TABLE IF EXISTS part;
CREATE TABLE part (id integer PRIMARY KEY, amount float8);
INSERT INTO part VALUES (1, 0), (2, 1);
SELECT sim.create_model('m', E'input a = 1\noutput y = a');
SELECT sim.bind('m', 'a', '$kTotal');
SELECT sim.create_result_view('total', 'm', trials => 10, refresh => '$1');
SELECT sim.prune_invalidations('0');
SQL
}
for name in one two three; do open_session "$name"; done

# Two writers, each of which refreshes under a snapshot that does not see the other's change.
fresh on_commit
ask one "BEGIN" >"$work/log"
ask one "UPDATE part SET amount = 1000 WHERE id = 1" >"$work/log"
ask two "BEGIN" >"$work/log"
ask two "UPDATE part SET amount = 100 WHERE id = 2" >"$work/log"
ask one "SET CONSTRAINTS ALL IMMEDIATE" >"$work/log"
check_same "the first writer has refreshed what it sees, and not committed" "$(ask one "$kMaterialized")" 1001
check_same "readers read on meanwhile" "$(ask three "$kState")" "1|current"
tell two "COMMIT"
check_same "the second writer waits when it commits" "$(wait_for_lock two)" waits
ask one "COMMIT" >"$work/log"
answer two >"$work/log"
check_same "and then refreshes with what the first has committed" "$(ask three "$kState")" "1100|current"
check_same "both refreshes are in the log" "$(run -c "SELECT count(*) FROM sim.invalidation_log WHERE event = 'refreshed'")" 2

fresh on_commit
ask one "BEGIN" >"$work/log"
ask one "UPDATE part SET amount = 1000 WHERE id = 1" >"$work/log"
ask two "BEGIN" >"$work/log"
ask two "UPDATE part SET amount = 100 WHERE id = 2" >"$work/log"
ask one "SET CONSTRAINTS ALL IMMEDIATE" >"$work/log"
tell two "COMMIT"
check_same "the second writer waits again" "$(wait_for_lock two)" waits
ask one "ROLLBACK" >"$work/log"
answer two >"$work/log"
check_same "when the first rolls back, nothing of it is left" "$(ask three "$kState")" "100|current"

# A writer that keeps one snapshot for its transaction cannot refresh.
for level in "REPEATABLE READ" SERIALIZABLE; do
  fresh on_commit
  ask one "BEGIN ISOLATION LEVEL $level" >"$work/log"
  ask one "UPDATE part SET amount = 5 WHERE id = 1" >"$work/log"
  check_same "a $level writer commits" "$(ask one "COMMIT" && ask three "$kTotal")" 6
  check_same "and leaves the view stale" "$(ask three "$kState")" "1|stale"
  check_same "with a row in the log" "$(run -c "SELECT event, reason FROM sim.invalidation_log")" "stale|part.amount changed: a 1 -> 6"
  check_same "until it is refreshed" "$(ask two "SELECT event FROM sim.refresh_stale()" && ask three "$kState")" $'refreshed\n6|current'
done

# A refresh that cannot get its lock, or is cancelled, does not fail the writer.
declare -A cause=(["gives up waiting"]="lock timeout" ["is cancelled"]="user request")
for way in "${!cause[@]}"; do
  fresh on_commit
  ask one "BEGIN" >"$work/log"
  ask one "SELECT sim.lock_result_view(view_id) FROM sim.stored_result_views" >"$work/log"
  ask two "SET client_min_messages = warning" >"$work/log"
  [[ $way == "is cancelled" ]] || ask two "SET lock_timeout = '100ms'" >"$work/log"
  tell two "UPDATE part SET amount = 7 WHERE id = 1"
  wait_for_lock two >"$work/log"
  [[ $way != "is cancelled" ]] || run -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'" >"$work/log"
  check_same "a writer whose refresh $way commits" "$(answer two && ask three "$kTotal; $kState")" \
    "WARNING:  result view public.total was not refreshed: canceling statement due to ${cause[$way]}"$'\n8\n1|stale'
  ask one "COMMIT" >"$work/log"
  ask two "RESET ALL" >"$work/log"
  check_same "the log tells why" "$(run -c "SELECT event, reason FROM sim.invalidation_log")" \
    "stale|part.amount changed: a 1 -> 8; not refreshed: canceling statement due to ${cause[$way]}"
  check_same "it has not failed, but is stale" "$(run -c "SELECT state, reason FROM sim.result_views")" "stale|part.amount changed: a 1 -> 8"
  check_same "the next writer mends it" "$(ask two "UPDATE part SET amount = 9 WHERE id = 1" && ask three "$kState")" "10|current"
done

# A refresh while a writer works.
fresh deferred
ask one "BEGIN" >"$work/log"
ask one "UPDATE part SET amount = 10 WHERE id = 1" >"$work/log"
check_same "an open writer makes nothing stale for others" "$(ask three "$kState")" "1|current"
check_same "but for itself" "$(ask one "$kState")" "1|stale"
check_same "a refresh has nothing to do for him" "$(ask two "SELECT count(*) FROM sim.refresh_stale()")" 0
ask one "COMMIT" >"$work/log"
check_same "after the commit it is stale" "$(ask three "$kState")" "1|stale"
ask two "BEGIN" >"$work/log"
check_same "a refresh" "$(ask two "SELECT sim.refresh_result_view('total')")" t
check_same "shows while it is not committed" "$(ask three "SELECT state, reason FROM sim.result_views")" \
  "refreshing|part.amount changed: a 1 -> 11"
check_same "and lets readers read" "$(ask three "$kState")" "1|stale"
ask one "UPDATE part SET amount = 20 WHERE id = 1" >"$work/log"
ask two "COMMIT" >"$work/log"
check_same "a change that comes while it runs leaves it stale" "$(ask three "$kState")" "11|stale"
check_same "a change that is rolled back leaves it as it is" \
  "$(ask one "BEGIN; UPDATE part SET amount = 30 WHERE id = 1; ROLLBACK" && ask three "$kState")" "11|stale"

# Who changed it is told where only one transaction can have.
readonly kWho="SELECT state, changed_by IS NOT NULL, changed_at IS NOT NULL FROM sim.result_views"
for mode in deferred on_commit; do
  fresh $mode
  ask one "BEGIN" >"$work/log"
  ask one "UPDATE part SET amount = 10 WHERE id = 1" >"$work/log"
  if [[ $mode == deferred ]]; then
    ask two "SELECT sim.refresh_result_view('total')" >"$work/log"
    ask one "COMMIT" >"$work/log"
  else
    ask two "UPDATE part SET amount = 2 WHERE id = 2" >"$work/log"
    ask one "ROLLBACK" >"$work/log"
    ask one "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE part SET amount = 10 WHERE id = 1; COMMIT" >"$work/log"
  fi
  check_same "$mode: one change since the refresh" "$(ask three "$kWho")" "stale|t|t"
  ask one "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE part SET amount = 20 WHERE id = 1; COMMIT" >"$work/log"
  check_same "$mode: has one who made it, two have not" \
    "$(run -c "SELECT count(*) FROM sim.stored_changes WHERE relation = 'part'::regclass" | sed 's/[2-9]/several/'; ask three "$kWho")" \
    $'several\nstale|f|f'
  ask two "SELECT sim.refresh_result_view('total')" >"$work/log"
  ask one "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE part SET amount = 30 WHERE id = 1; COMMIT" >"$work/log"
  check_same "$mode: after a refresh it is told again" "$(ask three "$kWho")" "stale|t|t"
  run -c "SELECT sim.prune_changes('0')" >"$work/log"
  check_same "$mode: not from what is left of many" "$(ask three "$kWho")" "stale|f|f"
done

# Two refreshes.
fresh deferred
ask one "UPDATE part SET amount = 25 WHERE id = 1" >"$work/log"
ask two "BEGIN" >"$work/log"
ask two "SELECT sim.refresh_result_view('total')" >"$work/log"
check_same "a job leaves alone what another session refreshes" "$(ask one "SELECT count(*) FROM sim.refresh_stale()")" 0
tell one "SELECT sim.refresh_result_view('total')"
check_same "a second refresh waits" "$(wait_for_lock one)" waits
ask two "COMMIT" >"$work/log"
check_same "and finds it done" "$(answer one)" f
ask one "UPDATE part SET amount = 30 WHERE id = 1" >"$work/log"
ask two "BEGIN" >"$work/log"
ask two "SELECT sim.refresh_result_view('total')" >"$work/log"
tell one "SELECT sim.refresh_result_view('total')"
check_same "the next one waits too" "$(wait_for_lock one)" waits
ask two "ROLLBACK" >"$work/log"
check_same "and does it where the first was rolled back" "$(answer one && ask three "$kState")" $'t\n31|current'

# A model that is replaced while a refresh runs.
ask one "UPDATE part SET amount = 40 WHERE id = 1" >"$work/log"
ask two "BEGIN" >"$work/log"
ask two "SELECT sim.refresh_result_view('total')" >"$work/log"
ask one "SELECT sim.create_model('m', E'input a = 1\noutput y = 2 * a', replace => true)" >"$work/log"
ask two "COMMIT" >"$work/log"
check_same "a model that is replaced during a refresh leaves it stale" "$(ask three "$kState")" "41|stale"
check_same "and the next one follows" "$(ask two "SELECT sim.refresh_result_view('total')" && ask three "$kState")" $'t\n82|current'

# Readers with one snapshot for their transaction.
ask three "BEGIN ISOLATION LEVEL REPEATABLE READ" >"$work/log"
check_same "a reader with one snapshot" "$(ask three "$kState")" "82|current"
ask one "UPDATE part SET amount = 50 WHERE id = 1" >"$work/log"
ask one "SELECT sim.refresh_result_view('total')" >"$work/log"
check_same "reads the numbers of that snapshot, which are current in it" "$(ask three "$kState")" "82|current"
ask three "COMMIT" >"$work/log"
ask three "BEGIN ISOLATION LEVEL REPEATABLE READ" >"$work/log"
ask three "$kTotal" >"$work/log"
ask one "UPDATE part SET amount = 51 WHERE id = 1" >"$work/log"
ask one "REFRESH MATERIALIZED VIEW total_stored" >"$work/log"
check_same "a refresh by hand that gives it newer numbers does not call them current" "$(ask three "$kState")" "104|stale"
ask three "COMMIT" >"$work/log"
check_same "which they are for others" "$(ask three "$kState")" "104|current"

# A drop while a refresh runs, and the other way round.
ask one "UPDATE part SET amount = 60 WHERE id = 1" >"$work/log"
ask two "BEGIN" >"$work/log"
ask two "SELECT sim.refresh_result_view('total')" >"$work/log"
tell one "SELECT sim.drop_result_view('total')"
check_same "a drop waits for a refresh" "$(wait_for_lock one)" waits
ask two "COMMIT" >"$work/log"
check_same "and then drops" "$(answer one && ask three "SELECT count(*) FROM sim.result_views")" $'\n0'
for way in "SELECT sim.drop_result_view('total')" "DROP MATERIALIZED VIEW total_stored CASCADE"; do
  fresh deferred
  ask one "UPDATE part SET amount = 70 WHERE id = 1" >"$work/log"
  ask two "BEGIN" >"$work/log"
  ask two "$way" >"$work/log"
  tell one "SELECT event FROM sim.refresh_stale()"
  tell three "SELECT sim.refresh_result_view('total')"
  wait_for_lock three >"$work/log"
  ask two "COMMIT" >"$work/log"
  check_same "a refresh that waits for '$way' ends" "$(answer three | grep -c 'dropped\|does not exist\|could not open')" 1
  answer one >"$work/log"
  check_same "and nothing of it is left for sim.result_views to fail on" \
    "$(ask one "SELECT count(*) FROM sim.result_views WHERE state = 'current'")" 0
done
fresh on_commit
ask two "BEGIN" >"$work/log"
ask two "SELECT sim.drop_result_view('total')" >"$work/log"
tell one "UPDATE part SET amount = 80 WHERE id = 1"
check_same "a writer waits for the drop of what it would refresh" "$(wait_for_lock one)" waits
ask two "COMMIT" >"$work/log"
check_same "and commits" "$(answer one && ask three "$kTotal")" 81

# Writers, refreshes and readers at once: what is called current is what a fresh computation gives.
readonly kWrong="SELECT v.state = 'current', v.mean IS DISTINCT FROM m.mean FROM total AS v, sim.monte_carlo('m', trials => 10) AS m"
settle() { local job; for job in "$@"; do wait "$job" || true; done; }
for mode in deferred on_commit; do
  fresh "$mode"
  for _ in {1..60}; do printf 'UPDATE part SET amount = %s WHERE id = 1;\n' "$RANDOM"; done >"$work/writer"
  for _ in {1..60}; do
    printf 'BEGIN; UPDATE part SET amount = %s WHERE id = 2; COMMIT; SELECT count(*) FROM sim.refresh_stale();\n' "$RANDOM"
  done >"$work/job"
  for _ in {1..300}; do printf '%s;\n' "$kWrong"; done >"$work/reader"
  run -f "$work/writer" >"$work/writer.log" & writer=$!
  run -f "$work/job" >"$work/job.log" & job=$!
  run -c "SET sim.cache = off" -f "$work/reader" >"$work/reader.log" & reader=$!
  run -c "SET default_transaction_isolation = 'repeatable read'" -f "$work/reader" >"$work/reader2.log" || true
  settle $writer $job $reader
  sort "$work/reader.log" "$work/reader2.log" | uniq -c >"$work/count"
  check_same "$mode: of 600 readings, no stale number is called current" "$(grep -c 't|t' "$work/count")" 0
  check "$mode: some are current" "$(grep -q 't|f' "$work/count" || cat "$work/count")"
  check "$mode: nobody fails" "$(cat "$work"/{writer,job,reader,reader2}.log | grep ERROR || true)"
  check_same "$mode: in the end it is current" "$(run -c "SELECT count(*) FROM sim.refresh_stale()" -c "$kState" | tail -n 1)" \
    "$(run -c "$kTotal")|current"
done

for name in one two three; do printf '\\q\n' >&"${pipe[$name]}"; done
wait

# A transaction that is prepared cannot hold the temporary table of a refresh.
fresh on_commit
run -c "ALTER SYSTEM SET max_prepared_transactions = 2" >"$work/log"
scripts/cluster.sh restart
run -c "BEGIN; UPDATE part SET amount = 90 WHERE id = 1; PREPARE TRANSACTION 'p'" -c "COMMIT PREPARED 'p'" >"$work/log"
check_same "a prepared writer leaves the view stale" "$(run -c "$kState")" "1|stale"
check_same "the next one refreshes it" "$(run -c "UPDATE part SET amount = 91 WHERE id = 1" -c "$kState")" "92|current"
run -c "ALTER SYSTEM RESET max_prepared_transactions" >"$work/log"
scripts/cluster.sh restart

# A writer who forbids himself to write in the end.
check "a transaction that turns read-only commits what it has written" \
  "$(run -c "BEGIN; UPDATE part SET amount = 92 WHERE id = 1; SET LOCAL transaction_read_only = on; COMMIT" | grep ERROR || true)"
check_same "and refreshes" "$(run -c "$kState")" "93|current"
check_same "and leaves others as they are" "$(run -c "SHOW transaction_read_only" -c "SELECT count(*) FROM sim.stored_refresh_queue")" $'off\n0'

# A table that is made anew, and is filled by a later transaction.
for isolation in 'read committed' 'repeatable read'; do
  fresh on_commit
  run >"$work/log" <<SQL
SET default_transaction_isolation = '$isolation';
DROP TABLE part CASCADE;
CREATE TABLE part (id integer PRIMARY KEY, amount float8);
SET default_transaction_isolation = 'read committed';
INSERT INTO part VALUES (1, 70);
SQL
  check_same "who fills a table that was made anew, $isolation, refreshes" "$(run -c "$kState")" "70|current"
done

# Tables that take the place of others, with the same rows.
fresh on_commit
run >"$work/log" <<'SQL'
BEGIN;
CREATE TABLE part_new AS SELECT * FROM part;
ALTER TABLE part RENAME TO part_old;
ALTER TABLE part_new RENAME TO part;
COMMIT;
UPDATE part SET amount = 5 WHERE id = 1;
SQL
check_same "writers of a table that was swapped in with the same rows refresh" "$(run -c "$kState")" "6|current"
run >"$work/log" <<'SQL'
CREATE TABLE other AS SELECT 6::float8 AS amount;
SELECT sim.bind('m', 'a', 'SELECT amount FROM other');
UPDATE other SET amount = 8;
SQL
check_same "so do those of one that is bound instead" "$(run -c "$kState")" "8|current"
run -c "SELECT sim.unbind('m', 'a')" -c "DROP TABLE part_old, other" >"$work/log"

# Definitions that change what is read.
run >"$work/log" <<'SQL'
CREATE TABLE parts (id integer, amount float8) PARTITION BY LIST (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
INSERT INTO parts VALUES (1, 3);
CREATE TABLE parts_2 (id integer, amount float8);
INSERT INTO parts_2 VALUES (2, 4);
CREATE VIEW shown AS SELECT amount FROM parts;
SELECT sim.bind('m', 'a', 'SELECT sum(amount) FROM shown');
ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES IN (2);
SQL
check_same "who attaches a partition refreshes" "$(run -c "$kState")" "7|current"
check_same "who detaches one, too" "$(run -c "ALTER TABLE parts DETACH PARTITION parts_1" -c "$kState")" "4|current"
check_same "and who makes a view read another table" \
  "$(run -c "CREATE OR REPLACE VIEW shown AS SELECT amount FROM parts_1" -c "$kState")" "3|current"
check_same "whose writers refresh, once it is tracked" \
  "$(run -c "SELECT sim.track('parts_1')" -c "UPDATE parts_1 SET amount = 9" -c "$kState")" $'\n9|current'

# Result views that follow each other in a circle.
run >"$work/log" <<'SQL'
CREATE TABLE start (amount float8);
INSERT INTO start VALUES (1);
SELECT sim.create_model('hen', E'input a = 1\noutput b = a + 1');
SELECT sim.create_model('egg', E'input a = 1\noutput b = a + 1');
SELECT sim.bind('hen', 'a', 'SELECT amount FROM start');
SELECT sim.create_result_view('hens', 'hen', trials => 2, refresh => 'on_commit');
SELECT sim.bind('egg', 'a', 'SELECT mean FROM hens_stored');
SELECT sim.create_result_view('eggs', 'egg', trials => 2, refresh => 'on_commit');
SQL
check_same "a result view follows another" \
  "$(run -c "UPDATE start SET amount = 5" -c "SELECT hens.mean, hens.state, eggs.mean, eggs.state FROM hens, eggs")" "6|current|7|current"
run -c "SET statement_timeout = '60s'" -c "SELECT sim.bind('hen', 'a', 'SELECT mean FROM eggs_stored')" >"$work/log"
check_same "in a circle they come to an end" "$(run -c "SELECT count(*) FROM sim.result_views WHERE name IN ('hens', 'eggs') AND state = 'stale'")" 1
done_testing
