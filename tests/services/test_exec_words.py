"""Why a command could not be started, from what Engines of all ages print in its place."""

from __future__ import annotations

import pytest

from dockerui.services.terminal_words import exec_failure, signal_words


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (
            b"OCI runtime exec failed: exec failed: container_linux.go:380: starting container process "
            b'caused: exec: "bash": executable file not found in $PATH: unknown\r\n',
            "“bash” was not found in the container.",
        ),
        (
            b'OCI runtime exec failed: exec failed: unable to start container process: exec: "/x/y": '
            b"stat /x/y: no such file or directory: unknown\r\n",
            "“/x/y” was not found in the container.",
        ),
        (
            b'OCI runtime exec failed: exec failed: unable to start container process: exec: "/etc/passwd": '
            b"permission denied: unknown",
            "“/etc/passwd” is not executable.",
        ),
        (
            b'rpc error: code = 2 desc = oci runtime error: exec failed: container_linux.go:247: starting '
            b'container process caused "exec: \\"bash\\": executable file not found in $PATH"\r\n',
            "“bash” was not found in the container.",
        ),
        (
            b'OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd '
            b'("/gone") set in config.json failed: no such file or directory: unknown',
            "The working directory “/gone” cannot be entered.",
        ),
        (b"OCI runtime exec failed: something new: unknown", "The command could not be started."),
        (
            b"unable to find user app: no matching entries in passwd file\r\n",
            "There is no user “app” in the container.",
        ),
        (
            b"Error: crun: executable file `nonesuch` not found in $PATH: No such file or directory: OCI "
            b"runtime attempted to invoke a command that was not found\n",
            "“nonesuch” was not found in the container.",
        ),
        (
            b"Error: crun: the path `/etc/passwd` exists but it is not executable: Operation not permitted",
            "“/etc/passwd” is not executable.",
        ),
        (
            b"Error: crun: chdir to `/gone`: No such file or directory: OCI runtime attempted to invoke",
            "The working directory “/gone” cannot be entered.",
        ),
        (b"Error: crun: something new", "The command could not be started."),
        (b"sh: nonesuch: not found\r\n", ""),
        (b"", ""),
    ],
)  # fmt: skip
def test_failures(output: bytes, words: str) -> None:
    assert exec_failure(output, 126) == words


def test_a_program_that_prints_such_words_and_ends_well_did_run() -> None:
    assert exec_failure(b'OCI runtime exec failed: exec: "bash": executable file not found', 0) == ""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, ""),
        (0, ""),
        (1, ""),
        (130, ""),
        (137, "Ended by SIGKILL, often because memory ran out."),
        (139, "Ended by SIGSEGV."),
        (143, "Ended by SIGTERM."),
        (255, ""),
    ],
)
def test_signals(code: int | None, words: str) -> None:
    assert signal_words(code) == words
