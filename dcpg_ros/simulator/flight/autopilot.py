"""What flies a manoeuvre: it asks for the next command, and tells whoever waits how it has ended."""

from __future__ import annotations

import asyncio

from dcpg_ros.simulator.flight.clock import SECOND_NS
from dcpg_ros.simulator.flight.dynamics import Command, Kinematics, Limits
from dcpg_ros.simulator.flight.manoeuvres import Manoeuvre


class Autopilot:
    """One manoeuvre at a time, or none.

    Attributes:
        command: for the next step; None without a manoeuvre.
    """

    def __init__(self) -> None:
        self.command: Command | None = None
        self._manoeuvre: Manoeuvre | None = None
        self._ended: asyncio.Future[bool] | None = None
        self._elapsed_ns = 0

    @property
    def busy(self) -> bool:
        """Whether a manoeuvre is under way."""
        return self._manoeuvre is not None

    def begin(self, manoeuvre: Manoeuvre) -> asyncio.Future[bool]:
        """Takes up a manoeuvre; the one under way ends with False. The future tells how this one ends."""
        self.end(False)
        self._ended = asyncio.get_running_loop().create_future()
        self._manoeuvre, self._elapsed_ns = manoeuvre, 0
        return self._ended

    def end(self, result: bool) -> None:
        """Ends the manoeuvre under way, if any."""
        ended, self._ended = self._ended, None
        self._manoeuvre = self.command = None
        if ended is not None and not ended.done():  # whoever waited may have gone
            ended.set_result(result)

    def decide(self, state: Kinematics, step_s: float, limits: Limits) -> None:
        """Asks the manoeuvre for the next command, or learns that it has ended."""
        self.command = None
        if self._manoeuvre is None:
            return
        answer = self._manoeuvre.command(state, self._elapsed_ns / SECOND_NS, step_s, limits)
        if isinstance(answer, bool):
            self.end(answer)
        else:
            self.command = answer

    def pass_time(self, span_ns: int) -> None:
        """So much simulated time has gone by."""
        self._elapsed_ns += span_ns
