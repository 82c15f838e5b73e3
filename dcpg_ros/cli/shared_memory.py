"""Fast DDS leaves shared-memory files behind when a process is killed; this removes those that nobody holds.

A segment or port ``x`` comes with a lock file ``x_el`` (or ``x_sl``) on which every living user holds a
lock; one that can be locked exclusively has no user left.
"""

from __future__ import annotations

import fcntl
from pathlib import Path

SHM = Path("/dev/shm")
PREFIXES = ("fastrtps_", "fastdds_")


def remove_orphans(folder: Path = SHM) -> int:
    """Removes the orphaned files of all Fast DDS processes that are gone; returns how many."""
    removed = 0
    for lock in [*folder.glob("fast*_el"), *folder.glob("fast*_sl")]:
        if not lock.name.startswith(PREFIXES):
            continue
        try:
            with lock.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                name = lock.name[:-3]
                for orphan in (folder / name, folder / f"sem.{name}_mutex", lock):
                    removed += orphan.exists()
                    orphan.unlink(missing_ok=True)
        except OSError:  # held, or gone meanwhile, or another user's
            continue
    return removed
