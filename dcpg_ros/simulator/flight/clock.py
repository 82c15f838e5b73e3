"""Simulated time: it follows the wall's at some speed, or runs as fast as it can, and can be paused."""

from __future__ import annotations

import time
from collections.abc import Callable

SECOND_NS = 1_000_000_000
LATEST_NS = 2**62  # so that what follows still fits into the 64 bits of a time stamp


class Clock:
    """The simulated time in nanoseconds.

    While a drone moves (``busy``), time is what the steps add up to (``advance``). While none does, nobody
    needs to tick: at a ``speed`` above 0 it runs by itself with the wall's, at 0 it stands still. When
    paused it stands still in any case, and ``continue_for`` lets it run so far and no further.
    """

    def __init__(
        self,
        step_s: float = 0.01,
        speed: float = 1.0,
        epoch_ns: int | None = None,
        wall_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Starts running.

        Args:
            step_s: How far one step goes.
            speed: Simulated seconds for each of the wall's; 0: as fast as possible.
            epoch_ns: The first simulated time; the wall's date by default.
            wall_ns: The wall's time.
        """
        self.step_ns = round(step_s * SECOND_NS)
        self.speed = speed
        self.busy = False
        self._wall_ns = wall_ns
        self._now = time.time_ns() if epoch_ns is None else epoch_ns
        self._anchor = wall_ns()  # when the simulated time was _now
        self._until: int | None = None  # the simulated time to pause at

    @property
    def step_s(self) -> float:
        """How far one step goes, s."""
        return self.step_ns / SECOND_NS

    @property
    def now_ns(self) -> int:
        """The simulated time."""
        return self._now if self.busy else self._idle_now()

    @property
    def paused(self) -> bool:
        """Whether time stands still until it is told to go on."""
        return self._until is not None and self.now_ns >= self._until

    def pause(self) -> None:
        """Stops time now."""
        self.settle()
        self._until = self._now

    def resume(self) -> None:
        """Lets time run on without end."""
        self.settle()
        self._until = None

    def continue_for(self, span_ns: int) -> None:
        """Lets time run for exactly so long from now, and pauses it then.

        Raises:
            ValueError: if that is later than 64 bits can tell.
        """
        self.settle()
        if self._now + span_ns > LATEST_NS:
            raise ValueError("found a time after the year 2116, allowed: an earlier one")
        self._until = self._now + max(span_ns, 0)

    def begin_steps(self) -> None:
        """Time is what the steps make of it, from now on."""
        if not self.busy:
            self.settle()
            self.busy = True

    def end_steps(self) -> None:
        """Time runs by itself again, from where the steps have brought it."""
        if self.busy:
            self.settle()
            self.busy = False

    def settle(self) -> None:
        """Takes the time that has passed by itself for granted: what follows counts from here."""
        self._now = self.now_ns
        self._anchor = self._wall_ns()

    def next_step_ns(self) -> int:
        """How far the next step may go: a whole one, or what is left until the pause."""
        return self.step_ns if self._until is None else max(min(self.step_ns, self._until - self._now), 0)

    @property
    def limited(self) -> bool:
        """Whether time will pause, or has."""
        return self._until is not None

    @property
    def due(self) -> bool:
        """Whether the next step may be made now."""
        return self.speed == 0 or self.behind_ns() >= self.next_step_ns()

    @property
    def wait_s(self) -> float:
        """How long to wait for the next step, in the wall's time."""
        return 0.0 if self.due else (self.next_step_ns() - self.behind_ns()) / self.speed / SECOND_NS

    def behind_ns(self) -> int:
        """How much simulated time the steps are behind the wall's."""
        return int((self._wall_ns() - self._anchor) * self.speed)

    def advance(self, span_ns: int) -> None:
        """Moves the simulated time on by a step."""
        self._now += span_ns
        if self.speed > 0:
            self._anchor += int(span_ns / self.speed)

    def forgive(self, behind_ns: int) -> None:
        """Lets steps that are further behind than this slip, rather than hurry after the wall's time."""
        if self.speed > 0 and self.behind_ns() > behind_ns:
            self._anchor = self._wall_ns() - int(behind_ns / self.speed)

    def _idle_now(self) -> int:
        if self.speed > 0:
            now = self._now + self.behind_ns()
            return now if self._until is None else min(now, self._until)
        return self._now if self._until is None else max(self._now, self._until)
