#!/bin/bash
# start-podman.sh SUITE: rootful Podman of Debian SUITE (bookworm 4.3, trixie 5.4, sid 5.8) from a root folder of its
# own, in mount and network namespaces of its own. Prints DOCKER_HOST. Idempotent.
. "$(dirname "$0")/lib.sh"
suite=$1 name=podman-$1
dir=$RUN/$name sock=$RUN/$name/docker.sock root=$ROOTS/podman-$suite
mkdir -p "$dir"; exec 9>"$dir/lock"; flock 9   # two callers at once: the second finds it running
if ping_sock "$sock"; then echo "unix://$sock"; exit 0; fi
"$SCRIPTS/fetch-root.sh" "$suite" "podman-$suite" \
  podman crun netavark aardvark-dns catatonit iptables nftables procps
mkdir -p "$dir"/{etc,storage,runroot,tmp}; rm -f "$sock"
# Limits above this machine's hard ones would be refused (setrlimit: EPERM) where root lacks CAP_SYS_RESOURCE.
cat > "$dir/etc/containers.conf" <<C
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=$(sysctl -n kernel.pid_max):$(sysctl -n kernel.pid_max)"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
[network]
network_backend = "netavark"
C
cat > "$dir/etc/storage.conf" <<C
[storage]
driver = "overlay"
graphroot = "$dir/storage"
runroot = "$dir/runroot"
C
echo '{"default":[{"type":"insecureAcceptAnything"}]}' > "$dir/etc/policy.json"
printf 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n' > "$dir/etc/registries.conf"
mkdir -p "$root/.bb"; cp "$(command -v busybox)" "$root/.bb/busybox"; mkdir -p "$root/.old" "$root$dir" "$root/var/tmp"
[ -e "/run/netns/$name" ] || ip netns add "$name"
# pivot_root, not chroot: under a mere chroot, exec would join the container's mounts at the machine's real root.
setsid nsenter --net="/run/netns/$name" unshare --mount --uts --propagation private -- /bin/bash -c '
  set -e; root=$1 dir=$2; hostname "$3"; shift 3
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"; mount --rbind /sys "$root/sys"; mount --rbind /dev "$root/dev"
  umount "$root/sys/fs/cgroup/unified" 2>/dev/null || :   # crun refuses the hybrid cgroup layout: show it plain v1
  mount -t tmpfs tmpfs "$root/run"; mkdir "$root/run/lock"
  mount --bind "$dir" "$root$dir"; mount --bind "$dir/etc" "$root/etc/containers"; ip link set lo up
  cd "$root"; pivot_root . .old
  exec /.bb/busybox sh -c "/.bb/busybox umount -l /.old; cd /; exec \"\$@\"" _ \
    /.bb/busybox env -i PATH=/usr/sbin:/usr/bin HOME=/root TMPDIR=/var/tmp "$@"' _ "$root" "$dir" "$name" \
  podman --log-level=warn system service --time=0 "unix://$sock" > "$dir/podman.log" 2>&1 < /dev/null 9>&- &
pid=$!
wait_sock "$sock" 30 "$pid" || { tail -20 "$dir/podman.log" >&2; die "$name did not answer"; }
echo "$pid" > "$dir/podman.pid"
echo "unix://$sock"
