"""Drivers of volumes, networks and logs take passwords as options: no page shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dockerui.access import masking
from dockerui.services import system
from dockerui.services.container_detail import describe
from dockerui.services.networks import view as network_view
from dockerui.services.volumes import view as volume_view

CANARY = "canary-option-1618"


@pytest.mark.parametrize(
    "document",
    [
        {"Options": {"type": "cifs", "o": f"addr=nas,username=me,password={CANARY},vers=3.0"}},
        {"Options": {"o": f"PASS={CANARY}"}},
        {"Mounts": [{"VolumeOptions": {"DriverConfig": {"Options": {"s3.secret-key": CANARY}}}}]},
        {"DriverOpts": {"auth_token": CANARY}},
        {"Options": {"device": f"https://me:{CANARY}@nas/share"}},
        {"HostConfig": {"LogConfig": {"Type": "splunk", "Config": {"splunk-token": CANARY}}}},
    ],
)
def test_passwords_of_drivers_are_masked_and_the_rest_stays(document: dict[str, Any]) -> None:
    shown = json.dumps(masking.document(document), ensure_ascii=False)
    assert CANARY not in shown
    assert masking.MASK in shown
    for kept in ("addr=nas", "vers=3.0", "splunk", "cifs"):
        assert (kept in shown) == (kept in json.dumps(document))


def test_options_that_hold_none_are_left_alone() -> None:
    plain = {
        "o": "addr=10.0.0.1,nolock,compass=1",
        "device": ":/srv",
        "com.docker.network.bridge.name": "br0",
    }
    assert masking.options(plain) == plain


def test_pages_show_no_password_of_a_driver() -> None:
    options = {"o": f"username=me,password={CANARY}"}
    volume = volume_view({"Name": "v", "Options": options}, [])
    network = network_view({"Id": "a" * 64, "Name": "n", "Options": options}, [])
    logs = {"Type": "splunk", "Config": {"splunk-token": CANARY}}
    container = describe({"Id": "a" * 64, "Name": "/c", "HostConfig": {"LogConfig": logs}}, reveal=False)
    groups = system._groups({"HttpsProxy": f"http://me:{CANARY}@proxy:3128"}, {})
    assert CANARY not in f"{volume}{network}{container}{groups}"
    assert "proxy:3128" in str(groups)
