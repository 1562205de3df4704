"""Small pieces that many templates use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dockerui.services.words import bytes_iec

register = template.Library()


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of the sprite; decoration only, the text beside it says what it means."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("dist/icons.svg"),
        name,
    )


@register.simple_tag
def ago(moment: Any) -> SafeString:
    """A time as the browser will show it: relative, absolute on hover, in the viewer's zone. Text or Unix seconds."""
    if not moment:
        return SafeString("—")
    if isinstance(moment, (int, float)):
        moment = datetime.fromtimestamp(moment, UTC)
    text = moment.isoformat() if isinstance(moment, datetime) else str(moment)
    return format_html('<time datetime="{}" data-age>{}</time>', text, text[:19].replace("T", " "))


@register.simple_tag
def copy_button(text: str, label: str) -> SafeString:
    """A small button that copies `text`."""
    return format_html(
        '<button type="button" class="btn icon sm" data-copy="{}" aria-label="{}">{}</button>',
        text,
        label,
        icon("copy", "s"),
    )


@register.filter
def filesize_iec(count: Any) -> str:
    """Bytes as `1.5 GiB`; a dash where the Engine does not know."""
    return "—" if count is None or count == "" or int(count) < 0 else bytes_iec(int(count))


@register.filter
def percent(value: Any) -> str:
    """A percentage with three significant digits at most."""
    return "—" if value is None else f"{float(value):.3g}%"


@register.filter
def short_id(value: str) -> str:
    """The first twelve hex digits of an id."""
    return str(value).removeprefix("sha256:")[:12]
