"""The database itself refuses to change or delete audit rows, whoever asks. For migrations.

A migration that alters the table must call `drop` before and `create` after: SQLite makes a new table for
many changes, and its triggers go with the old one.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_REFUSAL = "the audit log is append-only"
_SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{verb} BEFORE {verb} ON audit_auditentry "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for verb in ("update", "delete")
]
_POSTGRES = [
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditentry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
]


def create(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers."""
    for statement in {"sqlite": _SQLITE, "postgresql": _POSTGRES}[editor.connection.vendor]:
        editor.execute(statement)


def drop(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Remove them."""
    if editor.connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            editor.execute(f"DROP TRIGGER IF EXISTS audit_no_{verb}")
    else:
        editor.execute("DROP TRIGGER IF EXISTS audit_append_only ON audit_auditentry")
        editor.execute("DROP FUNCTION IF EXISTS audit_append_only()")
