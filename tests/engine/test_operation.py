"""From a declared operation to the request that is sent, and what is never sent."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine import OPERATIONS, ApiVersion
from dockerui.engine.errors import InvalidArgument, NotSupported

V124, V141, V151 = ApiVersion(1, 24), ApiVersion(1, 41), ApiVersion(1, 51)
INSPECT, LIST, LOGS = (
    OPERATIONS["container_inspect"],
    OPERATIONS["container_list"],
    OPERATIONS["container_logs"],
)
CREATE, PUSH, BUILD = OPERATIONS["container_create"], OPERATIONS["image_push"], OPERATIONS["image_build"]


def query_of(target: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(target).query, keep_blank_values=True)


def test_a_request_has_the_version_and_only_what_was_given() -> None:
    request = LIST.request(V141, query={"all": True, "limit": None, "size": False, "since": None})
    assert (request.method, request.target, request.body) == (
        "GET",
        "/v1.41/containers/json?all=1&size=0",
        None,
    )


def test_before_negotiation_there_is_no_version() -> None:
    assert OPERATIONS["system_version"].request(None).target == "/version"


def test_filters_are_a_json_map_of_lists() -> None:
    given = {"status": ["exited", "dead"], "label": "a=b", "exited": 137, "is-task": False, "name": None}
    request = LIST.request(V141, query={"filters": given})
    filters = json.loads(query_of(request.target)["filters"][0])
    assert filters == {
        "status": ["exited", "dead"],
        "label": ["a=b"],
        "exited": ["137"],
        "is-task": ["false"],
    }


@pytest.mark.parametrize("empty", [None, {}, {"status": []}, {"status": None}])
def test_empty_filters_are_left_out(empty: Any) -> None:
    assert LIST.request(V141, query={"filters": empty}).target == "/v1.41/containers/json"


@pytest.mark.parametrize(
    "filters", [{"state": ["running"]}, {"STATUS": "running"}, [], ["status"], "{", {"status": [{}]}]
)
def test_filters_that_the_operation_does_not_have_are_refused(filters: Any) -> None:
    with pytest.raises(InvalidArgument):
        LIST.request(V141, query={"filters": filters})


def test_a_plus_and_a_space_survive_the_query() -> None:
    request = OPERATIONS["container_archive_info"].request(
        V141, path={"id": "c"}, query={"path": "/a b+c&d=é"}
    )
    assert "path=%2Fa%20b%2Bc%26d%3D%C3%A9" in request.target


def test_lists_repeat_their_key() -> None:
    request = BUILD.request(V141, query={"t": ["a:1", "b:2"], "buildargs": {"K": "v w"}}, body=b"tar")
    assert query_of(request.target) == {"t": ["a:1", "b:2"], "buildargs": ['{"K":"v w"}']}
    assert (request.headers["Content-Type"], request.body) == ("application/x-tar", b"tar")


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (1700000000, "1700000000"), (1.5, "1.500000000"), ("12.000000001", "12.000000001"),
     (Decimal("1700000000.123456789"), "1700000000.123456789")],
)  # fmt: skip
def test_times_are_seconds_with_nanoseconds(value: Any, written: str) -> None:
    assert query_of(LOGS.request(V141, path={"id": "c"}, query={"since": value}).target) == {
        "since": [written]
    }


@pytest.mark.parametrize("value", ["10m", "2026-01-01T00:00:00Z", "", "1.1234567890", True, float("nan"), []])
def test_other_times_are_refused(value: Any) -> None:
    with pytest.raises(InvalidArgument):
        LOGS.request(V141, path={"id": "c"}, query={"since": value})


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        ("abc", "abc"),
        ("/web", "web"),
        ("web.1_x-2", "web.1_x-2"),
        ("sha256:ab", "sha256:ab"),
        ("my net", "my%20net"),
        ("é", "%C3%A9"),
    ],
)
def test_a_reference_is_one_segment_of_the_path(ref: str, path: str) -> None:
    assert INSPECT.request(V141, path={"id": ref}).target == f"/v1.41/containers/{path}/json"


BAD_REFS = ["", "/", ".", "..", "../info", "a/b", "//a", "%2e%2e%2f", "a%252fb", "abc?force=1", "abc#x",
            "a\0b", "a\r\nb", "a\tb", "a\\b", "\ud800", "x" * 10_000, "a\u202eb", "a\u200bb", "a\u2028b",
            None, 7, b"abc"]  # fmt: skip


@pytest.mark.parametrize("ref", BAD_REFS, ids=repr)
def test_a_reference_that_could_mean_another_path_is_refused(ref: Any) -> None:
    with pytest.raises(InvalidArgument):
        INSPECT.request(V141, path={"id": ref})


def test_an_image_reference_may_have_slashes() -> None:
    name = "registry.example:5000/team/app:1.0@sha256:" + "a" * 64
    assert (
        OPERATIONS["image_inspect"].request(V141, path={"name": name}).target == f"/v1.41/images/{name}/json"
    )


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "a//b", "a/../b", "./a", "a b", "a%2fb", "a?x", "a\\b", "a\nb"]
)
def test_a_bad_image_reference_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgument):
        OPERATIONS["image_inspect"].request(V141, path={"name": name})


@given(st.text())
def test_no_reference_whatever_changes_the_path(ref: str) -> None:
    try:
        target = INSPECT.request(V141, path={"id": ref}).target
    except InvalidArgument:
        return
    assert target.isascii()
    version, containers, one, end = target.split("/")[1:]
    assert (version, containers, end) == ("v1.41", "containers", "json")
    assert unquote(one) == ref.removeprefix("/")


@given(st.text())
def test_no_query_value_whatever_changes_the_rest(value: str) -> None:
    try:
        target = OPERATIONS["container_kill"].request(V141, path={"id": "c"}, query={"signal": value}).target
    except InvalidArgument:
        assert "\0" in value or any("\ud800" <= c <= "\udfff" for c in value)
        return
    assert target.isascii()
    assert query_of(target) == {"signal": [value]}


def test_a_missing_reference_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="needs id"):
        INSPECT.request(V141)


@pytest.mark.parametrize(
    "query",
    [
        {"All": True},
        {"nosuch": 1},
        {"all": "false"},
        {"all": 1},
        {"limit": "5"},
        {"limit": True},
        {"limit": 2**63},
        {"since": 5},
    ],
)
def test_unknown_parameters_and_wrong_types_are_refused(query: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        LIST.request(V141, query=query)


def test_registry_credentials_are_base64url_with_padding_and_not_shown() -> None:
    auth = {"username": "u", "password": "p?>~"}
    request = PUSH.request(V141, path={"name": "a/b"}, headers={"X-Registry-Auth": auth})
    sent = request.headers["X-Registry-Auth"]
    assert json.loads(base64.urlsafe_b64decode(sent)) == auth
    assert len(sent) % 4 == 0
    assert sent not in repr(request)
    assert (
        PUSH.request(V141, path={"name": "a"}, headers={"X-Registry-Auth": {}}).headers["X-Registry-Auth"]
        == "e30="
    )


def test_a_request_shows_neither_query_nor_body() -> None:
    request = BUILD.request(V141, query={"buildargs": {"TOKEN": "canary"}})
    assert "canary" not in repr(request)
    request = CREATE.request(V141, body={"Image": "x", "Env": ["PASSWORD=canary"]})
    assert "canary" not in repr(request)


def test_a_body_is_json() -> None:
    request = CREATE.request(
        V141, query={"name": "web"}, body={"Image": "x", "HostConfig": {"Memory": 1}, "Cmd": None}
    )
    assert request.headers == {"Content-Type": "application/json"}
    assert json.loads(request.body or b"") == {"Image": "x", "HostConfig": {"Memory": 1}, "Cmd": None}


@pytest.mark.parametrize(
    "body",
    [
        {"image": "x"},
        {"HostConfig": {"privileged": True}},
        {"HostConfig": {"Privileged": "false"}},
        {"HostConfig": {"Privileged": 0}},
        {"HostConfig": []},
        {"HostConfig": {"RestartPolicy": {"name": "always"}}},
        {"HostConfig": {"Memory": 2**63}},
        {"HostConfig": {"Memory": 1.5}},
        {"HostConfig": {"Memory": True}},
        {"Env": "A=b"},
        {"Env": [1]},
        {"Labels": {"a": float("nan")}},
        {"Labels": {"a": "\ud800"}},
        {"Labels": {1: "a"}},
        {"NetworkingConfig": {"EndpointsConfig": {"n": {"Priority": 2**64}}}},
    ],
    ids=repr,
)
def test_a_body_with_unknown_fields_or_wrong_types_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        CREATE.request(V141, body=body)


def test_a_body_nested_too_deep_is_refused() -> None:
    deep: Any = {}
    for _ in range(10_000):
        deep = {"a": deep}
    with pytest.raises(InvalidArgument, match="deeper"):
        CREATE.request(V141, body={"Labels": deep})


def test_a_refusal_names_the_parameter_and_not_its_value() -> None:
    with pytest.raises(InvalidArgument) as caught:
        OPERATIONS["system_auth"].request(V141, body={"password": 31415926})
    assert "password" in str(caught.value)
    assert "31415926" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "version", "arguments"),
    [
        ("container_prune", V124, {}),
        ("system_df", V124, {}),
        ("container_stop", V141, {"path": {"id": "c"}, "query": {"signal": "INT"}}),
        ("container_wait", V124, {"path": {"id": "c"}, "query": {"condition": "removed"}}),
        ("container_logs", V124, {"path": {"id": "c"}, "query": {"until": 1}}),
        ("container_create", V124, {"body": {"HostConfig": {"NanoCpus": 1}}}),
        ("container_create", V151, {"body": {"HostConfig": {"KernelMemory": 1}}}),
        ("container_update", ApiVersion(1, 39), {"path": {"id": "c"}, "body": {"PidsLimit": 5}}),
        ("exec_create", V124, {"path": {"id": "c"}, "body": {"Env": ["A=b"]}}),
        ("image_list", V141, {"query": {"filter": "busybox"}}),
        ("image_list", V141, {"query": {"filters": {"until": "1h"}}}),
        ("image_push", V141, {"path": {"name": "a"}, "query": {"platform": {"os": "linux"}}}),
    ],
)  # fmt: skip
def test_what_the_api_version_does_not_know_is_refused(
    name: str, version: ApiVersion, arguments: dict[str, Any]
) -> None:
    with pytest.raises(NotSupported, match=str(version)):
        OPERATIONS[name].request(version, **arguments)


def test_a_gated_parameter_that_is_not_given_does_no_harm() -> None:
    request = OPERATIONS["container_stop"].request(V124, path={"id": "c"}, query={"t": 3, "signal": None})
    assert request.target == "/v1.24/containers/c/stop?t=3"
    body = {"Image": "x", "HostConfig": {"NanoCpus": None}}
    assert CREATE.request(V124, body=body).body


def test_a_platform_is_text_for_a_pull_and_json_for_a_push() -> None:
    pull = OPERATIONS["image_create"].request(V151, query={"fromImage": "a", "platform": "linux/arm64"})
    assert query_of(pull.target)["platform"] == ["linux/arm64"]
    push = PUSH.request(V151, path={"name": "a"}, query={"platform": {"os": "linux"}})
    assert query_of(push.target)["platform"] == ['{"os":"linux"}']
