"""The containers page and what is done to several containers at once, on the real Engine."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.test import Client

from dockerui.access import Actor
from dockerui.audit.models import AuditEntry
from dockerui.engine import Endpoint, Engine
from dockerui.fragments import containers as fragments
from dockerui.fragments.containers import table_html
from dockerui.services import containers, containers_bulk, engines, live
from dockerui.services.board import Snapshot
from dockerui.services.container_row import PROJECT, Row, row_of
from dockerui.services.containers_list import ListView
from tests.support.engine import MakeContainer
from tests.support.silent_engine import SilentEngine


def names(page: str) -> list[str]:
    """The names of the rows, top to bottom."""
    return re.findall(r'<tr(?: hidden)? class="row"[^>]* data-name="([^"]*)"', page)


def only(labels: dict[str, str]) -> dict[str, Any]:
    return {"label": [f"{key}={value}" for key, value in labels.items()]}


@pytest.mark.usefixtures("app_on_engine")
class TestThePage:
    def test_it_shows_the_containers_that_pass_the_filters(
        self, viewer_client: Client, make_container: MakeContainer, labels: dict[str, str]
    ) -> None:
        running, created = make_container(), make_container(start=False)
        page = viewer_client.get("/containers/", only(labels)).content.decode()
        assert "data-narrowed" in page, "the figures are of all containers, and say so"
        assert running in page
        assert created in page
        page = viewer_client.get("/containers/", {**only(labels), "status": "created"}).content.decode()
        assert running not in page
        assert created in page

    def test_projects_are_groups_with_a_roll_up_and_names_sort_naturally(
        self, viewer_client: Client, make_container: MakeContainer, labels: dict[str, str]
    ) -> None:
        mark = labels["dockerui.test"][:8]
        project = {"com.docker.compose.project": f"shop-{mark}"}
        for name in ("web-10", "web-2"):
            make_container(name=f"{mark}-{name}", Labels=project, start=name == "web-2")
        make_container(name=f"{mark}-alone", start=False)
        page = viewer_client.get("/containers/", only(labels)).content.decode()
        assert names(page) == [f"{mark}-web-2", f"{mark}-web-10", f"{mark}-alone"]
        assert "<b>1</b> of 2 running" in page
        page = viewer_client.get(
            "/containers/", {**only(labels), "group": "0", "sort": "-name"}
        ).content.decode()
        assert names(page) == [f"{mark}-web-10", f"{mark}-web-2", f"{mark}-alone"]

    def test_free_text_and_quick_views_hide_rows(
        self, viewer_client: Client, make_container: MakeContainer, labels: dict[str, str]
    ) -> None:
        make_container(), make_container(start=False)
        page = viewer_client.get("/containers/", {**only(labels), "view": "running"}).content.decode()
        assert page.count("<tr hidden") == 1
        page = viewer_client.get(
            "/containers/", {**only(labels), "q": "nothing is called this"}
        ).content.decode()
        assert page.count("<tr hidden") == 2

    def test_the_filter_forms_empty_fields_leave_the_address(self, viewer_client: Client) -> None:
        answer = viewer_client.get("/containers/?name=&label=a%3Db&label=&limit=&sort=-name")
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/containers/?label=a%3Db&sort=-name"

    def test_sizes_are_shown_on_request(
        self, viewer_client: Client, make_container: MakeContainer, labels: dict[str, str]
    ) -> None:
        make_container("sh", "-c", "head -c 300000 /dev/zero > /x; sleep 1000")
        make_container(start=False)
        page = viewer_client.get("/containers/", {**only(labels), "size": "1"}).content.decode()
        assert page.count('<td class="c-size') == 2  # a size of 0 is one too
        page = viewer_client.get("/containers/", only(labels)).content.decode()
        assert '<td class="c-size' not in page

    def test_an_empty_list_says_what_to_do(self, admin_client: Client) -> None:
        page = admin_client.get("/containers/", {"label": "no.such.label"}).content.decode()
        assert "Clear all filters" in page

    def test_an_engine_that_is_away_is_a_503_that_says_so(self, viewer_client: Client) -> None:
        engines.use(Endpoint.parse("unix:///nowhere/docker.sock"))
        answer = viewer_client.get("/containers/")
        assert answer.status_code == 503
        assert "/nowhere/docker.sock" in answer.content.decode()


BAD = [
    "nonsense=1",
    "status=RUNNING",
    "exited=x",
    "publish=70000",
    "limit=0",
    "limit=1e9",
    "sort=size",
    "label=%00",
    "q=%00",
]


@pytest.mark.parametrize("query", BAD)
def test_a_bad_question_is_a_400_without_an_engine_call(
    query: str, viewer_client: Client, silent_engine: SilentEngine
) -> None:
    assert viewer_client.get(f"/containers/?{query}").status_code == 400
    assert silent_engine.calls == 0


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' database lives in memory, where a second writer does not wait but fails."""
    monkeypatch.setattr(containers_bulk, "AT_ONCE", 1)


def test_slow_actions_run_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(8, timeout=10)
    monkeypatch.setattr(containers, "container_stop", lambda actor, ref, **options: together.wait())
    monkeypatch.setattr(live, "names", lambda actor: {})
    order = containers_bulk.parse("stop", {"ids": [f"{n:064x}" for n in range(8)]})
    assert all(result.status == 200 for result in containers_bulk.run(Actor.system(), order))


@pytest.mark.usefixtures("app_on_engine", "one_by_one")
@pytest.mark.django_db(transaction=True)
class TestSeveralAtOnce:
    def test_every_container_has_a_result_of_its_own(
        self, admin_client: Client, engine: Engine, make_container: MakeContainer
    ) -> None:
        running, stopped, unknown = make_container(), make_container(start=False), "f" * 64
        answer = admin_client.post("/containers/bulk/kill", {"ids": [running, stopped, unknown]}).json()
        assert [(result["id"], result["status"]) for result in answer["results"]] == [
            (running, 200), (stopped, 409), (unknown, 404),
        ]  # fmt: skip
        assert [result["ok"] for result in answer["results"]] == [True, False, False]
        assert "is not running" in answer["results"][1]["message"]
        assert not engine.container_inspect(running)["State"]["Running"]

    @pytest.mark.parametrize(
        ("actions", "state"),
        [
            (["start"], "running"),
            (["start", "pause"], "paused"),
            (["start", "pause", "unpause"], "running"),
            (["start", "stop"], "exited"),
            (["start", "restart"], "running"),
        ],
    )
    def test_each_action(
        self,
        admin_client: Client,
        engine: Engine,
        make_container: MakeContainer,
        actions: list[str],
        state: str,
    ) -> None:
        ids = [make_container(start=False) for _ in range(2)]
        for action in actions:
            fields: dict[str, Any] = {"ids": ids, **({"t": "0"} if action in ("stop", "restart") else {})}
            answer = admin_client.post(f"/containers/bulk/{action}", fields).json()
            assert all(result["ok"] for result in answer["results"]), answer
        assert {engine.container_inspect(id_)["State"]["Status"] for id_ in ids} == {state}

    def test_removal_takes_force_and_leaves_a_line_each_in_the_audit_log(
        self, admin_client: Client, engine: Engine, make_container: MakeContainer, labels: dict[str, str]
    ) -> None:
        ids = [make_container() for _ in range(2)]
        refused = admin_client.post("/containers/bulk/remove", {"ids": ids}).json()
        assert {result["status"] for result in refused["results"]} == {409}
        done = admin_client.post("/containers/bulk/remove", {"ids": ids, "force": "1", "v": "1"}).json()
        assert all(result["ok"] for result in done["results"])
        assert engine.container_list(all=True, filters=only(labels)) == []
        for id_ in ids:
            outcomes = AuditEntry.objects.filter(action="container.remove", target=id_).values_list(
                "outcome", flat=True
            )
            assert sorted(outcomes) == ["done", "failed", "started", "started"]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("explode", {"ids": ["a" * 64]}),
        ("start", {}),
        ("start", {"ids": ["a" * 64], "force": "1"}),
        ("stop", {"ids": ["a" * 64], "t": "-1"}),
        ("stop", {"ids": ["a" * 64], "t": "1e9"}),
        ("kill", {"ids": ["a" * 64], "signal": "SIGFOO"}),
        ("remove", {"ids": ["a" * 64], "force": "maybe"}),
        ("start", {"ids": [f"{n:064x}" for n in range(1001)]}),
    ],
)
def test_a_bad_order_is_a_400_without_an_engine_call(
    action: str, fields: dict[str, Any], admin_client: Client, silent_engine: SilentEngine
) -> None:
    assert admin_client.post(f"/containers/bulk/{action}", fields).status_code == 400
    assert silent_engine.calls == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("id_", ["../info", "%2e%2e%2f", "abc?force=1", "a\x00b", "\u202egpj", "x" * 10_000])
def test_a_bad_id_is_refused_without_an_engine_call(
    id_: str, admin_client: Client, silent_engine: SilentEngine
) -> None:
    answer = admin_client.post("/containers/bulk/stop", {"ids": [id_]}).json()
    assert answer["results"][0]["status"] == 400
    assert silent_engine.calls == 0


def test_a_viewer_may_not_and_the_engine_hears_nothing(
    viewer_client: Client, silent_engine: SilentEngine
) -> None:
    for action in ("start", "stop", "restart", "kill", "pause", "unpause", "remove"):
        assert viewer_client.post(f"/containers/bulk/{action}", {"ids": ["a" * 64]}).status_code == 403
    assert silent_engine.calls == 0


def test_a_thousand_rows_are_joined_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    summary = {
        "Image": "nginx:1",
        "Status": "Up 5 minutes",
        "Ports": [{"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}],
    }
    made = [
        row_of(
            {**summary, "Id": f"{n:064x}", "Names": [f"/web-{n}"], "Labels": {PROJECT: f"p{n % 50}"}}, now=0
        )
        for n in range(1000)
    ]
    snapshot = Snapshot({row.id: row for row in made})
    html = table_html(snapshot, ListView())
    assert html.count('<tr class="row"') == 1000
    rendered: list[Row] = []
    context = fragments._context
    monkeypatch.setattr(fragments, "_context", lambda row: rendered.append(row) or context(row))
    assert table_html(snapshot, ListView()) == html
    assert rendered == []
