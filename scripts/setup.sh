#!/usr/bin/env bash
# setup.sh -- installs what the build and the tests need and this machine does not have.
#
# Only what is missing is installed, and it is named first. Where everything is present nothing is
# asked of apt, so the script needs neither root nor a network on a machine that is ready. A server
# installed here gets no cluster of its own: the demo and the tests make private ones.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

# The server to build for: that of PG_CONFIG, else the one installed, else Debian 12's.
server_version() {
  local server
  server=$(find_pg_config)
  if [[ -n $server && -x $server && -f $("$server" --includedir-server)/postgres.h ]]; then
    "$server" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/'
  else
    say 15
  fi
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]; }

# What a package is wanted for counts as well as the package, whether it is a command or, with its whole
# path, a file: a compiler or a server may come from elsewhere.
there() {
  case ${1:-} in
    '') return 1 ;;
    /*) [[ -e $1 ]] ;;
    *) [[ -n $(type -P "$1") ]] ;;
  esac
}

missing_packages() {
  local version=$1 package probe
  while read -r package probe; do
    if ! installed "$package" && ! there "$probe"; then
      say "$package"
    fi
  done <<PACKAGES
g++ g++
cmake cmake
make make
postgresql-$version /usr/lib/postgresql/$version/bin/postgres
postgresql-server-dev-$version /usr/include/postgresql/$version/server/postgres.h
postgresql-$version-pgtap /usr/share/postgresql/$version/extension/pgtap.control
libeigen3-dev
libboost-math-dev
libsleef-dev
libssl-dev
libgtest-dev
valgrind valgrind
PACKAGES
}

# postgresql-common makes and starts a cluster for a server it installs, unless told not to before.
# The arguments are the command that gives root's rights, if one is needed.
forbid_system_cluster() {
  local folder=/etc/postgresql-common/createcluster.d
  if [[ ! -e /etc/postgresql-common ]]; then
    "$@" mkdir -p "$folder"
    say 'create_main_cluster = false' | "$@" tee "$folder/pg_simulate.conf" >/dev/null
  fi
}

main() {
  local packages log as_root=()
  if [[ -z $(type -P dpkg-query) ]]; then
    say "not a Debian system: taking for granted that a C++20 compiler, cmake, the PostgreSQL server headers,"
    say "pgTAP, Eigen, Boost.Math, SLEEF, OpenSSL and GoogleTest are installed"
    return
  fi
  mapfile -t packages < <(missing_packages "$(server_version)")
  if [[ ${#packages[@]} -eq 0 ]]; then
    return
  fi
  say "missing: ${packages[*]}"
  if [[ $(id -u) -ne 0 ]]; then
    if ! sudo -n true 2>/dev/null; then
      fail "install them with: apt-get install --no-install-recommends ${packages[*]}"
    fi
    as_root=(sudo)
  fi
  forbid_system_cluster "${as_root[@]}"
  say "installing them with apt-get; this takes a minute or two"
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq --yes --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "apt-get failed; all it said is in $log"
  fi
  rm -f "$log"
}

main
