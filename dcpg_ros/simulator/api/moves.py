"""Commands to fly; each is answered when the flight has ended: True as wished, False if it did not get there.

Heights, positions and velocities count as in the vehicle's own frame, angles are radians unless said.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from dcpg_ros.simulator.api.group import Group, local, refusing
from dcpg_ros.simulator.api.types import (
    Duration,
    GeoPoint,
    Name,
    Number,
    Points,
    Vector3r,
    YawMode,
)
from dcpg_ros.simulator.flight import manoeuvres, path
from dcpg_ros.simulator.flight.heading import Heading
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.rpc import rpc
from dcpg_ros.simulator.simulation import Drone

FORWARD_ONLY = 1
Drivetrain = Literal[0, 1]


class Moves(Group):
    """Moves through space and turns on the spot."""

    @rpc("takeoff")
    async def takeoff(self, timeout_sec: Duration, vehicle_name: Name = "") -> bool:
        """Rises."""
        vehicle = self.drone(vehicle_name).vehicle
        with refusing():
            manoeuvre = path.takeoff(vehicle.kinematics, timeout_sec, vehicle.room_above())
        return await vehicle.start(manoeuvre)

    @rpc("land")
    async def land(self, timeout_sec: Duration, vehicle_name: Name = "") -> bool:
        """Sinks until something bears it."""
        return await self.drone(vehicle_name).vehicle.start(manoeuvres.Land(timeout_sec))

    @rpc("goHome")
    async def go_home(self, timeout_sec: Duration, vehicle_name: Name = "") -> bool:
        """Flies back to its start."""
        vehicle = self.drone(vehicle_name).vehicle
        home = vehicle.start_pose.position
        return await vehicle.start(path.go_home(vehicle.kinematics, home, timeout_sec))

    @rpc("hover")
    async def hover(self, vehicle_name: Name = "") -> bool:
        """Brakes and stays."""
        return await self.drone(vehicle_name).vehicle.start(manoeuvres.Halt())

    @rpc("cancelLastTask")
    def cancel_last_task(self, vehicle_name: Name = "") -> None:
        """Ends the move under way, which is answered with False."""
        self.drone(vehicle_name).vehicle.cancel()

    @rpc("moveToPosition")
    async def move_to_position(
        self, x: Number, y: Number, z: Number, velocity: Number, timeout_sec: Duration,
        drivetrain: Drivetrain, yaw_mode: YawMode, lookahead: Number = -1.0,
        adaptive_lookahead: Number = 1.0, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Flies straight to a point and stops."""
        drone = self.drone(vehicle_name)
        end = local(drone).point(Vector3r(x, y, z))
        return await self._follow(drone, [end], velocity, timeout_sec, drivetrain, yaw_mode, lookahead)

    @rpc("moveOnPath")
    async def move_on_path(
        self, points: Points, velocity: Number, timeout_sec: Duration,
        drivetrain: Drivetrain, yaw_mode: YawMode, lookahead: Number = -1.0,
        adaptive_lookahead: Number = 1.0, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Flies from point to point and stops at the last."""
        drone = self.drone(vehicle_name)
        corners = [local(drone).point(point, "path") for point in points]
        return await self._follow(drone, corners, velocity, timeout_sec, drivetrain, yaw_mode, lookahead)

    @rpc("moveToGPS")
    async def move_to_gps(
        self, latitude: Number, longitude: Number, altitude: Number, velocity: Number, timeout_sec: Duration,
        drivetrain: Drivetrain, yaw_mode: YawMode, lookahead: Number = -1.0,
        adaptive_lookahead: Number = 1.0, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Flies straight to a place on the Earth and stops."""
        drone = self.drone(vehicle_name)
        end = self.place(GeoPoint(latitude, longitude, altitude))
        return await self._follow(drone, [end], velocity, timeout_sec, drivetrain, yaw_mode, lookahead)

    @rpc("moveToZ")
    async def move_to_z(
        self, z: Number, velocity: Number, timeout_sec: Duration, yaw_mode: YawMode,
        lookahead: Number = -1.0, adaptive_lookahead: Number = 1.0, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Rises or sinks to a height."""
        drone = self.drone(vehicle_name)
        end = drone.vehicle.pose.position.copy()
        end[2] = height(drone, z)
        return await self._follow(drone, [end], velocity, timeout_sec, 0, yaw_mode, lookahead)

    @rpc("moveByVelocity")
    async def move_by_velocity(
        self, vx: Number, vy: Number, vz: Number, duration: Duration, drivetrain: Drivetrain,
        yaw_mode: YawMode, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Flies at a velocity."""
        heading = _heading(yaw_mode, drivetrain)
        manoeuvre = manoeuvres.Cruise(np.array([vx, vy, vz]), duration, heading)
        return await self.drone(vehicle_name).vehicle.start(manoeuvre)

    @rpc("moveByVelocityZ")
    async def move_by_velocity_z(
        self, vx: Number, vy: Number, z: Number, duration: Duration, drivetrain: Drivetrain,
        yaw_mode: YawMode, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Flies at a horizontal velocity and a height."""
        drone = self.drone(vehicle_name)
        heading = _heading(yaw_mode, drivetrain)
        manoeuvre = manoeuvres.Cruise(np.array([vx, vy, 0.0]), duration, heading, height(drone, z))
        return await drone.vehicle.start(manoeuvre)

    @rpc("moveByVelocityBodyFrame")
    async def move_by_velocity_body_frame(
        self, vx: Number, vy: Number, vz: Number, duration: Duration, drivetrain: Drivetrain,
        yaw_mode: YawMode, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Flies at a velocity forward, to the right and down."""
        vehicle = self.drone(vehicle_name).vehicle
        velocity, heading = np.array([vx, vy, vz]), _heading(yaw_mode, drivetrain)
        return await vehicle.start(
            manoeuvres.cruise_body_frame(vehicle.kinematics, velocity, duration, heading)
        )

    @rpc("moveByVelocityZBodyFrame")
    async def move_by_velocity_z_body_frame(
        self, vx: Number, vy: Number, z: Number, duration: Duration, drivetrain: Drivetrain,
        yaw_mode: YawMode, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Flies at a velocity forward and to the right, and at a height."""
        drone = self.drone(vehicle_name)
        velocity, heading = np.array([vx, vy, 0.0]), _heading(yaw_mode, drivetrain)
        state = drone.vehicle.kinematics
        return await drone.vehicle.start(
            manoeuvres.cruise_body_frame(state, velocity, duration, heading, height(drone, z))
        )

    @rpc("moveByManual")
    async def move_by_manual(
        self, vx_max: float, vy_max: float, z_min: float, duration: Duration, drivetrain: Drivetrain,
        yaw_mode: YawMode, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Does what the sticks of the remote control say: there are none, so it stays where it is."""
        manoeuvre = manoeuvres.Cruise(np.zeros(3), duration)
        return await self.drone(vehicle_name).vehicle.start(manoeuvre)

    @rpc("rotateToYaw")
    async def rotate_to_yaw(
        self, yaw: Number, timeout_sec: Duration, margin: Number, vehicle_name: Name = ""
    ) -> bool:
        """Turns on the spot to an angle (degrees)."""
        vehicle = self.drone(vehicle_name).vehicle
        place = vehicle.pose.position
        turn = manoeuvres.Turn(place, math.radians(yaw), timeout_sec, math.radians(margin))
        return await vehicle.start(turn)

    @rpc("rotateByYawRate")
    async def rotate_by_yaw_rate(self, yaw_rate: Number, duration: Duration, vehicle_name: Name = "") -> bool:
        """Turns on the spot at a rate (degrees per second)."""
        vehicle = self.drone(vehicle_name).vehicle
        return await vehicle.start(manoeuvres.Spin(vehicle.pose.position, math.radians(yaw_rate), duration))

    async def _follow(
        self, drone: Drone, points: list[Array], velocity: float, timeout_sec: float, drivetrain: int,
        yaw_mode: YawMode, lookahead: float,
    ) -> bool:  # fmt: skip
        start = drone.vehicle.pose.position
        heading = _heading(yaw_mode, drivetrain)
        with refusing():
            manoeuvre = path.FollowPath(start, points, velocity, timeout_sec, heading, lookahead)
        return await drone.vehicle.start(manoeuvre)


def _heading(yaw_mode: YawMode, drivetrain: int) -> Heading:
    return Heading(yaw_mode.is_rate, math.radians(yaw_mode.yaw_or_rate), drivetrain == FORWARD_ONLY)


def height(drone: Drone, z: float) -> float:
    """The world's z of a vehicle's own."""
    return float(local(drone).origin[2]) + z
