"""The frame of every page: navigation, icons, small template tools."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from dockerui.access import PERMISSIONS, Actor
from dockerui.access.roles import permissions_of
from dockerui.web.navigation import MENU, menu
from dockerui.web.templatetags import ui
from tests.support.silent_engine import SilentEngine

ROOT = Path(__file__).resolve().parents[2]
ADMIN = Actor("user", 1, "ada", permissions_of("admin"))
VIEWER = Actor("user", 2, "vera", permissions_of("viewer"))


def test_the_menu_names_permissions_that_exist() -> None:
    assert all(entry.permission in PERMISSIONS for _, entries in MENU for entry in entries)


def test_the_current_entry_is_marked() -> None:
    links = [
        link for group in menu(ADMIN, "/containers/abc/logs/", {"containers": 3}) for link in group.links
    ]
    assert [link.label for link in links if link.current] == ["Containers"]
    assert next(link.count for link in links if link.current) == 3


def test_nobody_sees_what_they_may_not_open() -> None:
    labels = {link.label for group in menu(VIEWER, "/", {}) for link in group.links}
    assert "Containers" in labels
    assert labels.isdisjoint({"People", "Audit log", "Registries"})


@pytest.mark.django_db
def test_the_frame_asks_the_engine_nothing(admin_client: Client, silent_engine: SilentEngine) -> None:
    page = admin_client.get("/account/").content.decode()
    assert silent_engine.calls == 0
    assert "hx-headers:inherited" in page
    assert 'id="toasts"' in page


@pytest.mark.django_db
def test_what_one_may_not_is_named_for_the_scripts(viewer_client: Client, admin_client: Client) -> None:
    def denied(client: Client) -> set[str]:
        return set(re.search(r'data-denied="([^"]*)"', client.get("/account/").content.decode())[1].split())

    assert denied(admin_client) == set()
    assert "container.start" in denied(viewer_client)
    assert "container.list" not in denied(viewer_client)


def test_every_icon_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "frontend/assets/icons.svg").read_text()))
    used = {entry.icon for _, entries in MENU for entry in entries} | set(ui._TOAST_ICONS.values())
    for path in (ROOT / "templates").rglob("*.html"):
        used |= set(re.findall(r'\{% icon "([\w-]+)"', path.read_text()))
        used |= set(re.findall(r'\bicon="([\w-]+)"', path.read_text()))
    for path in (ROOT / "frontend/src").rglob("*.ts"):
        used |= set(re.findall(r"\bicon\('([\w-]+)'", path.read_text()))
    assert used <= sprite


def test_every_data_needs_is_a_permission() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        assert set(re.findall(r'data-needs="([\w.]+)"', path.read_text())) <= PERMISSIONS.keys(), path


@pytest.mark.parametrize(
    ("name", "shown"), [("mira.kern", "MK"), ("Mira Kern", "MK"), ("ada", "A"), ("a_b-c", "AC"), ("", "")]
)
def test_initials(name: str, shown: str) -> None:
    assert ui.initials(name) == shown


def test_backquotes_make_code_and_everything_is_escaped() -> None:
    assert ui.backquotes("run `a < b` <now>") == "run <code>a &lt; b</code> &lt;now&gt;"


def test_sizes_and_percentages() -> None:
    assert ui.filesize_iec(1536) == "1.5 KiB"
    assert ui.filesize_iec(None) == "—"
    assert ui.percent(12.3456) == "12.3%"
    assert ui.percent(None) == "—"
