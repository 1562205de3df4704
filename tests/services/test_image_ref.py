"""Image references by Docker's rules."""

from __future__ import annotations

import pytest

from dockerui.services.errors import BadInput
from dockerui.services.image_ref import check_address, check_image, parse_ref

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("text", "registry", "name", "tag", "digest"),
    [
        ("alpine", "docker.io", "alpine", "", ""),
        ("alpine:3.20", "docker.io", "alpine", "3.20", ""),
        ("team/app", "docker.io", "team/app", "", ""),
        ("docker.io/library/alpine", "docker.io", "docker.io/library/alpine", "", ""),
        ("index.docker.io/library/alpine", "docker.io", "index.docker.io/library/alpine", "", ""),
        ("localhost/app", "localhost", "localhost/app", "", ""),
        ("localhost:5000/app:v1", "localhost:5000", "localhost:5000/app", "v1", ""),
        ("registry.example.com/team/app", "registry.example.com", "registry.example.com/team/app", "", ""),
        ("127.0.0.1:5000/a/b/c:latest", "127.0.0.1:5000", "127.0.0.1:5000/a/b/c", "latest", ""),
        (f"alpine@{DIGEST}", "docker.io", "alpine", "", DIGEST),
        (f"alpine:3@{DIGEST}", "docker.io", "alpine", "3", DIGEST),
        ("[::1]:5000/app", "[::1]:5000", "[::1]:5000/app", "", ""),
        ("a__b/c-d.e:V_1.0-x", "docker.io", "a__b/c-d.e", "V_1.0-x", ""),
    ],
)
def test_a_reference_is_taken_apart(text: str, registry: str, name: str, tag: str, digest: str) -> None:
    ref = parse_ref(f" {text} ")
    assert (ref.registry, ref.name, ref.tag, ref.digest) == (registry, name, tag, digest)
    assert str(ref) == text


@pytest.mark.parametrize(
    "text",
    ["", "Alpine", "alpine:", "alpine:-x", "a//b", "/a", "a/", "a b", "alpine@sha256:12", "../x", "a:b:c"],
)
def test_what_no_registry_takes_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_ref(text)


@pytest.mark.parametrize(
    "text",
    [
        "a___b",
        "a..b",
        "x" * 256,
        "host.example:port/app",
        "ab" * 32,
        "alpine\n:3",
        "a?x=1",
        "%61",
        "a#b",
        "-a",
    ],
)
def test_nor_what_looks_like_something_else(text: str) -> None:
    with pytest.raises(BadInput):
        parse_ref(text)


@pytest.mark.parametrize("text", ["ab" * 32, "sha256:" + "ab" * 32, "8b303a264304", "alpine:3"])
def test_an_image_may_be_named_by_its_id(text: str) -> None:
    assert check_image(text) == text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://index.docker.io/v1/", "docker.io"),
        ("Registry.Example.com", "registry.example.com"),
        ("http://10.0.0.1:5000", "10.0.0.1:5000"),
        ("localhost", "localhost"),
    ],
)
def test_an_address_is_kept_in_one_form(text: str, address: str) -> None:
    assert check_address(text) == address


@pytest.mark.parametrize("text", ["", "user", "a b.example", "https://", "x.example:99999999"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        check_address(text)
