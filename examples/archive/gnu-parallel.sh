#!/bin/sh
# Screens files.txt in the working folder, JOBS shards at a time. With --sshlogin the folder must be the same everywhere.
set -eu
SHARDS="${SHARDS:-16}"
mkdir -p parts
seq "$SHARDS" | parallel --jobs "${JOBS:-4}" \
  "lubdub classify --list files.txt --shard {}/$SHARDS --results parts/part-{}.ndjson --threads 1 || [ \$? -eq 5 ]"
lubdub merge --list files.txt parts/part-*.ndjson > results.ndjson
