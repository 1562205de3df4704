"""Accounts and the one-time set-up token."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person. The role says what they may; see dockerui/access/roles.py."""

    class Role(models.TextChoices):
        """What an account is for."""

        ADMIN = "admin", "Admin"
        VIEWER = "viewer", "Viewer"

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)


class SetupToken(models.Model):
    """The hash of the link that makes the first account; at most one row, and none once an account exists."""

    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"set-up link of {self.created_at:%F %T}"
