"""Libraries that not everybody has: one line that says which extra brings them, instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dcpg_ros.core.errors import DcpgError

EXTRAS = {"torch": "learning", "embreex": "simulator", "trimesh": "simulator", "PIL": "simulator"}


@contextmanager
def extras_needed(what: str) -> Iterator[None]:
    """Around the imports that ``what`` needs.

    Raises:
        DcpgError: if one of the extras is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").split(".")[0]
        if library not in EXTRAS:
            raise
        allowed = f"pip install 'dcpg_ros[{EXTRAS[library]}]'"
        raise DcpgError(f"{what}: found no {library}, allowed: {allowed}") from None
