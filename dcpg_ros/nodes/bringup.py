"""What the launch files have in common: their arguments, the run they begin, the agents, and the end.

Imported by launch files alone, for it needs the launch system, which is not among the wheels.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from launch import LaunchContext
from launch.action import Action
from launch.actions import DeclareLaunchArgument, EmitEvent, ExecuteProcess, RegisterEventHandler
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.events.process import ProcessExited
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.assembly.beginning import begin_run, resume_run
from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario import DroneScenario, Scenario, find_scenario, load_scenario

Arguments = Mapping[str, tuple[str, str]]  # name -> default, description

COMMON: Arguments = {
    "rounds": ("", "total number of rounds, instead of the scenario's"),
    "seed": ("", "seed, instead of the scenario's"),
    "output": ("", "folder for metrics, checkpoints, summary and pictures; empty: nothing is written"),
    "force": ("false", "replace a run that the output folder holds"),
    "resume": ("false", "go on with the run in the output folder"),
}


class Begun(NamedTuple):
    """A run about to be brought up."""

    scenario: Scenario
    folder: RunFolder | None  # None: nothing is written
    given: dict[str, str]  # the launch arguments
    what: dict[str, Any]  # parameters of all nodes: which scenario


def declare(arguments: Arguments) -> list[DeclareLaunchArgument]:
    """The arguments of a launch file, as ``--show-args`` lists them."""
    return [
        DeclareLaunchArgument(name, default_value=default, description=words)
        for name, (default, words) in arguments.items()
    ]


def begin(context: LaunchContext, arguments: Arguments, family: type[Scenario]) -> Begun:
    """Begins, or goes on with, the run that the arguments tell of.

    Raises:
        InputError: if any of it is wrong, or the scenario is of another family.
    """
    given = {name: LaunchConfiguration(name).perform(context) for name in arguments}
    resume, force, output = flag(given, "resume"), flag(given, "force"), given["output"]
    path = RunFolder.existing(output).scenario if resume else find_scenario(given["scenario"])
    rounds, seed = whole(given, "rounds"), whole(given, "seed")
    if resume and seed is not None:
        raise InputError("launch", "seed", f"{seed} beside resume", "the seed that the run began with")
    scenario = load_scenario(path, rounds=rounds, seed=seed)
    if not isinstance(scenario, family):  # before anything is written
        allowed = "airsim" if family is DroneScenario else "gridworld or two_task"
        raise InputError(str(path), "environment.type", "a scenario of the other launch file", allowed)
    folder: RunFolder | None = None
    if resume:
        scenario, folder, _ = resume_run(output, rounds=rounds, exclusive=True, tell=print)
    elif output:
        scenario, folder, _ = begin_run(path, output, rounds=rounds, seed=seed, force=force, exclusive=True)
    path = folder.scenario if folder else path
    what = {"scenario": str(path.resolve()), "rounds": scenario.rounds, "seed": scenario.seed}
    return Begun(scenario, folder, given, what)


def whole(given: Mapping[str, str], name: str, least: int = 0, most: int = 2**31 - 1) -> int | None:
    """A launch argument that is a whole number, none larger than parameters can be; None where it is empty.

    Raises:
        InputError: if it is something else.
    """
    text = given[name]
    if text and not (text.isdecimal() and least <= int(text) <= most):
        raise InputError("launch", name, repr(text), f"a whole number from {least} to {most}")
    return int(text) if text else None


def flag(given: Mapping[str, str], name: str) -> bool:
    """A launch argument that is true or false, in capitals or not.

    Raises:
        InputError: if it is something else.
    """
    text = given[name].lower()
    if text not in ("true", "false"):
        raise InputError("launch", name, repr(given[name]), "true or false")
    return text == "true"


def agent_nodes(begun: Begun, own: Mapping[str, Mapping[str, Any]]) -> list[Node]:
    """One agent_node per agent, in a namespace of its name; ``own`` are the parameters of each."""
    how = {
        "output": str(begun.folder.path.resolve()) if begun.folder else "",
        "resume": flag(begun.given, "resume"),
    }
    return [
        Node(
            package="dcpg_ros",
            executable="agent_node",
            namespace=name,
            parameters=[begun.what, how, dict(own[name])],
            output="screen",
        )
        for name in begun.scenario.agents
    ]


def when_agents_exit(begun: Begun, agents: Sequence[Node]) -> RegisterEventHandler:
    """When the last agent is done: the summary, and the end of all.

    Ends all when one fails, too, for its neighbours would wait for it.
    """
    finish: Action = EmitEvent(event=Shutdown(reason="all agents are done"))
    if begun.folder:
        summarise = [sys.executable, "-m", "dcpg_ros.cli.main", "summarise", str(begun.folder.path)]
        finish = ExecuteProcess(cmd=summarise, output="screen", on_exit=[finish])
    running = set(agents)

    def on_exit(event: ProcessExited, context: LaunchContext) -> Action | None:
        running.discard(event.action)
        if event.returncode:
            return EmitEvent(event=Shutdown(reason=f"{event.process_name} failed"))
        return None if running else finish

    return RegisterEventHandler(OnProcessExit(target_action=lambda action: action in agents, on_exit=on_exit))
