"""A GridWorld scenario on ROS 2: the simulator and one node per agent, each in a namespace of its name.

    ros2 launch dcpg_ros gridworld.launch.py scenario:=no_conflict output:=runs/demo

It ends by itself when all agents have done their rounds; with an output folder, it then writes the summary
and the pictures there.
"""

import sys

from launch import LaunchContext, LaunchDescription
from launch.action import Action
from launch.actions import (
    DeclareLaunchArgument,
    EmitEvent,
    ExecuteProcess,
    OpaqueFunction,
    RegisterEventHandler,
)
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.events.process import ProcessExited
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from dcpg_ros.assembly.beginning import begin_run, resume_run
from dcpg_ros.scenario import find_scenario, load_scenario

ARGUMENTS = {
    "scenario": ("no_conflict", "scenario file, or the name of one that comes with the package"),
    "rounds": ("", "total number of rounds, instead of the scenario's"),
    "seed": ("", "seed, instead of the scenario's"),
    "output": ("", "folder for metrics, checkpoints, summary and pictures; empty: nothing is written"),
    "force": ("false", "replace a run that the output folder holds"),
    "resume": ("false", "go on with the run in the output folder"),
    "sampling": (
        "node",
        "where episodes come from: node (the GridWorld node) or local (each agent's process)",
    ),
}


def generate_launch_description() -> LaunchDescription:
    """The arguments, and the nodes that the scenario asks for."""
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=words)
        for name, (default, words) in ARGUMENTS.items()
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[Action]:
    """One gridworld_node, and an agent_node per agent."""
    given = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    rounds, seed = (int(given[name]) if given[name] else None for name in ("rounds", "seed"))
    resume = given["resume"] == "true"
    if resume:
        scenario, folder, _ = resume_run(given["output"], rounds=rounds)
    elif given["output"]:
        path, force = find_scenario(given["scenario"]), given["force"] == "true"
        scenario, folder, _ = begin_run(path, given["output"], rounds=rounds, seed=seed, force=force)
    else:
        scenario, folder = load_scenario(find_scenario(given["scenario"]), rounds=rounds, seed=seed), None
    what = {
        "scenario": str((folder.scenario if folder else find_scenario(given["scenario"])).resolve()),
        "rounds": scenario.rounds,
        "seed": scenario.seed,
    }
    how = {
        "output": str(folder.path.resolve()) if folder else "",
        "resume": resume,
        "sampling": given["sampling"],
    }
    agents = [
        Node(
            package="dcpg_ros",
            executable="agent_node",
            namespace=name,
            parameters=[what, how],
            output="screen",
        )
        for name in scenario.agents
    ]
    simulator = Node(package="dcpg_ros", executable="gridworld_node", parameters=[what], output="screen")
    finish: Action = EmitEvent(event=Shutdown(reason="all agents are done"))
    if folder:
        summarise = [sys.executable, "-m", "dcpg_ros.cli.main", "summarise", str(folder.path)]
        finish = ExecuteProcess(cmd=summarise, output="screen", on_exit=[finish])
    return [simulator, *agents, when_agents_exit(agents, finish)]


def when_agents_exit(agents: list[Node], finish: Action) -> RegisterEventHandler:
    """Finishes when the last agent is done; ends all when one fails, for its neighbours would wait for it."""
    running = set(agents)

    def on_exit(event: ProcessExited, context: LaunchContext) -> Action | None:
        running.discard(event.action)
        if event.returncode:
            return EmitEvent(event=Shutdown(reason=f"{event.process_name} failed"))
        return None if running else finish

    return RegisterEventHandler(OnProcessExit(target_action=lambda action: action in agents, on_exit=on_exit))
