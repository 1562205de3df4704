# Shared by the scripts beside it. Source it: . "$(dirname "$0")/lib.sh"
# Engines of other Debian releases, unpacked beside this machine's own packages, which stay as they are.
set -eu
SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ENGINES_HOME=${ENGINES_HOME:-$(cd "$SCRIPTS/../.." && pwd)/var/engines}
RUN=$ENGINES_HOME/run ROOTS=$ENGINES_HOME/root
mkdir -p "$RUN" "$ROOTS"
say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN{printf "%.1f", b-a}'; }

# Base address of this machine's own Debian mirror, from apt itself (deb822 or one-line sources alike).
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' \
    "Codename: $(. /etc/os-release; echo "$VERSION_CODENAME")" 'Component: main' | head -1
}

# suite_apt SUITE ARGS...: apt-get for another suite with a state of its own: it sees an empty package database and
# touches nothing of this machine's. The index is fetched once a day.
suite_apt() {
  local suite=$1 state=$ENGINES_HOME/apt/$1; shift
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/log"; : > "$state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $suite main" \
    > "$state/sources.list"
  local options="-o Dir::Etc::SourceList=$state/sources.list -o Dir::Etc::SourceParts=/dev/null
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null -o Dir::State=$state
    -o Dir::State::Lists=$state/lists -o Dir::State::status=$state/status -o Dir::Cache=$state/cache
    -o Dir::Log=$state/log -o APT::Sandbox::User=root -o APT::Keep-Downloaded-Packages=true
    -o APT::Install-Recommends=false -o Acquire::Languages=none -qq"
  [ -n "$(find "$state/lists" -name '*Packages*' -mmin -1440)" ] || apt-get $options update
  apt-get $options "$@"
}

# ping_sock SOCKET: does an engine answer there?
ping_sock() { [ "$(curl -sS -m 5 --unix-socket "$1" http://localhost/_ping 2>/dev/null)" = OK ]; }

# wait_sock SOCKET SECONDS PID: until it answers; fails early when PID is gone.
wait_sock() {
  local n=$(( $2 * 20 ))
  while [ "$n" -gt 0 ]; do
    ping_sock "$1" && return 0
    kill -0 "$3" 2>/dev/null || return 1
    sleep 0.05; n=$((n-1))
  done
  return 1
}

# stop_pid PIDFILE SECONDS: TERM, wait, then KILL; by that pid only.
stop_pid() {
  [ -s "$1" ] || return 0
  local p n; p=$(cat "$1"); n=$(( $2 * 10 ))
  kill -TERM "$p" 2>/dev/null || { rm -f "$1"; return 0; }
  while [ "$n" -gt 0 ] && kill -0 "$p" 2>/dev/null; do sleep 0.1; n=$((n-1)); done
  if kill -0 "$p" 2>/dev/null; then say "pid $p did not stop in $2 s: KILL"; kill -KILL "$p" || :; fi
  rm -f "$1"
}
