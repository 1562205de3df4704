"""Python values to the bytes of a request: path, query, filters, headers, JSON body.

Whatever must never reach an Engine stops here with InvalidArgument: a name that would change the path, a
line break in a header, a string where the Engine wants a boolean (it takes any text but a few for true), an
unknown body field (the Engine matches names without regard to case, so `privileged` would slip past a check
for `Privileged`). Messages name the parameter, never the value: it may be a secret.
"""

from __future__ import annotations

import base64
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson

from .errors import InvalidArgument

if TYPE_CHECKING:
    from .operation import Param

_LONGEST_REF = 512
_DEEPEST = 64
_INT64 = range(-(2**63), 2**63)
_TIME = re.compile(r"-?\d{1,19}(\.\d{1,9})?")
# In a path segment these would end it, escape it, or be taken for an escape already.
_NOT_IN_REF = re.compile(r"[/\\%?#]")
_NOT_IN_IMAGE = re.compile(r"[\\%?#\s]|//|^/|/$")
_WANTED: dict[str, tuple[type | tuple[type, ...], str]] = {
    "bool": (bool, "true or false"),
    "int": (int, "a whole number"),
    "float": ((int, float), "a number"),
    "str": (str, "text"),
    "map": (Mapping, "an object"),
    "object": (Mapping, "an object"),
    "list": ((list, tuple), "a list"),
    "array": ((list, tuple), "a list"),
}


def path(template: str, values: Iterable[tuple[Param, Any]]) -> str:
    """Fill `/containers/{id}/json`. Raises InvalidArgument for a reference that could mean another path."""
    for param, value in values:
        checked = _image(param.name, value) if param.kind == "image" else _ref(param.name, value)
        template = template.replace("{" + param.name + "}", checked)
    return template


def query(values: Iterable[tuple[Param, Any]], chosen: Mapping[str, list[str]]) -> str:
    """The query string without `?`: booleans as 1 and 0, lists as repeated keys, filters as JSON."""
    pairs: list[tuple[str, str]] = []
    for param, value in values:
        if param.kind == "list":
            pairs += [(param.name, text(param.name, item)) for item in strings(param.name, value)]
        else:
            pairs.append((param.name, _scalar(param, value)))
    if chosen:
        pairs.append(("filters", json_bytes(chosen).decode()))
    return urlencode(pairs, quote_via=quote, safe="")


def filters(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """The Engine's form, `{"status": ["running"]}`, from single values or lists of them; None is left out."""
    chosen: dict[str, list[str]] = {}
    for name, value in given.items():
        if value is None:
            continue
        items = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        found = [_filter_value(name, item) for item in items]
        if found:
            chosen[name] = found
    return chosen


def headers(values: Iterable[tuple[Param, Any]]) -> dict[str, str]:
    """Header values; `auth` ones are base64url, with padding, of a JSON object."""
    made = {}
    for param, value in values:
        if param.kind == "auth":
            if not isinstance(value, Mapping):
                raise InvalidArgument(f"{param.name} must be an object")
            made[param.name] = base64.urlsafe_b64encode(json_bytes(value)).decode()
        else:
            checked = _scalar(param, value)
            if not (checked.isascii() and checked.isprintable()):
                raise InvalidArgument(f"{param.name} must be printable ASCII")
            made[param.name] = checked
    return made


def check_body(declared: Mapping[str, Param], body: Mapping[str, Any], gate: Callable[[Param], None]) -> None:
    """Refuse unknown fields, wrong types, and fields that the API version lacks. None is the default."""
    parents = {name[:i] for name in declared for i, c in enumerate(name) if c == "."}
    _check_fields(declared, parents, body, gate, "")


def json_bytes(value: Any) -> bytes:
    """JSON as the Engine reads it. Raises InvalidArgument for what JSON or Go cannot hold."""
    _check_json(value, 0)
    try:
        return orjson.dumps(value)
    except TypeError as exc:
        raise InvalidArgument("a value cannot be written as JSON") from exc


def strings(name: str, value: Any) -> list[str]:
    """A list of strings; a single string is not one (it would be taken apart into letters)."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise InvalidArgument(f"{name} must be a list")
    return [text(name, item) for item in value]


def text(name: str, value: Any) -> str:
    """A string that UTF-8 can hold, without NUL. Line breaks are fine: whatever uses this escapes them."""
    if not isinstance(value, str):
        raise InvalidArgument(f"{name} must be text")
    if "\0" in value or not _is_utf8(value):
        raise InvalidArgument(f"{name} holds characters that cannot be sent")
    return value


def _scalar(param: Param, value: Any) -> str:
    match param.kind:
        case "bool":
            return "1" if _checked(param, value) else "0"
        case "int" | "float":
            return str(_checked(param, value))
        case "time":
            return _time(param.name, value)
        case "json":
            return json_bytes(value).decode()
        case _:
            return text(param.name, value)


def _checked(param: Param, value: Any) -> Any:
    """A body or query value of the declared kind; free-form kinds are checked by `json_bytes`."""
    if param.kind not in _WANTED:
        return value
    types, words = _WANTED[param.kind]
    if not isinstance(value, types) or (isinstance(value, bool) and param.kind != "bool"):
        raise InvalidArgument(f"{param.name} must be {words}")
    if param.kind == "int" and value not in _INT64:
        raise InvalidArgument(f"{param.name} is out of range")
    if param.kind == "list":
        strings(param.name, value)
    return value


def _check_fields(
    declared: Mapping[str, Param],
    parents: set[str],
    body: Mapping[str, Any],
    gate: Callable[[Param], None],
    prefix: str,
) -> None:
    for key, value in body.items():
        name = f"{prefix}{key}"
        if name not in declared:
            raise InvalidArgument(f"unknown field {name[:100]!r}")
        if value is None:
            continue
        gate(declared[name])
        _checked(declared[name], value)
        if name in parents:
            _check_fields(declared, parents, value, gate, f"{name}.")


def _check_json(value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise InvalidArgument(f"JSON is nested deeper than {_DEEPEST} levels")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise InvalidArgument("JSON names must be text")
            _check_json(key, depth)
            _check_json(item, depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_json(item, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise InvalidArgument("JSON cannot hold NaN or infinity")
    elif isinstance(value, int) and value not in _INT64:
        raise InvalidArgument("a number is out of range")
    elif isinstance(value, str) and not _is_utf8(value):
        raise InvalidArgument("a text holds half of a surrogate pair")


def _is_utf8(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _time(name: str, value: Any) -> str:
    """Unix seconds with up to nine decimals: the one form that all Engines accept."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise InvalidArgument(f"{name} must be a time in seconds")
    written = f"{value:.9f}" if isinstance(value, float) else str(value)
    if not _TIME.fullmatch(written):
        raise InvalidArgument(f"{name} must be Unix seconds with up to nine decimals")
    return written


def _filter_value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return text(f"filter {name}", value)


def _ref(name: str, value: Any) -> str:
    given = _printable(name, value)
    # Docker prints container names with a leading slash; sent so, the path would hold `//` and be redirected.
    given = given.removeprefix("/")
    if not given or given in (".", "..") or _NOT_IN_REF.search(given):
        raise InvalidArgument(f"{name} is not a valid id or name")
    return quote(given, safe=":@")


def _image(name: str, value: Any) -> str:
    given = _printable(name, value)
    parts = given.split("/")
    if not given or _NOT_IN_IMAGE.search(given) or any(part in (".", "..") for part in parts):
        raise InvalidArgument(f"{name} is not a valid image reference")
    return quote(given, safe=":@/")


def _printable(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidArgument(f"{name} must be text")
    if len(value) > _LONGEST_REF:
        raise InvalidArgument(f"{name} is longer than {_LONGEST_REF} characters")
    # C covers control characters, text direction overrides, surrogates and unassigned code points.
    if any(unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" for c in value):
        raise InvalidArgument(f"{name} holds invisible or control characters")
    return value
