"""What the test database needs besides migrations."""

from collections.abc import Iterator

import pytest
from django.db import connection

TRIGGERS = ("audit_no_update", "audit_no_delete")


@pytest.fixture(autouse=True)
def _audit_log_can_be_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with real transactions empties every table afterwards; the audit log refuses that, so its triggers go first.

    The next such test finds none to drop; tests of the triggers themselves run inside a transaction and see those
    that the migrations made, as long as they come from a fresh database: they are marked to run first.
    """
    yield
    if "transactional_db" in request.fixturenames or _is_transactional(request):
        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            for trigger in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")


def _is_transactional(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))
