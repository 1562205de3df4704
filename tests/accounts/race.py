"""Run by test_setup.py in processes of their own: make the first account, all at the same moment.

    python -m tests.accounts.race TOKEN NAME

Says `ready`, waits for a line on its input, then prints `won` or `lost`.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dockerui.settings")

import django

django.setup()

from dockerui.accounts import setup  # noqa: E402


def main() -> None:
    """Race."""
    token, name = sys.argv[1:]
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        setup.first_admin(token, name, "correct horse battery staple")
    except setup.SetupClosed:
        print("lost", flush=True)
    else:
        print("won", flush=True)


if __name__ == "__main__":
    main()
