"""Fixtures for every test. Each kind lives in a module of its own under ``tests/support``."""

import pytest

pytest_plugins = [
    "tests.support.coverage",
    "tests.support.database",
    "tests.support.engine",
    "tests.support.podman",
    "tests.support.silent_engine",
    "tests.support.clients",
    "tests.support.server",
    "tests.support.registry",
    "tests.support.jobs",
    "tests.support.chromium",
    "tests.scripted_engine",
]

ENGINE_FIXTURES = {"docker_host", "engine", "aengine", "make_container", "labels"}
BROWSER_FIXTURES = {"page", "context", "new_context", "browser"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they use, and run those with a browser last.

    Playwright's synchronous interface keeps an event loop running in this thread, in which no other test
    could run its own.
    """
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if used & ENGINE_FIXTURES:
            item.add_marker("engine")
        if used & BROWSER_FIXTURES:
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
