"""How a node's process ends when it is told to, whatever it is at."""

import signal
import subprocess
import sys

import pytest

pytest.importorskip("rclpy")

TIMEOUT_S = 60.0
NODE = """
import threading
from dcpg_ros.nodes.process import RunnableNode, run_node

class Slow(RunnableNode):
    def __init__(self, stop):
        super().__init__("slow", stop)
        {making}
    def run(self):
        {running}

raise SystemExit(run_node(Slow, None))
"""
FOR_EVER = "print('ready', flush=True); threading.Event().wait()"
UNTIL_TOLD = "print('ready', flush=True); self.pump.wait(lambda: False)"


@pytest.mark.ros
def test_what_the_disk_refuses_is_one_line(ros_environment):
    program = NODE.format(making="pass", running="raise OSError(28, 'No space left on device', '/x/y')")
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=ros_environment,
        text=True,
        capture_output=True,
        timeout=TIMEOUT_S,
    )
    assert (ended.returncode, ended.stderr) == (1, "/x/y: No space left on device\n")


@pytest.mark.ros
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("making", "running"), [(FOR_EVER, "pass"), ("pass", UNTIL_TOLD)])
def test_signal_ends_a_node_while_it_is_made_and_while_it_runs(making, running, number, ros_environment):
    program = NODE.format(making=making, running=running)
    with subprocess.Popen(
        [sys.executable, "-c", program], env=ros_environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as node:  # fmt: skip
        assert node.stdout is not None
        assert node.stdout.readline() == "ready\n"
        node.send_signal(number)
        _, complaints = node.communicate(timeout=TIMEOUT_S)
    assert (node.returncode, complaints) == (0, "")
