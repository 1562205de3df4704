"""What is not shown without a reveal (security rule R15): environment values, credentials, exec commands.

Names stay, so that people see *that* something is set. Everybody gets the masked form, admins too; who
holds `container.reveal` may ask for the rest, and the door writes that down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

MASK: Final = "••••••••"

# Keys under which Engines and registries keep credentials, in lower case and without underscores.
_CREDENTIALS: Final = frozenset(
    {"auth", "auths", "password", "passwd", "secret", "identitytoken", "registrytoken", "accesstoken"}
    | {"refreshtoken", "xregistryauth", "xregistryconfig"}
)
# Drivers of logs, volumes and networks have names of their own for theirs: `splunk-token`, `s3.secret-key`.
_LIKE_CREDENTIALS: Final = ("password", "passwd", "token", "secret", "secretkey", "accesskey", "apikey")
# `mount -o` as volumes of NFS and CIFS have it.
_MOUNT_SECRET = re.compile(r"(?<![^,])(pass|passwd|password|password2)=[^,]*", re.IGNORECASE)
_USER_INFO = re.compile(r"(?<=://)[^/\s@]+@")
# One NAME=value of a Dockerfile's ENV or of the `|1 NAME=value` that stands for build arguments.
_SETTING = re.compile(r"""([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:\\.|[^\s"'\\])*)""")
_LEGACY_ENV = re.compile(r"^(\s*(?:/bin/sh -c #\(nop\)\s+)?ENV\s+[A-Za-z_][\w.-]*)\s+(?!=).*", re.DOTALL)


def environment(entries: Iterable[str]) -> list[str]:
    """`NAME=value` as `NAME=••••••••`; an entry without a value stays."""
    return [f"{entry.partition('=')[0]}={MASK}" if "=" in entry else entry for entry in entries]


def document(value: Any) -> Any:
    """A copy of an Engine's answer with every environment value, credential and exec command line masked.

    Looks at the names of keys at any depth: `Env`, `ProcessConfig` of an exec, proxies with a password in
    their address, and whatever is called a password or a token.
    """
    if isinstance(value, Mapping):
        return {key: _member(str(key), member) for key, member in value.items()}
    if isinstance(value, list):
        return [document(member) for member in value]
    return value


def exec_action(action: str) -> str:
    """An event's `exec_start: sh -c …` without the command line; any other action as it is."""
    kind, colon, _ = action.partition(":")
    return f"{kind}: {MASK}" if colon and kind.startswith("exec_") else action


def layer_command(created_by: str) -> str:
    """The command of an image's layer with the values of ENV and of build arguments masked."""
    if "ENV " in created_by or created_by.startswith("|"):
        if _LEGACY_ENV.match(created_by) and "=" not in created_by.split("ENV", 1)[1].split(None, 1)[0]:
            return _LEGACY_ENV.sub(rf"\1 {MASK}", created_by)
        return _SETTING.sub(rf"\1={MASK}", created_by)
    return created_by


def address(url: str) -> str:
    """A URL without the user and password that it may carry."""
    return _USER_INFO.sub(f"{MASK}@", url)


def options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a log, volume or network driver, without passwords."""
    return {name: _option(name, value) if isinstance(value, str) else value for name, value in given.items()}


def _option(name: str, value: str) -> str:
    if _plain(name).endswith(_LIKE_CREDENTIALS):
        return MASK if value else value
    return address(_MOUNT_SECRET.sub(rf"\1={MASK}", value))


def _plain(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


def _member(key: str, value: Any) -> Any:
    plain = _plain(key)
    if plain == "env" and isinstance(value, list):
        return environment(str(entry) for entry in value)
    if plain == "processconfig" and isinstance(value, Mapping):
        hidden = {"entrypoint": MASK, "arguments": [MASK] if value.get("arguments") else []}
        return {**value, **{name: hidden[name] for name in hidden if name in value}}
    if plain in _CREDENTIALS:
        return MASK if value else value
    if plain == "createdby" and isinstance(value, str):
        return layer_command(value)
    if plain in ("httpproxy", "httpsproxy") and isinstance(value, str):
        return address(value)
    if plain in ("options", "driveropts") and isinstance(value, Mapping):
        return options(value)
    if plain == "logconfig" and isinstance(value, Mapping) and isinstance(value.get("Config"), Mapping):
        return {**value, "Config": options(value["Config"])}
    return document(value)
