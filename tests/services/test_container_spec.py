"""The create form and the Engine's create body, both ways."""

import pytest

from dockerui.services.container_fields import parse_mounts, parse_ports
from dockerui.services.container_spec import FormValues, from_text, join, split
from dockerui.services.errors import BadInput

BODY = {
    "Image": "web:1",
    "Cmd": ["serve", "--name", "a b"],
    "Env": ["A=1", "B=x=y"],
    "Labels": {"tier": "front"},
    "ExposedPorts": {"80/tcp": {}, "53/udp": {}, "9000/tcp": {}},
    "Healthcheck": {
        "Test": ["CMD-SHELL", "wget -q localhost"],
        "Interval": 2_500_000_000,
        "Retries": 4,
        "Timeout": 10**9,
    },
    "StopSignal": "SIGINT",
    "HostConfig": {
        "PortBindings": {
            "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
            "53/udp": [{"HostIp": "", "HostPort": ""}],
        },
        "Binds": ["/srv:/srv:ro", "data:/data"],
        "Mounts": [
            {"Type": "volume", "Source": "x", "Target": "/x", "VolumeOptions": {"NoCopy": True}},
        ],
        "Tmpfs": {"/scratch": "size=1m"},
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
        "Memory": 64 << 20,
        "NanoCpus": 500_000_000,
        "CapDrop": ["ALL"],
        "Init": True,
        "Sysctls": {"net.core.somaxconn": "1024"},
    },
}


def test_split_then_join_gives_the_body_back() -> None:
    values, rest = split(BODY)
    again = join(values, rest)
    assert again == BODY


def test_the_form_shows_the_short_forms_of_the_docker_cli() -> None:
    values, rest = split(BODY)
    assert values.command == "serve --name 'a b'"
    assert values.ports.splitlines() == ["127.0.0.1:8080:80", ":53/udp", "9000"]
    assert values.mounts.splitlines() == ["/srv:/srv:ro", "data:/data", "tmpfs:/scratch:size=1m"]
    assert (values.memory, values.cpus, values.restart) == ("64m", "0.5", "on-failure:3")
    assert rest["StopSignal"] == "SIGINT"
    assert rest["HostConfig"]["Mounts"][0]["Source"] == "x"


def test_a_field_set_in_the_form_and_in_the_json_is_refused() -> None:
    with pytest.raises(BadInput, match=r"HostConfig\.Memory is set in the form and again"):
        join(FormValues(image="a", memory="1g"), {"HostConfig": {"Memory": 1}})


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("memory", "lots"),
        ("memory", "-1"),
        ("cpus", "0"),
        ("cpus", "nan"),
        ("pids", "-1"),
        ("env", "NOVALUE"),
        ("labels", "=x"),
        ("ports", "0"),
        ("ports", "65536"),
        ("ports", "80/icmp"),
        ("mounts", "relative:path"),
        ("restart", "sometimes"),
        ("restart", "always:3"),
        ("command", "'open"),
        ("health_interval", "soon"),
    ],
)
def test_a_field_that_cannot_be_read_says_which(field: str, text: str) -> None:
    with pytest.raises(BadInput):
        join(FormValues(**{field: text}), {})  # type: ignore[arg-type]


def test_ports_without_a_host_port_are_only_exposed() -> None:
    assert parse_ports("80\n:81\n8082:82/udp\n[::1]:83:83") == (
        {"80/tcp": {}, "81/tcp": {}, "82/udp": {}, "83/tcp": {}},
        {
            "81/tcp": [{"HostIp": "", "HostPort": ""}],
            "82/udp": [{"HostIp": "", "HostPort": "8082"}],
            "83/tcp": [{"HostIp": "::1", "HostPort": "83"}],
        },
    )


def test_host_paths_volumes_and_tmpfs_are_told_apart() -> None:
    assert parse_mounts("/etc:/etc:ro,rslave\ndata:/d:ro\ntmpfs:/t") == (
        ["/etc:/etc:ro,rslave", "data:/d:ro"],
        {"/t": ""},
    )


def test_a_submitted_form_becomes_values() -> None:
    values = from_text({"image": " a:1 ", "tty": "on", "unknown": "x"})
    assert (values.image, values.tty, values.stdin) == ("a:1", True, False)
