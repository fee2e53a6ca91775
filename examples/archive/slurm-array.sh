#!/bin/sh
#SBATCH --job-name=lubdub-archive
#SBATCH --array=1-16
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
#SBATCH --requeue
# Run it in the folder that holds files.txt; afterwards: lubdub merge --list files.txt parts/part-*.ndjson
set -eu
mkdir -p parts
lubdub classify --list files.txt --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --results "parts/part-$SLURM_ARRAY_TASK_ID.ndjson" --threads 2 || [ $? -eq 5 ]
