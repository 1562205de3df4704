"""The built front end as the server hands it out: compressed, under names that browsers may keep for ever.

`collect` copies `static/dist` into the data folder when the server starts, so that a new build cannot change
files under a running one. Without a collection (tests) names are plain; with `DOCKERUI_DEBUG` the build
itself is served, as it is at the moment.
"""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

log = logging.getLogger(__name__)

KEPT = 7 * 86_400  # seconds that files of an earlier build stay, for tabs that still run it


class Assets(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """As WhiteNoise has it; a file that was not collected has its plain name."""

    def stored_name(self, name: str) -> str:
        """The name under which the file is served."""
        found: str | None = self.hashed_files.get(self.hash_key(self.clean_name(name)))
        return found or name


def collect() -> bool:
    """Copy the front end to where it is served from, unless it is there already. Whether there is one."""
    source, target = Path(settings.STATICFILES_DIRS[0]), Path(settings.STATIC_ROOT)
    signature = _signature(source)
    if not signature:
        log.warning("the front end is not built: `make run` builds it, or `npm run build`")
        return False
    mark = target / ".collected"
    if not mark.exists() or mark.read_text() != signature:
        started = time.time()
        call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["*.gz"])
        _forget_old(target, started)
        mark.write_text(signature)
    return True


def _signature(source: Path) -> str:
    """What the built files are, without reading them; empty when there are none."""
    files = sorted(path for path in source.rglob("*") if path.is_file() and path.suffix != ".gz")
    lines = [f"{path.relative_to(source)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if files else ""


def _forget_old(target: Path, started: float) -> None:
    for path in target.rglob("*"):
        if path.is_file() and path.stat().st_mtime < started - KEPT:
            path.unlink()
