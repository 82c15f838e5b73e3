"""Reading of AirSim's ``settings.json``: the part of it that this simulator models.

Other keys are AirSim's business and passed over, unlike in files of our own, where they would be refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.document import read_bytes
from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.simulator.camera.lens import Lens
from dcpg_ros.simulator.flight.geodesy import HOME, GeoPoint
from dcpg_ros.simulator.flight.lidar import Lidar
from dcpg_ros.simulator.flight.sensors import DistanceSensor
from dcpg_ros.simulator.geometry import Pose, quaternion
from dcpg_ros.simulator.settings import (
    CAMERA_ALIASES,
    CAMERAS,
    DEFAULT_LENS,
    DEFAULT_VEHICLE,
    DISTANCE,
    LIDAR,
    MOST_VEHICLES,
    PORT,
    CameraSettings,
    Lenses,
    LidarSettings,
    Settings,
    VehicleSettings,
    default_cameras,
)

MAX_BYTES = 1_000_000
MAX_SIDE, MAX_PIXELS = 8192, 10_000_000  # of a picture
MAX_IMAGE_TYPE = 9
FARTHEST = 100_000.0  # m
MOST_RAYS = 1_000_000  # of a lidar, in one revolution


def load_settings(path: Path | str) -> Settings:
    """Reads and validates a settings file; ``//`` and ``/* */`` comments are allowed, as in AirSim.

    Raises:
        InputError: for anything wrong; one line names the file, the key, what was found, what is allowed.
    """
    where = str(path)
    document = _read(Path(path))
    root = Section(where, "", document)
    root.choice("SimMode", ("Multirotor", "ComputerVision", ""), "")  # the drones of both do the same
    defaults = _captures(root.section("CameraDefaults", {}), MappingProxyType({}))
    sensors = _sensors(root, "DefaultSensors", VehicleSettings(""))
    added = replace(sensors, cameras=default_cameras(defaults))
    given = root.section("Vehicles", {})
    if len(given.data) > MOST_VEHICLES:
        raise root.refuse("Vehicles", f"{len(given.data)} vehicles", f"at most {MOST_VEHICLES}")
    vehicles = tuple(_vehicle(given, name, added) for name in given.data)
    return Settings(
        host=root.text("LocalHostIp", "") or Settings.host,
        port=root.integer("ApiServerPort", PORT, at_least=0, at_most=65_535),
        clock_speed=root.number("ClockSpeed", 1.0, at_least=0, at_most=1000),
        origin=_origin(root.section("OriginGeopoint", {})),
        cameras=_external_cameras(root, defaults),
        vehicles=vehicles or (replace(added, name=DEFAULT_VEHICLE),),
        added=added,
        document=json.dumps(document),
    )


def _read(path: Path) -> Any:
    where, raw = str(path), read_bytes(path, MAX_BYTES)
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
    if kind.lower() not in ("simpleflight", "computervision"):  # drones both, here
        raise vehicle.refuse("VehicleType", describe(kind), "SimpleFlight, ComputerVision")
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


def _external_cameras(root: Section, defaults: Lenses) -> Mapping[str, CameraSettings]:
    """The cameras that no vehicle carries; they stand NED from the player start."""
    given = root.section("ExternalCameras", {})
    children = {name: given.section(name) for name in given.data}
    return MappingProxyType(
        {
            name: CameraSettings(_mount(child, Pose()), _captures(child, defaults))
            for name, child in children.items()
        }
    )


def _captures(section: Section, before: Lenses) -> Lenses:
    """The lenses before, but for those that the section's CaptureSettings change."""
    lenses = dict(before)
    if not section.has("CaptureSettings"):
        return before
    for capture in section.sections("CaptureSettings", "a list of settings by image type"):
        kind = capture.integer("ImageType", 0, at_least=0, at_most=MAX_IMAGE_TYPE)
        lens = lenses.get(kind, DEFAULT_LENS)
        lens = lenses[kind] = Lens(
            capture.integer("Width", lens.width, at_least=1, at_most=MAX_SIDE),
            capture.integer("Height", lens.height, at_least=1, at_most=MAX_SIDE),
            capture.number("FOV_Degrees", lens.fov_deg, above=0, below=180),
        )
        if lens.width * lens.height > MAX_PIXELS:
            raise capture.refuse("Width", f"{lens.width} x {lens.height}", f"at most {MAX_PIXELS} pixels")
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
