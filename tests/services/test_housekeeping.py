"""Background work is known to every process, and what is over is taken away."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from dockerui.services import background, housekeeping, workers
from tests.support.accounts import make_user

SERVICES = Path(workers.__file__).parent


def test_all_background_work_is_known_without_any_page() -> None:
    texts = [path.read_text() for path in SERVICES.glob("*.py")]
    declared = {
        name for text in texts for name in re.findall(r'^@background.worker\("([\w -]+)"', text, re.M)
    }
    workers.declare()
    assert declared == set(background._workers)
    assert {"housekeeping", "jobs"} <= declared


@pytest.mark.django_db
def test_it_forgets_logins_and_failures_that_are_over(client: Client, settings: Any) -> None:
    make_user("mira", "viewer")
    client.post("/login", {"username": "mira", "password": "wrong"})
    client.post("/login", {"username": "mira", "password": "correct horse battery staple"})
    Client().post("/login", {"username": "nobody", "password": "wrong"})
    housekeeping.clean()
    assert (Session.objects.count(), AccessAttempt.objects.count()) == (1, 1)

    long_ago = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME + 1)
    Session.objects.update(expire_date=long_ago)
    AccessAttempt.objects.update(attempt_time=long_ago)
    housekeeping.clean()
    assert (Session.objects.count(), AccessAttempt.objects.count()) == (0, 0)
