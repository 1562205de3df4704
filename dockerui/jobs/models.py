"""A job and what it printed. Written by services/jobs.py only."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class JobState(models.TextChoices):
    """QUEUED → RUNNING → one of the four ends; INTERRUPTED is what a restart of the server leaves behind."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


class Job(models.Model):
    """One piece of long work on one Engine, who asked for it and how it went."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    target = models.CharField(max_length=300, blank=True)
    params = models.JSONField(default=dict)
    """What the handler needs to run, or to run again after a restart. Never a secret: credentials go by
    reference.
    """
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    owner_name = models.CharField(max_length=150)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    token = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - NULL, unlike "", may repeat
    """What makes a double click one job: unique among the active ones, NULL once the job has ended."""
    needs_upload = models.BooleanField(default=False)
    """Fed by a request: it runs in the process that has the request, once that has come."""
    runner = models.CharField(max_length=200, blank=True)
    """The process that runs it, see services/job_store.py."""
    beat_at = models.DateTimeField(null=True)
    """When that process last said that it still does."""
    cancel_asked = models.BooleanField(default=False)
    fraction = models.FloatField(null=True)
    message = models.CharField(max_length=500, blank=True)
    error = models.TextField(blank=True)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.title} ({self.state})"

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ACTIVE

    @property
    def seconds(self) -> float | None:
        """How long it ran; None before its end, and where it never began."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds())


class JobOutput(models.Model):
    """A piece of what a job printed, in order of `seq`; the sum per job is bounded by services/jobs.py."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="outputs")
    seq = models.PositiveIntegerField()
    size = models.PositiveIntegerField(default=0)
    """Characters."""
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "seq"], name="job_output_once")]

    def __str__(self) -> str:
        return f"{self.job_id} #{self.seq}"


class Replacement(models.Model):
    """A container that took another's place: what it takes to go back. One row per recreate."""

    class State(models.TextChoices):
        """UNDERWAY → KEPT (the old one is there, stopped) → DISCARDED or UNDONE; UNDONE also when the new one
        failed.
        """

        UNDERWAY = "underway"
        KEPT = "kept"
        DISCARDED = "discarded"
        UNDONE = "undone"

    old_id = models.CharField(max_length=64)
    new_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=253)
    old_running = models.BooleanField()
    old_restart = models.JSONField(default=dict)
    """The old container's restart policy; it has `no` while it is kept, or the Engine would start both."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNDERWAY)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.old_id[:12]} → {self.new_id[:12]} ({self.state})"
