"""Arguments of `ps`, and which of them can show more than processes.

The Engine hands them to the `ps` of its host, which runs as root: `ps e` prints environments. And `ps` reads
its arguments twice: when those in the Unix manner contradict each other (`-ef -L -T`, `-auxe`), it takes all
of them in the BSD manner, in which the same `e` means the environment. So no letter is searched for here:
what is known to be harmless passes, and anything else is a reveal (security rule R15).
"""

from __future__ import annotations

import re

from dockerui.services.errors import BadInput

DEFAULT = "-ef"
_TEXT = re.compile(r"[-\w ,=%]{0,200}", re.ASCII)
_WHOLE = re.compile(r"-e[fFl]?|-efl|-elf|-?auxw{0,2}|ax[uljf]?")
_LIST = re.compile(r"(?:-o|o|-eo|-Ao|axo) ([\w%,]+)", re.ASCII)
_COLUMNS = frozenset(
    {"%cpu", "%mem", "args", "c", "cgroup", "cls", "cmd", "comm", "command", "cputime", "egid", "egroup"}
    | {
        "etime",
        "etimes",
        "euid",
        "euser",
        "f",
        "gid",
        "group",
        "label",
        "lstart",
        "lwp",
        "ni",
        "nice",
        "nlwp",
    }
    | {"pcpu", "pgid", "pid", "pmem", "ppid", "pri", "psr", "rgid", "rgroup", "rss", "ruid", "ruser", "s"}
    | {"sid", "size", "start", "stat", "state", "stime", "sz", "tgid", "tid", "time", "tname", "tty", "ucmd"}
    | {"uid", "user", "vsize", "vsz", "wchan"}
)


def check(ps_args: str) -> str:
    """The arguments, `-ef` for none. Raises BadInput for characters that no argument needs."""
    if not _TEXT.fullmatch(ps_args):
        raise BadInput("ps arguments may hold letters, digits, spaces, commas, =, % and - only.")
    return " ".join(ps_args.split()) or DEFAULT


def shows_processes_only(ps_args: str) -> bool:
    """Whether it is known that `ps` prints nothing but what a list of processes has."""
    if _WHOLE.fullmatch(ps_args):
        return True
    chosen = _LIST.fullmatch(ps_args)
    return chosen is not None and _COLUMNS.issuperset(chosen[1].lower().split(","))
