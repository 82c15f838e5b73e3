"""How a node's process begins, spins and ends well."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

import rclpy
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from dcpg_ros.core.errors import DcpgError, one_line

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
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def __call__(self) -> bool:
        return self._event.is_set()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._event.set()


def run_node(make: Callable[[], Node], spin: Callable[[Node, StopSignal], None], args: Sequence[str] | None) -> int:
    """Makes a node, lets ``spin`` use it, and takes everything down again.

    Returns:
        0 after a clean end, also by a signal; 2 for bad input; 1 for a failure: each with one line on stderr.
    """
    stop = StopSignal()
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    node: Node | None = None
    try:
        node = make()
        spin(node, stop)
    except DcpgError as error:
        print(one_line(str(error)), file=sys.stderr, flush=True)
        return error.exit_status
    except ExternalShutdownException:
        pass
    finally:
        if node is not None:
            with suppress(Exception):  # the context may be gone already; there is nothing left to lose
                node.destroy_node()
        rclpy.try_shutdown()
    return 0


def spin_until(node: Node, done: Callable[[], bool]) -> None:
    """Runs the node's callbacks until ``done``.

    By ``spin_once`` with a timeout: the events executor of Kilted dispatches nothing without one.
    """
    executor = make_executor()
    executor.add_node(node)
    try:
        while rclpy.ok() and not done():
            executor.spin_once(timeout_sec=SPIN_S)
    finally:
        executor.remove_node(node)
        executor.shutdown()
