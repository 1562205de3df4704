"""Django test clients, signed in, with the Engine under test behind them."""

from typing import Any

import pytest
from django.test import Client

PASSWORD = "correct horse battery staple"


def _signed_in(username: str, role: str) -> Client:
    import dockerui.services.people  # noqa: F401  a login is noted in its session by a receiver there
    from tests.support.accounts import make_user

    client = Client()
    client.force_login(make_user(username, role), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin_client(db: Any) -> Client:
    """Signed in as somebody who may do everything."""
    return _signed_in("admin", "admin")


@pytest.fixture
def viewer_client(db: Any) -> Client:
    """Signed in as somebody who may only look."""
    return _signed_in("viewer", "viewer")


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """A slow hash of passwords is what protects them; here it would only take time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
