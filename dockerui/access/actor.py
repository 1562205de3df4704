"""Who acts: a person, or the server itself. Pages, sockets and jobs all arrive as one of these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from dockerui.access.roles import ADMIN, permissions_of

if TYPE_CHECKING:
    from dockerui.accounts.models import User


@dataclass(frozen=True)
class Actor:
    """`session_key` is the login session it acts through; empty where there is none."""

    kind: Literal["user", "system"]
    user_id: int | None
    name: str
    permissions: frozenset[str]
    session_key: str = field(default="", repr=False)

    @classmethod
    def for_user(cls, user: User, session_key: str | None) -> Actor:
        """The actor behind an account; a disabled account may do nothing."""
        granted = permissions_of(user.role) if user.is_active else frozenset[str]()
        return cls("user", user.pk, user.get_username(), granted, session_key or "")

    @classmethod
    def system(cls) -> Actor:
        """The server itself, for work that nobody asked for: collecting, cleaning up."""
        return cls("system", None, "system", permissions_of(ADMIN))

    @classmethod
    def nobody(cls) -> Actor:
        """Somebody who is not logged in."""
        return cls("user", None, "", frozenset())

    def may(self, permission: str) -> bool:
        """Whether it is granted, for showing and hiding; `authorise` refuses what must not happen."""
        return permission in self.permissions
