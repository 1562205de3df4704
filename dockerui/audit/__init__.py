"""Who did what, append-only. See `record`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerui.access import Actor


def record(
    actor: Actor,
    action: str,
    target: str,
    outcome: str,
    detail: dict[str, Any] | None = None,
    *,
    call: str = "",
) -> None:
    """Write one row; whatever this raises must keep the action from happening.

    `action` is the permission's name; `outcome` one of started, done, failed, cancelled, refused. `call` is
    the same for the rows of one action. `detail` must hold no secret: no environment, no credentials, no
    command lines; its values are cut short.
    """
    # Models load only after Django's app registry is ready.
    from dockerui.audit.models import AuditEntry
    from dockerui.audit.text import clean, clean_detail

    AuditEntry.objects.create(
        actor_id=actor.user_id,
        actor_name=clean(actor.name, 150),
        action=action,
        target=clean(target, 300),
        outcome=outcome,
        detail=clean_detail(detail or {}),
        call=call,
    )
