"""Write docs/coverage.md: every Engine operation with every parameter, where the application sends it,
which test does.

    python scripts/coverage_page.py            writes the page
    python scripts/coverage_page.py --check    says what is missing, exit code 1 when anything is

The declarations come from dockerui.engine, the rest from tests/coverage.json, which `make coverage` records.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dockerui.engine import OPERATIONS

PAGE = ROOT / "docs" / "coverage.md"
RECORD = ROOT / "tests" / "coverage.json"
PLACES = ("query", "header", "filter", "body")
HEAD = """# Coverage of the Engine API

Made by `make coverage` from the declarations in `dockerui/engine/api/` and from what the tests on a real
Engine send: do not
edit. *From* is where in the application the request came from: a page (the name of its URL in
`dockerui/web/urls.py`), a topic
of the websocket or a sort of job.
"""


def rows(operation):
    """The operation itself and its parameters, as (key in the record, place, name)."""
    yield operation.name, "", ""
    for param in operation.params:
        if param.where in PLACES:
            yield f"{operation.name} {param.where}.{param.name}", param.where, param.name


def page(record):
    """The whole page as text."""
    parts = [HEAD]
    for operation in OPERATIONS.values():
        since = f", API {operation.since} and newer" if operation.since else ""
        parts.append(
            f"\n## {operation.name}\n\n`{operation.method} {operation.path}`: {operation.doc} "
            f"Needs `{operation.permission}`{since}.\n"
        )
        parts.append("| parameter | from | test |\n|---|---|---|")
        for key, place, name in rows(operation):
            entry = record.get(key, {})
            label = f"{place} `{name}`" if name else "the call"
            test = f"`{entry['test']}`" if "test" in entry else ""
            parts.append(f"| {label} | {entry.get('from', '')} | {test} |")
    return "\n".join(parts) + "\n"


def missing(record, keys=None):
    """What has no place in the application or no test; `keys` limits it to some rows."""
    found = []
    for operation in OPERATIONS.values():
        for key, _, _ in rows(operation):
            entry = record.get(key, {})
            if (keys is None or key in keys) and not ("from" in entry and "test" in entry):
                found.append(f"{key}: {'no place in the application' if 'test' in entry else 'no test'}")
    return found


def main():
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    if "--check" in sys.argv:
        lacks = missing(record)
        print("\n".join(lacks) or "Nothing is missing.")
        return 1 if lacks else 0
    PAGE.write_text(page(record))
    return 0


if __name__ == "__main__":
    sys.exit(main())
