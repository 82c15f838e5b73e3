"""The launch file under the real launch system: it ends by itself, and it ends well when told to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from numpy.testing import assert_array_equal

launch_pytest = pytest.importorskip(
    "launch_pytest", reason="launch_pytest comes with a ROS 2 installation only"
)
from launch import LaunchDescription  # noqa: E402
from launched import TIMEOUT_S, Launched  # noqa: E402

from dcpg_ros.agent.run_folder import RunFolder  # noqa: E402
from dcpg_ros.analysis.results import load_results  # noqa: E402
from dcpg_ros.assembly.simulation import simulate  # noqa: E402
from dcpg_ros.scenario import find_scenario, load_scenario  # noqa: E402

pytestmark = pytest.mark.ros


finishing = Launched("gridworld.launch.py", agents=4, rounds=40)
stopped = Launched("gridworld.launch.py", agents=4, rounds=1_000_000)


@launch_pytest.fixture
def short_run(tmp_path: Path) -> LaunchDescription:
    return finishing.description("no_conflict", tmp_path / "short")


@launch_pytest.fixture
def endless_run(tmp_path: Path) -> LaunchDescription:
    return stopped.description("no_conflict", tmp_path / "endless")


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
