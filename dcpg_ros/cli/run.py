"""``dcpg run``: a scenario on real ROS 2, one process per agent and one for the simulator."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from dcpg_ros.agent.metrics import MetricsRow, merge_metrics, read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.cli.begin import StopRequest, begin
from dcpg_ros.cli.domain import ros_domain
from dcpg_ros.cli.finish import finish
from dcpg_ros.cli.processes import Processes
from dcpg_ros.cli.progress import REFRESH_S, ProgressLine
from dcpg_ros.cli.shared_memory import remove_orphans
from dcpg_ros.core.errors import DcpgError
from dcpg_ros.scenario import Scenario

SIMULATOR = "gridworld"


def run(options: argparse.Namespace) -> int:
    """Runs, or resumes; returns the exit status.

    Raises:
        DcpgError: if ROS 2 is missing, or a process failed.
    """
    if importlib.util.find_spec("rclpy") is None:
        raise DcpgError(
            "no ROS 2 here: found no rclpy, allowed: a sourced ROS 2 installation, or "
            "pip install 'dcpg_ros[jazzy]'; dcpg simulate runs the same scenario without"
        )
    beginning = begin(options)
    scenario, folder, _ = beginning
    resumed = bool(options.resume)
    stop = StopRequest()
    with ExitStack() as stack:
        domain = stack.enter_context(ros_domain())
        stack.callback(remove_orphans)
        children = stack.enter_context(Processes(folder.logs, child_environment(domain)))
        start_nodes(children, scenario, folder, sampling=options.sampling, resumed=resumed)
        with ProgressLine(scenario.rounds, beginning.first_round) as progress:
            failed = watch(children, scenario, folder, stop, progress)
    if failed:
        merge_metrics(folder, scenario.agents)
        raise DcpgError(f"{failed} failed: {children.last_words(failed)} (log: {children.log(failed)})")
    return finish(scenario, folder)


def child_environment(domain: int) -> dict[str, str]:
    """The environment of the nodes: on this machine only, unless the user says otherwise."""
    return {
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "PYTHONUNBUFFERED": "1",
        **os.environ,
        "ROS_DOMAIN_ID": str(domain),
    }


def start_nodes(
    children: Processes, scenario: Scenario, folder: RunFolder, *, sampling: str, resumed: bool
) -> None:
    """The simulator and the agents, as the launch file starts them."""
    path = str(folder.scenario.resolve())
    children.start(SIMULATOR, node_command("gridworld_node", "/", scenario=path))
    for name in scenario.agents:
        output = str(folder.path.resolve())
        command = node_command(
            "agent_node",
            f"/{name}",
            scenario=path,
            output=output,
            resume=str(resumed).lower(),
            sampling=sampling,
        )
        children.start(name, command)


def node_command(module: str, namespace: str, **parameters: str) -> list[str]:
    """How a node is started with these parameters."""
    command = [sys.executable, "-m", f"dcpg_ros.nodes.{module}", "--ros-args", "-r", f"__ns:={namespace}"]
    for name, value in parameters.items():
        command += ["-p", f"{name}:={value}"]
    return command


def watch(
    children: Processes, scenario: Scenario, folder: RunFolder, stop: StopRequest, progress: ProgressLine
) -> str | None:
    """Shows progress until the agents are done, told to stop, or one has failed; then that one's name."""
    agents = scenario.agents
    while children.running(agents):
        if stop.event.wait(REFRESH_S):
            return None
        failed = children.failed()
        if failed:
            return failed
        rows = latest_rows([folder.agent_metrics(name) for name in agents])
        progress.show(min((row.round for row in rows), default=progress.begin), rows)
    return children.failed()


def latest_rows(paths: Sequence[Path], tail: int = 400) -> list[MetricsRow]:
    """The last complete row of each file that has one."""
    rows = []
    for path in paths:
        if path.exists():
            rows += read_metrics(path, tail)[-1:]
    return rows
