"""The machine's network as far as an Engine of our own touches it: free addresses, bridges, iptables."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import subprocess
from pathlib import Path
from typing import Dict

import apt


def system_environment(programs: str = "") -> Dict[str, str]:
    """The environment with system folders on PATH, after ``programs`` (as in PATH)."""
    path = apt.system_path()
    return {**os.environ, "PATH": os.pathsep.join([programs, path]) if programs else path}


def remove_bridges(prefix: str) -> None:
    """Delete the bridges whose address begins with ``prefix``; an Engine makes its own anew at its start."""
    for line in ip("-o", "-4", "addr").splitlines():
        words = line.split()
        if words[3].startswith(prefix) and Path("/sys/class/net", words[1], "bridge").exists():
            ip("link", "del", words[1])


def iptables_free(*, ours: bool) -> bool:
    """May an Engine manage this machine's iptables? Not without the tool, nor beside another's chains."""
    if not apt.found("iptables"):
        return False
    listing = _iptables("nat", "-S")
    return listing != "" and (ours or "-N DOCKER" not in listing)


def forget_iptables(prefix: str) -> None:
    """Delete Docker's chains and what leads to them: they are ours, no other Engine was there when we began.

    ``prefix`` begins the addresses of our networks. Rules of the machine's owner in DOCKER-USER stay.
    """
    for table in ("nat", "filter"):
        rules = _iptables(table, "-S").splitlines()
        own = [r for r in rules if r.startswith("-A DOCKER-USER") and r != "-A DOCKER-USER -j RETURN"]
        ours = re.compile(r"-j DOCKER|-[io] dui\d|-[io] br-[0-9a-f]{12}|-[sd] %s" % re.escape(prefix))
        for rule in rules:
            leads_to_ours = rule.startswith("-A ") and not rule.startswith("-A DOCKER") and ours.search(rule)
            if leads_to_ours and not (own and "-j DOCKER-USER" in rule):
                _iptables(table, "-D", *rule.split()[1:])
        chains = [r.split()[1] for r in rules if r.startswith("-N DOCKER")]
        chains = [chain for chain in chains if not (own and chain == "DOCKER-USER")]
        for action in ("-F", "-X"):
            for chain in chains:
                _iptables(table, action, chain)


def free_second_octet(first: int) -> int:
    """The N of a 10.N.0.0/16 that no address and no route of this machine touches. Raises OSError."""
    lines = ip("-o", "-4", "addr") + ip("-o", "-4", "route")
    taken = []
    for word in lines.split():
        with contextlib.suppress(ValueError):
            network = ipaddress.IPv4Network(word, strict=False)
            if network.prefixlen > 0:  # the default route touches everything
                taken.append(network)
    for number in [*range(first, 256), *range(64, first)]:
        candidate = ipaddress.IPv4Network("10.%d.0.0/16" % number)
        if not any(candidate.overlaps(network) for network in taken):
            return number
    raise OSError("no free 10.x.0.0/16 network on this machine")


def ip(*arguments: str) -> str:
    """What ``ip`` from iproute2 prints. Raises CalledProcessError, OSError."""
    command = ["ip", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=system_environment()
    ).stdout


def _iptables(table: str, *arguments: str) -> str:
    command = ["iptables", "-w", "-t", table, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=system_environment()
    ).stdout
