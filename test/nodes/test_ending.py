import subprocess
import sys

import pytest

pytest.importorskip("rclpy")

# PyDLL calls without letting go of the interpreter's lock, as rclpy does while it destroys a node.
STUCK = """
import ctypes
from dcpg_ros.nodes.ending import exit_within
exit_within({seconds}, {status})
ctypes.PyDLL(None).pause()
"""
TIMEOUT_S = 60.0


@pytest.mark.parametrize("status", [0, 2])
def test_stuck_process_ends_with_the_status_it_was_to_end_with(status: int) -> None:
    command = [sys.executable, "-c", STUCK.format(seconds=0.05, status=status)]
    assert subprocess.run(command, timeout=TIMEOUT_S).returncode == status


def test_process_that_ends_by_itself_is_left_alone() -> None:
    script = "from dcpg_ros.nodes.ending import exit_within; exit_within(1000, 0); raise SystemExit(3)"
    assert subprocess.run([sys.executable, "-c", script], timeout=TIMEOUT_S).returncode == 3
