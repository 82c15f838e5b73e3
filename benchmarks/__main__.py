"""``python -m benchmarks [tabular] [scale] [ros]``: all, kept in docs/results, or those named."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

PARTS = ("tabular", "scale", "ros")
RESULTS = Path(__file__).parents[1] / "docs" / "results" / "benchmarks.md"


def main() -> None:
    """Measures and prints; a whole run is kept."""
    chosen = sys.argv[1:] or PARTS
    load = os.getloadavg()[0]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} at the start"
    reports = [f"Made by `make bench`: {machine}.\n"]
    print(reports[0], flush=True)
    for part in chosen:
        reports.append(importlib.import_module(f"benchmarks.{part}").report())
        print(reports[-1], flush=True)
    if tuple(chosen) == PARTS:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text("\n".join(["# Benchmarks\n", *reports]))


if __name__ == "__main__":
    main()
