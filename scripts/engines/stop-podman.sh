#!/bin/bash
# stop-podman.sh SUITE: stop what start-podman.sh started, by its pid file.
. "$(dirname "$0")/lib.sh"
stop_pid "$RUN/podman-$1/podman.pid" 30
rm -f "$RUN/podman-$1/docker.sock"
[ ! -e "/run/netns/podman-$1" ] || ip netns del "podman-$1"
