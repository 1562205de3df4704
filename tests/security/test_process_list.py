"""The process list must not be a way around the masked environment: `ps e` prints it."""

from __future__ import annotations

import pytest
from django.test import Client

from dockerui.audit.models import AuditEntry
from dockerui.services import ps_args
from dockerui.services.errors import BadInput
from tests.support.engine import MakeContainer

CANARY = "canary-ps-31415"


@pytest.mark.parametrize("args", ["-ef", "aux", "auxww", "-aux", "-o pid,args", "axo PID,%cpu"])
def test_usual_arguments_show_processes_only(args: str) -> None:
    assert ps_args.shows_processes_only(ps_args.check(args))


MORE = ("e", "auxe", "-auxe", "auxwwe", "-ef e", "-ef -o pid,args", "-eLT", "axeo pid,args", "-E")
STILL_MORE = ("-o pid,environ", "-o pid e", "-eo pid -u nobody", "--format pid,args", "-o pid, e")


@pytest.mark.parametrize("args", MORE + STILL_MORE)
def test_whatever_else_may_show_more(args: str) -> None:
    assert not ps_args.shows_processes_only(ps_args.check(args))


@pytest.mark.parametrize("args", ["-ef; id", "-o pid,`id`", "-o pid\n", "-o pïd", "a" * 201])
def test_what_no_argument_needs_is_refused(args: str) -> None:
    with pytest.raises(BadInput):
        ps_args.check(args)


@pytest.mark.django_db
@pytest.mark.parametrize("args", ["auxwwe", "-ef e", "-auxe"])
def test_a_viewer_cannot_read_environments_by_it(
    app_on_engine: None, viewer_client: Client, admin_client: Client, make_container: MakeContainer, args: str
) -> None:
    container = make_container("sleep", "600", Env=[f"TOKEN={CANARY}"])
    answer = viewer_client.get(f"/containers/{container}/processes/", {"ps_args": args})
    assert answer.status_code == 403
    assert CANARY not in answer.content.decode()
    admin_client.get(f"/containers/{container}/processes/", {"ps_args": args})
    told = AuditEntry.objects.filter(action="container.reveal", target=container).order_by("id")
    assert [entry.outcome for entry in told][:2] == ["refused", "started"]
