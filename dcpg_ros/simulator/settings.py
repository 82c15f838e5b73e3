"""How a simulator is set up: its address and time, its vehicles, their cameras and sensors."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from dcpg_ros.simulator.camera.images import ImageType
from dcpg_ros.simulator.camera.lens import Lens
from dcpg_ros.simulator.flight.geodesy import HOME, GeoPoint
from dcpg_ros.simulator.flight.lidar import Lidar
from dcpg_ros.simulator.flight.sensors import DistanceSensor
from dcpg_ros.simulator.geometry import Array, Pose, quaternion

PORT = 41451
MOST_VEHICLES = 64
CAMERAS = ("front_center", "front_right", "front_left", "bottom_center", "back_center")
CAMERA_ALIASES: dict[str, str] = {
    "": CAMERAS[0],
    "fpv": CAMERAS[0],
    **{str(i): name for i, name in enumerate(CAMERAS)},
}
DEFAULT_VEHICLE = "SimpleFlight"
DEFAULT_LENS = Lens(256, 144, 90.0)
BUILT_IN_SENSORS = {"barometer": 1, "imu": 2, "gps": 3, "magnetometer": 4}  # AirSim's numbers
DISTANCE, LIDAR = 5, 6
VERTICAL = "FOV_Vertical_Degrees"  # of CaptureSettings: a key of our own, which AirSim passes over

Lenses = Mapping[int, Lens]  # by image type


@dataclass(frozen=True, eq=False)
class CameraSettings:
    """A camera's mounting on its vehicle, and its lens for each image type."""

    mount: Pose = field(default_factory=Pose)
    lenses: Lenses = field(default_factory=lambda: MappingProxyType({}))

    def lens(self, image_type: int) -> Lens:
        """The lens that pictures of a type are taken with."""
        return self.lenses.get(image_type, DEFAULT_LENS)


@dataclass(frozen=True, eq=False)
class LidarSettings:
    """A lidar, and whether its points are in its own frame or in its vehicle's NED frame."""

    lidar: Lidar = field(default_factory=Lidar)
    sensor_frame: bool = False


@dataclass(frozen=True, eq=False)
class VehicleSettings:
    """A drone as it begins; what is None is up to the scene's starts."""

    name: str
    position: Array | None = None  # (3,) m, NED from the player start
    orientation: Array | None = None  # (4,)
    cameras: Mapping[str, CameraSettings] = field(
        default_factory=lambda: default_cameras(MappingProxyType({}))
    )
    built_in: Mapping[str, int] = field(default_factory=lambda: MappingProxyType(BUILT_IN_SENSORS))
    distances: Mapping[str, DistanceSensor] = field(default_factory=lambda: MappingProxyType({}))
    lidars: Mapping[str, LidarSettings] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, eq=False)
class Settings:
    """How the simulator is set up."""

    host: str = "127.0.0.1"
    port: int = PORT
    clock_speed: float = 1.0
    origin: GeoPoint = HOME  # the place on the Earth of the player start
    cameras: Mapping[str, CameraSettings] = field(default_factory=lambda: MappingProxyType({}))  # external
    vehicles: tuple[VehicleSettings, ...] = field(default_factory=lambda: (VehicleSettings(DEFAULT_VEHICLE),))
    added: VehicleSettings = field(default_factory=lambda: VehicleSettings(""))  # what simAddVehicle adds
    vehicle_collisions: bool = True  # whether vehicles stop each other
    document: str = ""  # the JSON they came from, without comments

    def text(self, names: tuple[str, ...]) -> str:
        """What getSettingsString answers: the document, naming every vehicle and its cameras."""
        document: dict[str, Any] = json.loads(self.document) if self.document else {"SettingsVersion": 1.2}
        document.setdefault("SimMode", "Multirotor")
        given = document.setdefault("Vehicles", {})
        known = {vehicle.name: vehicle for vehicle in self.vehicles}
        for name in names:
            vehicle = given.setdefault(name, {"VehicleType": "SimpleFlight"})
            cameras = vehicle.setdefault("Cameras", {})
            for camera, settings in known.get(name, self.added).cameras.items():
                cameras.setdefault(camera, _camera_document(settings))
        return json.dumps(document)


def default_cameras(lenses: Lenses) -> Mapping[str, CameraSettings]:
    """AirSim's five cameras, all at the body's centre."""
    directions = {"bottom_center": (0.0, -math.pi / 2, 0.0), "back_center": (0.0, 0.0, math.pi)}
    return MappingProxyType(
        {
            name: CameraSettings(Pose(orientation=quaternion(*directions.get(name, (0.0, 0.0, 0.0)))), lenses)
            for name in CAMERAS
        }
    )


def _camera_document(camera: CameraSettings) -> dict[str, Any]:
    lenses = {int(ImageType.SCENE): DEFAULT_LENS} | dict(camera.lenses)
    return {"CaptureSettings": [{"ImageType": kind} | _lens_document(lens) for kind, lens in lenses.items()]}


def _lens_document(lens: Lens) -> dict[str, Any]:
    document: dict[str, Any] = {"Width": lens.width, "Height": lens.height, "FOV_Degrees": lens.fov_deg}
    return document if lens.fov_vertical_deg is None else document | {VERTICAL: lens.fov_vertical_deg}
