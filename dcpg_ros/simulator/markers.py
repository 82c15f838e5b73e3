"""Marks that clients leave in the world, to be drawn into a picture of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from dcpg_ros.simulator.geometry import Array

MOST_POINTS = 100_000  # beyond which the oldest marks are forgotten


@dataclass(frozen=True, eq=False)
class Marker:
    """Points, or lines, or words, in one colour."""

    kind: str  # points, strip, list (each two points a line), arrows (as list), texts
    points: Array  # (n, 3) m, world frame
    color: tuple[float, ...]  # red, green, blue
    texts: tuple[str, ...] = ()
    ends_ns: int | None = None  # the simulated time it vanishes at
    persistent: bool = False  # stays until flushed


class Markers:
    """The marks that are there, the oldest first."""

    def __init__(self) -> None:
        self._markers: deque[Marker] = deque()
        self._points = 0

    def add(self, marker: Marker) -> None:
        """Leaves a mark; one without points leaves nothing."""
        if not len(marker.points):
            return
        self._markers.append(marker)
        self._points += len(marker.points)
        while self._points > MOST_POINTS and len(self._markers) > 1:
            self._points -= len(self._markers.popleft().points)

    def flush(self) -> None:
        """Removes those that stay until then."""
        self._keep(lambda marker: not marker.persistent)

    def at(self, now_ns: int) -> list[Marker]:
        """Those that are there at a time."""
        self._keep(lambda marker: marker.ends_ns is None or marker.ends_ns > now_ns)
        return list(self._markers)

    def _keep(self, wanted: Callable[[Marker], bool]) -> None:
        self._markers = deque(filter(wanted, self._markers))
        self._points = sum(len(marker.points) for marker in self._markers)
