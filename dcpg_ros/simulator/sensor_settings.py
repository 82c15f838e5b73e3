"""The sensors and mountings of AirSim's ``settings.json``."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from dcpg_ros.scenario.section import Section, describe
from dcpg_ros.simulator.flight.lidar import Lidar
from dcpg_ros.simulator.flight.sensors import DistanceSensor
from dcpg_ros.simulator.geometry import Pose, quaternion
from dcpg_ros.simulator.settings import DISTANCE, LIDAR, LidarSettings, VehicleSettings

FARTHEST = 100_000.0  # m
MOST_RAYS = 1_000_000  # of a lidar, in one revolution


def read_mount(section: Section, before: Pose) -> Pose:
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


def read_sensors(section: Section, key: str, before: VehicleSettings) -> VehicleSettings:
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
    return DistanceSensor(read_mount(section, usual.pose), near, far)


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
        pose=read_mount(section, usual.pose),
    )
    if lidar.points_per_second > MOST_RAYS * lidar.rotations_per_second:
        raise section.refuse(
            "PointsPerSecond", lidar.points_per_second, f"at most {MOST_RAYS} in one revolution"
        )
    frame = section.choice("DataFrame", ("VehicleInertialFrame", "SensorLocalFrame"), "VehicleInertialFrame")
    return LidarSettings(lidar, frame == "SensorLocalFrame")
