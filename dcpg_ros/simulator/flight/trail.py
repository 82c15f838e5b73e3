"""The way a drone has flown, thinned so that it stays small however long the flight."""

from __future__ import annotations

from collections import deque

import numpy as np

from dcpg_ros.simulator.geometry import Array, norm

SPACING_M = 0.1
MOST_POINTS = 10_000
STEP_M = 1.0  # those who fly by setting poses take steps; what is farther is another flight


class Trail:
    """Points at least ``spacing_m`` apart, in pieces: teleports leave a gap.

    Of too many points the oldest pieces are forgotten, and the last one is thinned.
    """

    def __init__(self, spacing_m: float = SPACING_M, most_points: int = MOST_POINTS) -> None:
        self.spacing_m, self.most_points = spacing_m, most_points
        self._pieces: deque[list[Array]] = deque([[]])
        self._points = 0

    def add(self, position: Array) -> None:
        """Notes a position, if it is far enough from the last."""
        piece = self._pieces[-1]
        if piece and norm(position - piece[-1]) < self.spacing_m:
            return
        piece.append(position)
        self._points += 1
        while self._points > self.most_points and len(self._pieces) > 1:
            self._points -= len(self._pieces.popleft())
        if self._points > self.most_points:
            self.spacing_m *= 2
            del piece[1::2]
            self._points = len(piece)

    def lift(self, position: Array) -> None:
        """Goes on from this position: in a new piece, unless it is a step away."""
        piece = self._pieces[-1]
        if piece and norm(position - piece[-1]) <= STEP_M:
            self.add(position)
            return
        if len(piece) > 1:
            self._pieces.append([])
        self._points += 1 - len(self._pieces[-1])
        self._pieces[-1] = [position]

    @property
    def pieces(self) -> list[Array]:
        """The pieces of more than one point; each (n, 3) m."""
        return [np.array(piece) for piece in self._pieces if len(piece) > 1]
