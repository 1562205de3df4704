"""The audit log. Rows are added and never changed; a database trigger refuses the rest."""

from __future__ import annotations

from typing import Any

from django.db import models


class AppendOnly(TypeError):
    """Somebody tried to change or delete what may only be added to."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Rows to read."""

    def update(self, **values: Any) -> int:
        """Refused: the log is append-only."""
        raise AppendOnly("audit entries are not changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused: the log is append-only."""
        raise AppendOnly("audit entries are not deleted")


class AuditEntry(models.Model):
    """One step of one action.

    A mutation leaves two rows with the same `call`: `started` before the Engine is asked, and how it ended.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=80, db_index=True)
    target = models.CharField(max_length=300)
    outcome = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)
    call = models.CharField(max_length=32, default="", db_index=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor_name} {self.action} {self.target}: {self.outcome}"

    def save(self, *args: Any, **options: Any) -> None:
        """Add the row; a row that is there stays as it is."""
        if self.pk is not None:
            raise AppendOnly("audit entries are not changed")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Refused: the log is append-only."""
        raise AppendOnly("audit entries are not deleted")
