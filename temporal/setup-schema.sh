#!/bin/sh
# Creates the Temporal server's two databases and brings their schemas to the version of this image. Changes nothing
# where they are up to date, so it runs on every start. Connection: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD.
# The schema files are the image's; TEMPORAL_SCHEMA names another folder of them.
set -eu

prepare() { # database, schema folder
  temporal-sql-tool --db "$1" create
  temporal-sql-tool --db "$1" setup-schema -v 0.0
  temporal-sql-tool --db "$1" update-schema -d "${TEMPORAL_SCHEMA:-/etc/temporal/schema}/postgresql/v12/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
