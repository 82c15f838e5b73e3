"""``dcpg run``: real processes on real ROS 2."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from numpy.testing import assert_array_equal

from dcpg_ros.agent.metrics import MetricsRow, read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.analysis.results import load_results
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.scenario import Scenario, load_scenario

pytestmark = pytest.mark.ros
TIMEOUT_S = 120
SHM = Path("/dev/shm")


class Run:
    """A ``dcpg`` command under way."""

    def __init__(self, *arguments: object, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "dcpg_ros.cli.main", *map(str, arguments)]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def end(self) -> tuple[int, str, str]:
        """Exit status, stdout, stderr."""
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, out, err

    def nodes(self) -> list[int]:
        """The process ids of its children."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(pid) for pid in listed.stdout.split()]


@pytest.fixture
def run(ros_environment: dict[str, str]) -> Iterator[Callable[..., Run]]:
    """Starts ``dcpg run``; no test leaves one behind."""
    runs: list[Run] = []

    def start(*arguments: object, **environment: str) -> Run:
        runs.append(Run("run", *arguments, environment={**ros_environment, **environment}))
        return runs[-1]

    yield start
    for started in runs:
        if started.process.poll() is None:
            started.process.send_signal(signal.SIGINT)
            started.end()


def wait_for_round(folder: Path, scenario: Scenario, round: int, run: Run) -> None:
    """Returns once every agent has logged this round."""
    paths = [RunFolder(folder).agent_metrics(name) for name in scenario.agents]
    while not all(path.exists() and any(row.round >= round for row in read_metrics(path)) for path in paths):
        assert run.process.poll() is None, run.end()
        with suppress(subprocess.TimeoutExpired):
            run.process.wait(0.05)


def same(row: MetricsRow) -> tuple[object, ...]:
    """A metrics row without what differs from run to run: time, and the envelope of messages."""
    return row._replace(round_s=0.0, bytes=0)


def assert_equals_simulation(folder: Path, scenario: Scenario) -> None:
    """theta of every agent is the simulated one, to the bit, and so are the metrics."""
    expected = simulate(scenario, RunFolder.create(folder.parent / "expected", scenario.text))
    results = load_results(scenario, RunFolder(folder))
    for state, reference in zip(results.states, expected, strict=True):
        assert state.round == scenario.rounds
        assert_array_equal(state.theta, reference.theta)
    simulated = read_metrics(folder.parent / "expected" / "metrics.csv")
    assert [same(row) for row in results.metrics] == [same(row) for row in simulated]


@pytest.mark.parametrize("sampling", ["node", "local"])
def test_run_and_simulate_agree_to_the_bit(
    run: Callable[..., Run], write_scenario: Callable[..., Path], tmp_path: Path, sampling: str
) -> None:
    scenario = load_scenario(write_scenario())
    before = set(SHM.iterdir())
    status, out, err = run(
        tmp_path / "small.yaml", "--output", tmp_path / "run", "--sampling", sampling
    ).end()
    assert status == 0, err
    assert "Pictures:" in out
    assert_equals_simulation(tmp_path / "run", scenario)
    assert {path for path in set(SHM.iterdir()) - before if path.name.startswith("fast")} == set()
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["finished"]
    assert summary["messages"] == 4 * 2 * scenario.rounds  # two neighbours each


@pytest.mark.parametrize("changes", [
    {"graph": {"topology": "star"}, "learner": {"type": "tabular", "gradient": "exact", "step_size": 5.0}},
    {"graph": {"topology": "isolated"}},
    {
        "agents": {"count": 2}, "graph": {"topology": "ring"},
        "environment": {"type": "two_task", "example": "stationary"},
    },
])  # fmt: skip
def test_other_graphs_gradients_and_worlds_agree_too(
    run: Callable[..., Run], write_scenario: Callable[..., Path], tmp_path: Path, changes: dict[str, object]
) -> None:
    scenario = load_scenario(write_scenario(rounds=20, **changes))
    status, _, err = run(tmp_path / "small.yaml", "--output", tmp_path / "run").end()
    assert status == 0, err
    assert_equals_simulation(tmp_path / "run", scenario)


def test_stopped_and_resumed_equals_never_stopped(
    run: Callable[..., Run], write_scenario: Callable[..., Path], tmp_path: Path
) -> None:
    scenario = load_scenario(
        write_scenario(rounds=3000, record={"metrics_every": 50, "checkpoint_every": 500})
    )
    first = run(tmp_path / "small.yaml", "--output", tmp_path / "run")
    wait_for_round(tmp_path / "run", scenario, 100, first)
    nodes = first.nodes()
    first.process.send_signal(signal.SIGINT)
    status, out, err = first.end()
    assert status == 130, err
    assert "--resume" in out
    assert len(nodes) == 5
    assert not any(Path(f"/proc/{pid}").exists() for pid in nodes)
    assert not json.loads((tmp_path / "run" / "summary.json").read_text())["finished"]
    status, _, err = run("--resume", tmp_path / "run").end()
    assert status == 0, err
    assert_equals_simulation(tmp_path / "run", scenario)


def test_a_killed_agent_ends_the_run_and_nothing_is_lost(
    run: Callable[..., Run], write_scenario: Callable[..., Path], tmp_path: Path
) -> None:
    scenario = load_scenario(
        write_scenario(rounds=3000, record={"metrics_every": 50, "checkpoint_every": 100})
    )
    first = run(tmp_path / "small.yaml", "--output", tmp_path / "run")
    wait_for_round(tmp_path / "run", scenario, 250, first)
    nodes = first.nodes()
    os.kill(nodes[2], signal.SIGKILL)
    status, _, err = first.end()
    assert status == 1
    assert "agent_1 failed" in err
    assert len(err.strip().splitlines()[-1:]) == 1
    assert "Traceback" not in err
    assert not any(Path(f"/proc/{pid}").exists() for pid in nodes)
    status, out, err = run("--resume", tmp_path / "run").end()
    assert status == 0, err
    assert "Going on from round" in out
    assert_equals_simulation(tmp_path / "run", scenario)


def test_children_do_not_outlive_a_killed_supervisor(
    run: Callable[..., Run], write_scenario: Callable[..., Path], tmp_path: Path
) -> None:
    scenario = load_scenario(write_scenario(rounds=100_000, record={"metrics_every": 10}))
    started = run(tmp_path / "small.yaml", "--output", tmp_path / "run")
    wait_for_round(tmp_path / "run", scenario, 10, started)
    descriptors = [os.pidfd_open(pid) for pid in started.nodes()]
    started.process.kill()
    started.end()
    for descriptor in descriptors:
        wait_for_exit(descriptor)


def wait_for_exit(descriptor: int) -> None:
    """Returns when the process of this pidfd is gone."""
    readable, _, _ = select.select([descriptor], [], [], TIMEOUT_S)
    assert readable
    os.close(descriptor)


def test_two_runs_at_once_do_not_hear_each_other(
    run: Callable[..., Run], write_scenario: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_scenario()
    # Without a domain of the user's, each run finds one for itself.
    runs = [
        run(path, "--output", tmp_path / f"seed_{seed}" / "run", "--seed", seed, ROS_DOMAIN_ID="")
        for seed in (1, 2)
    ]
    for seed, started in zip((1, 2), runs, strict=True):
        status, _, err = started.end()
        assert status == 0, err
        assert_equals_simulation(tmp_path / f"seed_{seed}" / "run", load_scenario(path, seed=seed))
