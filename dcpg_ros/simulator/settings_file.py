"""Reading of AirSim's ``settings.json``: the part of it that this simulator models.

Other keys are AirSim's business and passed over, unlike in files of our own, where they would be refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.simulator.camera.lens import Lens
from dcpg_ros.simulator.commented_json import read_json
from dcpg_ros.simulator.flight.geodesy import HOME, GeoPoint
from dcpg_ros.simulator.geometry import Pose
from dcpg_ros.simulator.sensor_settings import read_mount, read_sensors
from dcpg_ros.simulator.settings import (
    CAMERA_ALIASES,
    CAMERAS,
    DEFAULT_LENS,
    DEFAULT_VEHICLE,
    MOST_VEHICLES,
    PORT,
    VERTICAL,
    CameraSettings,
    Lenses,
    Settings,
    VehicleSettings,
    default_cameras,
)

MAX_SIDE, MAX_PIXELS = 8192, 10_000_000  # of a picture
MAX_IMAGE_TYPE = 9


def load_settings(path: Path | str) -> Settings:
    """Reads and validates a settings file; ``//`` and ``/* */`` comments are allowed, as in AirSim.

    Raises:
        InputError: for anything wrong; one line names the file, the key, what was found, what is allowed.
    """
    return read_settings(read_json(Path(path)), str(path))


def read_settings(document: Any, where: str) -> Settings:
    """The settings in a document that is at hand.

    Raises:
        InputError: for anything wrong in it; ``where`` is what it calls the document.
    """
    root = Section(where, "", document)
    root.choice("SimMode", ("Multirotor", "ComputerVision", ""), "")  # the drones of both do the same
    defaults = _captures(root.section("CameraDefaults", {}), MappingProxyType({}))
    sensors = read_sensors(root, "DefaultSensors", VehicleSettings(""))
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
        vehicle_collisions=_switch(root, "VehicleCollisions", True),
        document=json.dumps(document),
    )


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
        mount = read_mount(child, before.mount)
        cameras[own] = CameraSettings(mount, _captures(child, before.lenses))
    placed = any(vehicle.has(axis) for axis in "XYZ")
    turned = any(vehicle.has(angle) for angle in ("Roll", "Pitch", "Yaw"))
    pose = read_mount(vehicle, Pose())
    sensors = read_sensors(vehicle, "Sensors", added)
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
            name: CameraSettings(read_mount(child, Pose()), _captures(child, defaults))
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
            _vertical(capture, lens),
        )
        if lens.width * lens.height > MAX_PIXELS:
            raise capture.refuse("Width", f"{lens.width} x {lens.height}", f"at most {MAX_PIXELS} pixels")
    return MappingProxyType(lenses)


def _vertical(capture: Section, before: Lens) -> float | None:
    """The vertical field of view, a key of our own; null: as square pixels have it."""
    if not capture.has(VERTICAL):
        return before.fov_vertical_deg
    if capture.data[VERTICAL] is None:
        return None
    return capture.number(VERTICAL, above=0, below=180)


def _switch(section: Section, name: str, default: bool) -> bool:
    value = section.raw(name, default)
    if not isinstance(value, bool):
        raise section.refuse(name, describe(value), "true, false")
    return value


def _origin(section: Section) -> GeoPoint:
    return GeoPoint(
        section.number("Latitude", HOME.latitude, at_least=-90, at_most=90),
        section.number("Longitude", HOME.longitude, at_least=-180, at_most=180),
        section.number("Altitude", HOME.altitude, at_least=-1000, at_most=50_000),
    )
