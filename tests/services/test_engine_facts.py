"""The facts in the frame of every page are never older than they claim."""

from __future__ import annotations

import itertools

import pytest

from dockerui.access import Actor
from dockerui.engine import Endpoint
from dockerui.services import engine_facts, engines


def test_facts_are_as_old_as_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    now, volumes = [100.0], itertools.count()

    def asked(actor: Actor, operation: str, *, call: object) -> object:
        if operation == "volume_list":
            now[0] += engine_facts.FRESH * 0.9  # a slow answer, which does not know what is made meanwhile
            return {"Volumes": [{}] * next(volumes)}
        return {} if operation == "system_info" else []

    monkeypatch.setattr(engine_facts, "perform", asked)
    monkeypatch.setattr("dockerui.services.engine_facts.time.monotonic", lambda: now[0])
    engines.use(Endpoint("unix", path="/nowhere"))
    engine_facts.forget()
    try:
        found = []
        for passed in (0.0, 0.05, 0.1):
            now[0] += passed
            facts = engine_facts.learn(Actor.nobody())
            assert facts
            found.append(facts.counts["volumes"])
        assert found == [0, 0, 1]
    finally:
        engine_facts.forget()
        engines.use(None)
