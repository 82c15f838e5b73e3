"""The launch file under the real launch system: it ends by itself, and it ends well when told to."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from numpy.testing import assert_array_equal

launch_pytest = pytest.importorskip(
    "launch_pytest", reason="launch_pytest comes with a ROS 2 installation only"
)
from launch import LaunchDescription  # noqa: E402
from launch.actions import IncludeLaunchDescription, RegisterEventHandler  # noqa: E402
from launch.event_handlers import OnProcessExit, OnProcessIO  # noqa: E402
from launch.events.process import ProcessExited, ProcessIO  # noqa: E402
from launch.launch_description_sources import PythonLaunchDescriptionSource  # noqa: E402

from dcpg_ros.agent.run_folder import RunFolder  # noqa: E402
from dcpg_ros.analysis.results import load_results  # noqa: E402
from dcpg_ros.assembly.simulation import simulate  # noqa: E402
from dcpg_ros.scenario import find_scenario, load_scenario  # noqa: E402

pytestmark = pytest.mark.ros
LAUNCH_FILE = Path(__file__).parents[2] / "launch" / "gridworld.launch.py"
TIMEOUT_S = 120.0


class Launched:
    """A launch of the four-agent GridWorld, and what its processes say of themselves when they end."""

    def __init__(self, output: Path, rounds: int) -> None:
        self.output, self.rounds = output, rounds
        self.exits: dict[str, int] = {}
        self.done = threading.Event()  # the summary has been written
        self.learning = threading.Event()  # all agents have begun
        self.spoken: list[bytes] = []  # on stderr, where loggers write

    def description(self) -> LaunchDescription:
        """The launch file with its arguments, watched."""
        arguments = {"scenario": "no_conflict", "output": str(self.output), "rounds": str(self.rounds)}
        included = IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(LAUNCH_FILE)), launch_arguments=arguments.items()
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
        if b"".join(self.spoken).count(b"learns from round 0") == 4:
            self.learning.set()


finishing = Launched(Path(), rounds=40)
stopped = Launched(Path(), rounds=1_000_000)


@launch_pytest.fixture
def short_run(tmp_path: Path) -> LaunchDescription:
    finishing.output = tmp_path / "short"
    return finishing.description()


@launch_pytest.fixture
def endless_run(tmp_path: Path) -> LaunchDescription:
    stopped.output = tmp_path / "endless"
    return stopped.description()


@pytest.mark.launch(fixture=short_run)
def test_a_launched_run_ends_by_itself_and_equals_the_simulated_one() -> Iterator[None]:
    assert finishing.done.wait(TIMEOUT_S), finishing.spoken
    scenario = load_scenario(find_scenario("no_conflict"), rounds=finishing.rounds)
    results = load_results(scenario, RunFolder(finishing.output))
    for state, reference in zip(results.states, simulate(scenario), strict=True):
        assert_array_equal(state.theta, reference.theta)
    assert (finishing.output / "policy.png").stat().st_size > 0
    yield
    assert len(finishing.exits) == 4 + 1 + 1  # agents, simulator, summary
    assert set(finishing.exits.values()) == {0}


@pytest.mark.launch(fixture=endless_run)
def test_a_launched_run_ends_cleanly_on_interrupt() -> Iterator[None]:
    assert stopped.learning.wait(TIMEOUT_S), stopped.spoken
    yield  # launch_pytest now ends what runs, as Ctrl-C would
    assert len(stopped.exits) == 4 + 1
    assert set(stopped.exits.values()) == {0}
    assert not any(b"Traceback" in text for text in stopped.spoken)
