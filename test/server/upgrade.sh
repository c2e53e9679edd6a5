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

# Rows as the functions of the first version stored them: the module is the current one, which need not work in an older schema.
store() {
  run -d "$updated" >"$work/store.log" 2>&1 <<'SQL'
CREATE ROLE sim_test_keeper;
GRANT CREATE ON SCHEMA public TO sim_test_keeper;
SET ROLE sim_test_keeper;
CREATE TABLE public.prices (price float8);
INSERT INTO public.prices VALUES (104);
INSERT INTO sim.stored_models (name, owner, current_version, comment) VALUES ('plant', 'sim_test_keeper', 2, 'kept');
INSERT INTO sim.stored_versions (model_id, version, source, created_by) VALUES
  (1, 1, E'input price = 1\ninput wage ~ normal(5, 1)\noutput cost = price + wage', 'sim_test_keeper'),
  (1, 2, E'input price = 1\ninput wage ~ normal(5, 1)\noutput cost = 2 * price + wage', 'sim_test_keeper');
INSERT INTO sim.stored_scenarios (model_id, name, parent, overrides) VALUES
  (1, 'low', NULL, '{"wage": 1}'), (1, 'lower', 'low', '{"price": 2}');
CREATE VIEW sim_bindings.plant_price_binding AS SELECT price FROM public.prices ORDER BY 1;
INSERT INTO sim.stored_bindings (model_id, name, view, query, ordered)
VALUES (1, 'price', 'sim_bindings.plant_price_binding', 'SELECT price FROM public.prices', false);
SQL
}

content() {
  run -d "$updated" 2>&1 <<'SQL'
SELECT name, version, owner, comment, created_at FROM sim.models;
SELECT model, version, created_by, md5(source), created_at FROM sim.model_versions ORDER BY 1, 2;
SELECT * FROM sim.scenarios ORDER BY 1, 2;
SELECT name, view, query, ordered, created_at FROM sim.stored_bindings;
SQL
}

# Reads, computes and binds anew what came from an earlier version.
readonly kUse="SET client_min_messages = error;
SET ROLE sim_test_keeper;
SELECT scenario, value FROM sim.converge('plant', ARRAY['*']);
SELECT name, owner, follows, state, reason FROM sim.bindings;
SELECT sim.bind('plant', 'price', 'SELECT price + 1 FROM public.prices');
SELECT value FROM sim.converge('plant');"
readonly kUsed='base|213
low|209
lower|5
price|sim_test_keeper|{prices.price}|untracked|prices has no change triggers

215'

update_from() {
  cleanup_database
  run -d "$updated" -c "CREATE EXTENSION pg_simulate VERSION '$1'" >"$work/create.log" 2>&1 || true
  check "version $1 is installed" "$(cat "$work/create.log")"
  store || true
  check "models are stored in version $1" "$(grep ERROR "$work/store.log" || true)"
  content >"$work/before"
  check_same "until it is updated, what fails says so" \
    "$(run -d "$updated" -c "SELECT value FROM sim.converge('plant')" 2>&1 | grep -o 'HINT:.*ALTER EXTENSION pg_simulate UPDATE')" \
    "HINT:  Library and SQL of pg_simulate are of different versions: call ALTER EXTENSION pg_simulate UPDATE"
  run -d "$updated" -c 'ALTER EXTENSION pg_simulate UPDATE' >"$work/update.log" 2>&1 || true
  check "version $1 is updated to $current" "$(cat "$work/update.log")"
  check "then it is what a fresh installation is" "$(diff <(catalog_of "$updated") "$work/fresh" || true)"
  content >"$work/after"
  check "what was stored says the same" "$(diff "$work/before" "$work/after" || true)"
  check_same "and can be used" "$(run -d "$updated" -c "$kUse" 2>&1)" "$kUsed"
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
