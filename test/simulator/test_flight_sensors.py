import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.simulator.flight import atmosphere, sensors
from dcpg_ros.simulator.flight.dynamics import GRAVITY_M_S2, Kinematics, Limits, Steer, fall, step
from dcpg_ros.simulator.flight.geodesy import HOME, GeoPoint, to_ecef, to_geodetic, to_ned
from dcpg_ros.simulator.flight.lidar import Lidar, beams, scan
from dcpg_ros.simulator.geometry import Pose, quaternion, rotation

ROOM_LOW, ROOM_HIGH = np.array([-4.0, -3.0, -2.5]), np.array([6.0, 5.0, 0.0])


def room(origins, directions):
    """Distance from inside a box room to its walls: the nearest of the six planes ahead."""
    with np.errstate(divide="ignore"):
        ahead = np.where(directions > 0, ROOM_HIGH - origins, origins - ROOM_LOW) / np.abs(directions)
    return ahead.min(axis=1), ahead.argmin(axis=1)


def nothing(origins, directions):
    return np.full(len(origins), np.inf), np.full(len(origins), -1)


def test_imu_at_rest_reads_minus_g_in_the_bodys_z():
    reading = sensors.imu(Kinematics())
    assert_allclose(reading.linear_acceleration, [0, 0, -GRAVITY_M_S2])
    assert_allclose(reading.angular_velocity, 0)


def test_imu_at_rest_and_tilted_reads_gravity_in_the_bodys_axes():
    reading = sensors.imu(Kinematics(orientation=quaternion(0.3, -0.2, 1.0)))
    g = GRAVITY_M_S2
    expected = [g * math.sin(-0.2), -g * math.cos(-0.2) * math.sin(0.3), -g * math.cos(-0.2) * math.cos(0.3)]
    assert_allclose(reading.linear_acceleration, expected)


def test_imu_in_free_fall_reads_nothing():
    assert_allclose(sensors.imu(fall(Kinematics(), 0.01, Limits())).linear_acceleration, 0, atol=1e-12)


def test_imu_of_a_flying_drone_feels_thrust_along_its_own_axis_alone():
    state, limits = Kinematics(), Limits(drag_per_s=0.0)
    for _ in range(80):
        state = step(state, Steer(np.array([15.0, 4.0, 0])), 0.01, limits)
    reading = sensors.imu(state)
    assert_allclose(reading.linear_acceleration[:2], 0, atol=1e-9)
    assert_allclose(reading.linear_acceleration[2], -math.hypot(GRAVITY_M_S2, 5.0))


def test_noise_is_white_of_the_stated_size_and_repeats_with_its_seed():
    draws = [sensors.imu(Kinematics(), rng) for rng in [np.random.default_rng(3)] for _ in range(4000)]
    rates = np.array([draw.angular_velocity for draw in draws])
    assert_allclose(rates.std(axis=0), sensors.GYROSCOPE_RAD_S, rtol=0.05)
    again = sensors.imu(Kinematics(), np.random.default_rng(3))
    assert_allclose(again.angular_velocity, draws[0].angular_velocity)


@pytest.mark.parametrize(
    ("altitude", "pascal", "kelvin"),  # of the U.S. Standard Atmosphere, 1976, by geometric altitude
    [
        (0, 101325, 288.15),
        (1000, 89876, 281.651),
        (5000, 54048, 255.676),
        (11000, 22700, 216.774),
        (15000, 12112, 216.65),
    ],
)
def test_the_standard_atmosphere_is_that_of_the_tables(altitude, pascal, kelvin):
    assert_allclose(atmosphere.pressure(altitude), pascal, rtol=2e-4)
    assert_allclose(atmosphere.temperature(altitude), kelvin, atol=2e-3)


def test_density_at_sea_level():
    assert_allclose(atmosphere.density(0), 1.225, atol=1e-4)


def test_the_barometer_at_home():
    reading = sensors.barometer(122.0)
    assert_allclose(reading.pressure, 99867, atol=5)
    assert_allclose(reading.altitude, 122.0, atol=0.01)
    assert_allclose(reading.qnh, 1013.25)


@given(st.floats(-300, 8000))
def test_the_altimeter_inverts_the_pressure(altitude):
    assert_allclose(sensors.barometer(altitude).altitude, altitude, rtol=2e-3, atol=0.05)


def test_a_minute_of_arc_to_the_north_is_about_a_nautical_mile():
    # the meridian's radius at 47.641468 degrees is a (1 - e^2) / (1 - e^2 sin^2)^1.5 = 6370335 m
    north = to_geodetic(np.array([1000.0, 0, 0]))
    assert_allclose(north.latitude - HOME.latitude, math.degrees(1000 / (6370335 + 122)), rtol=1e-4)
    east = to_geodetic(np.array([0, 1000.0, 0]))
    across = (6378137 / math.sqrt(1 - 0.00669437999 * math.sin(math.radians(HOME.latitude)) ** 2)) + 122
    degrees = math.degrees(1000 / (across * math.cos(math.radians(HOME.latitude))))
    assert_allclose(east.longitude - HOME.longitude, degrees, rtol=1e-4)


def test_known_places_in_earth_fixed_coordinates():
    assert_allclose(to_ecef(GeoPoint(0, 0, 0)), [6378137, 0, 0])
    assert_allclose(to_ecef(GeoPoint(90, 0, 100)), [0, 0, 6356752.3142 + 100], atol=1e-3)


def test_height_is_altitude():
    assert_allclose(to_geodetic(np.array([0, 0, -30.0])).altitude, 152.0, atol=1e-6)


@given(st.tuples(*(st.floats(-5000, 5000),) * 3))
def test_places_and_local_coordinates_are_inverse(ned):
    assert_allclose(to_ned(to_geodetic(np.array(ned))), ned, atol=1e-5)


def test_the_field_of_a_dipole():
    pole = sensors.magnetic_field(GeoPoint(80.31, -72.62, 0))
    assert_allclose(pole[2], 2 * 0.312, rtol=0.02)  # straight down, twice as strong as at the equator
    assert_allclose(pole[:2], 0, atol=0.005)
    home = sensors.magnetic_field(HOME)
    assert home[0] > 0.1
    assert home[1] > 0  # the pole is north and east of Seattle
    assert home[2] > 0.3


def test_the_magnetometer_turns_with_the_body():
    level = sensors.magnetometer(quaternion(0, 0, 0), HOME)
    turned = sensors.magnetometer(quaternion(0, 0, math.pi / 2), HOME)
    assert_allclose(turned, [level[1], -level[0], level[2]], atol=1e-12)


@pytest.mark.parametrize(("yaw", "expected"), [(0, 6), (90, 5), (180, 4), (-90, 3)])
def test_the_distance_sensor_measures_to_the_wall(yaw, expected):
    pose = Pose(np.array([0, 0, -1.0]), quaternion(0, 0, math.radians(yaw)))
    assert_allclose(sensors.distance(sensors.DistanceSensor(), pose, room), expected)


def test_a_mounted_distance_sensor_looks_where_it_is_turned():
    down = sensors.DistanceSensor(Pose(np.array([0, 0, 0.1]), quaternion(0, -math.pi / 2, 0)))
    assert_allclose(sensors.distance(down, Pose(np.array([0, 0, -1.5])), room), 1.4)


def test_the_distance_sensor_reads_its_range_into_the_void():
    assert sensors.distance(sensors.DistanceSensor(), Pose(), nothing) == 40.0


def test_lidar_of_a_room_is_on_its_walls():
    lidar = Lidar(channels=8, points_per_second=20_000, vertical_fov_deg=(30, -30))
    vehicle = Pose(np.array([1.0, 0.5, -1.2]), quaternion(0.1, -0.2, 0.8))
    found = scan(lidar, vehicle, room)
    assert len(found.points) == len(beams(lidar))
    gaps = np.minimum(np.abs(found.points - ROOM_LOW), np.abs(found.points - ROOM_HIGH))
    assert_allclose(gaps.min(axis=1), 0, atol=1e-9)
    assert ((found.points > ROOM_LOW - 1e-9) & (found.points < ROOM_HIGH + 1e-9)).all()


def test_lidar_ranges_are_the_analytic_ones():
    lidar = Lidar(channels=1, points_per_second=3600, vertical_fov_deg=(0, 0), horizontal_fov_deg=(0, 360))
    found = scan(lidar, Pose(np.array([0, 0, -1.0])), room, sensor_frame=True)
    ranges = np.linalg.norm(found.points, axis=1)
    assert len(ranges) == 360
    assert_allclose(ranges[[0, 90, 180, 270]], [6, 5, 4, 3])
    assert_allclose(ranges[30], 6 / math.cos(math.radians(30)))


def test_lidar_points_of_both_frames_agree():
    vehicle = Pose(np.array([1.0, 0.5, -1.2]), quaternion(0.1, -0.2, 0.8))
    lidar = Lidar(pose=Pose(np.array([0.1, 0, -0.2]), quaternion(0, 0.3, 0)))
    world, sensor = scan(lidar, vehicle, room), scan(lidar, vehicle, room, sensor_frame=True)
    eye = sensor.pose
    assert_allclose(sensor.points @ rotation(eye.orientation).T + eye.position, world.points, atol=1e-9)


def test_default_lidar_looks_down_and_all_around():
    directions = beams(Lidar())
    elevation = np.degrees(np.arcsin(-directions[:, 2]))
    assert_allclose([elevation.max(), elevation.min()], [-15, -45])
    azimuth = np.unique(np.round(np.degrees(np.arctan2(directions[:, 1], directions[:, 0])) % 360, 6))
    assert azimuth.max() <= 359
    assert len(directions) / 16 == len(azimuth)
    assert_allclose(np.linalg.norm(directions, axis=1), 1)


@pytest.mark.parametrize(("fov", "columns"), [((0, 0), 36), ((0, 360), 36), ((-20, 20), 5), ((350, 10), 3)])
def test_the_field_of_view_runs_clockwise_from_its_first_to_its_last_angle(fov, columns):
    lidar = Lidar(channels=1, points_per_second=360, horizontal_fov_deg=fov)
    azimuth = np.degrees(np.arctan2(beams(lidar)[:, 1], beams(lidar)[:, 0]))
    assert len(azimuth) == columns
    assert_allclose(azimuth[0] % 360, fov[0] % 360, atol=1e-9)
    assert ((azimuth - fov[0]) % 360 <= ((fov[1] - fov[0]) % 360 or 360) + 1e-9).all()


def test_lidar_hears_no_echo_from_beyond_its_range():
    assert len(scan(Lidar(range_m=2.0), Pose(np.array([0, 0, -1.0])), room).points) < 9984
    assert len(scan(Lidar(), Pose(), nothing).points) == 0
