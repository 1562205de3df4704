"""A tiny image without any registry: a static busybox's root file system, a tar for the Engine's import."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Dict, Optional

import apt
from console import Problem

DIRECTORIES = {
    "bin": 0o755,
    "etc": 0o755,
    "root": 0o700,
    "tmp": 0o1777,
    "var": 0o755,
    "var/www": 0o755,
    "home": 0o755,
}
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/sh\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}


def find_busybox() -> str:
    """Path of a statically linked busybox; installs busybox-static when it may. Raises Problem."""
    found = _static_busybox()
    if found is None:
        apt.install(["busybox-static"], "a test image made without a registry")
        found = _static_busybox()
    if found is None:
        raise Problem("No statically linked busybox was found.", apt.command_for(["busybox-static"]))
    return found


def _static_busybox() -> Optional[str]:
    for name in ("busybox", "busybox.static"):
        path = shutil.which(name, path="/bin:/usr/bin:/usr/local/bin:/sbin")
        if path is None:
            continue
        with Path(path).open("rb") as handle:
            head = handle.read(8192)
        # A dynamically linked program names its loader near the start; a static one has none.
        if b"/ld-linux" not in head and b"/ld-musl" not in head:
            return path
    return None


def _add(
    tar: tarfile.TarFile, name: str, *, mode: int, data: bytes = b"", kind: bytes = tarfile.REGTYPE
) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.type, info.size = mode, kind, len(data)
    tar.addfile(info, io.BytesIO(data) if data else None)


def root_tar(extra: Optional[Dict[str, bytes]] = None) -> bytes:
    """The image's root file system. ``extra`` adds files by path; those under ``bin/`` become executable."""
    program = find_busybox()
    applets = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, mode in DIRECTORIES.items():
            _add(tar, name, mode=mode, kind=tarfile.DIRTYPE)
        _add(tar, "bin/busybox", mode=0o755, data=Path(program).read_bytes())
        for applet in applets:
            if applet == "busybox":
                continue
            info = tarfile.TarInfo("bin/" + applet)
            info.type, info.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(info)
        for name, text in FILES.items():
            _add(tar, name, mode=0o644, data=text.encode())
        for name, data in (extra or {}).items():
            _add(tar, name, mode=0o755 if name.startswith("bin/") else 0o644, data=data)
    return buffer.getvalue()
