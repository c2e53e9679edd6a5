# common.sh -- what the scripts share: where things are and how to speak. Sourced, never run.
# shellcheck shell=bash

SIM_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SIM_BUILD=${BUILD:-$SIM_SOURCE/build}
case $SIM_BUILD in /*) ;; *) SIM_BUILD=$SIM_SOURCE/$SIM_BUILD ;; esac
export SIM_SOURCE SIM_BUILD

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Answers with pg_config of the server to build for: PG_CONFIG, else the first on the path, else the
# newest that a distribution keeps in a folder of its own.
find_pg_config() {
  if [[ -n ${PG_CONFIG:-} ]]; then
    say "$PG_CONFIG"
  elif [[ -n $(type -P pg_config) ]]; then
    type -P pg_config
  else
    find /usr/lib/postgresql /usr/pgsql-* -path '*/bin/pg_config' 2>/dev/null | sort -V | tail -n 1
  fi
}

# Configures and builds the folder $1 with the CMake arguments that follow; prints only what went wrong.
# SIM_TARGETS: targets to build, separated by blanks; all when empty.
build_in() {
  local folder=$1 log generator=() targets=() server
  shift
  read -r -a targets <<<"${SIM_TARGETS:-}"
  mkdir -p "$folder"
  log=$folder/build.log
  if [[ ! -f $folder/CMakeCache.txt && -n $(type -P ninja) ]]; then
    generator=(-G Ninja)
  fi
  server=$(find_pg_config)
  if ! { cmake -S "$SIM_SOURCE" -B "$folder" "${generator[@]}" ${server:+-DPG_CONFIG="$server"} "$@" &&
    cmake --build "$folder" --parallel "${JOBS:-$(nproc)}" ${targets:+--target "${targets[@]}"}; } >"$log" 2>&1; then
    grep -E -A 12 'error|Error|FAILED' "$log" | head -n 60 >&2 || tail -n 40 "$log" >&2
    fail "the build failed; all of it is in $log"
  fi
}
