"""Every permission there is: one per Engine operation, and the few that are our own."""

from __future__ import annotations

from dataclasses import dataclass

from dockerui.engine.operation import OPERATIONS


@dataclass(frozen=True)
class Permission:
    """`name` is `<object>.<verb>`; `reads` says that it changes nothing and shows no secret."""

    name: str
    reads: bool
    doc: str


# Reads of the Engine that a viewer must not have: they show files, hold secrets or reach the container.
_NOT_FOR_VIEWERS = {
    "container.export", "container.archive_get", "container.archive_info", "container.attach", "container.attach_ws",
    "image.get", "image.save", "images.get", "exec.inspect", "exec.start", "exec.create", "system.auth",
}  # fmt: skip

_OWN = (
    Permission("home.read", True, "See the overview and the navigation"),
    Permission("event.read", True, "See the Engine's events"),
    Permission("job.list", True, "See one's own jobs"),
    Permission("job.list_all", False, "See everybody's jobs"),
    Permission("job.cancel", False, "Cancel a job"),
    Permission(
        "container.reveal", False, "See environment values and exec command lines; every reveal is audited"
    ),
    Permission("registry.list", False, "See which registries have stored credentials"),
    Permission("registry.manage", False, "Store, change and delete registry credentials"),
    Permission("account.self", True, "Change one's own password and sessions"),
    Permission("account.manage", False, "Make, change and disable accounts"),
    Permission("audit.read", False, "Read the audit log"),
)


def _from_operations() -> dict[str, Permission]:
    found: dict[str, Permission] = {}
    for operation in OPERATIONS.values():
        reads = not operation.mutates and operation.permission not in _NOT_FOR_VIEWERS
        known = found.get(operation.permission)
        if known is None or (known.reads and not reads):
            found[operation.permission] = Permission(operation.permission, reads, operation.doc)
    return found


PERMISSIONS: dict[str, Permission] = _from_operations() | {permission.name: permission for permission in _OWN}
