"""How long, and how often in a row, a server may fail before it is given up."""

from __future__ import annotations

import time

from dcpg_ros.core.errors import LinkLost

PATIENCE_S = 60.0  # for a server that went away to come back
MOST_LOSSES = 5  # in a row, without anything done between


class Patience:
    """Bounds a whole silence, not each reconnection: a server that answers pings alone wears it out, too."""

    def __init__(self, seconds: float = PATIENCE_S) -> None:
        """For a silence of so many seconds."""
        self.seconds = seconds
        self.renew()

    def renew(self) -> None:
        """The server has done what it was asked."""
        self._losses, self._heard_at = 0, time.monotonic()

    def count_from_now(self) -> None:
        """Nothing was asked for a while, which was no silence."""
        self._heard_at = time.monotonic()

    def bear(self, loss: LinkLost) -> float:
        """For how many seconds to wait until the server is back.

        Raises:
            LinkLost: that loss, if it was one too many or the silence is too long.
        """
        self._losses += 1
        left_s = self.seconds - (time.monotonic() - self._heard_at)
        if self._losses > MOST_LOSSES or left_s <= 0:
            raise loss
        return left_s
