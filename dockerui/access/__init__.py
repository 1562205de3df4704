"""Who may do what. The only room that says “may”."""

from dockerui.access.actor import Actor
from dockerui.access.decision import Forbidden, authorise, may
from dockerui.access.permissions import PERMISSIONS, Permission

__all__ = ["PERMISSIONS", "Actor", "Forbidden", "Permission", "authorise", "may"]
