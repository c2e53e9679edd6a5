#!/usr/bin/env bash
# tracking.sh -- what a session has read of a table is used again until the table changes, and never longer.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
cleanup() {
  psql -X -q -c 'DROP OWNED BY sim_test_writer CASCADE' -c 'DROP ROLE sim_test_writer' >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }

# Sessions that stay: open_session NAME, then ask NAME STATEMENT prints the answer.
declare -A pipes
open_session() {
  local pipe
  mkfifo "$work/$1.questions"
  printf 'end 0\n' >"$work/$1.answers"
  PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t <"$work/$1.questions" >>"$work/$1.answers" 2>&1 &
  exec {pipe}>"$work/$1.questions"
  pipes[$1]=$pipe
}
tell() { printf '%s;\n\\echo end %s\n' "$2" "$(grep -c '^end ' "$work/$1.answers")" >&"${pipes[$1]}"; }
ask() {
  local number
  number=$(grep -c '^end ' "$work/$1.answers")
  tell "$1" "$2"
  until grep -q "^end $number\$" "$work/$1.answers"; do sleep 0.02; done
  sed -n "/^end $((number - 1))\$/,\$p" "$work/$1.answers" | grep -v '^end ' || true
}

run >"$work/log" <<'SQL'
CREATE ROLE sim_test_writer;
CREATE TABLE price (item text PRIMARY KEY, value float8, note text);
INSERT INTO price VALUES ('steel', 2), ('tin', 20);
CREATE TABLE unrelated (a integer);
GRANT INSERT, SELECT, UPDATE, DELETE, TRUNCATE ON price TO sim_test_writer;
SELECT sim.create_model('m', E'input a = 1\noutput y = 10 * a');
SELECT sim.bind('m', 'a', 'SELECT value FROM price WHERE item = ''steel''');
SQL
readonly kAnswer="SELECT value FROM sim.converge('m') WHERE variable = 'y'"
# How often the session has scanned the table; to be compared within a transaction.
readonly kReads="SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables WHERE relname = 'price'"
# How often it does for an answer, in the transaction that it is in, and in one of its own.
reads_now() {
  local before
  before=$(ask "$1" "$kReads")
  ask "$1" "$kAnswer" >"$work/log"
  echo "$(($(ask "$1" "$kReads") - before))"
}
reads_in() {
  ask "$1" "BEGIN" >"$work/log"
  reads_now "$1"
  ask "$1" "COMMIT" >"$work/log"
}

open_session reader
open_session first
open_session second
check_same "a bound value" "$(ask reader "$kAnswer")" 20
run -c "INSERT INTO unrelated VALUES (1)" -c "UPDATE price SET note = 'x'"
check_same "a change elsewhere does not read the table again" "$(reads_in reader)" 0
run -c "UPDATE price SET value = 3 WHERE item = 'steel'"
check_same "a change does, once" "$(reads_in reader) $(reads_in reader)" "1 0"
check_same "and is seen" "$(ask reader "$kAnswer")" 30

# a writer at work while others read
ask first "BEGIN" >"$work/log"
ask first "UPDATE price SET value = 4 WHERE item = 'steel'" >"$work/log"
check_same "what is not committed is not seen" "$(ask reader "$kAnswer")" 30
check_same "but by the writer" "$(ask first "$kAnswer")" 40
ask first "ROLLBACK" >"$work/log"
check_same "nor by the writer once it is rolled back" "$(ask first "$kAnswer") $(ask reader "$kAnswer")" "30 30"
ask first "BEGIN" >"$work/log"
ask first "UPDATE price SET value = 5 WHERE item = 'steel'" >"$work/log"
check_same "a fresh reading while a writer is at work" "$(ask second "$kAnswer")" 30
ask first "COMMIT" >"$work/log"
check_same "is not used after the commit" "$(ask second "$kAnswer") $(ask reader "$kAnswer") $(ask first "$kAnswer")" "50 50 50"

# subtransactions
ask first "BEGIN" >"$work/log"
ask first "SAVEPOINT s" >"$work/log"
ask first "UPDATE price SET value = 6 WHERE item = 'steel'" >"$work/log"
check_same "a subtransaction sees its change" "$(ask first "$kAnswer")" 60
ask first "ROLLBACK TO s" >"$work/log"
check_same "and not when it is rolled back" "$(ask first "$kAnswer")" 50
ask first "UPDATE price SET value = 7 WHERE item = 'steel'" >"$work/log"
ask first "RELEASE s" >"$work/log"
ask first "UPDATE price SET value = 8 WHERE item = 'steel'" >"$work/log"
ask first "COMMIT" >"$work/log"
check_same "what a subtransaction recorded and lost is recorded again" "$(ask reader "$kAnswer")" 80

# snapshots that stay, and go back
ask second "BEGIN ISOLATION LEVEL REPEATABLE READ" >"$work/log"
check_same "a transaction with one snapshot" "$(ask second "$kAnswer")" 80
run -c "UPDATE price SET value = 9 WHERE item = 'steel'"
check_same "keeps to it" "$(ask second "$kAnswer") $(ask reader "$kAnswer")" "80 90"
ask second "COMMIT" >"$work/log"
check_same "and sees the change afterwards" "$(ask second "$kAnswer")" 90
ask second "BEGIN" >"$work/log"
ask second "DECLARE old CURSOR FOR $kAnswer UNION ALL $kAnswer" >"$work/log"
run -c "UPDATE price SET value = 10 WHERE item = 'steel'"
check_same "a cursor keeps to an older snapshot than the statement between" \
  "$(ask second "FETCH 1 FROM old") $(ask second "$kAnswer") $(ask second "FETCH 1 FROM old")" "90 100 90"
ask second "COMMIT" >"$work/log"
ask second "SET default_transaction_isolation = 'serializable'" >"$work/log"
check_same "a serializable transaction reads the table itself" "$(reads_in second)" 1
ask second "RESET default_transaction_isolation" >"$work/log"

# a transaction that writes
ask first "$kAnswer" >"$work/log"
ask first "BEGIN" >"$work/log"
ask first "INSERT INTO unrelated VALUES (2)" >"$work/log"
check_same "a transaction that has written elsewhere does not read the table again" "$(reads_now first)" 0
ask first "SAVEPOINT s" >"$work/log"
ask first "UPDATE price SET value = 50 WHERE item = 'steel'" >"$work/log"
check_same "one that has changed the table does" "$(reads_now first) $(ask first "$kAnswer")" "1 500"
ask first "UPDATE price SET value = 51 WHERE item = 'steel'" >"$work/log"
check_same "and sees each change" "$(ask first "$kAnswer")" 510
ask first "ROLLBACK TO s" >"$work/log"
check_same "as well as their end" "$(ask first "$kAnswer")" 100
ask first "COMMIT" >"$work/log"
check_same "and so do the next" "$(ask first "$kAnswer")" 100
run >"$work/log" <<'SQL'
CREATE TABLE two_rows (i integer) WITH (parallel_workers = 2);
INSERT INTO two_rows VALUES (1), (2);
CREATE FUNCTION answer(i integer) RETURNS float8 LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN RETURN (SELECT value FROM sim.converge('m') WHERE variable = 'y'); END $$;
SELECT sim.remember_readings('m');
SQL
ask first "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off" >"$work/log"
ask first "BEGIN" >"$work/log"
ask first "UPDATE price SET value = 50 WHERE item = 'steel'" >"$work/log"
check_same "what it has changed is seen in parallel workers, too" "$(ask first "SELECT min(answer(i)), max(answer(i)) FROM two_rows")" "500|500"
ask first "ROLLBACK" >"$work/log"
ask first "RESET ALL" >"$work/log"
run -c "CREATE ROLE sim_test_binder" -c "GRANT SELECT ON price TO sim_test_binder" -c "GRANT CREATE ON SCHEMA public TO sim_test_binder" \
  -c "SET ROLE sim_test_binder" -c "SELECT sim.create_model('granted', E'input a = 1\noutput y = a')" \
  -c "SELECT sim.bind('granted', 'a', 'SELECT value FROM price WHERE item = ''steel''')" -c "RESET ROLE" -c "REVOKE SELECT ON price FROM sim_test_binder" >"$work/log"
readonly kGranted="SELECT value FROM sim.converge('granted') WHERE variable = 'y'"
check_same "without a right nothing is read" "$(ask first "$kGranted" | head -n 1)" "ERROR:  permission denied for table price"
ask first "BEGIN" >"$work/log"
ask first "GRANT SELECT ON price TO sim_test_binder" >"$work/log"
check_same "with it all is" "$(ask first "$kGranted")" 10
ask first "ROLLBACK" >"$work/log"
check_same "and what was read leaves with a right that is rolled back" "$(ask first "$kGranted" | head -n 1)" "ERROR:  permission denied for table price"
run -c "SELECT sim.drop_model('granted')" -c "DROP OWNED BY sim_test_binder" -c "DROP ROLE sim_test_binder" >"$work/log"

# writers do not wait for each other, and need no rights of ours
ask first "BEGIN" >"$work/log"
ask first "UPDATE price SET value = 11 WHERE item = 'steel'" >"$work/log"
ask second "BEGIN" >"$work/log"
ask second "SET LOCAL lock_timeout = '2s'" >"$work/log"
ask second "UPDATE price SET value = 21 WHERE item = 'tin'" >"$work/log"
ask second "COMMIT" >"$work/log"
ask first "COMMIT" >"$work/log"
check_same "two writers of a table do not wait for each other" "$(run -c "SELECT value FROM price ORDER BY item")" $'11\n21'
run -c "REVOKE USAGE ON SCHEMA sim FROM PUBLIC" -c "SET ROLE sim_test_writer" \
  -c "UPDATE price SET value = 12 WHERE item = 'steel'" -c "RESET ROLE" -c "GRANT USAGE ON SCHEMA sim TO PUBLIC" >"$work/log"
check_same "a writer without rights in schema sim is followed" "$(ask reader "$kAnswer")" 120

# ways to change a table
changes_to() {
  run -c "$1" >"$work/log"
  ask reader "$kAnswer"
}
check_same "as replica" "$(changes_to "SET session_replication_role = replica; UPDATE price SET value = 13 WHERE item = 'steel'")" 130
check_same "by MERGE" "$(changes_to "MERGE INTO price AS p USING (VALUES ('steel', 14)) AS n (item, value) ON p.item = n.item
  WHEN MATCHED THEN UPDATE SET value = n.value")" 140
check_same "by ON CONFLICT" "$(changes_to "INSERT INTO price VALUES ('steel', 15) ON CONFLICT (item) DO UPDATE SET value = 15")" 150
check_same "by DELETE and COPY" "$(run >"$work/log" <<'SQL'
BEGIN;
DELETE FROM price;
COPY price FROM stdin (DELIMITER ';');
steel;16;x
\.
COMMIT;
SQL
ask reader "$kAnswer")" 160
check_same "by TRUNCATE" "$(changes_to "BEGIN; TRUNCATE price; INSERT INTO price VALUES ('steel', 17); COMMIT")" 170
check_same "in a prepared way" "$(changes_to "PREPARE p AS UPDATE price SET value = \$1; EXECUTE p(18)")" 180

# definitions
run -c "CREATE TABLE next AS SELECT item, 19::float8 AS value, note FROM price" >"$work/log"
check_same "a table that is swapped for another by name" "$(run >"$work/log" <<'SQL'
BEGIN;
ALTER TABLE price RENAME TO price_old;
ALTER TABLE next RENAME TO price;
DROP TABLE price_old CASCADE;
COMMIT;
SQL
ask reader "$kAnswer")" 190
check_same "is followed" "$(changes_to "UPDATE price SET value = 20")" 200
# Whoever waits for a swap to end reads what has the name then.
run -c "CREATE TABLE next AS SELECT item, 20.5::float8 AS value, note FROM price" >"$work/log"
ask first "BEGIN" >"$work/log"
ask first "ALTER TABLE price RENAME TO price_old" >"$work/log"
ask first "ALTER TABLE next RENAME TO price" >"$work/log"
ask reader "DISCARD ALL" >"$work/log"
tell reader "$kAnswer"
until [[ $(run -c "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'") == 1 ]]; do sleep 0.02; done
ask first "DROP TABLE price_old CASCADE" >"$work/log"
ask first "COMMIT" >"$work/log"
until [[ $(tail -n 1 "$work/reader.answers") == end* ]] && [[ $(tail -n 2 "$work/reader.answers" | head -n 1) != end* ]]; do sleep 0.02; done
check_same "while another waits for it" "$(tail -n 2 "$work/reader.answers" | head -n 1)" 205
run -c "ALTER TABLE price DISABLE TRIGGER ALL"
check_same "without triggers too" "$(changes_to "UPDATE price SET value = 21") $(changes_to "UPDATE price SET value = 22")" "210 220"
run -c "ALTER TABLE price ENABLE TRIGGER ALL"
check_same "and with them again" "$(changes_to "UPDATE price SET value = 23") $(run -c "SELECT state FROM sim.bindings")" "230 tracked"
run -c "SELECT sim.prune_changes('0')" >"$work/log"
check_same "after the log was pruned" "$(ask reader "$kAnswer")" 230
check_same "changes go on to be seen" "$(changes_to "UPDATE price SET value = 24")" 240
run -c "DROP TABLE price CASCADE"
check_same "a table that is gone is missed at once" "$(ask reader "$kAnswer" | head -n 2)" \
  $'ERROR:  the query that supplies "a" cannot be read\nDETAIL:  public.price was dropped.'
run -c "CREATE TABLE price (item text, value float8)" -c "INSERT INTO price VALUES ('steel', 25)"
check_same "and found when it is back" "$(ask reader "$kAnswer")" 250

# partitions
run >"$work/log" <<'SQL'
CREATE TABLE parts (k integer, value float8) PARTITION BY LIST (k);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1);
INSERT INTO part_1 VALUES (1, 1);
SELECT sim.bind('m', 'a', 'SELECT sum(value) FROM parts');
SELECT sim.create_model('leaf', E'input a = 1\noutput y = 10 * a');
SELECT sim.bind('leaf', 'a', 'SELECT coalesce(sum(value), 0) FROM part_1');
SQL
readonly kLeaf="SELECT value FROM sim.converge('leaf') WHERE variable = 'y'"
check_same "partitions" "$(ask reader "$kAnswer") $(ask reader "$kLeaf")" "10 10"
run -c "CREATE TABLE part_2 PARTITION OF parts FOR VALUES IN (2)"
check_same "one that was made later" "$(ask reader "$kAnswer")" 10
check_same "is followed" "$(changes_to "INSERT INTO part_2 VALUES (2, 2)")" 30
run -c "CREATE TABLE part_3 (k integer, value float8)" -c "INSERT INTO part_3 VALUES (3, 3)"
check_same "one that is attached" "$(changes_to "ALTER TABLE parts ATTACH PARTITION part_3 FOR VALUES IN (3)")" 60
check_same "is followed too" "$(changes_to "UPDATE part_3 SET value = 4")" 70
check_same "and when it is detached" "$(changes_to "ALTER TABLE parts DETACH PARTITION part_3")" 30
check_same "or dropped" "$(changes_to "DROP TABLE part_2")" 10
run -c "CREATE TABLE part_4 PARTITION OF parts FOR VALUES IN (4)" -c "UPDATE parts SET k = 4"
check_same "a row that leaves a partition that is bound" "$(ask reader "$kLeaf") $(ask reader "$kAnswer")" "0 10"
run -c "INSERT INTO parts VALUES (1, 5)"
check_same "a row that comes through the parent" "$(ask reader "$kLeaf") $(ask reader "$kAnswer")" "50 60"

# a trigger of the user's that changes what no statement names
run >"$work/log" <<'SQL'
CREATE FUNCTION raise_value() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.value := NEW.value + 1; RETURN NEW; END';
CREATE TRIGGER raise_value BEFORE UPDATE ON price FOR EACH ROW EXECUTE FUNCTION raise_value();
SELECT sim.bind('m', 'a', 'SELECT value FROM price WHERE item = ''steel''');
SQL
check_same "a value" "$(ask reader "$kAnswer")" 250
check_same "that a trigger changes" "$(changes_to "UPDATE price SET item = item")" 260

# a materialized view
run >"$work/log" <<'SQL'
CREATE MATERIALIZED VIEW doubled AS SELECT 2 * value AS value FROM price;
CREATE UNIQUE INDEX ON doubled (value);
SELECT sim.bind('m', 'a', 'SELECT value FROM doubled');
SQL
check_same "a materialized view" "$(ask reader "$kAnswer") $(run -c "SELECT state FROM sim.bindings WHERE model = 'm'")" "520 tracked"
check_same "does not change with its table" "$(changes_to "UPDATE price SET value = 30")" 520
check_same "but when it is refreshed" "$(changes_to "REFRESH MATERIALIZED VIEW doubled")" 620
run -c "UPDATE price SET value = 40"
check_same "concurrently too" "$(changes_to "REFRESH MATERIALIZED VIEW CONCURRENTLY doubled")" 820

# definitions that bindings do not read
run >"$work/log" <<'SQL'
CREATE VIEW steel AS SELECT value, note FROM (SELECT value, item AS note FROM price) AS p;
SELECT sim.bind('m', 'a', 'SELECT max(value) FROM steel');
CREATE TABLE elsewhere (a integer);
CREATE VIEW elsewhere_seen AS SELECT a FROM elsewhere;
CREATE MATERIALIZED VIEW elsewhere_kept AS SELECT a FROM elsewhere;
CREATE UNIQUE INDEX ON elsewhere_kept (a);
SELECT sim.create_model('other', E'input b = 1\noutput z = b');
SELECT sim.create_result_view('other_results', 'other', trials => 100);
SQL
# How often the reader does after the statement.
reads_after() {
  ask reader "$kAnswer" >"$work/log"
  run -c "$1" >>"$work/log"
  reads_in reader
}
check_same "a view of a view" "$(ask reader "$kAnswer")" 410
while read -r statement; do
  check_same "not read again after $statement" "$(reads_after "$statement")" 0
done <<'SQL'
ALTER TABLE elsewhere ADD COLUMN b integer
CREATE INDEX ON elsewhere (b)
CREATE TEMPORARY TABLE passing AS SELECT 1; ALTER TABLE passing ADD COLUMN x integer; DROP TABLE passing
CREATE OR REPLACE VIEW elsewhere_seen AS SELECT a, a + 1 AS b FROM elsewhere
REFRESH MATERIALIZED VIEW elsewhere_kept
REFRESH MATERIALIZED VIEW CONCURRENTLY elsewhere_kept
GRANT SELECT ON elsewhere TO sim_test_writer
CREATE FUNCTION nothing() RETURNS integer LANGUAGE sql AS 'SELECT 1'
CREATE OR REPLACE FUNCTION nothing() RETURNS integer LANGUAGE sql AS 'SELECT 2'
CREATE POLICY everybody ON elsewhere USING (true)
CREATE TRIGGER raise_value BEFORE UPDATE ON elsewhere FOR EACH ROW EXECUTE FUNCTION raise_value()
ALTER TABLE elsewhere RENAME TO elsewhere_2
DROP TABLE elsewhere_2 CASCADE
CREATE TABLE elsewhere (a integer)
SELECT sim.bind('other', 'b', 'SELECT count(*) FROM elsewhere')
INSERT INTO elsewhere VALUES (1)
SELECT * FROM sim.refresh_stale()
SELECT sim.unbind('other', 'b')
SELECT sim.create_sample_view('other_samples', 'other', 10)
DROP VIEW other_samples
DROP FUNCTION nothing()
SQL
while read -r statement; do
  check_same "read again after $statement" "$(reads_after "$statement")" 1
done <<'SQL'
ALTER TABLE price ADD COLUMN colour text
ALTER TABLE price ALTER COLUMN colour SET DEFAULT 'red'
GRANT SELECT (item) ON price TO sim_test_writer
CREATE OR REPLACE VIEW steel AS SELECT value, note FROM (SELECT 2 * value AS value, item AS note FROM price) AS p
ALTER VIEW steel RENAME TO steel_2
ALTER TABLE price DISABLE TRIGGER raise_value
CREATE TABLE dear () INHERITS (price)
SQL
check_same "another view" "$(ask reader "$kAnswer")" 820
check_same "a child that came" "$(changes_to "INSERT INTO dear (item, value) VALUES ('tin', 50)")" 1000
check_same "and left" "$(changes_to "ALTER TABLE dear NO INHERIT price")" 820
check_same "and is back" "$(changes_to "ALTER TABLE dear INHERIT price")" 1000
check_same "and gone" "$(changes_to "DROP TABLE dear")" 820
run -c "CREATE TABLE few (value float8, note text)" -c "INSERT INTO few VALUES (7, 'x')" -c "ALTER VIEW steel_2 RENAME TO steel"
check_same "a table that takes the name of a view" "$(changes_to "ALTER VIEW steel RENAME TO steel_2; ALTER TABLE few RENAME TO steel")" 70

# Readers compare in one statement what the model says with what the table says, while everything changes.
run >"$work/log" <<'SQL'
CREATE TABLE busy (k integer, value float8);
INSERT INTO busy SELECT g, 1 FROM generate_series(1, 4) AS g;
SELECT sim.bind('m', 'a', 'SELECT coalesce(sum(value), 0) FROM busy');
CREATE TABLE found (wrong bigint, looked bigint);
CREATE PROCEDURE change_busy(seed float8) LANGUAGE plpgsql AS $$
DECLARE choice integer;
BEGIN
  PERFORM setseed(seed);
  FOR i IN 1..150 LOOP
    choice := floor(random() * 8);
    IF choice < 3 THEN UPDATE busy SET value = value + 1 WHERE k = floor(random() * 4);
    ELSIF choice = 3 THEN INSERT INTO busy VALUES (floor(random() * 4), 1);
    ELSIF choice = 4 THEN DELETE FROM busy WHERE ctid = (SELECT min(ctid) FROM busy);
    ELSIF choice = 5 THEN
      BEGIN
        UPDATE busy SET value = value + 100;
        RAISE EXCEPTION 'no';
      EXCEPTION WHEN raise_exception THEN
        UPDATE busy SET value = value + 2 WHERE k = 1;
      END;
    ELSIF choice = 6 THEN
      UPDATE busy SET value = value + 1000; ROLLBACK;
    ELSE UPDATE busy SET k = k;
    END IF;
    COMMIT;
  END LOOP;
END $$;
CREATE PROCEDURE look_at_busy() LANGUAGE plpgsql AS $$
DECLARE wrong bigint := 0; differs boolean;
BEGIN
  FOR i IN 1..600 LOOP
    SELECT c.value IS DISTINCT FROM (SELECT 10 * coalesce(sum(value), 0) FROM busy) INTO differs
      FROM sim.converge('m') AS c WHERE c.variable = 'y';
    wrong := wrong + differs::integer;
    COMMIT;
  END LOOP;
  INSERT INTO found VALUES (wrong, 600);
END $$;
SQL
jobs=()
for seed in 0.1 0.2 0.3; do
  run -c "CALL change_busy($seed)" >>"$work/log" &
  jobs+=("$!")
  run -c "CALL look_at_busy()" >>"$work/log" &
  jobs+=("$!")
done
for job in "${jobs[@]}"; do wait "$job" || true; done
check_same "of many looks while three sessions write none is stale" "$(run -c "SELECT sum(wrong), sum(looked) FROM found")" "0|1800"

# Digests that are stored serve sessions that have read nothing.
run >"$work/log" <<'SQL'
CREATE TABLE rows AS SELECT g::float8 AS x FROM generate_series(1, 1000) AS g;
SELECT sim.create_model('r', E'data d(x)\ninput a ~ empirical(d.x)\noutput y = a');
SELECT sim.bind('r', 'd', 'SELECT x FROM rows');
SELECT sim.remember_readings('r');
SQL
readonly kKey="SELECT encode(key, 'hex') FROM sim.output_keys('r')"
readonly kScans="SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'rows'"
# The key as a session that has read nothing tells it, and how often that scanned the table.
fresh_key() {
  run -c "BEGIN" -c "$kKey" -c "$kScans"
}
before=$(fresh_key)
check_same "a session that has read nothing needs no rows for a key" "$(tail -n 1 <<<"$before")" 0
check_same "which is that of one that has" "$(head -n 1 <<<"$before")" "$(run -c "BEGIN ISOLATION LEVEL SERIALIZABLE" -c "$kKey")"
check_same "nor any for a result that is in the cache" "$(run <<SQL | sort -u | wc -l
SELECT NULL FROM sim.monte_carlo('r', trials => 1000);
INSERT INTO unrelated VALUES (3);
BEGIN;
$kScans;
SELECT NULL FROM sim.monte_carlo('r', trials => 1000);
$kScans;
SQL
)" 2
run -c "UPDATE rows SET x = 5 WHERE x = 4"
after=$(fresh_key)
check_same "after a change it reads them" "$(tail -n 1 <<<"$after")" 1
check "for another key" "$([[ $(head -n 1 <<<"$before") != "$(head -n 1 <<<"$after")" ]] || echo "it is the same")"
run -c "BEGIN" -c "UPDATE rows SET x = 6 WHERE x = 3" -c "SELECT sim.remember_readings('r')" -c "ROLLBACK" >"$work/log"
check_same "what a transaction remembered is gone with it" "$(fresh_key | head -n 1)" "$(head -n 1 <<<"$after")"
run -c "BEGIN" -c "UPDATE rows SET x = 7 WHERE x = 2" -c "SELECT sim.remember_readings('r')" -c "UPDATE rows SET x = 8 WHERE x = 1" \
  -c "COMMIT" >"$work/log"
check_same "and what it changed afterwards counts" "$(fresh_key | head -n 1)" \
  "$(run -c "BEGIN ISOLATION LEVEL SERIALIZABLE" -c "$kKey")"

# Readings are stored and found by many sessions while the table changes.
{
  for i in $(seq 60); do
    printf "UPDATE rows SET x = x + 1 WHERE x = %s;\n" "$((i * 10))"
    printf "BEGIN; UPDATE rows SET x = 0; SELECT sim.remember_readings('r'); ROLLBACK;\n"
  done
} >"$work/writes"
for i in $(seq 60); do printf "DISCARD ALL; SELECT sim.remember_readings('r');\n"; done >"$work/remembers"
for i in $(seq 120); do
  printf "DISCARD ALL; SET client_min_messages = debug1; SELECT count(*) FROM sim.samples('r', trials => 1) AS s (trial bigint, y float8);\n"
done >"$work/looks"
jobs=()
for script in writes remembers remembers looks looks; do
  run -f "$work/$script" >>"$work/$script.log" &
  jobs+=("$!")
done
failed=0
for job in "${jobs[@]}"; do wait "$job" || failed=$((failed + 1)); done
check_same "none of them fails" "$failed" 0
check_same "or finds rows that are not those of the digest" "$(grep -c 'gives other rows' "$work/looks.log")" 0
check_same "and the key is that of the rows in the end" "$(fresh_key | head -n 1)" \
  "$(run -c "BEGIN ISOLATION LEVEL SERIALIZABLE" -c "$kKey")"

# Loaders that set a savepoint before each statement are as many subtransactions.
readonly kChanges="SELECT count(*) FROM sim.stored_changes WHERE relation = 'rows'::regclass"
before=$(run -c "$kChanges")
run -c "DO 'BEGIN FOR i IN 1..100 LOOP BEGIN UPDATE rows SET x = x + 1 WHERE x = i; EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END'"
check_same "subtransactions of one transaction record one change" "$(run -c "$kChanges")" "$((before + 1))"
run <<'SQL'
BEGIN;
SAVEPOINT a;
UPDATE rows SET x = 0;
ROLLBACK TO a;
UPDATE rows SET x = x;
COMMIT;
SQL
check_same "but not one that is rolled back with them" "$(run -c "$kChanges")" "$((before + 2))"

# Whose tables are others'.
hint=$(psql -X -q 2>&1 <<'SQL'
CREATE TABLE "it's" (value float8);
INSERT INTO "it's" VALUES (1);
GRANT SELECT ON "it's" TO sim_test_writer;
SET ROLE sim_test_writer;
SELECT sim.create_model('borrower', E'input a = 1\noutput y = a');
SELECT sim.bind('borrower', 'a', 'SELECT value FROM "it''s"');
SELECT sim.drop_model('borrower');
RESET ROLE;
SQL
)
check_same "who may not make triggers is told who makes them, and how" "$(grep HINT <<<"$hint")" \
  "HINT:  Have the owner of public.\"it's\" call sim.track('public.\"it''s\"')."

for pipe in "${pipes[@]}"; do exec {pipe}>&-; done
wait
done_testing
