"""What the test database needs besides migrations."""

import pytest
from django.db import connection

TRIGGERS = ("audit_no_update", "audit_no_delete")


@pytest.fixture(autouse=True)
def _audit_log_can_be_emptied(request: pytest.FixtureRequest) -> None:
    """A test with real transactions empties every table when it ends, which the audit log's triggers refuse.

    pytest-django runs such tests after all others, so that the tests of the triggers themselves still find
    them.
    """
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        with connection.cursor() as cursor:
            for trigger in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
