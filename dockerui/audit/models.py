"""The audit log. Rows are added and never changed; a database trigger refuses the rest."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from django.db import models


class AuditEntry(models.Model):
    """One step of one action. A mutation leaves two rows: `started` before the Engine is asked, and how it ended."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=80, db_index=True)
    target = models.CharField(max_length=300)
    outcome = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor_name} {self.action} {self.target}: {self.outcome}"

    def save(self, *args: Any, **options: Any) -> None:
        """Add the row; a row that is there stays as it is."""
        if self.pk is not None:
            raise TypeError("audit entries are not changed")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Refused: the log is append-only."""
        raise TypeError("audit entries are not deleted")

    @staticmethod
    def clean_text(text: str) -> str:
        """Control characters made visible: a name with a line break must not forge a second entry."""
        return "".join(
            "�" if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in text
        )[:300]
