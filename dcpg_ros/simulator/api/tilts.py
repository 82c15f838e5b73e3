"""Commands one layer below the moves: attitudes, rates and throttles; and what AirSim has to tune them."""

from __future__ import annotations

from dcpg_ros.simulator.api.group import Group
from dcpg_ros.simulator.api.moves import height
from dcpg_ros.simulator.api.types import Duration, Gains, Name, Number, RCData, Vector3r
from dcpg_ros.simulator.flight import manoeuvres
from dcpg_ros.simulator.flight.heading import Heading
from dcpg_ros.simulator.rpc import rpc


class Tilts(Group):
    """Angles in radians, NED: a positive pitch is nose up; the Python client turns its own into these."""

    @rpc("moveByRollPitchYawZ")
    async def move_by_roll_pitch_yaw_z(
        self, roll: Number, pitch: Number, yaw: Number, z: Number, duration: Duration, vehicle_name: Name = ""
    ) -> bool:
        """Holds an attitude and a height."""
        drone = self.drone(vehicle_name)
        tilt = manoeuvres.Tilt(roll, pitch, duration, Heading(False, yaw), height(drone, z))
        return await drone.vehicle.start(tilt)

    @rpc("moveByRollPitchYawThrottle")
    async def move_by_roll_pitch_yaw_throttle(
        self, roll: Number, pitch: Number, yaw: Number, throttle: Number, duration: Duration,
        vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Holds an attitude and a throttle from 0 to 1."""
        tilt = manoeuvres.Tilt(roll, pitch, duration, Heading(False, yaw), throttle=throttle)
        return await self.drone(vehicle_name).vehicle.start(tilt)

    @rpc("moveByRollPitchYawrateZ")
    async def move_by_roll_pitch_yawrate_z(
        self, roll: Number, pitch: Number, yaw_rate: Number, z: Number, duration: Duration,
        vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Holds roll, pitch and height, turning at a rate."""
        drone = self.drone(vehicle_name)
        tilt = manoeuvres.Tilt(roll, pitch, duration, Heading(True, yaw_rate), height(drone, z))
        return await drone.vehicle.start(tilt)

    @rpc("moveByRollPitchYawrateThrottle")
    async def move_by_roll_pitch_yawrate_throttle(
        self, roll: Number, pitch: Number, yaw_rate: Number, throttle: Number, duration: Duration,
        vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Holds roll, pitch and a throttle, turning at a rate."""
        tilt = manoeuvres.Tilt(roll, pitch, duration, Heading(True, yaw_rate), throttle=throttle)
        return await self.drone(vehicle_name).vehicle.start(tilt)

    @rpc("moveByAngleRatesZ")
    async def move_by_angle_rates_z(
        self, roll_rate: Number, pitch_rate: Number, yaw_rate: Number, z: Number, duration: Duration,
        vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Turns about its axes at rates, and keeps a height."""
        drone = self.drone(vehicle_name)
        rates = (roll_rate, pitch_rate, yaw_rate)
        state = drone.vehicle.kinematics
        return await drone.vehicle.start(manoeuvres.tilt_rates(state, rates, duration, height(drone, z)))

    @rpc("moveByAngleRatesThrottle")
    async def move_by_angle_rates_throttle(
        self, roll_rate: Number, pitch_rate: Number, yaw_rate: Number, throttle: Number, duration: Duration,
        vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Turns about its axes at rates, with a throttle."""
        vehicle = self.drone(vehicle_name).vehicle
        rates = (roll_rate, pitch_rate, yaw_rate)
        tilt = manoeuvres.tilt_rates(vehicle.kinematics, rates, duration, throttle=throttle)
        return await vehicle.start(tilt)

    @rpc("moveByMotorPWMs")
    async def move_by_motor_pwms(
        self, front_right: Number, rear_left: Number, front_left: Number, rear_right: Number,
        duration: Duration, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Flies by four throttles from 0 to 1."""
        tilt = manoeuvres.motor_pwms(front_right, rear_left, front_left, rear_right, duration)
        return await self.drone(vehicle_name).vehicle.start(tilt)

    @rpc("moveByRC")
    def move_by_rc(self, rc_data: RCData, vehicle_name: Name = "") -> None:
        """Accepted: there is no remote control."""
        self.drone(vehicle_name)

    @rpc("setAngleRateControllerGains")
    def set_angle_rate_controller_gains(
        self, kp: Gains, ki: Gains, kd: Gains, vehicle_name: Name = ""
    ) -> None:
        """Accepted: the drones have no such controllers."""
        self.drone(vehicle_name)

    @rpc("setAngleLevelControllerGains")
    def set_angle_level_controller_gains(
        self, kp: Gains, ki: Gains, kd: Gains, vehicle_name: Name = ""
    ) -> None:
        """Accepted: the drones have no such controllers."""
        self.drone(vehicle_name)

    @rpc("setVelocityControllerGains")
    def set_velocity_controller_gains(self, kp: Gains, ki: Gains, kd: Gains, vehicle_name: Name = "") -> None:
        """Accepted: the drones have no such controllers."""
        self.drone(vehicle_name)

    @rpc("setPositionControllerGains")
    def set_position_controller_gains(self, kp: Gains, ki: Gains, kd: Gains, vehicle_name: Name = "") -> None:
        """Accepted: the drones have no such controllers."""
        self.drone(vehicle_name)

    @rpc("setSafety")
    def set_safety(
        self, enable_reasons: int, obs_clearance: float, obs_strategy: int, obs_avoidance_vel: float,
        origin: Vector3r, xy_length: float, max_z: float, min_z: float, vehicle_name: Name = "",
    ) -> bool:  # fmt: skip
        """Accepted: nothing watches over the drones but walls."""
        self.drone(vehicle_name)
        return True
