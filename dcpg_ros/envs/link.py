"""What connects a drone to its simulator: calls of the AirSim API, and the answers.

Arguments and results are plain data as on the wire: numbers, texts, bytes, lists, and a mapping for each of
AirSim's structures.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import Any, Protocol

from dcpg_ros.core.errors import LinkLost, Stopped

FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 2.0
GLANCE_S = 0.05  # how often a wait looks whether it is to stop


class Reply(Protocol):
    """The answer to a call that is under way."""

    def get(self) -> Any:
        """The result, waited for; raises what ``Link.call`` raises."""


class Link(Protocol):
    """A connection to one server of the AirSim API; its text (``str``) is what errors call it."""

    def call(self, method: str, *arguments: Any) -> Any:
        """The result of a method.

        Raises:
            LinkLost: if the server is gone, silent, or talks nonsense.
            DcpgError: if it answers with an error.
        """

    def send(self, method: str, *arguments: Any) -> Reply:
        """Begins a call; several may be under way. Raises what ``call`` raises, or leaves it to the reply."""

    def reconnect(self, patience_s: float, stop: Callable[[], bool] = lambda: False) -> None:
        """Connects anew, and tries again for so long.

        Raises:
            LinkLost: if it was in vain.
            Stopped: if ``stop`` said so.
        """


def persist(attempt: Callable[[float], None], patience_s: float, stop: Callable[[], bool]) -> None:
    """Makes an attempt until it succeeds, at growing intervals.

    Args:
        attempt: raises LinkLost if it fails; its argument is the time it may take.
        patience_s: the time for all attempts.
        stop: asked between attempts, and while waiting for the next.

    Raises:
        LinkLost: of the last attempt.
        Stopped: if ``stop`` said so.
    """
    end, wait_s = time.monotonic() + patience_s, FIRST_WAIT_S
    while True:
        if stop():
            raise Stopped("asked to stop while the simulator was being waited for")
        try:
            return attempt(max(min(end - time.monotonic(), LONGEST_WAIT_S), FIRST_WAIT_S))
        except LinkLost:
            if time.monotonic() + wait_s > end:
                raise
        again, never = time.monotonic() + wait_s, Event()
        while (left := again - time.monotonic()) > 0 and not stop():
            never.wait(min(left, GLANCE_S))
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)
