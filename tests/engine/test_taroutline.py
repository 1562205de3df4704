"""An archive that follows its own headers: what goes through, and that nothing else ever does."""

from __future__ import annotations

import contextlib
import tarfile
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.protocol import taroutline
from dockerui.engine.protocol.tarnames import BadArchive, Limits
from dockerui.engine.protocol.taroutline import Follower, Outline
from tests.support.tars import Entry, build, headers

REG, LNK, SYM, DIR = tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE
LONG = "d/" * 80 + "x" * 150
USUAL: tuple[Entry, ...] = (
    ("dir/", DIR, b""), ("dir/empty", REG, b""), ("dir/a", REG, b"x" * 700), (LONG, REG, b"y" * 512),
    ("same", LNK, "dir/a"), ("link", SYM, "dir"), ("last", REG, b"z"),
)  # fmt: skip


def outline(data: bytes, *, step: int = 1 << 16, limits: Limits | None = None) -> Outline:
    made = Outline(limits)
    for at in range(0, len(data), step):
        made.feed(data[at : at + step])
    made.end()
    return made


def follow(known: Outline, data: bytes, step: int = 1 << 16) -> tuple[bytes, str]:
    """What goes through, and why not more."""
    follower, out = Follower(known), b""
    try:
        for at in range(0, len(data), step):
            out += follower.feed(data[at : at + step])
            assert follower.at == len(out)
        follower.end()
    except BadArchive as error:
        return out, str(error)
    return out, ""


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("step", [1, 511, 513, 1 << 16])
def test_an_archive_follows_its_own_headers_unchanged(form: int, step: int) -> None:
    entries = [entry for entry in USUAL if entry[0] != LONG or form != tarfile.USTAR_FORMAT]
    data = build(*entries, form=form)
    known = outline(headers(data), step=step)
    assert (known.members, known.content) == (len(entries), sum(len(e[2]) for e in entries if e[1] == REG))
    assert follow(known, data, step) == (data, "")


def test_a_place_in_the_archive_is_told_as_a_member() -> None:
    data = build(("a", REG, b"x" * 600), ("b", DIR, b""), ("c", REG, b"y"))
    known = outline(headers(data))
    a, b, c = 0, 1536, 2048
    places = {a: (0, ""), a + 511: (0, ""), a + 512: (0, "“a”"), b - 1: (0, "“a”"), b: (1, ""), c: (2, "")}
    places |= {c + 700: (2, "“c”"), c + 1024: (3, ""), len(data): (3, "")}
    assert {at: (known.whole(at), known.under_way(at)) for at in places} == places


@pytest.mark.parametrize("step", [1, 700, 1 << 16])
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("other", [("../x", REG, b"12345"), ("dev", tarfile.CHRTYPE, b""), ("c", REG, b"0")])
def test_a_body_that_differs_stops_in_front_of_the_member(step: int, at: int, other: Entry) -> None:
    honest: list[Entry] = [(name, REG, b"12345") for name in ("first", "middle", "last")]
    known = outline(headers(build(*honest)))
    body = build(*honest[:at], other, *honest[at + 1 :])
    passed, why = follow(known, body, step)
    assert passed == body[: 1024 * at]
    assert f"from “{honest[at][0]}” on" in why


def test_a_size_in_a_pax_header_that_the_list_hides_does_not_pass() -> None:
    """The same last header, but what comes before it makes another size of it."""
    plain = build(("a", REG, b"x" * 2048), ("b", REG, b""))
    attack = build(("a", REG, b"x" * 2048), ("b", REG, b""), pax_headers={"size": "512"})
    assert follow(outline(headers(plain)), attack) == (
        b"",
        "the archive is not the one of its list, from “a” on",
    )


def test_a_list_with_a_pax_attack_is_refused() -> None:
    for records, why in (({"path": "../x"}, r"\.\."), ({"linkpath": "/etc"}, "absolute")):
        kind = SYM if "linkpath" in records else REG
        with pytest.raises(BadArchive, match=why):
            outline(headers(build(("a", kind, "b" if kind == SYM else b""), pax_headers=records)))


@pytest.mark.parametrize("step", [1, 512, 1 << 16])
def test_a_body_longer_or_shorter_than_its_list(step: int) -> None:
    data = build(("a", REG, b"x" * 600))
    known = outline(headers(data))
    assert follow(known, data + bytes(1000), step) == (data + bytes(1000), "")
    passed, why = follow(known, data + build(("../x", REG, b"")), step)
    assert (passed.strip(b"\0"), why) == (data.strip(b"\0"), "the archive goes on after its end")
    for length in (0, 511, 512, 1000, 1536, 2047):
        passed, why = follow(known, data[:length], step)
        assert data.startswith(passed)
        assert "shorter" in why


@pytest.mark.parametrize("length", [0, 100, 512, 1024, 1025, 2047])
def test_a_list_without_its_end_is_refused(length: int) -> None:
    with pytest.raises(BadArchive, match="cut short"):
        outline(headers(build(("a", REG, b"x"), ("b", REG, b"y")))[:length])


def test_a_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = headers(build(*((f"f{n}", REG, b"x" * 100) for n in range(11))))
    with pytest.raises(BadArchive, match="more than 10 members"):
        outline(many, limits=Limits(members=10))
    with pytest.raises(BadArchive, match="more than 1000 bytes"):
        outline(many, limits=Limits(size=1000))
    monkeypatch.setattr(taroutline, "_LONGEST_HEAD", 4096)
    with pytest.raises(BadArchive, match="too long"):
        outline(many + bytes(8192), step=512)


@given(st.lists(st.tuples(st.integers(0, 9000), st.binary(min_size=1, max_size=600)), max_size=3), st.data())
def test_whatever_comes_every_header_that_passes_was_on_the_list(
    noise: list[tuple[int, bytes]], chosen: st.DataObject
) -> None:
    data = build(*USUAL)
    known, body = outline(headers(data)), bytearray(data)
    for at, junk in noise:
        body[at : at + len(junk)] = junk
    passed, _ = follow(known, bytes(body), chosen.draw(st.integers(1, 3000)))
    for number, (start, after) in enumerate(pairwise([*known.starts, known.size])):
        stop = min(start + known.heads[number], after)
        assert len(passed) <= start or passed[start:stop] == data[start:stop]


@given(st.binary(max_size=2000), st.integers(0, 3000))
def test_no_list_whatever_raises_anything_else(noise: bytes, at: int) -> None:
    data = bytearray(headers(build(*USUAL)))
    data[at : at + len(noise)] = noise
    with contextlib.suppress(BadArchive):
        outline(bytes(data))
