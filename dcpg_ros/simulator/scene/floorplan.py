"""The floor plan: characters, each a square of ground, and what each of them stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.scenario.section import Section, describe

MOST_CELLS = 40_000
LARGEST_CELL = 100.0  # m
FREE = "."

Rectangle = tuple[int, int, int, int]  # row, column, rows, columns


@dataclass(frozen=True, eq=False)
class FloorPlan:
    """The cells of a plan; row r, column c covers x from c to c + 1 and y from r to r + 1 cells."""

    cell: float  # m
    characters: NDArray[np.str_]  # (rows, columns)

    @property
    def extent(self) -> tuple[float, float]:
        """What it measures along x and along y, in metres."""
        rows, columns = self.characters.shape
        return columns * self.cell, rows * self.cell

    def centres(self, character: str) -> list[tuple[float, float]]:
        """The middle (x, y) of each cell with this character, in m, row by row."""
        cells = np.argwhere(self.characters == character)
        return [((column + 0.5) * self.cell, (row + 0.5) * self.cell) for row, column in cells.tolist()]

    def rectangles(self, character: str) -> list[tuple[float, float, float, float]]:
        """The cells with this character as few rectangles: middle x, y and extent along x, y in m."""
        return [
            (
                (column + columns / 2) * self.cell,
                (row + rows / 2) * self.cell,
                columns * self.cell,
                rows * self.cell,
            )
            for row, column, rows, columns in merged(self.characters == character)
        ]


def read_floorplan(root: Section, legend: set[str]) -> FloorPlan:
    """The plan under ``floorplan``, made of ``.`` and of the legend's characters.

    Raises:
        InputError: if it is empty, ragged, too large, or has another character.
    """
    cell = root.number("cell", 1.0, at_least=0.05, at_most=LARGEST_CELL)
    rows = root.text("floorplan", allowed="rows of characters, one per cell").splitlines()
    if not rows or not rows[0]:
        raise root.refuse("floorplan", "no cells", "rows of characters, one per cell")
    if len(rows) * max(map(len, rows)) > MOST_CELLS:
        found = f"{len(rows)} rows of up to {max(map(len, rows))}"
        raise root.refuse("floorplan", found, f"at most {MOST_CELLS} cells")
    for number, row in enumerate(rows):
        place = f"floorplan, row {number}"
        if len(row) != len(rows[0]):
            raise root.refuse(place, f"{len(row)} characters", f"{len(rows[0])}, as in row 0")
        for column, character in enumerate(row):
            if character != FREE and character not in legend:
                found = f"{describe(character)} in column {column}"
                raise root.refuse(place, found, " ".join([FREE, *sorted(legend)]))
    return FloorPlan(cell, np.array([list(row) for row in rows]))


def open_cell(closed: NDArray[np.bool_]) -> tuple[int, int] | None:
    """A cell (row, column) on the edge of a plan that is not closed, if there is one."""
    edge = ~closed
    edge[1:-1, 1:-1] = False
    return next(((row, column) for row, column in np.argwhere(edge).tolist()), None)


def merged(mask: NDArray[np.bool_]) -> list[Rectangle]:
    """Covers the true cells of a mask with few rectangles, greedily: along the rows, or along the columns."""
    along = _greedy(mask)
    across = [(row, column, rows, columns) for column, row, columns, rows in _greedy(mask.T)]
    return across if len(across) < len(along) else along


def _greedy(mask: NDArray[np.bool_]) -> list[Rectangle]:
    left = mask.copy()
    rectangles = []
    for row, column in np.argwhere(mask).tolist():
        if not left[row, column]:
            continue
        stop = column + 1
        while stop < left.shape[1] and left[row, stop]:
            stop += 1
        end = row + 1
        while end < left.shape[0] and left[end, column:stop].all():
            end += 1
        left[row:end, column:stop] = False
        rectangles.append((row, column, end - row, stop - column))
    return rectangles
