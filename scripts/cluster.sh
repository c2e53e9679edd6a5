#!/usr/bin/env bash
# cluster.sh -- a private PostgreSQL cluster that leaves nothing behind.
#
#   cluster.sh run COMMAND...   makes a cluster, runs the command with PGHOST and friends set, removes it
#   cluster.sh restart [MODE]   restarts the cluster that the command runs in; MODE as in pg_ctl stop -m
#   cluster.sh standby [stop]   adds a streaming hot standby to it, at port 5433 of the same folder, or removes it
#   cluster.sh upgrade          moves it into a new cluster by pg_upgrade
#
# The cluster lives in a temporary folder and listens on a Unix socket inside it. It is run by the
# unprivileged user postgres when started by root, which the server refuses to run as, and by oneself
# otherwise. The extension is installed into the same folder and found there, so the system's own
# PostgreSQL is not touched. Whatever ends the command, the server is stopped and the folder removed.
#
# What the command sees: PGHOST PGPORT PGUSER PGDATABASE; SIM_CLUSTER, the folder; SIM_SERVER_LOG.
# What it can be told: SIM_CLUSTER_OPTIONS, more lines for postgresql.conf; SIM_CLUSTER_PRELOAD,
# libraries, separated by colons, to load into the server's processes before all others (a sanitizer's);
# SIM_CLUSTER_FILE_SIZE, the most kilobytes of a file of the server's, and of a piece of its shared memory.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

readonly kServerUser=${SIM_CLUSTER_USER:-postgres}

# Runs a command as the user the server runs as, in a folder that this user may read.
as_server() {
  if [[ $(id -u) -eq 0 ]]; then
    (cd "$SIM_CLUSTER" && runuser -u "$kServerUser" -- "$@")
  else
    (cd "$SIM_CLUSTER" && "$@")
  fi
}

# Installs the extension below the cluster's folder.
stage_extension() {
  if ! DESTDIR=$SIM_CLUSTER/stage cmake --install "$SIM_BUILD" >"$SIM_CLUSTER/install.log" 2>&1; then
    cat "$SIM_CLUSTER/install.log" >&2
    fail "nothing to install in $SIM_BUILD: run make first"
  fi
}

# Answers with the settings that make this server look for the extension below the cluster's folder.
# Debian's server has extension_destdir, PostgreSQL 18 and later extension_control_path.
stage_settings() {
  local stage=$SIM_CLUSTER/stage
  say "dynamic_library_path = '$stage$("$server" --pkglibdir):\$libdir'"
  if as_server "$bin/postgres" -D "$SIM_CLUSTER/data" -C extension_destdir >/dev/null 2>&1; then
    say "extension_destdir = '$stage'"
  elif as_server "$bin/postgres" -D "$SIM_CLUSTER/data" -C extension_control_path >/dev/null 2>&1; then
    say "extension_control_path = '$stage$("$server" --sharedir):\$system'"
  elif [[ ! -f $("$server" --sharedir)/extension/pg_simulate.control ]]; then
    fail "this server finds extensions only where they are installed: run make install first"
  fi
}

write_settings() {
  stage_settings
  cat <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$SIM_CLUSTER'
max_connections = 40
max_worker_processes = 16
max_parallel_workers = 16
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %d '
SETTINGS
  printf '%s\n' "${SIM_CLUSTER_OPTIONS:-}"
}

# Copies the libraries to preload to where the server's user can read them; answers with their paths.
copy_preloads() {
  local library copies=()
  mkdir -p "$SIM_CLUSTER/preload"
  for library in ${SIM_CLUSTER_PRELOAD//:/ }; do
    cp -L "$library" "$SIM_CLUSTER/preload/"
    copies+=("$SIM_CLUSTER/preload/$(basename "$library")")
  done
  (IFS=: && say "${copies[*]}")
}

start_server() {
  local preload=()
  if [[ -n ${SIM_CLUSTER_PRELOAD:-} ]]; then
    preload=(env "LD_PRELOAD=$(copy_preloads)"
      "ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}" "UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}")
  fi
  # shellcheck disable=SC2016
  if ! as_server bash -c 'ulimit -S -f "$0" && exec "$@"' "${SIM_CLUSTER_FILE_SIZE:-unlimited}" \
    "${preload[@]}" "$bin/pg_ctl" start -w -s -t 60 -D "$SIM_CLUSTER/data" -l "$SIM_SERVER_LOG" \
    </dev/null >/dev/null; then
    tail -n 20 "$SIM_SERVER_LOG" >&2
    fail "the private cluster does not start"
  fi
}

stop_server() {
  as_server "$bin/pg_ctl" stop -w -s -t 60 -m "${1:-fast}" -D "$SIM_CLUSTER/data" >/dev/null 2>&1
}

stop_standby() {
  if [[ -f $SIM_CLUSTER/standby/postmaster.pid ]]; then
    as_server "$bin/pg_ctl" stop -w -s -t 60 -m immediate -D "$SIM_CLUSTER/standby" >/dev/null 2>&1 || true
  fi
  rm -rf "$SIM_CLUSTER/standby"
}

start_standby() {
  stop_standby
  as_server "$bin/pg_basebackup" -h "$SIM_CLUSTER" -U postgres -D "$SIM_CLUSTER/standby" -R -c fast
  as_server tee -a "$SIM_CLUSTER/standby/postgresql.conf" <<<'port = 5433' >/dev/null
  as_server "$bin/pg_ctl" start -w -s -t 60 -D "$SIM_CLUSTER/standby" -l "$SIM_CLUSTER/standby.log" </dev/null >/dev/null
}

make_data() {
  as_server "$bin/initdb" -D "$1" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N
}

upgrade_server() {
  stop_server fast
  make_data "$SIM_CLUSTER/new" >/dev/null
  as_server tee -a "$SIM_CLUSTER/new/postgresql.conf" <"$SIM_CLUSTER/settings.conf" >/dev/null
  as_server "$bin/pg_upgrade" -U postgres -b "$bin" -B "$bin" -d "$SIM_CLUSTER/data" -D "$SIM_CLUSTER/new" -s "$SIM_CLUSTER"
  rm -rf "$SIM_CLUSTER/data"
  mv "$SIM_CLUSTER/new" "$SIM_CLUSTER/data"
  start_server
}

remove_cluster() {
  trap - EXIT
  stop_standby
  if [[ -f $SIM_CLUSTER/data/postmaster.pid ]]; then
    stop_server fast || stop_server immediate || true
  fi
  if [[ -n ${SIM_KEEP_SERVER_LOG:-} && -f $SIM_SERVER_LOG ]]; then
    cp "$SIM_SERVER_LOG" "$SIM_KEEP_SERVER_LOG" || true
  fi
  rm -rf "$SIM_CLUSTER"
}

make_cluster() {
  SIM_CLUSTER=$(mktemp -d "${TMPDIR:-/tmp}/pg_simulate.XXXXXX")
  SIM_SERVER_LOG=$SIM_CLUSTER/server.log
  export SIM_CLUSTER SIM_SERVER_LOG
  trap remove_cluster EXIT
  trap 'exit 129' HUP
  trap 'exit 143' TERM
  stage_extension
  if [[ $(id -u) -eq 0 ]]; then
    id "$kServerUser" >/dev/null 2>&1 || fail "no user $kServerUser to run the server as: set SIM_CLUSTER_USER"
    chown -R "$kServerUser" "$SIM_CLUSTER"
  fi
  make_data "$SIM_CLUSTER/data" >"$SIM_CLUSTER/initdb.log" 2>&1 || {
    cat "$SIM_CLUSTER/initdb.log" >&2
    fail "initdb failed"
  }
  write_settings >"$SIM_CLUSTER/settings.conf"
  as_server tee -a "$SIM_CLUSTER/data/postgresql.conf" <"$SIM_CLUSTER/settings.conf" >/dev/null
  start_server
}

# Ctrl-C reaches only the command: the server has a session of its own, and the trap on EXIT runs when
# the command has ended.
run_command() {
  make_cluster
  export PGHOST=$SIM_CLUSTER PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
  unset PGSERVICE PGHOSTADDR PGOPTIONS PGSSLMODE PGPASSWORD
  "$@"
}

server=$(find_pg_config)
[[ -n $server ]] || fail "no pg_config found: run make setup"
bin=$("$server" --bindir)
case ${1:-} in
  run)
    shift
    PATH=$bin:$PATH
    run_command "$@"
    ;;
  restart | standby | upgrade)
    [[ -n ${SIM_CLUSTER:-} ]] || fail "$1 is for a command that cluster.sh runs"
    case $1 in
      restart) stop_server "${2:-fast}" && start_server ;;
      standby) if [[ ${2:-start} == stop ]]; then stop_standby; else start_standby; fi ;;
      upgrade) upgrade_server ;;
    esac
    ;;
  *) fail "usage: cluster.sh run COMMAND... | cluster.sh restart [fast|immediate] | cluster.sh standby | cluster.sh upgrade" ;;
esac
