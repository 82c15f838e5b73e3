"""GridWorlds from ASCII maps (Section 5.1): move up, down, left or right; off the grid one stays put."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.task import Task

FLOOR, START, GOAL, OBSTACLE = ".", "S", "G", "#"
MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1))  # 0 up, 1 down, 2 left, 3 right
ACTION_NAMES = ("up", "down", "left", "right")


@dataclass(frozen=True)
class GridMap:
    """An ASCII map: ``.`` floor, ``S`` start, ``G`` goal, ``#`` obstacle; rows from the top.

    Raises:
        ValueError: if it is empty, ragged, has no goal, or holds another character.
    """

    rows: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.rows or not self.rows[0]:
            raise ValueError("an empty map")
        widths = [len(row) for row in self.rows]
        if len(set(widths)) > 1:
            raise ValueError(f"rows of different lengths {widths}")
        strange = set("".join(self.rows)) - {FLOOR, START, GOAL, OBSTACLE}
        if strange:
            raise ValueError(f"the character {min(strange)!r}")
        if not self.cells(GOAL).any():
            raise ValueError("a map without a goal")

    @classmethod
    def parse(cls, text: str) -> GridMap:
        """From the block of text of a scenario; blank space around the rows does not count."""
        return cls(tuple(line.strip() for line in text.strip().splitlines()))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.rows), len(self.rows[0])

    def cells(self, kind: str) -> NDArray[np.bool_]:
        """(S,) true where the map shows ``kind``; state = row * columns + column."""
        return np.array([cell == kind for row in self.rows for cell in row])


def gridworld(
    grid: GridMap, discount: float, *, terminal: bool, start: str = START, evaluation_start: str | None = None
) -> Task:
    """The task of a map: +1 for moving onto a goal, -1 for moving onto an obstacle, 0 else.

    Args:
        grid: the map.
        discount: gamma.
        terminal: whether goals and obstacles end the episode (Figure 2) or not (Theorem 2).
        start: mu, ``"S"`` (the cells marked so) or ``"uniform"`` (all cells an episode can start from).
        evaluation_start: rho, likewise; by default mu.

    Raises:
        ValueError: if the start is ``"S"`` and the map marks none.
    """
    goals, obstacles = grid.cells(GOAL), grid.cells(OBSTACLE)
    ends = (goals | obstacles) if terminal else np.zeros_like(goals)
    next_state = neighbour_cells(grid.shape)
    states = np.arange(len(goals))[:, None]
    next_state = np.where(ends[:, None], states, next_state)
    gain = goals.astype(float) - obstacles.astype(float)
    reward = np.where(next_state != states, gain[next_state], 0.0)

    def distribution(kind: str) -> Array:
        cells = ~ends if kind == "uniform" else grid.cells(START)
        if not cells.any():
            raise ValueError("a map without a start")
        weights: Array = cells / cells.sum()
        return weights

    mdp = TabularMDP(
        next_state=next_state[:, :, None],
        probability=np.ones((*next_state.shape, 1)),
        reward=reward[:, :, None],
        terminal=ends,
        discount=discount,
        mu=distribution(start),
        rho=distribution(evaluation_start or start),
    )
    return Task(mdp, goals, obstacles, grid.shape)


def neighbour_cells(shape: tuple[int, int]) -> NDArray[np.int64]:
    """Where each action leads from each cell, (S, 4)."""
    row, column = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
    moved = [
        np.clip(row + down, 0, shape[0] - 1) * shape[1] + np.clip(column + right, 0, shape[1] - 1)
        for down, right in MOVES
    ]
    return np.stack(moved, axis=1)
