"""The way a drone has flown, thinned so that it stays small however long the flight."""

from __future__ import annotations

import numpy as np

from dcpg_ros.simulator.geometry import Array

SPACING_M = 0.1
MOST_POINTS = 10_000


class Trail:
    """Points at least ``spacing`` apart, which doubles when there are too many; teleports leave a gap."""

    def __init__(self, spacing_m: float = SPACING_M, most_points: int = MOST_POINTS) -> None:
        self.spacing_m, self.most_points = spacing_m, most_points
        self._pieces: list[list[Array]] = [[]]

    def add(self, position: Array) -> None:
        """Notes a position, if it is far enough from the last."""
        piece = self._pieces[-1]
        if piece and np.linalg.norm(position - piece[-1]) < self.spacing_m:
            return
        piece.append(position)
        if sum(map(len, self._pieces)) > self.most_points:
            self.spacing_m *= 2
            self._pieces = [each[::2] for each in self._pieces]

    def lift(self, position: Array) -> None:
        """Begins a new piece at this position."""
        if len(self._pieces[-1]) > 1:
            self._pieces.append([])
        self._pieces[-1] = [position]

    @property
    def pieces(self) -> list[Array]:
        """The pieces of more than one point; each (n, 3) m."""
        return [np.array(piece) for piece in self._pieces if len(piece) > 1]
