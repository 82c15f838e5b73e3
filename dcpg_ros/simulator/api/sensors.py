"""What the vehicles' instruments read. A name of "" is the first instrument of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from dcpg_ros.simulator.api.frames import BODY, to_orientation, to_vector
from dcpg_ros.simulator.api.group import Group, local
from dcpg_ros.simulator.api.types import (
    BarometerData,
    DistanceSensorData,
    GnssReport,
    GpsData,
    ImuData,
    LidarData,
    MagnetometerData,
    Name,
)
from dcpg_ros.simulator.flight import lidar, sensors
from dcpg_ros.simulator.rpc import RpcError, float32_array, rpc
from dcpg_ros.simulator.settings import BUILT_IN_SENSORS, DISTANCE
from dcpg_ros.simulator.simulation import Drone

FIX_3D = 3
HORIZONTAL_ERROR_M, VERTICAL_ERROR_M = 0.1, 0.1  # what a GPS receiver says of its own precision

Instrument = TypeVar("Instrument")


class Sensors(Group):
    """Read at the moment of the call; read twice at one simulated time, a sensor says the same."""

    @rpc("getImuData")
    def get_imu_data(self, imu_name: Name = "", vehicle_name: Name = "") -> ImuData:
        """Attitude, rates and specific force, with noise."""
        drone, number = self._built_in("imu", imu_name, vehicle_name)
        reading = sensors.imu(drone.vehicle.kinematics, self.simulation.noise(drone, number))
        return ImuData(
            self.now_ns,
            to_orientation(reading.orientation),
            to_vector(reading.angular_velocity),
            to_vector(reading.linear_acceleration),
        )

    @rpc("getBarometerData")
    def get_barometer_data(self, barometer_name: Name = "", vehicle_name: Name = "") -> BarometerData:
        """Pressure and the altitude it stands for, with noise."""
        drone, number = self._built_in("barometer", barometer_name, vehicle_name)
        altitude = self.geodetic(drone.vehicle.pose.position).altitude
        reading = sensors.barometer(altitude, self.simulation.noise(drone, number))
        return BarometerData(self.now_ns, reading.altitude, reading.pressure, reading.qnh)

    @rpc("getMagnetometerData")
    def get_magnetometer_data(
        self, magnetometer_name: Name = "", vehicle_name: Name = ""
    ) -> MagnetometerData:
        """The Earth's field in the body's axes, with noise."""
        drone, number = self._built_in("magnetometer", magnetometer_name, vehicle_name)
        pose = drone.vehicle.pose
        place = self.geodetic(pose.position)
        reading = sensors.magnetometer(pose.orientation, place, self.simulation.noise(drone, number))
        return MagnetometerData(self.now_ns, to_vector(reading), [])

    @rpc("getGpsData")
    def get_gps_data(self, gps_name: Name = "", vehicle_name: Name = "") -> GpsData:
        """The true place and velocity, without delay."""
        drone, _ = self._built_in("gps", gps_name, vehicle_name)
        state, now = drone.vehicle.kinematics, self.now_ns
        report = GnssReport(
            self.geo_point(state.position),
            HORIZONTAL_ERROR_M,
            VERTICAL_ERROR_M,
            to_vector(state.linear_velocity),
            FIX_3D,
            now // 1000,
        )
        return GpsData(now, report, True)

    @rpc("getDistanceSensorData")
    def get_distance_sensor_data(
        self, distance_sensor_name: Name = "", vehicle_name: Name = ""
    ) -> DistanceSensorData:
        """How far it is to what the sensor looks at, with noise."""
        drone = self.drone(vehicle_name)
        sensor = _named(drone.settings.distances, "distance sensor", distance_sensor_name, drone)
        noise = self.simulation.noise(drone, DISTANCE)
        distance = sensors.distance(sensor, drone.vehicle.pose, self.simulation.world.cast, noise)
        mount = BODY.to_pose(sensor.pose)
        return DistanceSensorData(self.now_ns, distance, sensor.min_distance_m, sensor.max_distance_m, mount)

    @rpc("getLidarData")
    def get_lidar_data(self, lidar_name: Name = "", vehicle_name: Name = "") -> LidarData:
        """One whole revolution, cast from where the vehicle is now."""
        drone = self.drone(vehicle_name)
        settings = _named(drone.settings.lidars, "lidar", lidar_name, drone)
        world, frame = self.simulation.world, local(drone)
        scan = lidar.scan(settings.lidar, drone.vehicle.pose, world.cast, settings.sensor_frame)
        points = scan.points if settings.sensor_frame else scan.points - frame.origin
        ids = np.array([body.segmentation_id for body in world.bodies.values()], dtype=int)
        return LidarData(
            self.now_ns, float32_array(points), frame.to_pose(scan.pose), ids[scan.body].tolist()
        )

    def _built_in(self, kind: str, name: str, vehicle_name: str) -> tuple[Drone, int]:
        """The drone, and the number of the kind, once it is sure that it carries such a sensor."""
        drone, number = self.drone(vehicle_name), BUILT_IN_SENSORS[kind]
        carried = {each: number for each, found in drone.settings.built_in.items() if found == number}
        _named(carried, kind, name, drone)
        return drone, number


def _named(carried: Mapping[str, Instrument], kind: str, name: str, drone: Drone) -> Instrument:
    """The instrument of this name, or the first; raises RpcError if there is none."""
    if name in carried:
        return carried[name]
    if name or not carried:
        known = ", ".join(carried) or "none"
        raise RpcError(f"no {kind} is called {name!r} on {drone.vehicle.name}; there are {known}")
    return next(iter(carried.values()))
