"""``dcpg run``: a scenario on real ROS 2, one process per agent and one for the simulator."""

from __future__ import annotations

import argparse
import importlib.util
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from dcpg_ros.agent.metrics import MetricsRow, merge_metrics, read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.assembly.servers import LARGE_MESSAGES, ONE_THREAD, server_command
from dcpg_ros.cli.begin import StopRequest, begin
from dcpg_ros.cli.domain import ros_domain
from dcpg_ros.cli.finish import finish
from dcpg_ros.cli.processes import Processes
from dcpg_ros.cli.progress import REFRESH_S, ProgressLine
from dcpg_ros.cli.shared_memory import remove_orphans
from dcpg_ros.core.errors import DcpgError
from dcpg_ros.scenario import DroneScenario, Scenario

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
        environment = child_environment(domain, large=isinstance(scenario, DroneScenario))
        children = stack.enter_context(Processes(folder.logs, environment))
        start_nodes(children, scenario, folder, sampling=options.sampling, resumed=resumed)
        with ProgressLine(scenario.rounds, beginning.first_round) as progress:
            failed = watch(children, scenario, folder, stop, progress)
    if failed:
        merge_metrics(folder, scenario.agents)
        raise DcpgError(f"{failed} failed: {children.last_words(failed)} (log: {children.log(failed)})")
    return finish(scenario, folder)


def child_environment(domain: int, *, large: bool = False) -> dict[str, str]:
    """The environment of the nodes: on this machine only, unless the user says otherwise.

    ``large``: whether what they say is.
    """
    return {
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "PYTHONUNBUFFERED": "1",
        **ONE_THREAD,
        **(LARGE_MESSAGES if large else {}),
        **os.environ,
        "ROS_DOMAIN_ID": str(domain),
    }


def start_nodes(
    children: Processes, scenario: Scenario, folder: RunFolder, *, sampling: str, resumed: bool
) -> None:
    """The simulators and the agents, as the launch files start them."""
    path, output = str(folder.scenario.resolve()), str(folder.path.resolve())
    own: dict[str, dict[str, str]] = {name: {} for name in scenario.agents}
    if isinstance(scenario, DroneScenario):
        for name, world in zip(scenario.agents, scenario.environment.worlds, strict=True):
            if world.scene:
                port = free_port()
                children.serve(f"{name}_simulator", server_command(path, name, port))
                own[name]["server"] = f"127.0.0.1:{port}"
    else:
        children.start(SIMULATOR, node_command("gridworld_node", "/", scenario=path))
        own = {name: {"sampling": sampling} for name in scenario.agents}
    for name in scenario.agents:
        command = node_command(
            "agent_node", f"/{name}", scenario=path, output=output, resume=str(resumed).lower(), **own[name]
        )
        children.start(name, command)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
        children.revive()
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
