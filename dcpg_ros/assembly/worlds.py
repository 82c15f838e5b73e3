"""The worlds that drones fly in: one of ours inside this process, or a server somewhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np

from dcpg_ros.assembly.family import Address, never
from dcpg_ros.core.errors import InputError
from dcpg_ros.envs.settings import settings_document, vehicle_names
from dcpg_ros.scenario.scenario import DroneScenario
from dcpg_ros.scenario.worlds import Start

if TYPE_CHECKING:
    from dcpg_ros.envs.link import Link
    from dcpg_ros.simulator.scene import Scene
    from dcpg_ros.simulator.settings import Settings


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


def check_world(scenario: DroneScenario, index: int, where: str) -> None:
    """Whether agent ``index`` of the scenario in the file ``where`` can fly in its scene, if it has one.

    Raises:
        InputError: if the scene is not there, or not what a scene is, or a start of the scenario is outside
            of it or inside of something.
    """
    spec, key = scenario.environment.worlds[index], f"environment.tasks[{index}]"
    try:
        scene = scene_of(scenario, index)
    except InputError as error:
        if error.key or error.where != spec.scene:
            raise
        raise InputError(where, f"{key}.scene", f"{spec.scene}, {error.found}", error.allowed) from None
    if scene is None or not spec.starts:
        return
    from dcpg_ros.simulator.world import World
    from dcpg_ros.simulator.world.room import check_room

    world, origin = World(scene), scene.starts[0].pose.position
    for number, start in enumerate(spec.starts):
        place = origin + np.array([start.x_m, start.y_m, start.z_m])
        if not ((place * (1, 1, -1) > 0) & (place * (1, 1, -1) < scene.size)).all():
            allowed = "inside the scene, {:g} x {:g} m and {:g} m high".format(*scene.size)
            raise InputError(where, f"{key}.starts[{number}]", "a place outside of the scene", allowed)
        check_room(world, place, where, f"{key}.starts[{number}]")


def starts_of(scenario: DroneScenario, index: int, scene: Scene | None) -> tuple[Start, ...]:
    """Where the flights of agent ``index`` begin: where the scenario says, else at the starts of the scene.

    They count from the first of those, at which all vehicles stand as they are made.
    """
    given = scenario.environment.worlds[index].starts
    if given or scene is None:
        return given
    from dcpg_ros.simulator.geometry import euler

    starts, origin = [], scene.starts[0].pose.position
    for start in scene.starts:
        x_m, y_m, z_m = (start.pose.position - origin).tolist()
        starts.append(Start(x_m, y_m, z_m, math.degrees(euler(start.pose.orientation)[2])))
    return tuple(starts)


def settings_of(scenario: DroneScenario, index: int) -> Settings:
    """How the server of agent ``index`` is set up."""
    from dcpg_ros.simulator.settings_file import read_settings

    document = settings_document(scenario.environment, vehicles_of(scenario, index))
    return read_settings(document, scenario.agents[index])


def link_of(
    scenario: DroneScenario,
    index: int,
    scene: Scene | None,
    server: Address | None = None,
    stop: Callable[[], bool] = never,
) -> Link:
    """What agent ``index`` flies over: the server at this or at its world's address, else an embedded scene.

    A server may be silent for a quarter of the time that neighbours wait for this agent.

    Raises:
        DcpgError: if AirSim's client is needed and not installed.
    """
    address = server or scenario.environment.worlds[index].address
    if address is None:
        assert scene is not None, "a world has a scene or an address"
        return embedded(scenario, index, scene)
    from dcpg_ros.envs.airsim_link import AirSimLink

    return AirSimLink(*address, scenario.exchange.timeout_s / 4, stop)  # it connects with the first call


def embedded(scenario: DroneScenario, index: int, scene: Scene) -> Link:
    """A simulation of this scene for agent ``index`` alone, in this process."""
    from dcpg_ros.simulator.direct import DirectLink
    from dcpg_ros.simulator.simulation import Simulation

    simulation = Simulation(scene, settings_of(scenario, index), scenario.seed)
    return cast("Link", DirectLink(simulation))  # but for reconnect: it is never lost
