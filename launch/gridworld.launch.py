"""A GridWorld scenario on ROS 2: the simulator and one node per agent, each in a namespace of its name.

    ros2 launch dcpg_ros gridworld.launch.py scenario:=no_conflict output:=runs/demo

It ends by itself when all agents have done their rounds; with an output folder, it then writes the summary
and the pictures there.
"""

from launch import LaunchContext, LaunchDescription
from launch.action import Action
from launch.actions import OpaqueFunction
from launch_ros.actions import Node

from dcpg_ros.nodes.bringup import COMMON, agent_nodes, begin, declare, when_agents_exit
from dcpg_ros.scenario import TabularScenario

ARGUMENTS = {
    "scenario": ("no_conflict", "scenario file, or the name of one that comes with the package"),
    **COMMON,
    "sampling": (
        "node",
        "where episodes come from: node (the GridWorld node) or local (each agent's process)",
    ),
}


def generate_launch_description() -> LaunchDescription:
    """The arguments, and the nodes that the scenario asks for."""
    return LaunchDescription([*declare(ARGUMENTS), OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[Action]:
    """One gridworld_node, and an agent_node per agent."""
    begun = begin(context, ARGUMENTS, TabularScenario)
    simulator = Node(
        package="dcpg_ros", executable="gridworld_node", parameters=[begun.what], output="screen"
    )
    own = {name: {"sampling": begun.given["sampling"]} for name in begun.scenario.agents}
    agents = agent_nodes(begun, own)
    return [simulator, *agents, when_agents_exit(begun, agents)]
