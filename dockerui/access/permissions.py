"""Every permission there is: one per Engine operation, and the few that are our own."""

from __future__ import annotations

from dataclasses import dataclass

from dockerui.engine.operation import OPERATIONS


@dataclass(frozen=True)
class Permission:
    """`name` is `<object>.<verb>`, `doc` one line for people who hand it out."""

    name: str
    doc: str


_OWN = (
    Permission("home.read", "See the overview and the navigation"),
    Permission("event.read", "See the Engine's events"),
    Permission("engine.diagnose", "See the Engine's own words about its failures"),
    Permission("job.list", "See one's own jobs"),
    Permission("job.list_all", "See everybody's jobs"),
    Permission("job.cancel", "Cancel a job"),
    Permission("exec.privileged", "Run commands in containers with all capabilities"),
    Permission("container.reveal", "See environment values and exec command lines; every reveal is audited"),
    Permission("registry.list", "See which registries have stored credentials"),
    Permission("registry.manage", "Store, change and delete registry credentials"),
    Permission("image.fetch", "Let the Engine fetch from an address: build from a remote, import from a URL"),
    Permission("account.self", "Change one's own password and end one's own logins"),
    Permission("account.manage", "Make, change and disable accounts"),
    Permission("audit.read", "Read the audit log"),
)

PERMISSIONS: dict[str, Permission] = {
    operation.permission: Permission(operation.permission, operation.doc) for operation in OPERATIONS.values()
} | {permission.name: permission for permission in _OWN}
