"""AirSim's ``settings.json``: the part of it that this simulator models. Other keys are AirSim's business."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.simulator.camera.images import ImageType
from dcpg_ros.simulator.camera.lens import Lens
from dcpg_ros.simulator.flight.geodesy import HOME, GeoPoint
from dcpg_ros.simulator.flight.lidar import Lidar
from dcpg_ros.simulator.flight.sensors import DistanceSensor
from dcpg_ros.simulator.geometry import Array, Pose, quaternion

MAX_BYTES = 1_000_000
MAX_PIXELS = 4096  # along a side of a picture
FARTHEST = 100_000.0  # m
MOST_RAYS = 1_000_000  # of a lidar, in one revolution
PORT = 41451
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
        default_factory=lambda: _default_cameras(MappingProxyType({}))
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
    vehicles: tuple[VehicleSettings, ...] = field(default_factory=lambda: (VehicleSettings(DEFAULT_VEHICLE),))
    added: VehicleSettings = field(default_factory=lambda: VehicleSettings(""))  # what simAddVehicle adds
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


def load_settings(path: Path | str) -> Settings:
    """Reads and validates a settings file; ``//`` and ``/* */`` comments are allowed, as in AirSim.

    Raises:
        InputError: for anything wrong; one line names the file, the key, what was found, what is allowed.
    """
    where = str(path)
    document = _read(Path(path))
    root = Section(where, "", document)
    mode = root.choice("SimMode", ("Multirotor", "ComputerVision", ""), "")
    del mode  # in both, the drones answer to poses as to moves
    defaults = _captures(root.section("CameraDefaults", {}), MappingProxyType({}))
    sensors = _sensors(root, "DefaultSensors", VehicleSettings(""))
    added = replace(sensors, cameras=_default_cameras(defaults))
    vehicles = tuple(_vehicle(root.section("Vehicles"), name, added) for name in root.raw("Vehicles", {}))
    return Settings(
        host=root.text("LocalHostIp", "") or Settings.host,
        port=root.integer("ApiServerPort", PORT, at_least=0, at_most=65_535),
        clock_speed=root.number("ClockSpeed", 1.0, at_least=0, at_most=1000),
        origin=_origin(root.section("OriginGeopoint", {})),
        vehicles=vehicles or (replace(added, name=DEFAULT_VEHICLE),),
        added=added,
        document=json.dumps(document),
    )


def _read(path: Path) -> Any:
    where = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(where, "", error.strerror or error, "a readable file") from None
    if len(raw) > MAX_BYTES:
        raise InputError(where, "", f"more than {MAX_BYTES} bytes", f"at most {MAX_BYTES} bytes")
    try:
        return json.loads(_without_comments(raw.decode("utf-8-sig")), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(where, place, error.msg, "JSON, with comments if need be") from None
    except UnicodeDecodeError as error:
        raise InputError(where, "", f"the byte 0x{raw[error.start]:02x}", "UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise InputError(where, "", error, "JSON, with comments if need be") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _without_comments(text: str) -> str:
    """Blanks comments out, but for line breaks, so that errors tell the right place."""

    def blank(match: re.Match[str]) -> str:
        found = match.group()
        return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)

    return re.sub(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', blank, text, flags=re.DOTALL)


def _vehicle(section: Section, name: str, added: VehicleSettings) -> VehicleSettings:
    vehicle = section.section(name)
    kind = vehicle.text("VehicleType", "SimpleFlight")
    if kind.lower() != "simpleflight":
        raise vehicle.refuse("VehicleType", describe(kind), "SimpleFlight")
    cameras = dict(added.cameras)
    given = vehicle.section("Cameras", {})
    for camera in map(str, given.data):
        own = CAMERA_ALIASES.get(camera, camera)
        before = cameras.get(own, CameraSettings(lenses=added.cameras[CAMERAS[0]].lenses))
        child = given.section(camera)
        mount = _mount(child, before.mount)
        cameras[own] = CameraSettings(mount, _captures(child, before.lenses))
    placed = any(vehicle.has(axis) for axis in "XYZ")
    turned = any(vehicle.has(angle) for angle in ("Roll", "Pitch", "Yaw"))
    pose = _mount(vehicle, Pose())
    sensors = _sensors(vehicle, "Sensors", added)
    return replace(
        sensors,
        name=name,
        position=pose.position if placed else None,
        orientation=pose.orientation if turned else None,
        cameras=MappingProxyType(cameras),
    )


def _captures(section: Section, before: Lenses) -> Lenses:
    """The lenses before, but for those that the section's CaptureSettings change."""
    lenses = dict(before)
    if not section.has("CaptureSettings"):
        return before
    for capture in section.sections("CaptureSettings", "a list of settings by image type"):
        kind = capture.integer("ImageType", 0, at_least=0, at_most=max(ImageType) + 2)
        lens = lenses.get(kind, DEFAULT_LENS)
        lenses[kind] = Lens(
            capture.integer("Width", lens.width, at_least=1, at_most=MAX_PIXELS),
            capture.integer("Height", lens.height, at_least=1, at_most=MAX_PIXELS),
            capture.number("FOV_Degrees", lens.fov_deg, above=0, below=180),
        )
    return MappingProxyType(lenses)


def _mount(section: Section, before: Pose) -> Pose:
    """X, Y, Z in metres and Roll, Pitch, Yaw in degrees; what is not given stays as it was."""
    position = [
        section.number(axis, float(value), at_least=-FARTHEST, at_most=FARTHEST)
        for axis, value in zip("XYZ", before.position, strict=True)
    ]
    names = ("Roll", "Pitch", "Yaw")
    if not any(section.has(name) for name in names):
        return Pose(np.array(position), before.orientation)
    angles = [math.radians(section.number(name, 0.0, at_least=-360, at_most=360)) for name in names]
    return Pose(np.array(position), quaternion(*angles))


def _sensors(section: Section, key: str, before: VehicleSettings) -> VehicleSettings:
    """The sensors before; those given replace the ones of their types, as in AirSim."""
    given = section.section(key, {})
    kinds: dict[str, int] = {}
    distances: dict[str, DistanceSensor] = {}
    lidars: dict[str, LidarSettings] = {}
    seen = set()
    for name in given.data:
        sensor = given.section(name)
        kind = sensor.integer("SensorType", at_least=1, at_most=LIDAR)
        seen.add(kind)
        enabled = sensor.raw("Enabled", True)
        if not isinstance(enabled, bool):
            raise sensor.refuse("Enabled", describe(enabled), "true or false")
        if not enabled:
            continue
        if kind == DISTANCE:
            distances[name] = _distance(sensor)
        elif kind == LIDAR:
            lidars[name] = _lidar(sensor)
        else:
            kinds[name] = kind
    kinds |= {name: kind for name, kind in before.built_in.items() if kind not in seen}
    return replace(
        before,
        built_in=MappingProxyType(kinds),
        distances=MappingProxyType(distances) if DISTANCE in seen else before.distances,
        lidars=MappingProxyType(lidars) if LIDAR in seen else before.lidars,
    )


def _distance(section: Section) -> DistanceSensor:
    usual = DistanceSensor()
    near = section.number("MinDistance", usual.min_distance_m, at_least=0, at_most=FARTHEST)
    far = section.number("MaxDistance", usual.max_distance_m, above=near, at_most=FARTHEST)
    return DistanceSensor(_mount(section, usual.pose), near, far)


def _lidar(section: Section) -> LidarSettings:
    usual = Lidar()
    lidar = Lidar(
        channels=section.integer("NumberOfChannels", usual.channels, at_least=1, at_most=1024),
        range_m=section.number("Range", usual.range_m, above=0, at_most=FARTHEST),
        points_per_second=section.integer("PointsPerSecond", usual.points_per_second, at_least=1),
        rotations_per_second=section.number("RotationsPerSecond", usual.rotations_per_second, at_least=0.1),
        horizontal_fov_deg=(
            section.number("HorizontalFOVStart", usual.horizontal_fov_deg[0], at_least=-360, at_most=360),
            section.number("HorizontalFOVEnd", usual.horizontal_fov_deg[1], at_least=-360, at_most=360),
        ),
        vertical_fov_deg=(
            section.number("VerticalFOVUpper", usual.vertical_fov_deg[0], at_least=-90, at_most=90),
            section.number("VerticalFOVLower", usual.vertical_fov_deg[1], at_least=-90, at_most=90),
        ),
        pose=_mount(section, usual.pose),
    )
    if lidar.points_per_second > MOST_RAYS * lidar.rotations_per_second:
        raise section.refuse(
            "PointsPerSecond", lidar.points_per_second, f"at most {MOST_RAYS} in one revolution"
        )
    frame = section.choice("DataFrame", ("VehicleInertialFrame", "SensorLocalFrame"), "VehicleInertialFrame")
    return LidarSettings(lidar, frame == "SensorLocalFrame")


def _origin(section: Section) -> GeoPoint:
    return GeoPoint(
        section.number("Latitude", HOME.latitude, at_least=-90, at_most=90),
        section.number("Longitude", HOME.longitude, at_least=-180, at_most=180),
        section.number("Altitude", HOME.altitude, at_least=-1000, at_most=50_000),
    )


def _default_cameras(lenses: Lenses) -> Mapping[str, CameraSettings]:
    """AirSim's five cameras, all at the body's centre."""
    directions = {"bottom_center": (0.0, -math.pi / 2, 0.0), "back_center": (0.0, 0.0, math.pi)}
    return MappingProxyType(
        {
            name: CameraSettings(Pose(orientation=quaternion(*directions.get(name, (0.0, 0.0, 0.0)))), lenses)
            for name in CAMERAS
        }
    )


def _camera_document(camera: CameraSettings) -> dict[str, Any]:
    captures = [
        {"ImageType": int(kind), "Width": lens.width, "Height": lens.height, "FOV_Degrees": lens.fov_deg}
        for kind, lens in ({int(ImageType.SCENE): DEFAULT_LENS} | dict(camera.lenses)).items()
    ]
    return {"CaptureSettings": captures}
