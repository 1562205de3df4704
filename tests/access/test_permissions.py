"""Roles and the one decision."""

import pytest

from dockerui.access import PERMISSIONS, Actor, Forbidden, authorise, may
from dockerui.access.roles import permissions_of
from dockerui.accounts.models import User
from dockerui.engine.operation import OPERATIONS

VIEWER = Actor("user", 2, "vera", permissions_of("viewer"))
ADMIN = Actor("user", 1, "ada", permissions_of("admin"))


def test_every_operation_has_a_permission():
    assert {operation.permission for operation in OPERATIONS.values()} <= PERMISSIONS.keys()


def test_every_permission_is_named_object_dot_verb_and_explained():
    for permission in PERMISSIONS.values():
        subject, dot, verb = permission.name.partition(".")
        assert dot == "."
        assert subject.isidentifier()
        assert verb.isidentifier()
        assert permission.doc


def test_an_admin_may_everything():
    assert permissions_of("admin") == PERMISSIONS.keys()


def test_an_unknown_role_may_nothing():
    assert permissions_of("root") == frozenset()


def test_a_viewer_has_only_permissions_that_exist():
    assert permissions_of("viewer") <= PERMISSIONS.keys()


def test_a_viewer_changes_nothing_and_reaches_into_no_container():
    for operation in OPERATIONS.values():
        if operation.permission in permissions_of("viewer"):
            assert not operation.mutates, operation.name
            assert operation.stream in (None, "raw", "json"), operation.name


@pytest.mark.parametrize(
    "permission",
    [
        "container.start",
        "exec.create",
        "container.reveal",
        "container.archive_get",
        "audit.read",
        "account.manage",
    ],
)
def test_a_viewer_is_refused(permission):
    with pytest.raises(Forbidden):
        authorise(VIEWER, permission)
    assert not may(VIEWER, permission)
    authorise(ADMIN, permission)


def test_a_permission_that_nobody_declared_is_a_bug_even_for_admins():
    with pytest.raises(LookupError):
        authorise(ADMIN, "container.explode")


def test_a_disabled_account_may_nothing():
    user = User(pk=3, username="gone", role="admin", is_active=False)
    assert Actor.for_user(user, "key").permissions == frozenset()
