"""Who did what, append-only. See `record`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerui.access import Actor


def record(
    actor: Actor, action: str, target: str, outcome: str, detail: dict[str, Any] | None = None
) -> None:
    """Write one row; whatever it raises must keep the action from happening.

    `action` is the permission's name, `outcome` one of started, done, failed, refused or a word of the action's own.
    `detail` must hold no secret: no environment, no credentials, no command lines.
    """
    # Models load only after Django's app registry is ready.
    from dockerui.audit.models import AuditEntry

    AuditEntry.objects.create(
        actor_id=actor.user_id,
        actor_name=actor.name,
        action=action,
        target=AuditEntry.clean_text(target),
        outcome=outcome,
        detail=detail or {},
    )
