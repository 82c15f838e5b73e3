"""The worlds that drones fly in: one of ours inside this process, or a server somewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dcpg_ros.assembly.family import Address
from dcpg_ros.envs.settings import settings_document, vehicle_names
from dcpg_ros.scenario.drones import Start
from dcpg_ros.scenario.scenario import DroneScenario

if TYPE_CHECKING:
    from dcpg_ros.envs.airsim_link import AirSimLink
    from dcpg_ros.simulator.direct import DirectLink
    from dcpg_ros.simulator.scene import Scene


def vehicles_of(scenario: DroneScenario, index: int) -> tuple[str, ...]:
    """The vehicles of agent ``index``, one for each of its flights."""
    return vehicle_names(scenario.agents[index], scenario.learner.flights)


def scene_of(scenario: DroneScenario, index: int) -> Scene | None:
    """The scene that agent ``index`` flies in; None if only its server knows.

    Raises:
        InputError: if it is not there, or not what a scene is.
    """
    from dcpg_ros.simulator.scene.loader import load_scene

    name = scenario.environment.worlds[index].scene
    return None if name is None else load_scene(name)


def starts_of(scenario: DroneScenario, index: int, scene: Scene | None) -> tuple[Start, ...]:
    """Where the flights of agent ``index`` begin: where the scenario says, else at the starts of the scene.

    They count from the first of those, at which all vehicles stand as they are made.
    """
    given = scenario.environment.worlds[index].starts
    if given or scene is None:
        return given
    from dcpg_ros.simulator.geometry import euler

    poses = [start.pose for start in scene.starts]
    return tuple(
        Start(*(pose.position - poses[0].position).tolist(), math.degrees(euler(pose.orientation)[2]))
        for pose in poses
    )


def embedded(scenario: DroneScenario, index: int, scene: Scene) -> DirectLink:
    """A simulation of this scene for agent ``index`` alone."""
    from dcpg_ros.simulator.direct import DirectLink
    from dcpg_ros.simulator.settings_file import read_settings
    from dcpg_ros.simulator.simulation import Simulation

    document = settings_document(scenario.environment, vehicles_of(scenario, index))
    return DirectLink(Simulation(scene, read_settings(document, scenario.agents[index]), scenario.seed))


def connected(address: Address) -> AirSimLink:
    """A connection to a server, which is made with the first call.

    Raises:
        DcpgError: if AirSim's client is not installed.
    """
    from dcpg_ros.envs.airsim_link import AirSimLink

    return AirSimLink(*address)
