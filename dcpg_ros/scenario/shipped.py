"""Files that come with the package, found by their bare names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dcpg_ros.core.errors import InputError


def find_shipped(name: str, what: str) -> Path:
    """The file of a scenario or a scene, given by path, or by the bare name of one of ``config/<what>s``.

    Raises:
        InputError: if it is a bare name, and there is neither such a file nor one that is shipped.
    """
    path = Path(name)
    if path.suffix or len(path.parts) > 1 or os.path.isfile(name):  # unlike Path's, it takes any name
        return path
    found = [file for folder in _folders(what) for file in sorted(folder.glob("*.yaml"))]
    shipped = {file.stem: file for file in reversed(found)}  # of two, the one in the first folder
    if name not in shipped:
        raise InputError(
            name, "", f"no such {what}", f"a {what} file, or one of {', '.join(sorted(shipped))}"
        )
    return shipped[name]


def _folders(what: str) -> list[Path]:
    here = Path(__file__).resolve().parents
    sourced = filter(None, os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep))
    # The prefix that pip installed below is one of the folders above us; it need not be the interpreter's.
    prefixes = [*map(Path, sourced), *here, Path(sys.prefix)]
    shares = [here[2], *(prefix / "share" / "dcpg_ros" for prefix in prefixes)]
    return [share / "config" / f"{what}s" for share in shares]
