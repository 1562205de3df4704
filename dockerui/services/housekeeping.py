"""What would grow for ever if nobody took it away: ended logins and old failures to log in."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from asgiref.sync import sync_to_async
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from dockerui.services import background

log = logging.getLogger(__name__)

EVERY = 3600.0  # seconds


@background.worker("housekeeping", roles={background.WORKER})
async def keep_house() -> None:
    """Clean up at the start and then every hour."""
    while True:
        await sync_to_async(clean)()
        await asyncio.sleep(EVERY)


def clean() -> None:
    """Delete logins that ended by themselves, and failures that no lock-out counts any more."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - timedelta(hours=settings.AXES_COOLOFF_TIME)).delete()
