"""How the built front end is served: hashed, compressed, for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage

from dockerui.web import assets


@pytest.fixture
def build(tmp_path: Path, settings: Any) -> Path:
    """A small front end that was just built, and nothing collected yet."""
    source = tmp_path / "static"
    (source / "dist" / "fonts").mkdir(parents=True)
    (source / "dist" / "app.css").write_text("a{src:url(./fonts/a.woff2)}" + " " * 2000)
    (source / "dist" / "fonts" / "a.woff2").write_bytes(b"font")
    (source / "dist" / "chunk-ABCDEFGH.js").write_text("export{};")
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATIC_ROOT.mkdir()
    return source


def names(settings: Any) -> set[str]:
    return {str(path.relative_to(settings.STATIC_ROOT)) for path in Path(settings.STATIC_ROOT).rglob("*")}


def test_names_are_hashed_and_point_at_each_other(build: Path, settings: Any) -> None:
    assert assets.collect()
    storage = assets.Assets()
    url = storage.url("dist/app.css")
    css = Path(settings.STATIC_ROOT, url.removeprefix("/static/"))
    assert css.name != "app.css"
    assert storage.url("dist/fonts/a.woff2").rpartition("/")[2] in css.read_text()
    assert f"dist/{css.name}.gz" in names(settings)


def test_it_collects_again_only_after_a_build(build: Path, settings: Any, monkeypatch: Any) -> None:
    assets.collect()
    first = names(settings)
    with monkeypatch.context() as patch:
        patch.setattr(assets, "call_command", None)
        assert assets.collect()
    (build / "dist" / "app.css").write_text("b{}")
    assert assets.collect()
    assert first < names(settings)


def test_a_missing_build_is_told(build: Path, settings: Any, caplog: Any) -> None:
    settings.STATICFILES_DIRS = [build / "none"]
    assert not assets.collect()
    assert "not built" in caplog.text


def test_without_a_collection_names_are_plain() -> None:
    assert staticfiles_storage.url("dist/no-such-file.js") == "/static/dist/no-such-file.js"
