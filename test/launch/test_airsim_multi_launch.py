"""Drones under the real launch system: the embedded simulators come up with them, and end with them."""

import socket
from collections.abc import Callable, Iterator
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
from dcpg_ros.scenario import load_scenario  # noqa: E402

pytestmark = [pytest.mark.ros, pytest.mark.usefixtures("flyable")]
finishing = Launched("airsim_multi.launch.py", agents=2, rounds=4)
refused = Launched("airsim_multi.launch.py", agents=2, rounds=4)


def two_free_ports() -> int:
    """The first of two ports in a row that nobody listens on now."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


@launch_pytest.fixture
def drones(tmp_path: Path, write_drones: Callable[..., Path]) -> LaunchDescription:
    pytest.importorskip("airsim")
    path = write_drones(2, exchange__timeout_s=60)
    return finishing.description(str(path), tmp_path / "drones", port=str(two_free_ports()))


@pytest.mark.launch(fixture=drones)
def test_launched_drones_learn_what_simulated_ones_learn() -> Iterator[None]:
    assert finishing.done.wait(TIMEOUT_S), finishing.spoken
    scenario = load_scenario(RunFolder(finishing.output).scenario)
    results = load_results(scenario, RunFolder(finishing.output))
    for state, reference in zip(results.states, simulate(scenario), strict=True):
        assert_array_equal(state.theta, reference.theta)
    yield
    assert len(finishing.exits) == 2 + 2 + 1  # agents, simulators, summary
    assert set(finishing.exits.values()) == {0}


@pytest.fixture
def busy_port() -> Iterator[int]:
    """The first of two ports in a row, of which somebody listens on the second."""
    port = two_free_ports()
    with socket.create_server(("127.0.0.1", port + 1)):
        yield port


@launch_pytest.fixture
def one_refused(tmp_path: Path, write_drones: Callable[..., Path], busy_port: int) -> LaunchDescription:
    pytest.importorskip("airsim")
    return refused.description(str(write_drones(2)), tmp_path / "drones", port=str(busy_port))


@pytest.mark.launch(fixture=one_refused)
def test_busy_port_ends_the_launch_with_one_line(until: Callable[..., None]) -> None:
    until(lambda: len(refused.exits) == 2 + 2, TIMEOUT_S)  # simulators and agents, without a word from us
    assert sum(b"in use, allowed: a free port" in words for words in refused.spoken) == 1
