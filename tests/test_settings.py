"""Settings: typed, loud, documented."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dockerui import env
from dockerui.env import BadSetting

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "settings.md").read_text()


def run_check(data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` as an operator would start it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DOCKERUI")}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**clean, "DOCKERUI_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_setting_is_documented_with_its_default():
    rows = dict(re.findall(r"^\| `(DOCKERUI_\w+)` \| (.*?) \|", PAGE, re.MULTILINE))
    assert set(rows) == set(env.SETTINGS) | {"DOCKERUI_TEST_ENGINE"}
    for name, setting in env.SETTINGS.items():
        if setting.default:
            assert rows[name] == f"`{setting.default}`"


def test_every_variable_that_the_code_reads_is_declared():
    sources = [*ROOT.glob("dockerui/**/*.py"), *ROOT.glob("scripts/**/*.py")]
    used = {name for path in sources for name in re.findall(r"\bDOCKERUI_[A-Z_]*[A-Z]\b", path.read_text())}
    assert used <= set(env.SETTINGS) | {"DOCKERUI_TEST_ENGINE"}


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("DOCKERUI_SECURE", "perhaps", env.flag),
        ("DOCKERUI_TRUSTED_PROXIES", "10.0.0.0/8, proxy", env.networks),
        ("DOCKERUI_ENGINE", "http://localhost:2375", env.engine),
        ("DOCKERUI_ENGINE", "unix://relative", env.engine),
        ("DOCKERUI_REDIS_URL", "localhost:6379", env.redis),
        ("DOCKERUI_URL", "docker.example.org", env.origin),
        ("DOCKERUI_URL", "https://docker.example.org/ui", env.origin),
        ("DOCKERUI_URL", "https://u:p@docker.example.org", env.origin),
        ("DOCKERUI_URL", "https://docker.example.org:99999", env.origin),
    ],
)
def test_it_refuses_what_it_cannot_read_and_names_the_setting(monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name):
        read(name)


@pytest.mark.parametrize("value", ["many", "-1", "0", "1.5", "٣"])
def test_numbers_are_whole_and_large_enough(monkeypatch, value):
    monkeypatch.setenv("DOCKERUI_SESSION_IDLE", value)
    with pytest.raises(BadSetting, match="DOCKERUI_SESSION_IDLE"):
        env.number("DOCKERUI_SESSION_IDLE", 60)


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("https://Docker.Example.org:443/", "https://docker.example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:80", "http://[::1]"),
        ("", ""),
    ],
)
def test_an_address_is_kept_as_browsers_write_an_origin(monkeypatch, value, origin):
    monkeypatch.setenv("DOCKERUI_URL", value)
    assert env.origin("DOCKERUI_URL") == origin


@pytest.mark.parametrize("value", ["mysql://h/db", "postgres://h", "nonsense"])
def test_a_database_address_must_be_one(monkeypatch, tmp_path, value):
    monkeypatch.setenv("DOCKERUI_DATABASE_URL", value)
    with pytest.raises(BadSetting, match="DOCKERUI_DATABASE_URL"):
        env.database("DOCKERUI_DATABASE_URL", tmp_path / "x")


def test_a_database_address_is_taken_apart(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKERUI_DATABASE_URL", "postgres://me:p%40ss@db:5433/ui")
    found = env.database("DOCKERUI_DATABASE_URL", tmp_path / "x")
    shown = {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert shown == {"NAME": "ui", "USER": "me", "PASSWORD": "p@ss", "HOST": "db", "PORT": "5433"}


def test_a_key_is_made_once_and_only_its_owner_reads_it(monkeypatch, tmp_path):
    monkeypatch.delenv("DOCKERUI_SECRET_KEY", raising=False)
    path = tmp_path / "secret.key"
    first = env.secret("DOCKERUI_SECRET_KEY", path)
    assert env.secret("DOCKERUI_SECRET_KEY", path) == first
    assert len(first) >= 48
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_only_its_owner_reads_the_database(monkeypatch, tmp_path):
    monkeypatch.delenv("DOCKERUI_DATABASE_URL", raising=False)
    path = tmp_path / "dockerui.sqlite3"
    env.database("DOCKERUI_DATABASE_URL", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_short_key_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKERUI_SECRET_KEY", "short")
    with pytest.raises(BadSetting, match="DOCKERUI_SECRET_KEY"):
        env.secret("DOCKERUI_SECRET_KEY", tmp_path / "secret.key")


def test_the_server_starts_without_any_setting(tmp_path):
    assert run_check(tmp_path / "data").returncode == 0


@pytest.mark.parametrize(
    ("name", "value"), [("DOCKERUI_SESION_IDLE", "60"), ("DOCKERUI_SECURE", "x"), ("DOCKERUI_URL", "ftp://x")]
)
def test_the_server_does_not_start_with_a_wrong_one(tmp_path, name, value):
    done = run_check(tmp_path / "data", **{name: value})
    assert done.returncode != 0
    assert name in done.stderr.strip().splitlines()[-1]


def test_behind_tls_cookies_are_bound_to_this_host(tmp_path):
    code = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SECURE_HSTS_SECONDS > 0, *s.ALLOWED_HOSTS)"
    )
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DOCKERUI")}
    environment = {"DOCKERUI_DATA": str(tmp_path), "DOCKERUI_URL": "https://docker.example.org"}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [
        "__Host-dockerui",
        "__Host-dockerui-csrf",
        "True",
        "True",
        "True",
        "docker.example.org",
        "localhost",
        "127.0.0.1",
        "[::1]",
    ]
