"""How snapshots travel: the protocol, and its form inside one process. The ROS 2 form lives in ``nodes``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dcpg_ros.agent.mailbox import Mailbox
from dcpg_ros.agent.snapshot import Snapshot


class Transport(Protocol):
    """Takes an agent's snapshots to its neighbours' mailboxes."""

    messages: int  # sent so far
    bytes: int  # sent so far

    def publish(self, snapshot: Snapshot) -> None:
        """Sends; returns at once."""

    def close(self, timeout_s: float) -> None:
        """Waits, at most so long, until what was sent has arrived; an agent that leaves before loses it."""


class InProcessTransport:
    """Hands snapshots straight to the neighbours' mailboxes: no copy, no codec.

    ``bytes`` counts the parameters alone, since nothing is put into an envelope here.
    """

    def __init__(self, mailboxes: Sequence[Mailbox]) -> None:
        self.mailboxes = mailboxes
        self.messages = 0
        self.bytes = 0

    def publish(self, snapshot: Snapshot) -> None:
        """Sends; it has arrived when this returns."""
        for mailbox in self.mailboxes:
            mailbox.put(snapshot)
        self.messages += len(self.mailboxes)
        self.bytes += len(self.mailboxes) * snapshot.theta.nbytes

    def close(self, timeout_s: float) -> None:
        """Nothing is ever under way."""
