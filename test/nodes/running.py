"""``dcpg run`` as tests start it, and what they compare it with."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from numpy.testing import assert_array_equal

from dcpg_ros.agent.metrics import MetricsRow, read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.analysis.results import load_results
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.scenario import Scenario

TIMEOUT_S = 120


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
