"""What a server of the AirSim API has to be told for our drones: names of vehicles, and a settings.json."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dcpg_ros.envs.pictures import CAMERA, DEPTH_VIS, SCENE
from dcpg_ros.scenario.drones import CameraSpec, DroneEnvironment


def vehicle_names(agent: str, flights: int) -> tuple[str, ...]:
    """``agent_0_0``, ``agent_0_1``, ...: one vehicle for each flight of an agent."""
    return tuple(f"{agent}_{flight}" for flight in range(flights))


def settings_document(
    environment: DroneEnvironment, vehicles: Iterable[str], port: int | None = None
) -> dict[str, Any]:
    """The settings.json of a server with these vehicles, all at the player start, where they begin to fly.

    ``FOV_Vertical_Degrees`` and ``VehicleCollisions`` are our simulator's own: pixels that are not square,
    and drones that fly through each other. A real AirSim passes over both.
    """
    document: dict[str, Any] = {
        "SettingsVersion": 1.2,
        "SimMode": "Multirotor",
        "VehicleCollisions": False,
        "Vehicles": {vehicle: _vehicle(environment.camera) for vehicle in vehicles},
    }
    return document if port is None else {**document, "ApiServerPort": port}


def _vehicle(camera: CameraSpec) -> dict[str, Any]:
    width, height = camera.captured or (camera.width, camera.height)
    captures = [
        {
            "ImageType": kind,
            "Width": width,
            "Height": height,
            "FOV_Degrees": camera.fov_deg,
            "FOV_Vertical_Degrees": camera.fov_vertical_deg,
        }
        for kind in (SCENE, DEPTH_VIS)
    ]
    return {
        "VehicleType": "SimpleFlight",
        "X": 0.0,
        "Y": 0.0,
        "Z": 0.0,
        "Cameras": {CAMERA: {"CaptureSettings": captures}},
    }
