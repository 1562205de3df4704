#!/bin/sh
# Uses CPU in waves and holds some memory.
trap 'exit 0' TERM INT
held=$(head -c 8000000 /dev/zero | tr '\0' x)
job=0
while :; do
  job=$((job + 1))
  n=0
  while [ $n -lt $((20000 + job % 8 * 15000)) ]; do n=$((n + 1)); done
  echo "job $job done, ${#held} bytes held"
  sleep 1 &
  wait $!
done
