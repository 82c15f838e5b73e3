"""How a node's process begins, spins and ends well."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import rclpy
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from dcpg_ros.core.errors import DcpgError, Stopped, one_line, refused_by_disk
from dcpg_ros.nodes.ending import MOST_S, exit_within

SPIN_S = 0.05  # the longest an executor waits before it looks whether it should end


def make_executor() -> Executor:
    """The events executor where rclpy has one: twice the rounds per second of the single-threaded one."""
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:
        return SingleThreadedExecutor()
    return EventsExecutor()


class StopSignal:
    """Set by SIGINT and SIGTERM, however often; rclpy's context stays valid, so a node can still end well."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._breaks_off = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def __call__(self) -> bool:
        """Whether it is."""
        return self._event.is_set()

    @contextmanager
    def breaking_off(self) -> Iterator[None]:
        """While this lasts the signal ends what is under way at once, by raising Stopped.

        For what takes long, never asks, and leaves nothing to save: on a busy machine a launch system's
        patience is over before the learning libraries are loaded.
        """
        self._breaks_off = True
        try:
            if self():
                raise Stopped
            yield
        finally:
            self._breaks_off = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        first = not self()
        self._event.set()
        if first and self._breaks_off:
            raise Stopped


class Pump:
    """Runs a node's callbacks in whichever thread has the time: the worker while it waits, else the main one.

    A worker that waits for a callback of another thread pays two context switches and two hand-overs of the
    interpreter lock per message, a third of a round. So it runs the callbacks itself while it waits; the main
    thread looks in now and then, for the sake of timers and parameters during a long step of learning.
    """

    def __init__(self, node: Node, stop: Callable[[], bool]) -> None:
        self.stop = stop
        self._executor = make_executor()
        self._executor.add_node(node)
        self._turn = threading.Lock()

    def wait(self, condition: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Runs callbacks until ``condition`` holds, at most ``timeout_s``; whether it does.

        Raises:
            Stopped: if the process is asked to stop meanwhile.
        """
        deadline = math.inf if timeout_s is None else time.monotonic() + timeout_s
        with self._turn:
            while not condition():
                if self.stop():
                    raise Stopped
                if time.monotonic() >= deadline:
                    return False
                # Not spin(): the events executor of Kilted dispatches nothing without a timeout.
                self._executor.spin_once(timeout_sec=min(SPIN_S, deadline - time.monotonic()))
        return True

    def look_in(self) -> None:
        """Runs what callbacks are due, unless the worker is at it."""
        if self._turn.acquire(blocking=False):
            try:
                self._executor.spin_once(timeout_sec=0)
            finally:
                self._turn.release()

    def close(self) -> None:
        """Ends the executor."""
        self._executor.shutdown()


class RunnableNode(Node):
    """A node that does its work in ``run``, until it is done or ``stop`` says so."""

    def __init__(self, name: str, stop: Callable[[], bool]) -> None:
        super().__init__(name)
        self.stop = stop
        self.pump = Pump(self, stop)

    def run(self) -> None:
        """The node's work; raises Stopped if it was ended before."""
        raise NotImplementedError

    def destroy_node(self) -> None:
        """Takes down the executor first."""
        self.pump.close()
        super().destroy_node()


def run_node(make: Callable[[StopSignal], RunnableNode], args: Sequence[str] | None) -> int:
    """Makes a node, lets it run, and takes everything down again.

    Returns:
        0 after a clean end, also by a signal; 2 for bad input; 1 for a failure: each with one line on stderr.
    """
    stop = StopSignal()
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    node: RunnableNode | None = None
    status = 1
    try:
        with stop.breaking_off():
            node = make(stop)
        node.run()
        status = 0
    except (Stopped, ExternalShutdownException):
        status = 0
    except DcpgError as error:
        print(one_line(str(error)), file=sys.stderr, flush=True)
        status = error.exit_status
    except OSError as error:
        print(refused_by_disk(error), file=sys.stderr, flush=True)
    finally:
        exit_within(MOST_S, status)
        if node is not None:
            with suppress(Exception):  # the context may be gone already; there is nothing left to lose
                node.destroy_node()
        rclpy.try_shutdown()
    return status
