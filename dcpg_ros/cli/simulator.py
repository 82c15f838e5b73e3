"""``dcpg simulator``: a scene, or the world of a scenario's agent, served to AirSim's clients."""

from __future__ import annotations

import argparse

from dcpg_ros.assembly.worlds import scene_of, settings_of
from dcpg_ros.cli.settings import agent_indices, load_drones
from dcpg_ros.core.errors import InputError
from dcpg_ros.simulator import program
from dcpg_ros.simulator.scene.loader import load_scene
from dcpg_ros.simulator.settings import Settings
from dcpg_ros.simulator.settings_file import load_settings

DEFAULT_SCENE = "blocks"


def simulator(options: argparse.Namespace) -> int:
    """Serves until it is ended; returns the exit status.

    Raises:
        InputError: for whatever is wrong with the arguments, or the files that they name.
    """
    if options.scenario:
        return serve_agent(options)
    if options.agent:
        raise InputError("dcpg simulator", "--agent", options.agent, "--agent beside --scenario")
    scene = load_scene(options.scene or DEFAULT_SCENE)
    settings = load_settings(options.settings) if options.settings else Settings()
    return program.run(scene, settings, options)


def serve_agent(options: argparse.Namespace) -> int:
    """Serves the world of one agent, with the vehicles and cameras that its scenario asks for."""
    for name in ("scene", "settings"):
        if getattr(options, name):
            found = f"--{name} beside --scenario"
            raise InputError("dcpg simulator", f"--{name}", found, "the scenario's own")
    scenario = load_drones(options.scenario)
    (index,) = agent_indices(scenario, [options.agent or scenario.agents[0]])
    scene = scene_of(scenario, index)
    if scene is None:
        world = scenario.environment.worlds[index]
        raise InputError(options.scenario, f"environment.tasks[{index}]", f"the address {world}", "a scene")
    return program.run(scene, settings_of(scenario, index), options)
