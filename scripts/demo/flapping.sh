#!/bin/sh
# Healthy for 40 seconds, unhealthy for 25, again and again: its healthcheck looks for /tmp/healthy.
trap 'exit 0' TERM INT
while :; do
  touch /tmp/healthy
  echo "cache warm, serving"
  sleep 40 &
  wait $!
  rm -f /tmp/healthy
  echo "cache cold, rebuilding" >&2
  sleep 25 &
  wait $!
done
