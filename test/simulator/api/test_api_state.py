import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402

RADIUS = 0.25  # m, of a drone


def place(client, *position, yaw=0.0, ignore=True, name=""):
    pose = airsim.Pose(airsim.Vector3r(*map(float, position)), airsim.to_quaternion(0, 0, yaw))
    client.simSetVehiclePose(pose, ignore, name)


def position(client, name=""):
    return np.array([*client.simGetVehiclePose(name).position])


def test_a_vehicle_counts_from_where_it_started(serve_room):
    client = serve_room({"Vehicles": {"A": {}, "B": {"X": 3.0, "Y": 1.0, "Z": 0.0}}}).client()
    place(client, 1, -1, -0.5, yaw=0.5, name="B")
    assert_allclose(position(client, "B"), [1, -1, -0.5], atol=1e-12)
    assert_allclose([*client.simGetObjectPose("B").position], [4, 0, -0.5], atol=1e-12)
    assert airsim.to_eularian_angles(client.simGetVehiclePose("B").orientation)[2] == pytest.approx(0.5)
    assert_allclose(position(client, "A"), 0)


def test_a_pose_keeps_what_is_all_nan(client):
    place(client, 1, 0, 0, yaw=1.0)
    client.simSetVehiclePose(airsim.Pose(airsim.Vector3r(2, 0, 0), airsim.Quaternionr.nanQuaternionr()), True)
    assert airsim.to_eularian_angles(client.simGetVehiclePose().orientation)[2] == pytest.approx(1.0)
    client.simSetVehiclePose(airsim.Pose(airsim.Vector3r.nanVector3r(), airsim.Quaternionr()), True)
    assert_allclose(position(client), [2, 0, 0], atol=1e-12)
    assert airsim.to_eularian_angles(client.simGetVehiclePose().orientation)[2] == pytest.approx(0.0)


@pytest.mark.parametrize(
    "pose",
    [
        airsim.Pose(airsim.Vector3r(math.nan, 0, 0)),
        airsim.Pose(airsim.Vector3r(0, math.inf, 0)),
        airsim.Pose(airsim.Vector3r(0, 0, 1e300)),
        airsim.Pose(airsim.Vector3r(), airsim.Quaternionr(0, 0, 0, 0)),
        airsim.Pose(airsim.Vector3r(), airsim.Quaternionr(0, 0, math.nan, 1)),
    ],
)
def test_any_other_pose_that_is_none_is_refused_and_nothing_moves(client, pose):
    with pytest.raises(RPCError, match=r"this information: (position|orientation): found .*, allowed: "):
        client.simSetVehiclePose(pose, True)
    assert_allclose(position(client), 0)


def test_a_pose_that_minds_collisions_stops_at_the_first_hit(client):
    place(client, 20, 0, 0, yaw=0.3, ignore=False)
    assert_allclose(position(client), [8 - RADIUS, 0, 0], atol=1e-3)
    assert airsim.to_eularian_angles(client.simGetVehiclePose().orientation)[2] == pytest.approx(0.3)
    collision = client.simGetCollisionInfo()
    assert collision.has_collided
    assert collision.object_name.startswith("wall")
    assert_allclose([*collision.normal], [-1, 0, 0], atol=1e-9)
    assert_allclose([*collision.impact_point], [8, 0, 0], atol=1e-9)
    assert_allclose([*collision.position], [8 - RADIUS, 0, 0], atol=1e-3)


def test_only_the_first_to_read_is_told_of_a_collision(client):
    place(client, 0, -20, 0, ignore=False)
    assert client.getMultirotorState().collision.has_collided
    assert client.simGetCollisionInfo().has_collided
    assert not client.simGetCollisionInfo().has_collided
    assert not client.getMultirotorState().collision.has_collided


def test_a_pose_that_does_not_mind_goes_through_walls(client):
    place(client, 20, 0, 0)
    assert_allclose(position(client), [20, 0, 0], atol=1e-12)
    assert not client.simGetCollisionInfo().has_collided


def test_drones_are_obstacles_to_each_other(serve_room):
    client = serve_room({"Vehicles": {"A": {}, "B": {"X": 3.0, "Y": 0.0, "Z": 0.0}}}).client()
    place(client, 5, 0, 0, ignore=False, name="A")
    assert_allclose(position(client, "A"), [3 - 2 * RADIUS, 0, 0], atol=1e-3)
    assert client.simGetCollisionInfo("A").object_name == "B"
    assert client.simGetCollisionInfo("B").object_name == "A"


def test_drones_need_not_be_obstacles_to_each_other(serve_room):
    vehicles = {"A": {}, "B": {"X": 3.0, "Y": 0.0, "Z": 0.0}}
    client = serve_room({"VehicleCollisions": False, "Vehicles": vehicles}).client()
    place(client, 5, 0, 0, ignore=False, name="A")
    assert_allclose(position(client, "A"), [5, 0, 0], atol=1e-12)
    assert not client.simGetCollisionInfo("A").has_collided
    assert not client.simGetCollisionInfo("B").has_collided
    place(client, 20, 0, 0, ignore=False, name="A")
    assert client.simGetCollisionInfo("A").object_name.startswith("wall")


def test_kinematics_are_told_as_they_were_set(client):
    state = client.simGetGroundTruthKinematics()
    state.position = airsim.Vector3r(1.0, 2.0, -0.5)
    state.linear_velocity = airsim.Vector3r(0.5, -0.5, 0.1)
    client.simPause(True)
    client.simSetKinematics(state, True)
    found = client.getMultirotorState().kinematics_estimated
    assert_allclose([*found.position], [1, 2, -0.5], atol=1e-12)
    assert_allclose([*found.linear_velocity], [0.5, -0.5, 0.1], atol=1e-12)
    state.angular_velocity = airsim.Vector3r(0, 0, math.nan)
    with pytest.raises(RPCError, match="angular_velocity: found"):
        client.simSetKinematics(state, True)


def test_places_on_the_earth_count_from_the_player_start(serve_room):
    client = serve_room({"OriginGeopoint": {"Latitude": 10, "Longitude": 20, "Altitude": 100}}).client()
    home = client.getHomeGeoPoint()
    assert_allclose([home.latitude, home.longitude, home.altitude], [10, 20, 100], atol=1e-6)
    place(client, 0, 0, -1000)
    state = client.getMultirotorState()
    assert state.gps_location.altitude == pytest.approx(1100, abs=1e-3)
    air = client.simGetGroundTruthEnvironment()
    assert air.temperature == pytest.approx(288.15 - 6.5 * 1.1, abs=0.01)
    assert air.air_density == pytest.approx(air.air_pressure / (287.05287 * air.temperature), rel=1e-9)
    assert air.gravity.z_val == pytest.approx(9.81, abs=0.01)


def test_a_state_has_every_field_of_the_clients_own(client):
    state = client.getMultirotorState()
    assert state.landed_state == airsim.LandedState.Flying
    assert state.timestamp > 0
    assert not state.rc_data.is_valid
    rotors = client.getRotorStates().rotors
    assert len(rotors) == 4
    assert sum(rotor["thrust"] for rotor in rotors) == pytest.approx(9.81, abs=0.01)


def test_a_drone_on_the_ground_has_landed_and_its_rotors_rest(client):
    place(client, 0, 0, 5, ignore=False)
    assert client.getMultirotorState().landed_state == airsim.LandedState.Landed
    assert {rotor["thrust"] for rotor in client.getRotorStates().rotors} == {0.0}
