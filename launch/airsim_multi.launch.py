"""A drone scenario on ROS 2: the worlds, and one node per agent, each in a namespace of its name.

    ros2 launch dcpg_ros airsim_multi.launch.py scenario:=drone_ring4 output:=runs/drones

An agent whose task is a scene gets a simulator of its own, on the ports from ``port`` on; one whose task is
an address flies in the AirSim that runs there. How many drones there are is the scenario's to say.
"""

from itertools import count

from launch import LaunchContext, LaunchDescription
from launch.action import Action
from launch.actions import (
    EmitEvent,
    ExecuteProcess,
    OpaqueFunction,
    RegisterEventHandler,
    SetEnvironmentVariable,
)
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.events.process import ProcessExited

from dcpg_ros.assembly.servers import LARGE_MESSAGES, ONE_THREAD, server_command
from dcpg_ros.core.errors import InputError
from dcpg_ros.nodes.bringup import COMMON, Begun, agent_nodes, begin, declare, when_agents_exit, whole
from dcpg_ros.scenario import DroneScenario
from dcpg_ros.scenario.worlds import PORT

ARGUMENTS = {
    "scenario": ("drone_ring4", "scenario file, or the name of one that comes with the package"),
    **COMMON,
    "port": (str(PORT), "port of the first simulator; the next ones follow"),
}


def generate_launch_description() -> LaunchDescription:
    """The arguments, and the processes that the scenario asks for."""
    environment = [
        SetEnvironmentVariable(name, value) for name, value in (ONE_THREAD | LARGE_MESSAGES).items()
    ]
    return LaunchDescription([*declare(ARGUMENTS), *environment, OpaqueFunction(function=processes)])


def processes(context: LaunchContext) -> list[Action]:
    """A simulator for each scene, and an agent_node per agent."""
    begun = begin(context, ARGUMENTS, DroneScenario)
    worlds = begun.scenario.environment.worlds
    taken = {world.address[1] for world in worlds if world.address}  # perhaps on this machine
    first = whole(begun.given, "port", least=1, most=65_535 - len(worlds))
    free = (port for port in count(first or PORT) if port not in taken)
    ports = {
        name: next(free) for name, world in zip(begun.scenario.agents, worlds, strict=True) if world.scene
    }
    own = {name: {} for name in begun.scenario.agents}
    own |= {name: {"server": f"127.0.0.1:{port}"} for name, port in ports.items()}
    agents = agent_nodes(begun, own)
    simulators = [simulator(begun, name, port) for name, port in ports.items()]
    return [*simulators, *agents, when_agents_exit(begun, agents), when_one_refuses(simulators)]


def simulator(begun: Begun, agent: str, port: int) -> ExecuteProcess:
    """The server of one agent's world; started again if it dies, and the agent goes on."""
    return ExecuteProcess(
        cmd=server_command(begun.what["scenario"], agent, port),
        name=f"{agent}_simulator",
        output="screen",
        respawn=True,
        respawn_delay=1.0,
    )


def when_one_refuses(simulators: list[ExecuteProcess]) -> RegisterEventHandler:
    """Ends all when a server refuses what it is asked, such as a busy port: it would do so for ever."""

    def on_exit(event: ProcessExited, context: LaunchContext) -> Action | None:
        if event.returncode != InputError.exit_status:
            return None
        return EmitEvent(event=Shutdown(reason=f"{event.process_name} refused to start"))

    return RegisterEventHandler(
        OnProcessExit(target_action=lambda action: action in simulators, on_exit=on_exit)
    )
