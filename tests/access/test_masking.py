"""What is hidden without a reveal, and what stays readable."""

import pytest

from dockerui.access import masking
from dockerui.access.masking import MASK

CANARY = "hunter2-canary"


def test_it_keeps_names_and_hides_values_of_the_environment():
    assert masking.environment([f"PASSWORD={CANARY}", "EMPTY=", "BARE", f"A=b={CANARY}"]) == [
        f"PASSWORD={MASK}",
        f"EMPTY={MASK}",
        "BARE",
        f"A={MASK}",
    ]


def test_it_masks_environments_at_any_depth_and_leaves_the_original_alone():
    answer = {
        "Config": {"Env": [f"X={CANARY}"], "Cmd": ["sh"]},
        "Versions": [{"Spec": {"Env": [f"Y={CANARY}"]}}],
    }
    shown = masking.document(answer)
    assert CANARY not in str(shown)
    assert shown["Config"]["Cmd"] == ["sh"]
    assert answer["Config"]["Env"] == [f"X={CANARY}"]


@pytest.mark.parametrize(
    "answer",
    [
        {"ProcessConfig": {"entrypoint": "mysql", "arguments": [f"-p{CANARY}"], "tty": True}},
        {"IdentityToken": CANARY, "Status": "Login Succeeded"},
        {"auths": {"registry.example.org": {"auth": CANARY}}},
        {"RegistryConfig": {"x": [{"identity_token": CANARY}]}},
        {"X-Registry-Auth": CANARY},
        {"HttpProxy": f"http://me:{CANARY}@proxy:3128"},
        {"History": [{"CreatedBy": f"/bin/sh -c #(nop)  ENV TOKEN={CANARY}"}]},
    ],
)
def test_it_masks_credentials_and_exec_command_lines(answer):
    assert CANARY not in str(masking.document(answer))


def test_it_says_that_an_exec_happened_but_not_with_which_arguments():
    assert masking.exec_action(f"exec_start: mysql -p{CANARY}") == f"exec_start: {MASK}"
    assert masking.exec_action("health_status: healthy") == "health_status: healthy"
    assert masking.exec_action("exec_die") == "exec_die"


@pytest.mark.parametrize(
    "command",
    [
        f"/bin/sh -c #(nop)  ENV TOKEN={CANARY} OTHER=1",
        f'ENV TOKEN="{CANARY} with spaces" OTHER=1',
        f"ENV TOKEN {CANARY} and the rest",
        f"|2 TOKEN={CANARY} A=b /bin/sh -c make",
        f"ENV TOKEN={CANARY} # buildkit",
    ],
)
def test_it_masks_what_a_layer_set(command):
    shown = masking.layer_command(command)
    assert CANARY not in shown
    assert "TOKEN" in shown


def test_other_layers_stay_readable():
    assert masking.layer_command("RUN make CFLAGS=-O2") == "RUN make CFLAGS=-O2"
