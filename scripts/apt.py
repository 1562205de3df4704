"""Install Debian/Ubuntu packages when that is possible, and say what to do when it is not."""

from __future__ import annotations

import os
import shutil
from typing import Iterable, List

from console import Problem, run_step, say

ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "NEEDRESTART_MODE": "l",
    "LC_ALL": "C.UTF-8",
}
INSTALL = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]


def can_install() -> bool:
    """True as root on a machine that has apt-get."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def system_path() -> str:
    """PATH with the system folders that a bare shell may lack."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def found(tool: str) -> bool:
    """Is a program installed?"""
    return shutil.which(tool, path=system_path()) is not None


def command_for(packages: Iterable[str]) -> str:
    """The command a reader can type to get the packages."""
    names = " ".join(packages)
    if shutil.which("apt-get"):
        return "sudo apt-get install %s" % names
    return "install these with your system's package manager: %s" % names


def install(packages: List[str], why: str) -> None:
    """Install packages, refreshing the package lists only when the first try fails. Raises Problem."""
    if not can_install():
        raise Problem("%s needs %s." % (why, ", ".join(packages)), command_for(packages))
    env = {**os.environ, **ENVIRONMENT}
    title = "Installing %s (%s)" % (", ".join(packages), why)
    try:
        run_step(title, INSTALL + packages, log="apt-install", env=env)
        return
    except Problem:
        say("  the package lists may be old: refreshing them")
    advice = "look at the messages above; is the network up? Then: %s" % command_for(packages)
    refresh = ["apt-get", "update", "-q", "-o", "DPkg::Lock::Timeout=300"]
    run_step("Refreshing the package lists", refresh, log="apt-update", env=env, advice=advice)
    run_step(title, INSTALL + packages, log="apt-install", env=env, advice=advice)
