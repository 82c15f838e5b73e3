"""Where the vehicles are, how they move, what they have run into, and what the air is like there."""

from __future__ import annotations

from dcpg_ros.simulator.api.frames import Frame, orientation, to_orientation, to_vector, vector
from dcpg_ros.simulator.api.group import Group, local
from dcpg_ros.simulator.api.types import (
    CollisionInfo,
    EnvironmentState,
    GeoPoint,
    KinematicsState,
    MultirotorState,
    Name,
    Pose,
    RCData,
    RotorState,
    RotorStates,
)
from dcpg_ros.simulator.flight import atmosphere
from dcpg_ros.simulator.flight.collision import CollisionInfo as Collision
from dcpg_ros.simulator.flight.dynamics import GRAVITY, GRAVITY_M_S2, Kinematics
from dcpg_ros.simulator.rpc import rpc

MASS_KG = 1.0
ROTORS = 4
FULL_SPEED_RAD_S = 668.5  # of a rotor at full thrust
FULL_THRUST_N = 4.179
FULL_TORQUE_N_M = 0.0555
LANDED, FLYING = 0, 1


class State(Group):
    """Reading and setting the state of a vehicle."""

    @rpc("simGetVehiclePose")
    def get_vehicle_pose(self, vehicle_name: Name = "") -> Pose:
        """Where it is."""
        drone = self.drone(vehicle_name)
        return local(drone).to_pose(drone.vehicle.pose)

    @rpc("simSetVehiclePose")
    def set_vehicle_pose(self, pose: Pose, ignore_collision: bool, vehicle_name: Name = "") -> None:
        """Puts it there at once, or, if collisions count, as far as the way is free."""
        drone = self.drone(vehicle_name)
        drone.vehicle.set_pose(local(drone).pose(pose, drone.vehicle.pose), ignore_collision)

    @rpc("simGetGroundTruthKinematics")
    def get_ground_truth_kinematics(self, vehicle_name: Name = "") -> KinematicsState:
        """How it moves."""
        drone = self.drone(vehicle_name)
        return _kinematics(drone.vehicle.kinematics, local(drone))

    @rpc("simSetKinematics")
    def set_kinematics(self, state: KinematicsState, ignore_collision: bool, vehicle_name: Name = "") -> None:
        """Gives it another place and motion at once."""
        drone = self.drone(vehicle_name)
        kinematics = Kinematics(
            position=local(drone).point(state.position),
            orientation=orientation(state.orientation),
            linear_velocity=vector(state.linear_velocity, "linear_velocity"),
            angular_velocity=vector(state.angular_velocity, "angular_velocity"),
            linear_acceleration=vector(state.linear_acceleration, "linear_acceleration"),
            angular_acceleration=vector(state.angular_acceleration, "angular_acceleration"),
        )
        drone.vehicle.set_kinematics(kinematics, ignore_collision)

    @rpc("simGetCollisionInfo")
    def get_collision_info(self, vehicle_name: Name = "") -> CollisionInfo:
        """The last collision; whoever reads it is the only one to be told that it has happened."""
        drone = self.drone(vehicle_name)
        return _collision(drone.vehicle.read_collision(), local(drone))

    @rpc("simGetGroundTruthEnvironment")
    def get_ground_truth_environment(self, vehicle_name: Name = "") -> EnvironmentState:
        """The air where it is."""
        drone = self.drone(vehicle_name)
        place = self.geo_point(drone.vehicle.pose.position)
        return EnvironmentState(
            position=local(drone).to_point(drone.vehicle.pose.position),
            geo_point=place,
            gravity=to_vector(GRAVITY),
            air_pressure=atmosphere.pressure(place.altitude),
            temperature=atmosphere.temperature(place.altitude),
            air_density=atmosphere.density(place.altitude),
        )

    @rpc("getMultirotorState")
    def get_multirotor_state(self, vehicle_name: Name = "") -> MultirotorState:
        """All of it at once; the collision is not taken for read."""
        drone = self.drone(vehicle_name)
        frame, vehicle = local(drone), drone.vehicle
        return MultirotorState(
            collision=_collision(vehicle.collision, frame),
            kinematics_estimated=_kinematics(vehicle.kinematics, frame),
            gps_location=self.geo_point(vehicle.pose.position),
            timestamp=self.now_ns,
            landed_state=LANDED if vehicle.landed else FLYING,
            rc_data=RCData(),
        )

    @rpc("getRotorStates")
    def get_rotor_states(self, vehicle_name: Name = "") -> RotorStates:
        """The four rotors, each of which bears a quarter of the weight while the vehicle flies."""
        vehicle = self.drone(vehicle_name).vehicle
        thrust = MASS_KG * GRAVITY_M_S2 / ROTORS if vehicle.armed and not vehicle.landed else 0.0
        share = thrust / FULL_THRUST_N
        rotor = RotorState(thrust, share * FULL_TORQUE_N_M, share**0.5 * FULL_SPEED_RAD_S)
        return RotorStates([rotor] * ROTORS, self.now_ns)

    @rpc("getHomeGeoPoint")
    def get_home_geo_point(self, vehicle_name: Name = "") -> GeoPoint:
        """Where it started."""
        return self.geo_point(self.drone(vehicle_name).vehicle.start_pose.position)


def _kinematics(state: Kinematics, frame: Frame) -> KinematicsState:
    return KinematicsState(
        position=frame.to_point(state.position),
        orientation=to_orientation(state.orientation),
        linear_velocity=to_vector(state.linear_velocity),
        angular_velocity=to_vector(state.angular_velocity),
        linear_acceleration=to_vector(state.linear_acceleration),
        angular_acceleration=to_vector(state.angular_acceleration),
    )


def _collision(collision: Collision, frame: Frame) -> CollisionInfo:
    touched = collision.time_stamp > 0  # else there is no place to tell
    return CollisionInfo(
        has_collided=collision.has_collided,
        penetration_depth=collision.penetration_depth,
        time_stamp=collision.time_stamp,
        normal=to_vector(collision.normal),
        impact_point=frame.to_point(collision.impact_point) if touched else to_vector(collision.impact_point),
        position=frame.to_point(collision.position) if touched else to_vector(collision.position),
        object_name=collision.object_name,
        object_id=collision.object_id,
    )
