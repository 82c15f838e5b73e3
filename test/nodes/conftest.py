"""ROS 2 for tests: the real one, in a domain that no other run or test on this machine uses."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import Run

rclpy = pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from dcpg_ros.cli.domain import ros_domain  # noqa: E402
from dcpg_ros.cli.run import child_environment  # noqa: E402
from dcpg_ros.scenario import Scenario, load_scenario  # noqa: E402
from dcpg_ros.scenario.document import write_document  # noqa: E402

FOUR_TASKS = ("S..\n...\n..G", "S..\n#..\nG..", "S.G\n..#\n...", "S..\n.G.\n#..")


@pytest.fixture(scope="session")
def ros_environment() -> Iterator[dict[str, str]]:
    """The environment of child processes that are to hear each other, and nobody else."""
    with ros_domain() as domain:
        yield child_environment(domain)


@pytest.fixture
def ros(ros_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """rclpy in this process."""
    for name, value in ros_environment.items():
        monkeypatch.setenv(name, value)
    rclpy.init()
    yield
    rclpy.try_shutdown()


@pytest.fixture
def write_scenario(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small ring of four, with what the test wants different."""

    def write(**different: object) -> Path:
        data: dict[str, object] = {
            "fileversion": 1,
            "graph": {"topology": "ring"},
            "agents": {"count": 4},
            "environment": {
                "type": "gridworld",
                "discount": 0.9,
                "horizon": 20,
                "tasks": [{"map": text} for text in FOUR_TASKS],
            },
            "learner": {"type": "tabular", "step_size": 5.0, "regularisation": 0.1, "episodes_per_round": 5},
            "exchange": {"timeout_s": 30, "retry_s": 1.0},
            "rounds": 60,
            **different,
        }
        path = tmp_path / "small.yaml"
        path.write_text(write_document(data))
        return path

    return write


@pytest.fixture
def scenario(write_scenario: Callable[..., Path]) -> Scenario:
    """The small ring of four as it is."""
    return load_scenario(write_scenario())


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
