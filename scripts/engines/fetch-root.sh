#!/bin/bash
# fetch-root.sh SUITE NAME PACKAGE...: unpack PACKAGEs of Debian SUITE and all they need (libc, too) into
# $ENGINES_HOME/root/NAME. Nothing of this machine's packages changes. Idempotent.
. "$(dirname "$0")/lib.sh"
suite=$1 name=$2; shift 2
root=$ROOTS/$name stamp=$ROOTS/$name.stamp want="$suite $*"
[ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && exit 0
t0=$(now)
ar=$ENGINES_HOME/apt/$suite/archives-$name; rm -rf "$ar"; mkdir -p "$ar/partial"
suite_apt "$suite" -o Dir::Cache::Archives="$ar" -y --download-only install "$@" >/dev/null
rm -rf "$root.new"; mkdir -p "$root.new"/usr/{bin,sbin,lib,lib64}
for d in bin sbin lib lib64; do ln -s usr/$d "$root.new/$d"; done
for f in "$ar"/*.deb; do
  dpkg-deb --fsys-tarfile "$f" | tar -x --keep-directory-symlink -C "$root.new" \
    --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale --exclude=./usr/share/info
done
cd "$root.new"
mkdir -p proc sys dev tmp run var/lib var/run root etc/docker etc/containers; chmod 1777 tmp
# What the packages' own scripts, which do not run here, would have done:
for t in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  [ -e usr/sbin/$t ] || [ ! -e usr/sbin/xtables-nft-multi ] || ln -sf xtables-nft-multi usr/sbin/$t
done
[ -e etc/passwd ] || echo 'root:x:0:0:root:/root:/bin/sh' > etc/passwd
[ -e etc/group ] || printf 'root:x:0:\ndocker:x:999:\n' > etc/group
[ -e etc/hosts ] || echo '127.0.0.1 localhost' > etc/hosts
: > etc/resolv.conf; [ -e bin/sh ] || [ ! -e bin/dash ] || ln -s dash bin/sh
chroot . /sbin/ldconfig 2>/dev/null || :
rm -rf "$root" "$ar"; mv "$root.new" "$root"; echo "$want" > "$stamp"
say "  $name: $(du -sm "$root" | cut -f1) MB in $(since "$t0") s"
