#!/bin/sh
# Healthy for 15 seconds, unhealthy for 30, again and again: its healthcheck looks for /tmp/healthy.
trap 'exit 0' TERM INT
while :; do
  touch /tmp/healthy
  echo "cache warm, serving"
  sleep 15 &
  wait $!
  rm -f /tmp/healthy
  echo "cache cold, rebuilding" >&2
  sleep 30 &
  wait $!
done
