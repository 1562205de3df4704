"""The images pages, on the real Engine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dockerui.engine import Engine
from dockerui.jobs.models import Job
from tests.support.engine import IMAGE, MakeContainer

pytestmark = pytest.mark.usefixtures("app_on_engine")


@pytest.fixture
def name(engine: Engine) -> Iterator[str]:
    """A repository of this test's own, with the tags `v1` and `v2` of the test image."""
    mark = f"dut-{uuid.uuid4().hex[:10]}"
    for tag in ("v1", "v2"):
        engine.image_tag(IMAGE, repo=mark, tag=tag)
    yield mark
    for image in engine.image_list(filters={"reference": mark}):
        for tag in image["RepoTags"]:
            if mark in tag:
                engine.image_remove(tag)


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def hex_of(engine: Engine, ref: str = IMAGE) -> str:
    return str(engine.image_inspect(ref)["Id"]).removeprefix("sha256:")


def test_the_list_is_a_tree_of_names_with_who_uses_each(
    admin_client: Client, engine: Engine, name: str, make_container: MakeContainer
) -> None:
    container = make_container(name=f"{name}-user", start=False, Image=f"{name}:v1")
    html = page(admin_client, f"/images/?reference={name}")
    assert html.count("data-row=") == 2
    assert f"Remove {name}:v1" in html
    assert f"/containers/{container}/" in html


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("reference={n}:v2", True),
        ("filter={n}:v1", True),
        ("reference=nothing-like-that", False),
        ("label=no.such.label", False),
        ("dangling=true", False),
        ("dangling=false&all=1", True),
        ("before={n}:v1", False),
        ("since=busybox:test", False),
    ],
)
def test_every_filter_of_the_engine_is_in_the_url(
    admin_client: Client, name: str, query: str, shown: bool
) -> None:
    html = page(admin_client, f"/images/?{query.format(n=name)}")
    assert (f"Remove {name}:" in html) is shown


@pytest.mark.parametrize("query", ["dangling=maybe", "label=" + "x" * 600, "before=no-such-image:v9"])
def test_a_filter_that_makes_no_sense_is_explained(admin_client: Client, query: str) -> None:
    answer = admin_client.get(f"/images/?{query}")
    assert answer.status_code == 400
    if "before" in query:
        assert "no-such-image:v9" in answer.content.decode()
        assert 'aria-label="Remove the filter before' in answer.content.decode(), "the way back is there"


@pytest.mark.parametrize("sort", ["name", "size", "created", "used"])
def test_the_list_sorts_by_each_column(admin_client: Client, name: str, sort: str) -> None:
    html = page(admin_client, f"/images/?sort={sort}&desc=1")
    assert 'aria-sort="descending"' in html


def test_an_image_has_facts_layers_and_its_document(admin_client: Client, engine: Engine, name: str) -> None:
    image = hex_of(engine)
    overview = page(admin_client, f"/images/{image}/")
    assert f"{name}:v1" in overview
    assert "linux/" in overview
    layers = page(admin_client, f"/images/{image}/layers/")
    assert "steps" in layers or "1 step" in layers
    assert image in page(admin_client, f"/images/{image}/inspect/")


def test_a_name_leads_to_the_page_of_its_image(admin_client: Client, engine: Engine, name: str) -> None:
    answer = admin_client.get("/images/find", {"ref": f"{name}:v1"})
    assert answer["Location"] == f"/images/{hex_of(engine)}/"


def test_environment_values_are_masked_everywhere(
    admin_client: Client, engine: Engine, make_container: MakeContainer, name: str
) -> None:
    container = make_container(start=False)
    config = {"Env": ["TOKEN=canary-44"], "Cmd": ["true"]}
    made = engine.container_commit(container, repo=name, tag="v3", body=config)
    for part in ("", "layers/", "inspect/"):
        assert "canary-44" not in page(admin_client, f"/images/{made['Id'].removeprefix('sha256:')}/{part}")


def test_a_name_is_added_and_taken_away(admin_client: Client, engine: Engine, name: str) -> None:
    image = hex_of(engine)
    assert admin_client.post(f"/images/{image}/tag", {"repo": name, "tag": "v9"}).status_code == 302
    assert hex_of(engine, f"{name}:v9") == image
    dialog = page(admin_client, f"/images/{image}/remove?name={name}:v9")
    assert "stays under its other names" in dialog
    answer = admin_client.post(f"/images/{image}/remove", {"name": f"{name}:v9"})
    assert answer.status_code == 302
    assert f"Remove {name}:v9" not in page(admin_client, f"/images/?reference={name}")


def test_what_goes_is_named_with_who_uses_it(
    admin_client: Client, engine: Engine, make_container: MakeContainer, name: str
) -> None:
    base = make_container(start=False)
    made = engine.container_commit(base, repo=name, tag="used", body={"Cmd": ["sleep", "1000"]})
    make_container(Image=f"{name}:used", name=f"{name}-runs")
    image = made["Id"].removeprefix("sha256:")
    dialog = page(admin_client, f"/images/{image}/remove?name={name}:used")
    assert "It is the last name" in dialog
    assert f"{name}-runs" in dialog
    assert "the Engine will refuse" in dialog
    assert admin_client.post(f"/images/{image}/remove", {"name": f"{name}:used"}).status_code == 409
    engine.container_remove(f"{name}-runs", force=True)
    assert admin_client.post(f"/images/{image}/remove", {"name": f"{name}:used"}).status_code == 302


@pytest.mark.parametrize(
    "bad", [{"repo": "UPPER"}, {"repo": ""}, {"repo": "a", "tag": "-x"}, {"repo": "a@sha256:" + "0" * 64}]
)
def test_a_bad_new_name_is_refused(admin_client: Client, engine: Engine, bad: dict[str, str]) -> None:
    assert admin_client.post(f"/images/{hex_of(engine)}/tag", bad).status_code == 400


@pytest.mark.parametrize(
    "ref", ["../info", "%2e%2e%2finfo", "a%252fb", "abc?force=1", "a%0d%0ab", "x" * 3000]
)
def test_a_bad_reference_calls_no_engine(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, ref: str
) -> None:
    def called(*args: Any, **kwargs: Any) -> None:
        pytest.fail("the Engine was called")

    monkeypatch.setattr(Engine, "call", called)
    assert 400 <= admin_client.get(f"/images/find?ref={ref}").status_code < 500


def test_a_pull_is_a_job_and_twice_the_same_is_one(admin_client: Client) -> None:
    first = admin_client.post("/images/pull", {"image": "127.0.0.1:1/x:v1"})
    second = admin_client.post("/images/pull", {"image": "127.0.0.1:1/x:v1"})
    assert first["Location"] == second["Location"] == f"/jobs/{Job.objects.get().pk}/"


@pytest.mark.parametrize("image", ["", "UPPER", "a:b:c", "x" * 600])
def test_a_bad_image_name_shows_the_form_again(admin_client: Client, image: str) -> None:
    answer = admin_client.post("/images/pull", {"image": image})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_the_pull_form_is_filled_by_its_address(admin_client: Client) -> None:
    assert 'value="alpine:3"' in page(admin_client, "/images/pull?image=alpine:3")


@pytest.mark.parametrize(
    "fields",
    [
        {"source": "text", "text": ""},
        {"source": "text", "text": "FROM x", "memory": "1"},
        {"source": "text", "text": "FROM x", "memory": "8m", "memswap": "4m"},
        {"source": "text", "text": "FROM x", "cpushares": "1"},
        {"source": "text", "text": "FROM x", "cpusetcpus": "a"},
        {"source": "text", "text": "FROM x", "cpuperiod": "1"},
        {"source": "text", "text": "FROM x", "t": "UPPER"},
        {"source": "text", "text": "FROM x", "buildargs": "no equals"},
        {"source": "tar", "dockerfile": "../up"},
        {"source": "tar", "dockerfile": "/abs"},
        {"source": "remote", "remote": "file:///etc/passwd"},
        {"source": "remote", "remote": "https://user:pw@x.example/a.git"},
        {"source": "other"},
    ],
)
def test_a_bad_build_is_explained_and_makes_no_job(admin_client: Client, fields: dict[str, str]) -> None:
    assert admin_client.post("/images/build", fields).status_code == 422
    assert not Job.objects.exists()


def test_a_script_is_told_where_the_bytes_go(admin_client: Client) -> None:
    answer = admin_client.post("/images/load", {"filename": "a.tar"}, headers={"Accept": "application/json"})
    job = Job.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "job": str(job.pk),
        "page": f"/jobs/{job.pk}/",
        "upload": f"/jobs/{job.pk}/upload",
    }
    assert job.needs_upload


def test_the_clean_up_lists_what_would_go(admin_client: Client, name: str) -> None:
    html = page(admin_client, "/images/prune?all=1&label=no.such.label")
    assert "Nothing to remove" in html
    assert admin_client.get("/images/prune?until=soon").status_code == 200
    assert "Older than" in page(admin_client, "/images/prune?until=soon")


@pytest.mark.parametrize(
    "query", ["term=x&limit=0", "term=x&limit=101", "term=x&stars=-1", "term=x&limit=many"]
)
def test_a_bad_search_is_explained(admin_client: Client, query: str) -> None:
    assert "notice bad" in page(admin_client, f"/images/search?{query}")


def test_a_search_without_a_network_says_why(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockerui.engine import errors

    def search(self: Engine, **kwargs: Any) -> Any:
        assert kwargs == {
            "term": "nginx", "limit": 5, "filters": {"stars": 3, "is-official": True, "is-automated": None},
        }  # fmt: skip
        raise errors.ServerError(500, "dial tcp: network is unreachable")

    monkeypatch.setattr(Engine, "image_search", search)
    html = page(admin_client, "/images/search?term=nginx&limit=5&stars=3&official=true")
    assert "network is unreachable" in html


def test_results_of_a_search_lead_to_a_pull(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {
            "name": "a/b",
            "description": "<script>",
            "star_count": 1,
            "is_official": False,
            "is_automated": True,
        },
        {"name": "nginx", "description": "web", "star_count": 9, "is_official": True, "is_automated": False},
    ]
    monkeypatch.setattr(Engine, "image_search", lambda self, **kwargs: rows)
    html = page(admin_client, "/images/search?term=nginx")
    assert html.index("image=nginx") < html.index("image=a/b")
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/images/pull"), ("get", "/images/build"), ("get", "/images/load"), ("get", "/images/import"),
        ("get", "/images/prune"), ("get", "/images/save?name=x"), ("post", "/images/pull"),
        ("post", f"/images/{'a' * 64}/tag"), ("post", f"/images/{'a' * 64}/remove"),
        ("post", f"/images/{'a' * 64}/push"), ("get", f"/containers/{'a' * 64}/commit"),
        ("get", f"/containers/{'a' * 64}/export"),
    ],
)  # fmt: skip
def test_a_viewer_may_look_and_nothing_else(viewer_client: Client, method: str, path: str) -> None:
    assert getattr(viewer_client, method)(path).status_code == 403
    assert viewer_client.get("/images/").status_code == 200


def test_the_commit_form_explains_bad_input(admin_client: Client, make_container: MakeContainer) -> None:
    container = make_container(start=False)
    for bad in ({"config": "[]"}, {"config": '{"privileged": true}'}, {"tag": "v1"}, {"repo": "UP"}):
        answer = admin_client.post(f"/containers/{container}/commit", bad)
        assert answer.status_code == 422, bad
    assert not Job.objects.exists()


def test_a_double_click_is_one_build_and_two_forms_are_two(admin_client: Client) -> None:
    form = {"source": "tar", "once": "a"}
    pages = [
        admin_client.post("/images/build", {**form, **more})["Location"] for more in ({}, {}, {"once": "b"})
    ]
    assert pages[0] == pages[1] != pages[2]
    fields = [page(admin_client, "/images/build").split('name="once" value="')[1].split('"')[0] for _ in "12"]
    assert fields[0] != fields[1]


def test_a_container_of_an_image_that_is_not_there_offers_to_pull_it(admin_client: Client) -> None:
    answer = admin_client.post("/containers/new", {"image": "no-such/image:v9"})
    assert answer.status_code == 422
    assert 'href="/images/pull?image=no-such/image%3Av9"' in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "upload", "offers"),
    [
        ("failed", False, "/again"),
        ("interrupted", False, "/again"),
        ("cancelled", False, "/again"),
        ("failed", True, 'href="/images/load"'),
    ],
)
def test_the_page_of_what_did_not_succeed_offers_another_try(
    admin_client: Client, admin_user: Any, state: str, upload: bool, offers: str
) -> None:
    job = Job.objects.create(
        kind="image.load" if upload else "image.pull", title="It", owner=admin_user, owner_name="admin",
        state=state, needs_upload=upload, error="Cancelled." if state == "cancelled" else "No way.",
        params={"ref": "127.0.0.1:1/a:b"}, started_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
    html = page(admin_client, f"/jobs/{job.pk}/")
    assert offers in html
    assert "data-unhappy>" in html
    assert ("data-error hidden" in html) is (state == "cancelled"), "a cancelled job has no error"
    if not upload:
        answer = admin_client.post(f"/jobs/{job.pk}/again")
        newer = Job.objects.get(state="queued")
        assert answer["Location"] == f"/jobs/{newer.pk}/"
