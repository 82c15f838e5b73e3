"""``dcpg run``: real processes on real ROS 2."""

import json
import os
import select
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from running import TIMEOUT_S, Run, assert_equals_simulation, wait_for_round

from dcpg_ros.scenario import load_scenario

pytestmark = pytest.mark.ros
SHM = Path("/dev/shm")


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
