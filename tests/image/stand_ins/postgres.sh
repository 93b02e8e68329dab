#!/bin/sh
# Starts PostgreSQL of Debian with the variables of the official image. While it prepares its folder,
# the server listens on a socket file only, as there.
set -eu
if [ "$(id -u)" -eq 0 ]; then
  install --directory --owner postgres --group postgres --mode 0700 "$PGDATA" /run/postgresql
  exec setpriv --reuid postgres --regid postgres --init-groups "$0"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" \
    --auth-local trust --auth-host scram-sha-256
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait --options "-c listen_addresses=" start
  createdb --username "$POSTGRES_USER" "$POSTGRES_DB"
  pg_ctl --wait stop
fi
exec postgres -c "listen_addresses=*"
