#!/usr/bin/env bash
# encodings.sh -- databases that are not UTF-8: texts and names are converted both ways, or refused.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

latin=${PGDATABASE}_latin
ascii=${PGDATABASE}_ascii
trap 'dropdb --if-exists --force "$latin" 2>/dev/null; dropdb --if-exists --force "$ascii" 2>/dev/null' EXIT
createdb -T template0 -E LATIN1 --locale=C "$latin"
createdb -T template0 -E SQL_ASCII --locale=C "$ascii"

run() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }

export PGCLIENTENCODING=UTF8
run -d "$latin" -c 'CREATE EXTENSION pg_simulate'
check_same "a text with letters beyond ASCII is stored in a LATIN1 database" \
  "$(run -d "$latin" -c "SELECT sim.create_model('größe', E'input \"länge\" = 2 unit ''m²''\noutput fläche = \"länge\" * 3')")" 1
check_same "and computed under its name" "$(run -d "$latin" -c "SELECT * FROM sim.converge('GRößE')")" 'base|fläche||6'
check_same "an override finds its input" \
  "$(run -d "$latin" -c "SELECT value FROM sim.converge('größe', overrides => '{\"länge\": 5}')")" 15
check_same "the views show it" \
  "$(run -d "$latin" -c "SELECT variable, definition, unit FROM sim.variables ORDER BY place")" \
  "$(printf 'länge|2|m²\nfläche|"länge" * 3|')"
check_same "errors show it, and where" \
  "$(run -d "$latin" -c "SELECT sim.create_model('groß', 'output ä = öl')" | sed -n '1,5p')" \
  "$(printf 'ERROR:  model "groß" has 1 error\nDETAIL:  line 1, column 12: unknown name "öl"\n  output ä = öl\n             ^^')"
check_same "nearest names are found" \
  "$(run -d "$latin" -c "SELECT sim.converge('grösse')" | tail -n 1)" 'HINT:  Did you mean "größe"?'
check_same "scenarios and bindings have such names" "$(run -d "$latin" <<'SQL'
SET client_min_messages = error;
SELECT sim.create_scenario('größe', 'süd', '{"länge": 7}');
SELECT sim.bind('größe', 'länge', 'SELECT 4 AS "wärme"');
SELECT scenario, value FROM sim.converge('größe', ARRAY['*']);
SQL
)" "$(printf '\n\nbase|12\nsüd|21')"

PGCLIENTENCODING=SQL_ASCII
run -d "$ascii" -c 'CREATE EXTENSION pg_simulate'
check_same "ASCII works in an SQL_ASCII database" \
  "$(run -d "$ascii" -c "SELECT sim.create_model('plain', 'output x = 2')" -c "SELECT value FROM sim.converge('plain')")" \
  "$(printf '1\n2')"
check_same "UTF-8 too" \
  "$(run -d "$ascii" -c "SELECT sim.create_model('größe', 'output fläche = 2')" -c "SELECT variable FROM sim.converge('größe')")" \
  "$(printf '1\nfläche')"
check_same "other bytes are refused" \
  "$(run -d "$ascii" -c "SELECT sim.create_model('other', E'output x = 2 -- gr\\xf6\\xdfe')" | head -n 1)" \
  'ERROR:  invalid byte sequence for encoding "UTF8": 0xf6 0xdf 0x65'
done_testing
