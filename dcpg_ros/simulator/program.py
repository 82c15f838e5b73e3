"""What ``dcpg simulator`` runs: one scene served until somebody ends it."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import logging
import os
import signal
from pathlib import Path

import numpy as np

from dcpg_ros.core.errors import InputError
from dcpg_ros.simulator.api import api_of
from dcpg_ros.simulator.camera.preview import draw_paths, draw_preview
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.rpc import RpcServer
from dcpg_ros.simulator.scene import Scene
from dcpg_ros.simulator.settings import Settings
from dcpg_ros.simulator.simulation import Simulation

MOST_PATHS = 24  # in one picture; the longest ones


def run(scene: Scene, settings: Settings, options: argparse.Namespace) -> int:
    """Serves a scene, or draws its preview; returns the exit status.

    The command line's host, port and clock speed count more than those of the settings.

    Raises:
        InputError: for a drone inside a body, a port in use, a picture that cannot be written.
    """
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    for picture in filter(None, (options.preview, options.paths)):
        _check_writable(picture)
    if options.preview:
        draw_preview(scene, options.preview)
        return 0
    given = {"host": options.host, "port": options.port, "clock_speed": options.clock_speed}
    given = {name: value for name, value in given.items() if value is not None}
    simulation = Simulation(scene, dataclasses.replace(settings, **given), options.seed)
    asyncio.run(serve(simulation))
    if options.paths:
        draw_flown_paths(simulation, options.paths)
    return 0


async def serve(simulation: Simulation) -> None:
    """Listens until SIGINT or SIGTERM; raises InputError if it cannot."""
    settings = simulation.settings
    server = RpcServer(api_of(simulation), settings.host, settings.port)
    await server.start()
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    print(f"listening on {settings.host}:{server.port}, scene {simulation.scene.name}", flush=True)
    await end.wait()
    await server.close()


def draw_flown_paths(simulation: Simulation, picture: Path) -> None:
    """Draws the ways of all drones, and the marks that are left, on the floor plan."""
    paths: dict[str, Array] = {}
    for name, drone in simulation.drones.items():
        pieces = sorted(drone.vehicle.trail.pieces, key=len, reverse=True)[:MOST_PATHS]
        paths |= {f"{name} {number + 1}" if number else name: piece for number, piece in enumerate(pieces)}
    marked = [marker.points for marker in simulation.markers.at(simulation.airspace.clock.now_ns)]
    draw_paths(simulation.scene, paths, np.concatenate([np.empty((0, 3)), *marked]), picture)


def _check_writable(picture: Path) -> None:
    """Raises InputError now rather than after the run if there is no place for the picture."""
    if picture.suffix.lower() != ".png":
        raise InputError("simulator", "picture", picture, "a name that ends with .png")
    if picture.is_dir() or not os.access(picture if picture.exists() else picture.parent, os.W_OK):
        raise InputError("simulator", "picture", picture, "a file in a folder that can be written to")
