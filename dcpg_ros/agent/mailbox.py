"""Where neighbours' snapshots wait until their round is due."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from dcpg_ros.agent.schema import Theta
from dcpg_ros.agent.snapshot import Snapshot
from dcpg_ros.core.errors import ExchangeError

# Waits until a condition holds, at most so many seconds; whether it does. How is the transport's business:
# ROS 2 runs its callbacks meanwhile, and inside one process all have spoken before anyone listens.
Waiter = Callable[[Callable[[], bool], float | None], bool]


def no_waiting(condition: Callable[[], bool], timeout_s: float | None) -> bool:
    """The waiter of agents that share a process."""
    return condition()


class Mailbox:
    """Snapshots by round and neighbour; filled by a callback, emptied by the worker.

    A neighbour that was started anew says its round again, in a new incarnation, and then the later word
    counts. In synchronous mode a snapshot is taken in only if its round is the one being waited for or the
    next: a neighbour may rightly be one round ahead, never more. That rule is ``_expects``; asynchronous
    mode will have another.
    """

    def __init__(self, neighbours: Sequence[str], round: int = 0, wait: Waiter = no_waiting) -> None:
        self.neighbours = tuple(neighbours)
        self.round = round  # the one being waited for
        self.received = 0
        self.dropped: Counter[str] = Counter()  # by reason
        self._wait = wait
        self._kept: defaultdict[int, dict[str, Snapshot]] = defaultdict(dict)
        self._lock = threading.Lock()

    def put(self, snapshot: Snapshot) -> bool:
        """Takes a snapshot in, or drops and counts it; true if it was taken in."""
        with self._lock:
            reason = self._objection(snapshot)
            if reason:
                self.dropped[reason] += 1
                return False
            self._kept[snapshot.round][snapshot.agent] = snapshot
            self.received += 1
            return True

    def drop(self, reason: str) -> None:
        """Counts something that never became a snapshot."""
        with self._lock:
            self.dropped[reason] += 1

    def wait_for(self, timeout_s: float | None = None) -> dict[str, Theta]:
        """theta_j^k of every neighbour j for the round k being waited for; then the next round is.

        Raises:
            ExchangeError: if a neighbour stays silent for ``timeout_s``.
        """
        if not self._wait(self.complete, timeout_s):
            silent = ", ".join(self.missing())
            patience = "" if timeout_s is None else f" within {timeout_s:g} s"
            raise ExchangeError(f"no theta of round {self.round} from {silent}{patience}")
        with self._lock:
            kept = self._kept.pop(self.round, {})
            self.round += 1
        return {name: kept[name].theta for name in self.neighbours}

    def complete(self) -> bool:
        """Whether all neighbours have said the round being waited for."""
        return len(self._kept[self.round]) == len(self.neighbours)

    def missing(self) -> list[str]:
        """The neighbours that have not."""
        kept = self._kept[self.round]
        return [name for name in self.neighbours if name not in kept]

    def _objection(self, snapshot: Snapshot) -> str:
        if snapshot.agent not in self.neighbours:
            return "not a neighbour"
        if not self._expects(snapshot.round):
            return "round passed" if snapshot.round < self.round else "round too far ahead"
        earlier = self._kept[snapshot.round].get(snapshot.agent)
        return "said twice" if earlier and earlier.incarnation == snapshot.incarnation else ""

    def _expects(self, round: int) -> bool:
        return self.round <= round <= self.round + 1
