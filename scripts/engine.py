#!/usr/bin/env python3
"""Start, stop or ask for an Engine of our own.

scripts/engine.py start FOLDER [--private|--isolated] [--image NAME]   prints its DOCKER_HOST
scripts/engine.py stop FOLDER [--purge]
scripts/engine.py image DOCKER_HOST NAME                    the busybox image, by import: no registry
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import busybox
import console
import enginehttp
from own_engine import OwnEngine

TEST_IMAGE = "busybox:test"


def ensure_image(docker_host: str, name: str = TEST_IMAGE) -> None:
    """Make the busybox image on the Engine unless it has it. Raises Problem, EngineAnswer, OSError."""
    path = enginehttp.socket_path(docker_host)
    if path is None:
        raise console.Problem(
            "The image %s can only be made over a unix socket, not %s." % (name, docker_host)
        )
    if not enginehttp.image_exists(path, name):
        enginehttp.image_import(path, name, busybox.root_tar(), '["/bin/sh"]')


def main() -> int:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start")
    start.add_argument("folder", type=Path)
    start.add_argument("--private", action="store_true", help="leave the machine's iptables alone")
    start.add_argument("--isolated", action="store_true", help="and its network: a namespace of its own")
    start.add_argument("--image")
    stop = commands.add_parser("stop")
    stop.add_argument("folder", type=Path)
    stop.add_argument("--purge", action="store_true")
    image = commands.add_parser("image")
    image.add_argument("docker_host")
    image.add_argument("name")
    arguments = parser.parse_args()
    if arguments.command == "stop":
        OwnEngine(arguments.folder).stop(purge=arguments.purge)
    elif arguments.command == "image":
        ensure_image(arguments.docker_host, arguments.name)
    else:
        own = OwnEngine(arguments.folder, private=arguments.private, isolated=arguments.isolated)
        docker_host = own.start()
        if arguments.image:
            ensure_image(docker_host, arguments.image)
        print(docker_host)
    return 0


if __name__ == "__main__":
    console.main(main)
