"""What is acted on is what was resolved and written down (security rule R4), not what a name means then."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from dockerui.audit.models import AuditEntry
from dockerui.engine import Engine

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app_on_engine")]


def test_a_network_named_like_anothers_short_id_is_not_taken_for_it(
    admin_client: Client, engine: Engine, labels: dict[str, str]
) -> None:
    name = f"sec-{uuid.uuid4().hex[:8]}"
    wanted = engine.network_create({"Name": name, "Labels": labels})["Id"]
    decoy = engine.network_create({"Name": wanted[:12], "Labels": labels})["Id"]
    assert admin_client.post(f"/networks/{wanted}/remove").status_code == 302
    assert engine.network_inspect(decoy)["Name"] == wanted[:12]
    assert admin_client.post(f"/networks/{wanted[:12]}/remove").status_code == 302
    removed = AuditEntry.objects.filter(action="network.remove", outcome="done").order_by("id")
    assert [entry.target for entry in removed] == [wanted, decoy]


def test_the_page_of_one_image_does_not_remove_another(
    admin_client: Client, engine: Engine, labels: dict[str, str]
) -> None:
    base = engine.image_inspect("busybox:test")["Id"]
    name = f"dockerui-security/{uuid.uuid4().hex[:8]}:v1"
    engine.image_tag(base, repo=name.partition(":")[0], tag="v1")
    try:
        answer = admin_client.post(f"/images/{'0' * 64}/remove", {"name": name})
        assert answer.status_code == 400
        assert engine.image_inspect(name)["Id"] == base
        assert not AuditEntry.objects.filter(action="image.remove").exclude(outcome="refused").exists()
        page = base.removeprefix("sha256:")
        assert admin_client.post(f"/images/{page}/remove", {"name": name}).status_code == 302
    finally:
        for other in engine.image_inspect(base)["RepoTags"]:
            if other == name:
                engine.image_remove(name)
