"""Settings from the environment, typed, and loud when wrong. docs/settings.md lists every one of them."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dockerui.engine import Endpoint
from dockerui.engine.errors import InvalidArgument


class BadSetting(Exception):
    """A setting cannot be read; the server must not start."""


@dataclass(frozen=True)
class Setting:
    """One `DOCKERUI_*` variable: its default as text, and what it is for."""

    name: str
    default: str
    doc: str


LEAST_SECRET = 32  # characters of a key

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "DOCKERUI_DATA",
            "",
            "Folder for the database, the keys and our own Engine; `var` in the checkout when empty.",
        ),
        Setting(
            "DOCKERUI_ENGINE",
            "",
            "Address of the Engine: unix:///path or tcp://host:port. Empty: found by itself.",
        ),
        Setting(
            "DOCKERUI_URL",
            "",
            "Public address, such as https://docker.example.org. Sets host and origin checks.",
        ),
        Setting("DOCKERUI_HOSTS", "", "More host names to answer to, separated by commas."),
        Setting(
            "DOCKERUI_SECURE", "", "1: cookies over TLS only, and HSTS. Empty: on when DOCKERUI_URL is https."
        ),
        Setting(
            "DOCKERUI_TRUSTED_PROXIES", "", "Addresses of reverse proxies whose X-Forwarded-For is believed."
        ),
        Setting(
            "DOCKERUI_SECRET_KEY",
            "",
            "Key that signs sessions. Empty: made and kept in the data folder.",
        ),
        Setting(
            "DOCKERUI_DATABASE_URL",
            "",
            "postgres://user:password@host:port/name. Empty: SQLite in the data folder.",
        ),
        Setting(
            "DOCKERUI_REDIS_URL", "", "redis://host:port/0 when several processes serve. Empty: one process."
        ),
        Setting("DOCKERUI_SESSION_IDLE", "7200", "Seconds without a page request after which a login ends."),
        Setting("DOCKERUI_SESSION_MAX", "43200", "Seconds after which a login ends in any case."),
        Setting(
            "DOCKERUI_LOCKOUT_FAILURES",
            "8",
            "Failed logins per account and address until both are locked out.",
        ),
        Setting("DOCKERUI_LOCKOUT_SECONDS", "900", "Seconds that a lock-out lasts."),
        Setting(
            "DOCKERUI_HELPER_IMAGE",
            "",
            "Image of the container that shows a volume's files; never run. Empty: the smallest there is.",
        ),
        Setting("DOCKERUI_DEBUG", "", "1: tracebacks in the browser. Never where others can reach it."),
    )
}


def text(name: str) -> str:
    """A setting as it stands, or its default."""
    return os.environ.get(name, "").strip() or SETTINGS[name].default


def flag(name: str) -> bool | None:
    """1/true/yes/on, 0/false/no/off, or None when empty. Raises BadSetting for anything else."""
    value = text(name).lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value:
        raise BadSetting(f"{name} must be 1 or 0, not {value!r}.")
    return None


def number(name: str, least: int) -> int:
    """A whole number of at least `least`. Raises BadSetting."""
    value = text(name)
    if not value.isdecimal() or int(value) < least:
        raise BadSetting(f"{name} must be a whole number of at least {least}, not {value!r}.")
    return int(value)


def words(name: str) -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def networks(name: str) -> list[str]:
    """A list of addresses or networks, such as 10.0.0.0/8. Raises BadSetting."""
    found = words(name)
    for word in found:
        try:
            ip_network(word)
        except ValueError:
            raise BadSetting(f"{name}: {word!r} is not an address or a network such as 10.0.0.0/8.") from None
    return found


def engine(name: str) -> str:
    """The address of an Engine, or empty. Raises BadSetting."""
    value = text(name)
    if value:
        try:
            Endpoint.parse(value)
        except InvalidArgument as error:
            raise BadSetting(f"{name}: {error}.") from None
    return value


def secret(name: str, path: Path) -> str:
    """A secret given, or one made at the first start and kept in a file for its owner only.

    Raises BadSetting when it is too short to be one.
    """
    value = text(name) or _kept_secret(path)
    if len(value) < LEAST_SECRET:
        where = name if text(name) else str(path)
        raise BadSetting(f"{where} must have at least {LEAST_SECRET} characters.")
    return value


def _kept_secret(path: Path) -> str:
    if not path.exists():
        # Written aside and linked into place: of two processes that start together both read the same one.
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass  # the other process was faster
        finally:
            fresh.unlink()
    return path.read_text().strip()


def folder(name: str, default: Path) -> Path:
    """A folder, made if missing and closed to others. Raises BadSetting."""
    path = Path(text(name) or default).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BadSetting(f"{name}: cannot make {path}: {error.strerror}.") from None
    return path


def origin(name: str) -> str:
    """An http(s) address without path. Raises BadSetting."""
    value = text(name).rstrip("/")
    if not value:
        return ""
    parts = urlsplit(value)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    try:
        port = parts.port
    except ValueError:
        usual = port = None
    if not usual or not parts.hostname or parts.path or parts.query or parts.username:
        raise BadSetting(f"{name} must look like https://docker.example.org, without a path.")
    # As browsers write an Origin: lower case, and without the scheme's own port.
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, usual) else f":{port}")


def database(name: str, sqlite: Path) -> dict[str, object]:
    """Django's DATABASES entry. Raises BadSetting."""
    value = text(name)
    if not value:
        # Made here, since SQLite would let everybody read it; what it puts beside it has the same mode.
        os.close(os.open(sqlite, os.O_RDWR | os.O_CREAT, 0o600))
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(sqlite),
            # IMMEDIATE: a transaction that will write waits for the lock at its start instead of failing in
            # the middle.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(value)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise BadSetting(f"{name} must look like postgres://user:password@host:5432/name.")
    _need_package(name, "psycopg")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A folder of a unix socket may stand there, quoted: postgres://me@%2Frun%2Fpostgresql/name
        "HOST": unquote(parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}")).strip("[]"),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


def redis(name: str) -> str:
    """The address of a Redis, or empty. Raises BadSetting."""
    value = text(name)
    if value:
        if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
            raise BadSetting(f"{name} must look like redis://host:6379/0.")
        _need_package(name, "channels_redis")
    return value


def _need_package(name: str, package: str) -> None:
    if find_spec(package) is None:
        extra = "pip install 'dockerui[cluster]'"
        raise BadSetting(f"{name} needs the Python package {package}, which is not installed: {extra}.")


def unknown() -> list[str]:
    """`DOCKERUI_*` variables that mean nothing: most likely a spelling mistake."""
    known = {*SETTINGS, "DOCKERUI_TEST_ENGINE"}
    return sorted(name for name in os.environ if name.startswith("DOCKERUI_") and name not in known)
