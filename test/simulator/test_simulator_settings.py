import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.core.errors import InputError
from dcpg_ros.simulator.camera.lens import Lens
from dcpg_ros.simulator.geometry import euler
from dcpg_ros.simulator.settings import BUILT_IN_SENSORS, CAMERAS, Settings
from dcpg_ros.simulator.settings_file import load_settings


@pytest.fixture
def load(tmp_path):
    """Loads settings from JSON data, or from text as it is."""

    def write(content):
        path = tmp_path / "settings.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return load_settings(path)

    return write


def degrees(pose):
    return [math.degrees(angle) for angle in euler(pose.orientation)]


def test_an_empty_file_is_airsims_default(load):
    settings, default = load({}), Settings()
    assert (settings.host, settings.port, settings.clock_speed) == ("127.0.0.1", 41451, 1.0)
    for each in (settings, default):
        (vehicle,) = each.vehicles
        assert vehicle.name == "SimpleFlight"
        assert tuple(vehicle.cameras) == CAMERAS
        assert {camera.lens(3) for camera in vehicle.cameras.values()} == {Lens(256, 144, 90.0)}
        assert dict(vehicle.built_in) == BUILT_IN_SENSORS
        assert not vehicle.distances
        assert not vehicle.lidars
        assert vehicle.position is None
        assert vehicle.orientation is None


def test_what_belongs_to_airsim_alone_is_passed_over(load):
    settings = load(
        {"SeeDocsAt": "…", "SettingsVersion": 1.2, "ViewMode": "NoDisplay", "Recording": {"a": [1]}}
    )
    assert json.loads(settings.text(("SimpleFlight",)))["Recording"] == {"a": [1]}


def test_comments_are_allowed_but_not_seen_in_texts(load):
    settings = load('{ // a port\n "ApiServerPort": 5, /* and\n a */ "LocalHostIp": "http://*/x" }')
    assert (settings.port, settings.host) == (5, "http://*/x")


def test_cameras_inherit_from_the_defaults_by_image_type(load):
    captures = [{"ImageType": 0, "Width": 32}, {"ImageType": 3, "FOV_Degrees": 60}]
    own = {"X": 0.1, "Pitch": 10, "Roll": 5, "CaptureSettings": [{"ImageType": 0, "Height": 20}]}
    settings = load(
        {"CameraDefaults": {"CaptureSettings": captures}, "Vehicles": {"A": {"Cameras": {"1": own}}}}
    )
    cameras = settings.vehicles[0].cameras
    assert cameras["front_center"].lens(0) == Lens(32, 144, 90)
    assert cameras["front_right"].lens(0) == Lens(32, 20, 90)
    assert cameras["front_right"].lens(3) == Lens(256, 144, 60)
    assert cameras["front_right"].lens(1) == Lens(256, 144, 90)
    assert_allclose(cameras["front_right"].mount.position, [0.1, 0, 0])
    assert_allclose(degrees(cameras["front_right"].mount), [5, 10, 0], atol=1e-9)
    assert degrees(cameras["bottom_center"].mount)[1] == pytest.approx(-90)


def test_a_vertical_field_of_view_is_inherited_taken_back_and_told_again(load):
    captures = [{"ImageType": 0, "Width": 48, "Height": 48, "FOV_Degrees": 80, "FOV_Vertical_Degrees": 46.8}]
    narrow = {"CaptureSettings": [{"FOV_Vertical_Degrees": 30}]}
    square = {"CaptureSettings": [{"FOV_Vertical_Degrees": None}]}
    cameras = {"1": {}, "2": narrow, "3": square}
    settings = load(
        {"CameraDefaults": {"CaptureSettings": captures}, "Vehicles": {"A": {"Cameras": cameras}}}
    )
    known = settings.vehicles[0].cameras
    assert [known[name].lens(0).fov_vertical_deg for name in CAMERAS] == [46.8, 46.8, 30, None, 46.8]
    told = json.loads(settings.text(("A", "B")))["Vehicles"]["B"]["Cameras"]["front_center"]
    assert told == {"CaptureSettings": captures}


@pytest.mark.parametrize("degrees", [0, 180, -1, "46"])
def test_a_vertical_field_of_view_that_is_none_is_refused(load, degrees):
    capture = {"CaptureSettings": [{"FOV_Vertical_Degrees": degrees}]}
    with pytest.raises(InputError, match=r"FOV_Vertical_Degrees: found"):
        load({"CameraDefaults": capture})


def test_whether_vehicles_collide_is_a_switch(load):
    assert load({}).vehicle_collisions
    settings = load({"VehicleCollisions": False})
    assert not settings.vehicle_collisions
    assert json.loads(settings.text(("SimpleFlight",)))["VehicleCollisions"] is False
    with pytest.raises(InputError, match="VehicleCollisions: found 0, allowed: true, false"):
        load({"VehicleCollisions": 0})


def test_a_new_camera_looks_forward(load):
    cameras = load({"Vehicles": {"A": {"Cameras": {"extra": {"Z": -0.2}}}}}).vehicles[0].cameras
    assert tuple(cameras) == (*CAMERAS, "extra")
    assert_allclose(cameras["extra"].mount.position, [0, 0, -0.2])
    assert_allclose(degrees(cameras["extra"].mount), 0)


def test_a_vehicle_starts_where_and_as_it_says(load):
    placed, turned = load({"Vehicles": {"A": {"X": 1, "Z": -2}, "B": {"Yaw": 90}}}).vehicles
    assert_allclose(placed.position, [1, 0, -2])
    assert placed.orientation is None
    assert turned.position is None
    assert math.degrees(euler(turned.orientation)[2]) == pytest.approx(90)


def test_sensors_of_a_vehicle_replace_those_of_their_type(load):
    defaults = {"eye": {"SensorType": 5}, "ring": {"SensorType": 6}}
    own = {"low": {"SensorType": 5, "MinDistance": 1, "MaxDistance": 5}, "imu2": {"SensorType": 2},
           "gps": {"SensorType": 3, "Enabled": False}}  # fmt: skip
    settings = load({"DefaultSensors": defaults, "Vehicles": {"A": {"Sensors": own}, "B": {}}})
    first, second = settings.vehicles
    assert tuple(first.distances) == ("low",)
    assert first.distances["low"].max_distance_m == 5
    assert tuple(first.lidars) == ("ring",)
    assert dict(first.built_in) == {"imu2": 2, "barometer": 1, "magnetometer": 4}
    assert tuple(second.distances) == ("eye",)
    assert dict(second.built_in) == BUILT_IN_SENSORS
    assert tuple(settings.added.lidars) == ("ring",)


def test_a_lidar_is_built_as_it_says(load):
    given = {"SensorType": 6, "NumberOfChannels": 4, "Range": 20, "PointsPerSecond": 1000,
             "RotationsPerSecond": 5, "HorizontalFOVStart": -20, "HorizontalFOVEnd": 20,
             "VerticalFOVUpper": 10, "VerticalFOVLower": -10,
             "DataFrame": "SensorLocalFrame", "Z": -0.1}  # fmt: skip
    settings = load({"Vehicles": {"A": {"Sensors": {"ring": given}}}}).vehicles[0].lidars["ring"]
    lidar = settings.lidar
    assert settings.sensor_frame
    assert (lidar.channels, lidar.range_m, lidar.points_per_second, lidar.rotations_per_second) == (
        4,
        20,
        1000,
        5,
    )
    assert (lidar.horizontal_fov_deg, lidar.vertical_fov_deg) == ((-20, 20), (10, -10))
    assert lidar.pose.position[2] == -0.1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "line 1, column 2"),
        ('{"a": NaN}', "found NaN, allowed: JSON"),
        ("[]", "found a list of 0, allowed: a mapping"),
        ("[" * 100_000, "allowed: JSON"),
        ({"SimMode": "Car"}, "SimMode: found 'Car', allowed: one of Multirotor"),
        ({"ApiServerPort": 70_000}, "ApiServerPort: found 70000, allowed: a whole number >= 0 and <= 65535"),
        ({"ClockSpeed": -1}, "ClockSpeed: found -1"),
        ({"LocalHostIp": 5}, "LocalHostIp: found 5, allowed: text"),
        ({"OriginGeopoint": {"Latitude": 91}}, "OriginGeopoint.Latitude: found 91"),
        ({"CameraDefaults": {"CaptureSettings": {}}}, "CaptureSettings: found a mapping, allowed: a list"),
        ({"CameraDefaults": {"CaptureSettings": [{"Width": 0}]}}, "CaptureSettings[0].Width: found 0"),
        ({"CameraDefaults": {"CaptureSettings": [{"Width": 1e9}]}}, "Width: found 1000000000.0"),
        ({"CameraDefaults": {"CaptureSettings": [{"FOV_Degrees": 180}]}}, "FOV_Degrees: found 180"),
        ({"Vehicles": []}, "Vehicles: found a list of 0"),
        ({"Vehicles": {"A": {"VehicleType": "PhysXCar"}}}, "Vehicles.A.VehicleType: found 'PhysXCar'"),
        ({"Vehicles": {"A": {"X": "1"}}}, "Vehicles.A.X: found '1', allowed: a finite number"),
        ({"Vehicles": {"A": {"Sensors": {"s": {}}}}}, "Vehicles.A.Sensors.s.SensorType: found nothing"),
        ({"Vehicles": {"A": {"Sensors": {"s": {"SensorType": 7}}}}}, "SensorType: found 7"),
        ({"Vehicles": {"A": {"Sensors": {"s": {"SensorType": 6, "PointsPerSecond": 10**9}}}}},
         "PointsPerSecond: found 1000000000, allowed: at most 1000000 in one revolution"),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_in_one_line(load, content, words):
    with pytest.raises(InputError) as refusal:
        load(content)
    assert words in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        load_settings(tmp_path / "nothing.json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "SimMode",
    "ClockSpeed",
    "ApiServerPort",
    "LocalHostIp",
    "Vehicles",
    "CameraDefaults",
    "DefaultSensors",
]


@given(content=st.dictionaries(st.sampled_from(KEYS), json_values, max_size=3))
def test_whatever_is_in_a_file_it_is_read_or_refused(content, scratch):
    path = scratch / "settings.json"
    path.write_text(json.dumps(content))
    with contextlib.suppress(InputError):
        assert isinstance(load_settings(path), Settings)
