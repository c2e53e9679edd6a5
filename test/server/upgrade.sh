#!/usr/bin/env bash
# upgrade.sh -- ALTER EXTENSION UPDATE from every version whose install script is kept makes what a fresh installation is, and
# leaves what was stored.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
updated=${PGDATABASE}_updated
cleanup() {
  dropdb --if-exists --force "$updated" >/dev/null 2>&1 || true
  psql -X -q -c 'DROP OWNED BY sim_test_keeper CASCADE' -c 'DROP ROLE sim_test_keeper' >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

run() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
catalog_of() { run -d "$1" -f test/server/catalog.sql 2>&1; }

current=$(sed -nE 's/^project\(pg_simulate VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)

# Versions before the current one that can still be installed.
kept_versions() {
  find extension -name 'pg_simulate--*.sql' | sed -nE 's/.*pg_simulate--([0-9]+\.[0-9]+\.[0-9]+)\.sql$/\1/p' |
    grep -vxF "$current" | sort -V || true
}

# Does the description notice that the statement $2 was run?
notices() {
  dropdb --if-exists --force "$updated" >/dev/null 2>&1
  createdb -T "$PGDATABASE" "$updated"
  run -d "$updated" -c "$2" >"$work/change" 2>&1 || true
  diff "$work/fresh" <(catalog_of "$updated") >/dev/null && echo 'it is not' >>"$work/change"
  check "a difference is noticed: $1" "$(cat "$work/change")"
}

# What was there to store in the first version, and what it computes.
store() {
  run -d "$updated" >"$work/store.log" 2>&1 <<'SQL'
SET client_min_messages = error;
CREATE ROLE sim_test_keeper;
GRANT CREATE ON SCHEMA public TO sim_test_keeper;
SET ROLE sim_test_keeper;
CREATE TABLE public.prices (price float8);
INSERT INTO public.prices VALUES (104);
SELECT sim.create_model('plant', E'input price = 1\ninput wage ~ normal(5, 1)\noutput cost = price + wage', comment => 'kept');
SELECT sim.create_model('plant', E'input price = 1\ninput wage ~ normal(5, 1)\noutput cost = 2 * price + wage', replace => true);
SELECT sim.create_scenario('plant', 'low', '{"wage": 1}');
SELECT sim.create_scenario('plant', 'lower', '{"price": 2}', parent => 'low');
SELECT sim.bind('plant', 'price', 'SELECT price FROM public.prices');
SQL
}

content() {
  run -d "$updated" 2>&1 <<'SQL'
SELECT name, version, owner, comment, created_at FROM sim.models;
SELECT model, version, created_by, md5(source), created_at FROM sim.model_versions ORDER BY 1, 2;
SELECT * FROM sim.scenarios ORDER BY 1, 2;
SELECT model, name, query, ordered, view, owner FROM sim.bindings ORDER BY 1, 2;
SELECT * FROM sim.converge('plant', ARRAY['*']);
SELECT scenario, output, mean FROM sim.monte_carlo('plant', 1000, 1, ARRAY['*']);
SQL
}

update_from() {
  cleanup_database
  run -d "$updated" -c "CREATE EXTENSION pg_simulate VERSION '$1'" >"$work/create.log" 2>&1 || true
  check "version $1 is installed" "$(cat "$work/create.log")"
  store || true
  check "models are stored in version $1" "$(grep ERROR "$work/store.log" || true)"
  content >"$work/before"
  run -d "$updated" -c 'ALTER EXTENSION pg_simulate UPDATE' >"$work/update.log" 2>&1 || true
  check "version $1 is updated to $current" "$(cat "$work/update.log")"
  check "then it is what a fresh installation is" "$(diff <(catalog_of "$updated") "$work/fresh" || true)"
  content >"$work/after"
  check "what was stored says and computes the same" "$(diff "$work/before" "$work/after" || true)"
}

cleanup_database() {
  dropdb --if-exists --force "$updated" >/dev/null 2>&1
  createdb -T template0 "$updated"
}

catalog_of "$PGDATABASE" >"$work/fresh" || true
check "the catalog can be described" "$(grep -E '^(psql|ERROR)' "$work/fresh" || true)"
check "at length" "$([[ $(wc -l <"$work/fresh") -gt 200 ]] || cat "$work/fresh")"
notices "a function's label" 'ALTER FUNCTION sim.check_model(text) VOLATILE'
notices "a privilege" 'REVOKE EXECUTE ON FUNCTION sim.check_model(text) FROM PUBLIC'
notices "a comment" "COMMENT ON COLUMN sim.models.name IS 'x'"
notices "a column" 'ALTER TABLE sim.stored_models ADD COLUMN x integer'
notices "a default" 'ALTER TABLE sim.stored_models ALTER COLUMN created_at DROP DEFAULT'
notices "a constraint" 'ALTER TABLE sim.stored_scenarios ADD CHECK (true)'
notices "an index" 'CREATE INDEX ON sim.stored_versions (created_at)'
notices "a policy" 'ALTER POLICY members ON sim.stored_models USING (true)'
notices "row-level security" 'ALTER TABLE sim.stored_models DISABLE ROW LEVEL SECURITY'
notices "a trigger" 'ALTER TABLE sim.stored_models DISABLE TRIGGER audit'
notices "a member" 'ALTER EXTENSION pg_simulate DROP VIEW sim.models'
notices "what is dumped" "UPDATE pg_extension SET extconfig = extconfig[1:1], extcondition = extcondition[1:1] WHERE extname = 'pg_simulate'"
for version in $(kept_versions); do
  update_from "$version"
done
[[ -n $(kept_versions) ]] || skip "an earlier version is updated" "none is kept in extension/"
done_testing
