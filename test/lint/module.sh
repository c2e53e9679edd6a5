#!/usr/bin/env bash
# module.sh -- the compiled module shows the server its entry points and nothing else.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh
module=${SIM_BUILD:-build}/src/postgres/pg_simulate.so

symbols=$(nm -D --defined-only "$module" | awk '{ print $3 }' | grep -v '^$' | sort)
functions=$(sed -n 's/^pg_finfo_//p' <<<"$symbols")
bound=$(cat sql/*.sql | tr '\n' ' ' | grep -oE "'MODULE_PATHNAME', *'[a-z0-9_]+'" | grep -oE 'sim_[a-z0-9_]+' | sort -u)

check "every exported symbol is an entry point" \
  "$(grep -vxE 'Pg_magic_func|_PG_init|(pg_finfo_)?sim_[a-z0-9_]+' <<<"$symbols" || true)"
check_same "the module announces itself" "$(grep -cx Pg_magic_func <<<"$symbols")" 1
check "every function SQL names is in the module" "$(comm -13 <(printf '%s\n' "$functions") <(printf '%s\n' "$bound"))"
check "every function of the module is named in SQL" "$(comm -23 <(printf '%s\n' "$functions") <(printf '%s\n' "$bound"))"
check "no thread is started by loading the module" "$(nm -D --undefined-only "$module" | grep -w pthread_create || true)"
done_testing
