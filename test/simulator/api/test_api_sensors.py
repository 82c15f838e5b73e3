import numpy as np
import pytest
from numpy.testing import assert_allclose

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402

READINGS = ["getImuData", "getBarometerData", "getMagnetometerData", "getGpsData"]
FIELD = 0.53  # gauss, near AirSim's home


def points(data):
    return np.array(data.point_cloud, dtype=np.float32).reshape(-1, 3)


def test_an_imu_at_rest_reads_gravity_and_no_turning(client):
    imu = client.getImuData()
    assert_allclose([*imu.linear_acceleration], [0, 0, -9.81], atol=0.5)
    assert_allclose([*imu.angular_velocity], 0, atol=0.05)
    assert [*imu.orientation] == [0, 0, 0, 1]


def test_a_barometer_reads_the_pressure_of_its_altitude(client):
    barometer = client.getBarometerData()
    assert barometer.altitude == pytest.approx(122, abs=2)
    assert barometer.qnh == pytest.approx(1013.25)


def test_a_magnetometer_turns_with_its_vehicle(client):
    north = client.getMagnetometerData().magnetic_field_body
    assert north.get_length() == pytest.approx(FIELD, abs=0.05)
    client.simSetVehiclePose(airsim.Pose(airsim.Vector3r(), airsim.to_quaternion(0, 0, np.pi)), True)
    south = client.getMagnetometerData().magnetic_field_body
    assert_allclose([*south], [-north.x_val, -north.y_val, north.z_val], atol=0.05)
    assert client.getMagnetometerData().magnetic_field_covariance == []


def test_a_gps_receiver_reads_the_true_place(client):
    gps = client.getGpsData()
    assert gps.is_valid
    assert gps.gnss.fix_type == 3
    assert gps.gnss.time_utc == gps.time_stamp // 1000
    home = client.getHomeGeoPoint()
    assert gps.gnss.geo_point.latitude == pytest.approx(home.latitude, abs=1e-9)


@pytest.mark.parametrize("reading", READINGS)
def test_a_sensor_read_twice_at_one_time_says_the_same(client, reading):
    client.simPause(True)
    assert repr(getattr(client, reading)()) == repr(getattr(client, reading)())
    before = repr(getattr(client, reading)())
    client.simContinueForTime(0.1)
    assert repr(getattr(client, reading)()) != before


SENSORS = {
    "down": {"SensorType": 5, "Enabled": True, "Pitch": -90},
    "front": {"SensorType": 5, "Enabled": True, "X": 0.25, "MaxDistance": 20},
    "off": {"SensorType": 5, "Enabled": False},
    "ring": {"SensorType": 6, "NumberOfChannels": 1, "PointsPerSecond": 3600, "VerticalFOVUpper": 0,
             "VerticalFOVLower": 0, "HorizontalFOVStart": -180, "HorizontalFOVEnd": 180, "Range": 100},
    "own": {"SensorType": 6, "NumberOfChannels": 1, "PointsPerSecond": 3600, "VerticalFOVUpper": 0,
            "VerticalFOVLower": 0, "HorizontalFOVStart": -180, "HorizontalFOVEnd": 180,
            "DataFrame": "SensorLocalFrame"},
}  # fmt: skip


@pytest.fixture
def sensing(serve_room):
    vehicles = {"A": {"Sensors": SENSORS}, "B": {"Sensors": SENSORS, "X": 2.0, "Y": 0.0, "Z": 0.0}}
    return serve_room({"Vehicles": vehicles}).client()


def test_distances_are_those_of_walls_and_floor(sensing):
    front = sensing.getDistanceSensorData("front")
    assert front.distance == pytest.approx(7.75, abs=1)
    assert (front.min_distance, front.max_distance) == (pytest.approx(0.2), 20)
    assert front.relative_pose.position.x_val == 0.25
    assert sensing.getDistanceSensorData("down").distance == pytest.approx(1.5, abs=1)
    assert sensing.getDistanceSensorData().relative_pose.position.x_val == 0  # the first


def test_a_lidar_sees_the_walls_in_its_vehicles_frame(sensing):
    data = sensing.getLidarData("ring", "B")
    seen = points(data)
    assert len(seen) == 360
    assert len(data.segmentation) == 360
    on_a_wall = np.minimum(
        np.abs(seen[:, :2] - [6, 4]).min(axis=1), np.abs(seen[:, :2] - [-4, -4]).min(axis=1)
    )
    assert_allclose(on_a_wall, 0, atol=1e-3)
    assert_allclose(seen[:, 2], 0, atol=1e-5)


def test_a_lidar_in_its_own_frame_turns_with_its_vehicle(sensing):
    before = points(sensing.getLidarData("own"))
    turned = airsim.Pose(airsim.Vector3r(), airsim.to_quaternion(0, 0, np.pi / 2))
    sensing.simSetVehiclePose(turned, True, "A")
    assert_allclose(points(sensing.getLidarData("own")), np.roll(before @ _quarter(), -90, axis=0), atol=1e-3)
    pose = sensing.getLidarData("own").pose
    assert airsim.to_eularian_angles(pose.orientation)[2] == pytest.approx(np.pi / 2)


def _quarter():
    return np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


def test_segmentation_of_a_lidar_is_that_of_the_bodies(sensing):
    sensing.simSetSegmentationObjectID(".*", 33, True)
    assert set(sensing.getLidarData("ring").segmentation) == {33}


@pytest.mark.parametrize(
    ("reading", "name", "reason"),
    [
        ("getImuData", "Imu2", "no imu is called 'Imu2' on A; there are imu"),
        ("getDistanceSensorData", "off", "no distance sensor is called 'off' on A; there are down, front"),
        ("getLidarData", "Lidar1", "no lidar is called 'Lidar1' on A; there are ring, own"),
    ],
)
def test_an_unknown_sensor_is_refused_by_name(sensing, reading, name, reason):
    with pytest.raises(RPCError, match=reason):
        getattr(sensing, reading)(name)


def test_without_settings_there_is_no_lidar_as_in_airsim(client):
    with pytest.raises(RPCError, match="no lidar is called '' on SimpleFlight; there are none"):
        client.getLidarData()
