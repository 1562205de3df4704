"""Small pieces that many templates use."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dockerui.services.words import bytes_iec, nanoseconds

register = template.Library()

# Control characters, line separators, and what turns the direction of text or cannot be seen: a name with
# U+202E in it, "abc\u202etxt.exe", would look like "abcexe.txt". Not the joiners that emoji are made of.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


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
    """A time, text or Unix seconds; the browser shows it as an age, absolute and in its zone on hover."""
    if not moment:
        return SafeString("—")
    if isinstance(moment, (int, float)):
        moment = datetime.fromtimestamp(moment, UTC)
    text = moment.isoformat() if isinstance(moment, datetime) else str(moment)
    return format_html('<time datetime="{}" data-age="ago">{}</time>', text, text[:19].replace("T", " "))


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
def plain_name(name: str) -> str:
    """A name that anybody may have chosen, with what cannot be seen in it written out: `a\\nb`."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), name)


@register.filter
def duration(seconds: float) -> str:
    """Seconds as `1 min 30 s`."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else nanoseconds(round(seconds * 1e9))


@register.filter
def percent(value: Any) -> str:
    """A percentage with three significant digits at most."""
    return "—" if value is None else f"{float(value):.3g}%"


@register.filter
def short_id(value: str) -> str:
    """The first twelve hex digits of an id."""
    return str(value).removeprefix("sha256:")[:12]


@register.filter
def initials(name: str) -> str:
    """One or two capitals for a person's picture: `mira.kern` is MK."""
    parts = [part for part in re.split(r"[^\w]+|_", name) if part]
    if len(parts) > 1:
        return (parts[0][0] + parts[-1][0]).upper()
    return name[:1].upper()


_TONES = {"success": "ok", "error": "bad", "warning": "warn"}
_TOAST_ICONS = {"ok": "circle-check", "bad": "octagon-alert", "warn": "triangle-alert", "info": "info"}


@register.simple_tag
def toast_tone(kind: str) -> str:
    """Django's level of a message as the class of a toast."""
    return _TONES.get(kind, kind)


@register.simple_tag
def toast_icon(kind: str) -> SafeString:
    """The icon of a toast's tone."""
    return icon(_TOAST_ICONS.get(_TONES.get(kind, kind), "info"))


@register.filter
def backquotes(text: str) -> SafeString:
    """Plain text in which `commands` stand between backquotes, as HTML; everything in it is escaped."""
    pieces = text.split("`")
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", piece) if i % 2 else piece,) for i, piece in enumerate(pieces)),
    )


@register.filter
def short_target(text: str) -> str:
    """A full id as its first twelve digits, other text cut at forty characters."""
    if re.fullmatch(r"(sha256:)?[0-9a-f]{64}", text):
        return short_id(text)
    return text if len(text) <= 40 else f"{text[:39]}…"


_OUTCOMES = {"done": "is-running", "failed": "is-unhealthy", "refused": "is-unhealthy", "started": "is-busy"}


@register.simple_tag
def outcome_class(outcome: str) -> str:
    """The colour of an audit entry's outcome: only what went wrong stands out."""
    return _OUTCOMES.get(outcome, "")
