"""What goes over the wire: AirSim's structures, field by field, maps with the names the clients know.

A field that a caller leaves out has its default, and unknown ones are ignored, as in AirSim. Nothing may be
added to what is sent: the Python client fails on a nested map that it does not know.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

LARGEST = 1e6  # no coordinate, speed or angle on the wire is larger
LONGEST = 10_000  # nor is any list

Number = Annotated[float, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
Duration = Annotated[float, msgspec.Meta(ge=-1e39)]  # s; 3e38 and the like mean for ever
Name = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=10_000)]
Color = Annotated[list[Number], msgspec.Meta(min_length=3, max_length=4)]  # red, green, blue, opacity


class Vector3r(msgspec.Struct):
    """North, east, down; whether it is finite is up to whoever reads it."""

    x_val: float = 0.0
    y_val: float = 0.0
    z_val: float = 0.0


class Quaternionr(msgspec.Struct):
    """An attitude."""

    w_val: float = 1.0
    x_val: float = 0.0
    y_val: float = 0.0
    z_val: float = 0.0


class Pose(msgspec.Struct):
    """A place and an attitude."""

    position: Vector3r = msgspec.field(default_factory=Vector3r)
    orientation: Quaternionr = msgspec.field(default_factory=Quaternionr)


Points = Annotated[list[Vector3r], msgspec.Meta(max_length=LONGEST)]
Poses = Annotated[list[Pose], msgspec.Meta(max_length=LONGEST)]
Texts = Annotated[list[Text], msgspec.Meta(max_length=LONGEST)]
Gains = Annotated[list[float], msgspec.Meta(max_length=16)]


class GeoPoint(msgspec.Struct):
    """A place on the Earth; degrees and metres."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)] = 0.0
    longitude: Annotated[float, msgspec.Meta(ge=-360, le=360)] = 0.0
    altitude: Number = 0.0


class YawMode(msgspec.Struct):
    """Turn at a rate (degrees per second) or to an angle (degrees)."""

    is_rate: bool = True
    yaw_or_rate: Number = 0.0


class RCData(msgspec.Struct):
    """The sticks of a remote control, which there is none of."""

    timestamp: int = 0
    pitch: float = 0.0
    roll: float = 0.0
    throttle: float = 0.0
    yaw: float = 0.0
    left_z: float = 0.0
    right_z: float = 0.0
    switches: int = 0
    vendor_id: str = ""
    is_initialized: bool = False
    is_valid: bool = False


class CollisionInfo(msgspec.Struct):
    """The last collision of a vehicle."""

    has_collided: bool
    penetration_depth: float
    time_stamp: int
    normal: Vector3r
    impact_point: Vector3r
    position: Vector3r
    object_name: str
    object_id: int


class KinematicsState(msgspec.Struct):
    """How a vehicle moves; world axes, but the body's for the angular ones."""

    position: Vector3r = msgspec.field(default_factory=Vector3r)
    orientation: Quaternionr = msgspec.field(default_factory=Quaternionr)
    linear_velocity: Vector3r = msgspec.field(default_factory=Vector3r)
    angular_velocity: Vector3r = msgspec.field(default_factory=Vector3r)
    linear_acceleration: Vector3r = msgspec.field(default_factory=Vector3r)
    angular_acceleration: Vector3r = msgspec.field(default_factory=Vector3r)


class EnvironmentState(msgspec.Struct):
    """The air around a vehicle; Pa, K, kg/m^3."""

    position: Vector3r
    geo_point: GeoPoint
    gravity: Vector3r
    air_pressure: float
    temperature: float
    air_density: float


class MultirotorState(msgspec.Struct):
    """What getMultirotorState answers."""

    collision: CollisionInfo
    kinematics_estimated: KinematicsState
    gps_location: GeoPoint
    timestamp: int
    landed_state: int  # 0 landed, 1 flying
    rc_data: RCData


class RotorState(msgspec.Struct):
    """One rotor; N, N m, rad/s."""

    thrust: float
    torque_scaler: float
    speed: float


class RotorStates(msgspec.Struct):
    """The four rotors."""

    rotors: list[RotorState]
    timestamp: int


class ImageRequest(msgspec.Struct):
    """A picture that a client wants."""

    camera_name: Name = ""
    image_type: int = 0
    pixels_as_float: bool = False
    compress: bool = True


ImageRequests = Annotated[list[ImageRequest], msgspec.Meta(max_length=64)]


class ImageResponse(msgspec.Struct):
    """A picture; either of the two data fields is empty."""

    image_data_uint8: bytes
    image_data_float: Any  # a list of floats, encoded
    camera_position: Vector3r
    camera_name: str
    camera_orientation: Quaternionr
    time_stamp: int
    message: str
    pixels_as_float: bool
    compress: bool
    width: int
    height: int
    image_type: int


class ProjectionMatrix(msgspec.Struct):
    """Four rows of four."""

    matrix: list[list[float]]


class CameraInfo(msgspec.Struct):
    """Where a camera is, and what it covers (degrees, horizontal)."""

    pose: Pose
    fov: float
    proj_mat: ProjectionMatrix


class ImuData(msgspec.Struct):
    """What an inertial sensor reads; rad/s, m/s^2."""

    time_stamp: int
    orientation: Quaternionr
    angular_velocity: Vector3r
    linear_acceleration: Vector3r


class BarometerData(msgspec.Struct):
    """What a barometer reads; m, Pa, hPa."""

    time_stamp: int
    altitude: float
    pressure: float
    qnh: float


class MagnetometerData(msgspec.Struct):
    """What a magnetometer reads; gauss."""

    time_stamp: int
    magnetic_field_body: Vector3r
    magnetic_field_covariance: list[float]


class GnssReport(msgspec.Struct):
    """A fix."""

    geo_point: GeoPoint
    eph: float
    epv: float
    velocity: Vector3r
    fix_type: int
    time_utc: int


class GpsData(msgspec.Struct):
    """What a GPS receiver reads."""

    time_stamp: int
    gnss: GnssReport
    is_valid: bool


class DistanceSensorData(msgspec.Struct):
    """What a distance sensor reads; m."""

    time_stamp: int
    distance: float
    min_distance: float
    max_distance: float
    relative_pose: Pose


class LidarData(msgspec.Struct):
    """One revolution of a lidar."""

    time_stamp: int
    point_cloud: Any  # x, y, z of each point, encoded
    pose: Pose
    segmentation: list[int]
