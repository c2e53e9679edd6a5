#!/usr/bin/env bash
# sql_script.sh -- the install script: complete, fresh, and written as if search_path were hostile.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh
build=${SIM_BUILD:-build}

version=$(sed -nE 's/^project\(pg_simulate VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
script=extension/pg_simulate--$version.sql

unlisted_parts() {
  local part
  for part in sql/*.sql; do
    grep -qxE " *$(basename "$part")" sql/CMakeLists.txt || printf '%s\n' "$part"
  done
}

badly_named_parts() { find sql -name '*.sql' | grep -vxE 'sql/[0-9]{2}_[a-z_]+\.sql' || true; }

check "every part stands in sql/CMakeLists.txt" "$(unlisted_parts)"
check "parts are named NN_<subject>.sql" "$(badly_named_parts)"
check "$script is what sql/ assembles to: make sql refreshes it" \
  "$(diff "$script" "$build/extension/pg_simulate--$version.sql" 2>&1 | head -n 10)"
check_same "a script fed to psql says how to load it" \
  "$(cat sql/*.sql | grep -cE '^\\echo Use "CREATE EXTENSION pg_simulate" to load this file\. \\quit')" 1
check "no CREATE OR REPLACE" "$(grep -niE 'CREATE +OR +REPLACE' sql/*.sql || true)"
check "no CREATE IF NOT EXISTS" "$(grep -niE 'IF +NOT +EXISTS' sql/*.sql || true)"
check "no SECURITY DEFINER" "$(grep -niE 'SECURITY +DEFINER' sql/*.sql || true)"
check "functions, tables and views are created in a named schema" "$(grep -nE \
  '^ *CREATE +(FUNCTION|PROCEDURE|AGGREGATE|TABLE|VIEW|SEQUENCE|TYPE|OPERATOR) +[a-z_]+ *(\(|$| AS)' sql/*.sql || true)"
done_testing
