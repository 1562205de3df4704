"""The audit log on PostgreSQL: its triggers refuse what SQLite's refuse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.postgres import postgres_url

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
from django.db import DatabaseError, connection, transaction
from dockerui import audit
from dockerui.access import Actor
audit.record(Actor.system(), "container.start", "x", "failed")
for statement in ("UPDATE audit_auditentry SET outcome = 'done'", "DELETE FROM audit_auditentry",
                  "TRUNCATE audit_auditentry"):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        print("append-only" in str(error))
from dockerui.audit.models import AuditEntry
print(AuditEntry.objects.get().outcome)
"""


@pytest.mark.slow
def test_the_database_refuses(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DOCKERUI")}
    settings = {"DOCKERUI_DATA": str(tmp_path), "DOCKERUI_DATABASE_URL": postgres_url(request)}

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env={**clean, **settings}, check=True, capture_output=True, text=True
        ).stdout

    manage("migrate", "-v0")
    assert manage("shell", "-v0", "-c", SCRIPT).split() == ["True", "True", "True", "failed"]
