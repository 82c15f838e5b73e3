"""``dcpg settings``: the settings.json of a running AirSim that is to serve a scenario's drones."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dcpg_ros.assembly.worlds import vehicles_of
from dcpg_ros.core.errors import InputError
from dcpg_ros.envs.settings import settings_document
from dcpg_ros.scenario import DroneScenario, find_scenario, load_scenario


def print_settings(name: str, agents: Sequence[str]) -> int:
    """Prints the document for a server that these agents share, by default all; returns the exit status.

    Raises:
        InputError: for a wrong scenario, an agent that it does not have, or agents of several servers.
    """
    scenario = load_drones(name)
    indices = agent_indices(scenario, agents or scenario.agents)
    addresses = {scenario.environment.worlds[index].address for index in indices}
    if len(addresses) > 1:
        shown = ", ".join(str(scenario.environment.worlds[index]) for index in indices)
        raise InputError(scenario.name, "agents", shown, "agents that share a server; name them")
    (address,) = addresses
    vehicles = [vehicle for index in indices for vehicle in vehicles_of(scenario, index)]
    document = settings_document(scenario.environment, vehicles, address[1] if address else None)
    print(json.dumps(document, indent=2))
    return 0


def load_drones(name: str) -> DroneScenario:
    """The drone scenario of this name or file.

    Raises:
        InputError: if it is not one.
    """
    scenario = load_scenario(find_scenario(name))
    if not isinstance(scenario, DroneScenario):
        raise InputError(name, "environment.type", "no drones", "airsim")
    return scenario


def agent_indices(scenario: DroneScenario, agents: Sequence[str]) -> list[int]:
    """The numbers of agents by name.

    Raises:
        InputError: for a name that the scenario does not have.
    """
    for agent in agents:
        if agent not in scenario.agents:
            raise InputError(scenario.name, "agent", repr(agent), "one of " + ", ".join(scenario.agents))
    return [scenario.index(agent) for agent in agents]
