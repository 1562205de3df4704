#!/bin/bash
# fetch-docker.sh SUITE: dockerd and containerd of Debian SUITE (trixie, sid), unpacked without their dependencies:
# Go programs run on this machine's own libc. Prints the PATH part that holds them. Idempotent.
. "$(dirname "$0")/lib.sh"
suite=$1 root=$ROOTS/docker-$1
if [ ! -e "$root.done" ]; then
  t0=$(now); mkdir -p "$ENGINES_HOME/apt/$suite/light"; cd "$ENGINES_HOME/apt/$suite/light"
  suite_apt "$suite" download docker.io containerd >&2
  rm -rf "$root.new"; mkdir -p "$root.new"
  for p in docker.io containerd; do f=$(ls -t "$p"_*.deb | head -1); dpkg-deb -x "$f" "$root.new"; rm -f "$p"_*.deb; done
  rm -rf "$root.new"/usr/share "$root"; mv "$root.new" "$root"; touch "$root.done"
  say "  Docker of $suite: $(du -sm "$root" | cut -f1) MB in $(since "$t0") s"
fi
echo "$root/usr/sbin:$root/usr/bin"
