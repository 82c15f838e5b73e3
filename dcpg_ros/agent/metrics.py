"""metrics.csv: a row per agent and logged round."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from dcpg_ros.agent.run_folder import RunFolder, write_atomically


class MetricsRow(NamedTuple):
    """What is known of an agent after a round. ``round`` counts the rounds done; units are in the names."""

    round: int
    agent: str
    return_: float  # V_i(mu_i) of the policy the round began with, exact or estimated as the learner has it
    value: float  # exact V_i(rho_i) of the policy the round ended with
    disagreement: float  # root mean square distance to the neighbours' theta
    increment_norm: float
    round_s: float
    bytes: int  # sent since the start of the run
    environment_steps: int  # since the start of the run


KINDS = (int, str, float, float, float, float, float, int, int)
HEADER = [name.rstrip("_") for name in MetricsRow._fields]


class MetricsLog:
    """Appends rows to a file; each row is on disk when ``write`` returns, for whoever watches the run."""

    def __init__(self, path: Path, *, append: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not append or not path.exists()
        self._file = path.open("a" if append else "w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        if fresh:
            self._writer.writerow(HEADER)

    def write(self, rows: Iterable[MetricsRow]) -> None:
        """Appends the rows."""
        try:
            self._writer.writerows(rows)
            self._file.flush()
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._file.name) from None

    def __enter__(self) -> MetricsLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # of rows that ``write`` could not write, and has told of
            self._file.close()


def read_metrics(path: Path, tail: int | None = None) -> list[MetricsRow]:
    """The rows of a file, or those in its last ``tail`` bytes; lines that a crash cut short are left out."""
    with path.open("rb") as file:
        begin = max(0, path.stat().st_size - tail) if tail is not None else 0
        file.seek(begin)
        lines = file.read().decode(errors="replace").splitlines(keepends=True)
    rows = []
    for line in lines[begin > 0 :]:  # the first of a tail is likely half a line
        try:
            fields = next(csv.reader([line]))  # each line for itself: a stray quote costs no other
            if line.endswith("\n"):
                rows.append(MetricsRow(*(kind(field) for kind, field in zip(KINDS, fields, strict=True))))
        except (ValueError, csv.Error):
            continue
    return rows


def truncate_metrics(path: Path, last_round: Mapping[str, int]) -> None:
    """Forgets the rows of rounds that a resumed run will do again."""
    if path.exists():
        rewrite_metrics(
            path, [row for row in read_metrics(path) if row.round <= last_round.get(row.agent, 0)]
        )


def merge_metrics(folder: RunFolder, agents: Sequence[str]) -> None:
    """Moves the rows that agents' processes wrote for themselves into ``metrics.csv``."""
    parts = [path for name in agents if (path := folder.agent_metrics(name)).exists()]
    rows = {
        (row.round, agents.index(row.agent)): row
        for path in [folder.metrics, *parts]
        if path.exists()
        for row in read_metrics(path)
        if row.agent in agents
    }
    if parts:
        rewrite_metrics(folder.metrics, [rows[key] for key in sorted(rows)])
    for path in parts:
        path.unlink()


def rewrite_metrics(path: Path, rows: Sequence[MetricsRow]) -> None:
    """Replaces a file, all at once."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *rows])
    write_atomically(path, text.getvalue().encode())
