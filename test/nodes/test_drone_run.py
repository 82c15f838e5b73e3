"""``dcpg run`` with drones: real processes on real ROS 2, real simulators, the real airsim client."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import rclpy
from nav_msgs.msg import Odometry
from nav_msgs.msg import Path as Way
from rclpy.executors import SingleThreadedExecutor
from running import Run, assert_equals_simulation, wait_for_round
from sensor_msgs.msg import CompressedImage

from dcpg_ros.nodes.qos import latched
from dcpg_ros.scenario import load_scenario
from dcpg_ros.scenario.document import write_document

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("airsim", reason="the airsim client is not installed")
pytestmark = pytest.mark.ros
PNG = b"\x89PNG\r\n"


@pytest.fixture
def write_drones(tmp_path: Path, little_room: Path) -> Callable[..., Path]:
    """Writes two drones in two rooms, with little to see and to do, and what the test wants different."""

    def write(rounds: int, **different: object) -> Path:
        data: dict[str, object] = {
            "fileversion": 1,
            "seed": 3,
            "graph": {"topology": "path"},
            "agents": {"count": 2},
            "environment": {
                "type": "airsim",
                "camera": {"width": 32},
                "crash_threshold": 0.0,
                "tasks": [{"scene": str(little_room)} for _ in range(2)],
            },
            "learner": {"type": "a2c", "network": "small", "flights": 2, "steps_per_round": 6},
            "exchange": {"timeout_s": 60},
            "record": {"metrics_every": 1, "checkpoint_every": 1000},
            "rounds": rounds,
            **different,
        }
        path = tmp_path / "drones.yaml"
        path.write_text(write_document(data))
        return path

    return write


def simulators_of(run: Run) -> list[int]:
    """The process ids of the servers that a run has started."""
    found = []
    for pid in run.nodes():
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"simulator" in command:
            found.append(pid)
    return found


@pytest.mark.parametrize("algorithm", ["ppo", pytest.param("reinforce", marks=pytest.mark.once)])
def test_run_and_simulate_agree_to_the_bit(
    run: Callable[..., Run], write_drones: Callable[..., Path], tmp_path: Path, algorithm: str
) -> None:
    learner: dict[str, object] = {"type": algorithm, "network": "small", "flights": 2}
    learner |= (
        {"episodes_per_round": 3} if algorithm == "reinforce" else {"steps_per_round": 8, "minibatch": 8}
    )
    scenario = load_scenario(write_drones(5, learner=learner))
    status, out, err = run(tmp_path / "drones.yaml", "--output", tmp_path / "run").end()
    assert status == 0, err
    assert "2 agents, one policy" in out
    assert_equals_simulation(tmp_path / "run", scenario)
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["finished"]


@pytest.mark.once
def test_stopped_and_resumed_equals_never_stopped(
    run: Callable[..., Run], write_drones: Callable[..., Path], tmp_path: Path
) -> None:
    scenario = load_scenario(write_drones(60))
    first = run(tmp_path / "drones.yaml", "--output", tmp_path / "run")
    wait_for_round(tmp_path / "run", scenario, 3, first)
    first.process.send_signal(signal.SIGINT)
    status, _, err = first.end()
    assert status == 130, err
    status, out, err = run("--resume", tmp_path / "run").end()
    assert status == 0, err
    begun = re.search(r"Going on from rounds? (\d+)", out)
    assert begun is not None
    assert int(begun[1]) >= 3  # no periodic checkpoint was due: the interrupt saved
    assert_equals_simulation(tmp_path / "run", scenario)


@pytest.mark.once
def test_a_killed_simulator_comes_back_and_the_run_goes_on(
    run: Callable[..., Run], write_drones: Callable[..., Path], tmp_path: Path
) -> None:
    scenario = load_scenario(write_drones(150))
    started = run(tmp_path / "drones.yaml", "--output", tmp_path / "run")
    wait_for_round(tmp_path / "run", scenario, 5, started)
    killed = simulators_of(started)
    assert len(killed) == 2
    os.kill(killed[0], signal.SIGKILL)
    status, _, err = started.end()
    assert status == 0, err
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["finished"]
    assert summary["environment_steps"] == 2 * 150 * 2 * 6  # what was lost was flown again
    log = (tmp_path / "run" / "logs" / "agent_0_simulator.log").read_text()
    assert log.count("listening") == 2


@pytest.mark.once
def test_wrong_address_is_one_line(
    run: Callable[..., Run], write_drones: Callable[..., Path], tmp_path: Path, little_room: Path
) -> None:
    tasks = [{"scene": str(little_room)}, {"address": "127.0.0.1:9"}]
    environment = {"type": "airsim", "camera": {"width": 32}, "tasks": tasks}
    path = write_drones(5, environment=environment, exchange={"timeout_s": 10})
    status, _, err = run(path, "--output", tmp_path / "run").end()
    assert status == 1
    assert err.strip().splitlines()[-1].startswith("agent_1 failed: AirSim at 127.0.0.1:9: ")
    assert "Traceback" not in err


@pytest.mark.once
def test_missing_vehicle_is_one_line(
    run: Callable[..., Run], write_drones: Callable[..., Path], tmp_path: Path, little_room: Path
) -> None:
    command = [sys.executable, "-m", "dcpg_ros.cli.main", "simulator", "--scene", str(little_room)]
    server = subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split()[2].rstrip(",")
        tasks = [{"address": address}, {"scene": str(little_room)}]
        environment = {"type": "airsim", "camera": {"width": 32}, "tasks": tasks}
        path = write_drones(5, environment=environment)
        status, _, err = run(path, "--output", tmp_path / "run").end()
    finally:
        server.terminate()
        server.communicate()
    assert status == 1
    words = f"AirSim at {address}: vehicle: found agent_0_0, allowed: a vehicle of the server: SimpleFlight"
    assert words in err.strip().splitlines()[-1]


@pytest.mark.once
@pytest.mark.usefixtures("ros")
def test_a_run_shows_what_its_drones_see_and_where_they_are(
    run: Callable[..., Run], write_drones: Callable[..., Path], tmp_path: Path
) -> None:
    heard: dict[str, object] = {}
    node = rclpy.create_node("onlooker")
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    for topic, kind in (("camera/image/compressed", CompressedImage), ("odometry", Odometry), ("path", Way)):
        node.create_subscription(
            kind, f"/agent_1/{topic}", lambda message, topic=topic: heard.update({topic: message}), latched(1)
        )
    started = run(write_drones(1000), "--output", tmp_path / "run")
    while len(heard) < 3:
        assert started.process.poll() is None, started.end()
        executor.spin_once(timeout_sec=0.1)
    started.process.send_signal(signal.SIGINT)
    started.end()
    executor.shutdown()
    node.destroy_node()
    image, odometry, path = heard["camera/image/compressed"], heard["odometry"], heard["path"]
    assert isinstance(image, CompressedImage)
    assert isinstance(odometry, Odometry)
    assert isinstance(path, Way)
    assert bytes(image.data).startswith(PNG)
    assert image.format == "png"
    assert odometry.header.frame_id == path.header.frame_id == "map"
    assert odometry.child_frame_id == "agent_1"
    here, there = odometry.pose.pose.position, path.poses[-1].pose.position
    assert abs(here.z) < 3  # ENU from where it started: indoors
    if odometry.header.stamp == path.header.stamp:
        assert (here.x, here.y, here.z) == (there.x, there.y, there.z)
