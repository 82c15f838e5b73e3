"""``dcpg simulator``: a scene, or the world of a scenario's agent, served to AirSim's clients."""

from __future__ import annotations

import argparse

from dcpg_ros.core.errors import InputError
from dcpg_ros.envs.settings import settings_document
from dcpg_ros.scenario import DroneScenario, find_scenario, load_scenario
from dcpg_ros.simulator import program
from dcpg_ros.simulator.settings_file import load_settings, read_settings


def simulator(options: argparse.Namespace) -> int:
    """Serves until it is ended; returns the exit status.

    Raises:
        InputError: for whatever is wrong with the arguments, or the files that they name.
    """
    scene, settings = options.scene, None
    if options.scenario:
        scenario, world = _world_of(options)
        scene = world.scene
        settings = read_settings(options.scenario, settings_document(scenario, [options.agent]))
    elif options.settings:
        settings = load_settings(options.settings)
    return program.run(options, scene, settings)
