#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own, whose address stands in STORE_TEST_POSTGRES: scripts/with-postgres.sh COMMAND...
# The server comes from Debian's package, installed if need be and possible; it listens on a free port of loopback, keeps its
# data in a temporary folder and ends with the command. Exits with 3 where there is no PostgreSQL.
set -euo pipefail

newest() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }
bin=$(newest)
if [ -z "$bin" ]; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "there is no PostgreSQL on this machine: install the package postgresql" >&2
    exit 3
  fi
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql; } >&2 || exit 3
  bin=$(newest)
fi

folder=$(mktemp -d)
# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$folder"
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
trap '"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
cd "$folder"
"${as[@]}" "$bin/initdb" -D data -U gateway -A trust -E UTF8 --no-sync >/dev/null
# A port that is free now; another program may take it before the server does, hence the tries.
for try in 1 2 3 4 5; do
  port=$((20000 + (RANDOM % 20000)))
  if "${as[@]}" "$bin/pg_ctl" -D data -w -t 60 -l "$folder/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=300" start >/dev/null; then
    break
  fi
  [ "$try" -lt 5 ] || { tail -20 "$folder/log" >&2; exit 1; }
done
cd "$OLDPWD"
export STORE_TEST_POSTGRES="postgres://gateway@127.0.0.1:$port"
"$@"
