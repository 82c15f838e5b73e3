"""``python -m benchmarks [PART ...]``, all or those named; kept in docs/results."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from benchmarks.machine import effective_cores

PARTS = ("tabular", "scale", "ros", "camera", "simulator", "drones")
RESULTS = Path(__file__).parents[1] / "docs" / "results"


def main() -> None:
    """Measures, prints and keeps each part."""
    for part in sys.argv[1:] or PARTS:
        load, cores = os.getloadavg()[0], effective_cores()
        machine = (
            f"Python {platform.python_version()}, {os.cpu_count()} cores of which two busy processes get "
        )
        machine += f"{cores:.1f}, load {load:.1f} at the start"
        measured = importlib.import_module(f"benchmarks.{part}").report()
        text = f"{measured}\nMade by `make bench` on: {machine}.\n"
        print(text, flush=True)
        (RESULTS / f"benchmark_{part}.md").write_text(text)


if __name__ == "__main__":
    main()
