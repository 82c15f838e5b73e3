"""Tables for the terminal and for docs/, and the middle of repeated measurements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median


def median_of(measure: Callable[[], float], repeats: int = 3) -> float:
    """The median of a few runs: shared machines have outliers, in one direction."""
    return median(measure() for _ in range(repeats))


def markdown(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table under a heading."""
    lines = [f"### {title}", "", "| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(_show(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _show(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
