"""A registry and its credential. Written by services/registries.py only."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Registry(models.Model):
    """One registry; its secret is write-only and encrypted with a key that is not in this database."""

    address = models.CharField(max_length=255, unique=True)
    """Host and port as image references have it; `docker.io` for Docker Hub."""
    username = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    """Sent with user name and password; registries of today ignore it."""
    secret = models.BinaryField(default=bytes)
    """Encrypted JSON with `password` or `identitytoken`; empty where there is no credential."""
    has_token = models.BooleanField(default=False)
    """The registry gave an identity token, which is kept instead of the password."""
    checked_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    """Why the last check failed; empty when it worked."""
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["address"]
        verbose_name_plural = "registries"

    def __str__(self) -> str:
        return self.address

    @property
    def has_credential(self) -> bool:
        """Whether a password or a token is kept."""
        return bool(self.secret)
