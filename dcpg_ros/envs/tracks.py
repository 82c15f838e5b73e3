"""What is kept of flights: steps as they come in, and how the latest episodes ended."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.experience import Segment
from dcpg_ros.envs.pictures import Picture

LATEST = 32  # episodes that the means are of


class Track:
    """The steps of one episode in this round so far."""

    def __init__(self, picture: Picture) -> None:
        """From where the first of them is made."""
        self.pictures, self.actions, self.rewards = [picture], list[int](), list[float]()

    def add(self, action: int, reward: float, picture: Picture) -> None:
        """One more step, and what it led to."""
        self.actions.append(action)
        self.rewards.append(reward)
        self.pictures.append(picture)

    def segment(self, terminated: bool) -> Segment:
        """What a learner gets of it."""
        return Segment(
            observations=np.stack(self.pictures),
            actions=np.array(self.actions, np.int64),
            rewards=np.array(self.rewards, np.float32),
            terminated=terminated,
        )


class Results:
    """Return and distance of the latest episodes that have ended; both means are 0 before the first."""

    def __init__(self, rows: NDArray[np.float64] | None = None) -> None:
        """From ``rows`` of another one, (n, 2)."""
        self._latest: deque[tuple[float, float]] = deque(maxlen=LATEST)
        for total, distance_m in np.empty((0, 2)) if rows is None else rows:
            self.add(float(total), float(distance_m))

    def add(self, total: float, distance_m: float) -> None:
        """Another episode has ended."""
        self._latest.append((total, distance_m))

    @property
    def rows(self) -> NDArray[np.float64]:
        """(n, 2) return and distance in metres, the oldest first."""
        return np.array(self._latest, np.float64).reshape(-1, 2)

    @property
    def mean_return(self) -> float:
        """Undiscounted."""
        return self._mean(0)

    @property
    def safe_flight_m(self) -> float:
        """PEDRA's mean safe flight: the way over the floor before the crash, or until the cap."""
        return self._mean(1)

    def _mean(self, column: int) -> float:
        return sum(row[column] for row in self._latest) / max(len(self._latest), 1)
