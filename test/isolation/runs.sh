#!/usr/bin/env bash
# runs.sh -- a run that is stored while its inputs change is of one moment: results, inputs, keys and samples go together.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

readonly kRuns=150

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }

run >"$work/log" <<'SQL'
SELECT sim.create_model('m', E'input a = 1\noutput y = 1000 * a');
CREATE TABLE price (value float8);
INSERT INTO price VALUES (1);
SELECT sim.bind('m', 'a', 'SELECT value FROM price');
SQL

# The factor of a version is 1000 times its number: a result tells which version and which price it was computed from.
change_all_the_time() {
  local version
  for version in $(seq 2 1000); do
    [[ -e $work/changing ]] || break
    printf "UPDATE price SET value = value + 1;\n"
    printf "SELECT sim.create_model('m', E'input a = 1\\\\noutput y = %d * a', replace => true);\n" "${version}000"
  done
}

touch "$work/changing"
change_all_the_time | run >"$work/changes" &
changer=$!
for _ in $(seq $kRuns); do
  printf "SELECT sim.run('m', trials => 3, keep_samples => true);\n"
done | run >"$work/runs"
rm "$work/changing"
wait "$changer"

check_same "every run was stored" "$(run -c "SELECT count(*) FROM sim.runs")" $kRuns
check "while the model and its data changed" \
  "$([[ $(run -c "SELECT count(DISTINCT version) > 3 FROM sim.runs") == t ]] || run -c "SELECT version, count(*) FROM sim.runs GROUP BY 1")"
check_same "its result is that of its version and its inputs" "$(run -c "
  SELECT r.run, r.version, i.value, s.mean FROM sim.runs AS r JOIN sim.results AS s USING (run) JOIN sim.run_inputs AS i USING (run)
  WHERE s.mean <> 1000 * r.version * i.value")" ""
check_same "and so are its samples" "$(run -c "
  SELECT r.run, s.mean, a.samples FROM sim.results AS s JOIN sim.runs AS r USING (run) JOIN sim.samples_stored AS a USING (run)
  WHERE a.samples <> ARRAY[s.mean, s.mean, s.mean]")" ""
check_same "runs of one price and version have one key, of others another" "$(run -c "
  SELECT count(DISTINCT k.key) = count(DISTINCT (r.version, i.value)) FROM sim.stored_run_keys AS k
  JOIN sim.runs AS r ON r.run = k.run_id JOIN sim.run_inputs AS i ON i.run = k.run_id")" t
check_same "those are current whose price and version are those of now, and no others" "$(run -c "
  SELECT r.run, r.version, i.value, r.current FROM sim.runs AS r JOIN sim.run_inputs AS i USING (run), price, sim.models AS m
  WHERE r.current IS DISTINCT FROM (i.value = price.value AND r.version = m.version)")" ""
run -c "UPDATE price SET value = i.value FROM sim.run_inputs AS i JOIN sim.runs AS r USING (run), sim.models AS m
  WHERE r.run = (SELECT max(run) FROM sim.runs)"
run -c "SELECT sim.create_model('m', 'input a = 1' || chr(10) || 'output y = ' || 1000 * version || ' * a -- as then', replace => true)
  FROM sim.runs ORDER BY run DESC LIMIT 1" >"$work/log"
check_same "a run is current again when all is as it was" "$(run -c "SELECT current FROM sim.runs ORDER BY run DESC LIMIT 1")" t

# A snapshot that is kept: what it sees is what a run in it is of, and what current means.
check_same "in a transaction with one snapshot a run stays current, whatever others do" "$(
  mkfifo "$work/pause"
  { printf "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT sim.run('m', 3) AS last \\\\gset\n"
    cat "$work/pause"
    printf "SELECT current FROM sim.runs WHERE run = :last;\nCOMMIT;\nSELECT current FROM sim.runs WHERE run = :last;\n"
  } | run >"$work/kept" &
  kept=$!
  sleep 0.3
  run -c "UPDATE price SET value = -1"
  : >"$work/pause"
  wait "$kept" || true
  cat "$work/kept")" $'t\nf'
done_testing
