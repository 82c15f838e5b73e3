"""A launch file under the real launch system, watched."""

import threading
from pathlib import Path

import launch_pytest
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription, RegisterEventHandler
from launch.event_handlers import OnProcessExit, OnProcessIO
from launch.events.process import ProcessExited, ProcessIO
from launch.launch_description_sources import PythonLaunchDescriptionSource

LAUNCH = Path(__file__).parents[2] / "launch"
TIMEOUT_S = 120.0


class Launched:
    """A launch of so many agents, and what its processes say of themselves when they end."""

    def __init__(self, launch_file: str, agents: int, rounds: int) -> None:
        self.launch_file, self.agents, self.rounds = launch_file, agents, rounds
        self.output = Path()
        self.exits: dict[str, int] = {}
        self.done = threading.Event()  # the summary has been written
        self.learning = threading.Event()  # all agents have begun
        self.spoken: list[bytes] = []  # on stderr, where loggers write

    def description(self, scenario: str, output: Path, **more: str) -> LaunchDescription:
        """The launch file with its arguments, watched."""
        self.output = output
        arguments = {"scenario": scenario, "output": str(output), "rounds": str(self.rounds), **more}
        included = IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(LAUNCH / self.launch_file)), launch_arguments=arguments.items()
        )
        exits = RegisterEventHandler(OnProcessExit(on_exit=self._on_exit))
        words = RegisterEventHandler(OnProcessIO(on_stderr=self._on_stderr))
        return LaunchDescription([exits, words, included, launch_pytest.actions.ReadyToTest()])

    def _on_exit(self, event: ProcessExited, context: object) -> None:
        self.exits[event.process_name] = event.returncode
        if "summarise" in event.cmd:
            self.done.set()

    def _on_stderr(self, event: ProcessIO) -> None:
        self.spoken.append(event.text)
        if b"".join(self.spoken).count(b"learns from round 0") == self.agents:
            self.learning.set()
