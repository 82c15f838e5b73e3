"""The mean safe flight, MSF, by which drones' policies are judged: from single flights to a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.agent.run_folder import write_atomically
from dcpg_ros.core.errors import InputError
from dcpg_ros.core.mdp import Array

FLIGHTS_HEADER = ("mode", "policy", "world", "flight", "distance_m", "capped")
TABLE_HEADER = ("policy", "world", "msf_m", "std_m", "capped", "flights")
SUM = "sum"


@dataclass(frozen=True, eq=False)
class SafeFlights:
    """F flights of each of P policies in each of W worlds, until the crash or the cap."""

    policies: tuple[str, ...]
    worlds: tuple[str, ...]
    distance_m: Array  # (P, W, F)
    capped: NDArray[np.bool_]  # (P, W, F)

    @property
    def msf_m(self) -> Array:
        """Mean safe flight, (P, W)."""
        return self.distance_m.mean(axis=2)

    @property
    def std_m(self) -> Array:
        """Standard deviation over the flights, (P, W)."""
        return self.distance_m.std(axis=2)

    @property
    def sum_m(self) -> Array:
        """MSF summed over the worlds, (P,): the column that the paper compares policies by."""
        return self.msf_m.sum(axis=1)

    def of(self, *policies: str) -> SafeFlights:
        """Of these policies alone, in this order."""
        rows = [self.policies.index(policy) for policy in policies]
        return SafeFlights(policies, self.worlds, self.distance_m[rows], self.capped[rows])

    def renamed(self, *policies: str) -> SafeFlights:
        """With other names for its policies."""
        return replace(self, policies=policies)


def worst(flights: SafeFlights) -> str:
    """The policy with the smallest sum."""
    return flights.policies[int(flights.sum_m.argmin())]


def pooled(parts: Sequence[SafeFlights]) -> SafeFlights:
    """The flights of several runs, such as other seeds, as if they were of one."""
    distances = np.concatenate([part.distance_m for part in parts], axis=2)
    return replace(
        parts[0], distance_m=distances, capped=np.concatenate([part.capped for part in parts], axis=2)
    )


def joined(parts: Sequence[SafeFlights]) -> SafeFlights:
    """The policies of several tables, one below the other."""
    return SafeFlights(
        tuple(policy for part in parts for policy in part.policies),
        parts[0].worlds,
        np.concatenate([part.distance_m for part in parts]),
        np.concatenate([part.capped for part in parts]),
    )


def write_flights(path: Path, modes: Mapping[str, SafeFlights]) -> None:
    """A row for each mode, policy, world and flight."""
    rows = [
        (mode, policy, world, f, float(flown.distance_m[p, w, f]), int(flown.capped[p, w, f]))
        for mode, flown in modes.items()
        for p, policy in enumerate(flown.policies)
        for w, world in enumerate(flown.worlds)
        for f in range(flown.distance_m.shape[2])
    ]
    write_rows(path, FLIGHTS_HEADER, rows)


def read_flights(path: Path) -> dict[str, SafeFlights]:
    """What ``write_flights`` wrote, by mode.

    Raises:
        InputError: if the file is something else.
    """
    allowed = f"rows of {', '.join(FLIGHTS_HEADER)}, as dcpg evaluate writes them"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        modes = {mode: [row for row in rows if row["mode"] == mode] for mode in _distinct(rows, "mode")}
        return {mode: _arrays(part) for mode, part in modes.items()}
    except OSError as error:
        raise InputError(str(path), "", error.strerror or error, allowed) from None
    except (KeyError, ValueError, TypeError):
        raise InputError(str(path), "", "other rows", allowed) from None


def write_table(path: Path, modes: Mapping[str, SafeFlights]) -> None:
    """A row for each mode, policy and world: MSF, its standard deviation, and how many hit the cap."""
    rows = [(mode, *row) for mode, flown in modes.items() for row in table_rows(flown)]
    write_rows(path, ("mode", *TABLE_HEADER), rows)


def table_rows(flown: SafeFlights) -> list[tuple[object, ...]]:
    """What TABLE_HEADER says of each policy and world."""
    capped, flights = flown.capped.sum(axis=2), flown.distance_m.shape[2]
    return [
        (policy, world, f"{flown.msf_m[p, w]:.3f}", f"{flown.std_m[p, w]:.3f}", int(capped[p, w]), flights)
        for p, policy in enumerate(flown.policies)
        for w, world in enumerate(flown.worlds)
    ]


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A CSV file, written all at once."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    write_atomically(path, text.getvalue().encode())


def markdown(flown: SafeFlights) -> str:
    """The table like the paper's Table 1: MSF +- standard deviation in metres, the best of a column bold."""
    counts = flown.capped.sum(axis=2)
    columns = [
        [
            f"{mean:.1f} ± {std:.1f}{f' ({count})' if count else ''}"
            for mean, std, count in zip(*column, strict=True)
        ]
        for column in zip(flown.msf_m.T, flown.std_m.T, counts.T, strict=True)
    ]
    columns.append([f"{total:.1f}" for total in flown.sum_m])
    for cells, values in zip(columns, [*flown.msf_m.T, flown.sum_m], strict=True):
        best = int(values.argmax())
        cells[best] = f"**{cells[best]}**"
    rows = zip(flown.policies, *columns, strict=True)
    return markdown_table(("policy", *flown.worlds, SUM), list(rows))


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width, so that it reads well as plain text too."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *others = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {' | '.join([first, *(cell.strip().rjust(len(cell)) for cell in others)])} |"

    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    return "\n".join([line(header), f"|{rule}|", *map(line, rows)]) + "\n"


def distinct_names(worlds: Sequence[object]) -> tuple[str, ...]:
    """Names of worlds; those that occur more than once are numbered."""
    names = [str(world) for world in worlds]
    return tuple(f"{name} {index}" if names.count(name) > 1 else name for index, name in enumerate(names))


def _distinct(rows: Sequence[Mapping[str, str]], column: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row[column] for row in rows))


def _arrays(rows: Sequence[Mapping[str, str]]) -> SafeFlights:
    policies, worlds = _distinct(rows, "policy"), _distinct(rows, "world")
    shape = len(policies), len(worlds), len(rows) // (len(policies) * len(worlds))

    def array(values: Iterator[float]) -> Array:
        return np.array(list(values)).reshape(shape)

    distances = array(float(row["distance_m"]) for row in rows)
    return SafeFlights(policies, worlds, distances, array(int(row["capped"]) for row in rows).astype(bool))
