"""An end for a process that cannot end itself.

Fast DDS can deadlock while it takes down a participant whose peers leave at the same moment (seen twice in a
few hundred ends), and rclpy holds the interpreter's lock meanwhile, so no thread and no signal handler of
Python runs any more. Only the C library can still end the process, and with the right status.
"""

from __future__ import annotations

import ctypes
import time

SIGEV_THREAD = 2
MOST_S = 5.0  # to take down a node; it takes some 20 ms


class _Event(ctypes.Structure):
    """``struct sigevent``: what is to happen when a timer has run down."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("function", ctypes.c_void_p),
        ("attributes", ctypes.c_void_p),
        ("reserved", ctypes.c_char * 32),
    )


class _Timing(ctypes.Structure):
    """``struct itimerspec``: the period, here none, and the time to the first event."""

    _fields_ = (("period", ctypes.c_long * 2), ("first", ctypes.c_long * 2))


def exit_within(seconds: float, status: int) -> None:
    """Ends this process with ``status`` when so much time has passed, unless it has ended by then.

    The timer calls the C library's ``_exit(status)`` from a thread of its own.
    """
    library = ctypes.CDLL(None, use_errno=True)
    end = ctypes.cast(library._exit, ctypes.c_void_p)
    event = _Event(value=status, notify=SIGEV_THREAD, function=end)
    whole, part = divmod(int(seconds * 1e9), 10**9)
    timer, timing = ctypes.c_void_p(), _Timing(first=(whole, part))
    library.timer_create(time.CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(timer))
    library.timer_settime(timer, 0, ctypes.byref(timing), None)
