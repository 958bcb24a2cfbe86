#!/bin/sh
# Creates the namespace where there is none yet. Connection: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE.
set -eu

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  echo "Namespace $TEMPORAL_NAMESPACE is there."
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi
