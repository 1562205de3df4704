"""What forms that begin a job have in common."""

from __future__ import annotations

import secrets

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def once() -> SafeString:
    """A hidden field that tells a double click on this form from the same thing asked for twice."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_urlsafe(12))
