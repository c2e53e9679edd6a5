#!/usr/bin/env bash
# docs_examples.sh -- runs every example of README.md and docs/*.md and compares docs/language.md's lists with the
# catalogue; prints TAP, one test a block and a list.
#
# Blocks of a file run in their order in one fresh database; each block is a psql session of its own.
#   ```sql             must run without an error
#   ```sql error       must end in an error
#   ```model           must be a good model
#   ```model name      must be a good model, and is created under this name for the blocks that follow
#   ```model error     must not be a good model
# Any other block (sh, text, no word) is left alone.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$SIM_SOURCE"

# Writes each sql or model block of the file $1 into a file of its own, named by line, kind and word.
extract_blocks() {
  awk -v folder="$2" '
    /^ *```/ && inside { close(target); inside = 0; next }
    /^ *```/ {
      indent = index($0, "`") - 1
      inside = 1; target = "/dev/null"
      split(substr($0, indent + 4), word, " ")
      if (word[1] == "sql" || word[1] == "model")
        target = sprintf("%s/%05d.%s.%s", folder, NR, word[1], word[2])
      printf "" > target
      next
    }
    inside { print substr($0, indent + 1) > target }
  ' "$1"
}

session() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

run_model() {
  local block=$1 name=$2
  printf "%s\n" "SELECT sim.create_model(:'name', :'source');" |
    session -v name="$name" -v source="$(cat "$block")"
}

run_block() {
  local block=$1 kind=$2 word=$3
  case $kind-$word in
    sql-*) session -v data="$SIM_SOURCE/examples/data" -f "$block" ;;
    model-error | model-) run_model "$block" "example_$(basename "$block" | cut -d. -f1)" ;;
    model-*) run_model "$block" "$word" ;;
  esac
}

test_block() {
  local document=$1 block=$2 line kind word output status=0
  IFS=. read -r line kind word <<<"$(basename "$block")"
  output=$(run_block "$block" "$kind" "$word" 2>&1) || status=$?
  if [[ $word == error && $status -ne 0 && $output == *ERROR:* ]]; then
    check "$document:$((10#$line)) fails as it says" ""
  elif [[ $word == error ]]; then
    check "$document:$((10#$line)) fails as it says" "it ran"
  elif [[ $status -ne 0 ]]; then
    check "$document:$((10#$line)) runs" "$(tail -n 15 <<<"$output")"
  else
    check "$document:$((10#$line)) runs" ""
  fi
}

# The rows of the view $1, as the query $2 writes them for a table of docs/language.md, that this table lacks.
missing_entries() {
  local entries
  entries=$(session -A -t -d docs_examples -c "SELECT $2 FROM sim.$1" 2>&1) || entries="no list: $entries"
  grep -vxFf docs/language.md <<<"$entries" || true
}

for document in README.md docs/*.md; do
  [[ -e $document ]] || continue
  blocks=$work/$(basename "$document")
  mkdir "$blocks"
  extract_blocks "$document" "$blocks"
  dropdb --if-exists --force docs_examples 2>/dev/null
  createdb docs_examples
  if ! grep -qi 'CREATE EXTENSION pg_simulate' "$document"; then
    session -d docs_examples -c 'CREATE EXTENSION pg_simulate'
  fi
  for block in "$blocks"/*; do
    [[ -e $block ]] || continue
    PGDATABASE=docs_examples test_block "$document" "$block"
  done
done
check "docs/language.md lists the functions as sim.functions does" "$(missing_entries functions \
  "format('| \`%s(%s)\` | %s | \`%s\`%s |', name, parameters, description, example, ' = ' || result)")"
check "docs/language.md lists the distributions as sim.distributions does" "$(missing_entries distributions \
  "format('| \`%s(%s)\` | %s | %s | %s |', name, parameters, support, mean, description)")"
dropdb --if-exists --force docs_examples
done_testing
