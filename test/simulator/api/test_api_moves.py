import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

airsim = pytest.importorskip("airsim")
from msgpackrpc.error import RPCError  # noqa: E402

FOREVER = 1e6  # s: a move that only ends when it is told to


def position(client, name=""):
    return np.array([*client.simGetVehiclePose(name).position])


def yaw(client, name=""):
    return airsim.to_eularian_angles(client.simGetVehiclePose(name).orientation)[2]


def test_takeoff_land_and_home(client):
    client.simSetVehiclePose(airsim.Pose(airsim.Vector3r(1, 1, 1.25)), True)
    assert client.takeoffAsync().get() is True
    assert_allclose(position(client), [1, 1, -0.75], atol=0.02)
    assert client.goHomeAsync().get() is True
    assert_allclose(position(client), 0, atol=0.02)
    assert client.landAsync().get() is True
    assert_allclose(position(client), [0, 0, 1.25], atol=1e-3)
    assert client.getMultirotorState().landed_state == airsim.LandedState.Landed


def test_a_takeoff_within_a_flight_is_refused(client):
    client.simPause(True)
    state = client.simGetGroundTruthKinematics()
    state.linear_velocity = airsim.Vector3r(1.0, 0.0, 0.0)
    client.simSetKinematics(state, True)
    with pytest.raises(RPCError, match=r"takeoff: the vehicle moves already, at 1\.00 m/s"):
        client.takeoffAsync().get()


def test_moves_to_a_place_count_from_the_vehicles_own_start(serve_room):
    client = serve_room({"Vehicles": {"A": {}, "B": {"X": 2.0, "Y": 2.0, "Z": 0.0}}}).client()
    client.enableApiControl(True, "B")
    assert client.moveToPositionAsync(1, 1, -0.5, 2, vehicle_name="B").get() is True
    assert_allclose(position(client, "B"), [1, 1, -0.5], atol=0.02)
    assert client.moveToZAsync(0.5, 1, vehicle_name="B").get() is True
    assert_allclose(position(client, "B"), [1, 1, 0.5], atol=0.02)
    path = [airsim.Vector3r(x, y, 0) for x, y in [(1, 0), (0, 0), (0, 1)]]
    assert client.moveOnPathAsync(path, 2, vehicle_name="B").get() is True
    assert_allclose(position(client, "B"), [0, 1, 0], atol=0.02)
    assert_allclose(position(client, "A"), 0)


def test_a_move_to_a_place_on_the_earth_ends_there(client):
    home = client.getHomeGeoPoint()
    north = 3 / 111_180  # degrees of 3 m at this latitude
    assert client.moveToGPSAsync(home.latitude + north, home.longitude, home.altitude, 2).get() is True
    assert_allclose(position(client), [3, 0, 0], atol=0.05)


def test_velocities_hold_for_their_duration(client):
    assert client.moveByVelocityAsync(1, -0.5, 0, 2).get() is True
    client.hoverAsync().get()
    assert 1.5 < position(client)[0] < 3
    assert position(client)[1] == pytest.approx(-position(client)[0] / 2, abs=0.1)
    assert client.moveByVelocityZAsync(-1, 0, -0.5, 2).get() is True
    assert position(client)[2] == pytest.approx(-0.5, abs=0.02)


def test_body_frame_velocities_follow_the_yaw(client):
    assert client.rotateToYawAsync(90).get() is True
    assert math.degrees(yaw(client)) == pytest.approx(90, abs=5)
    client.moveByVelocityBodyFrameAsync(1, 0, 0, 2).get()
    client.hoverAsync().get()
    assert position(client)[1] > 1.5
    assert abs(position(client)[0]) < 0.3
    client.moveByVelocityZBodyFrameAsync(-1, 0, -0.5, 2).get()
    client.hoverAsync().get()
    assert abs(position(client)[1]) < 0.7


def test_yaw_modes_are_in_degrees(client):
    client.rotateByYawRateAsync(30, 2).get()
    assert math.degrees(yaw(client)) == pytest.approx(60, abs=5)
    mode = airsim.YawMode(is_rate=False, yaw_or_rate=-45)
    client.moveToPositionAsync(3, 0, 0, 1, yaw_mode=mode).get()
    assert math.degrees(yaw(client)) == pytest.approx(-45, abs=2)
    forward = airsim.DrivetrainType.ForwardOnly
    client.moveToPositionAsync(0, 0, 0, 1, drivetrain=forward, yaw_mode=airsim.YawMode(False, 0)).get()
    assert abs(math.degrees(yaw(client))) == pytest.approx(180, abs=5)


def test_attitudes_move_it_where_it_leans(client):
    client.moveByRollPitchYawZAsync(0.1, 0, 0, 0, 1).get()  # rolled to the right
    client.hoverAsync().get()
    assert position(client)[1] > 0.2
    client.reset()
    client.enableApiControl(True)
    client.moveByRollPitchYawZAsync(0, 0.1, 0, 0, 1).get()  # the client's pitch is nose down
    client.hoverAsync().get()
    assert position(client)[0] > 0.2
    client.moveByRollPitchYawrateZAsync(0, 0, -0.5, 0, 2).get()  # and its yaw to the left
    assert yaw(client) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(
    ("move", "arguments", "rises"),
    [
        ("moveByRollPitchYawThrottle", (0, 0, 0, 0.7, 0.5), True),
        ("moveByRollPitchYawThrottle", (0, 0, 0, 0.4, 0.5), False),
        ("moveByRollPitchYawrateThrottle", (0, 0, 0, 0.7, 0.5), True),
        ("moveByAngleRatesThrottle", (0, 0, 0, 0.7, 0.5), True),
        ("moveByAngleRatesZ", (0, 0, 0, -0.3, 2), True),
        ("moveByMotorPWMs", (0.7, 0.7, 0.7, 0.7, 0.5), True),
        ("moveByMotorPWMs", (0.4, 0.4, 0.4, 0.4, 0.5), False),
    ],
)
def test_throttles_above_that_of_hovering_rise(client, move, arguments, rises):
    getattr(client, move + "Async")(*arguments).get()
    assert (position(client)[2] < -0.05) == rises


def test_a_wall_stops_a_move_that_then_ends_by_its_timeout(client):
    assert client.moveToPositionAsync(20, 0, 0, 3, timeout_sec=5).get() is False
    assert position(client)[0] == pytest.approx(7.75, abs=1e-3)
    assert client.simGetCollisionInfo().has_collided


def test_a_newer_move_ends_the_older_with_false(client):
    client.simPause(True)
    older = client.moveByVelocityAsync(1, 0, 0, FOREVER)
    newer = client.moveByVelocityAsync(0, 1, 0, 1)
    assert older.get() is False
    client.simPause(False)
    assert newer.get() is True


@pytest.mark.parametrize("end", ["cancelLastTask", "reset"])
def test_a_cancelled_move_ends_with_false(client, end):
    client.simPause(True)
    move = client.moveByVelocityAsync(1, 0, 0, FOREVER)
    getattr(client, end)()
    assert move.get() is False


def test_other_calls_are_answered_while_a_move_is_under_way(client):
    client.simPause(True)
    move = client.moveToPositionAsync(3, 0, 0, 1)
    for _ in range(3):
        assert client.ping()
        assert client.simGetVehiclePose().position.x_val == 0
    client.simPause(False)
    assert move.get() is True


def test_several_drones_move_at_once(serve_room):
    vehicles = {name: {"X": float(x), "Y": 0.0, "Z": 0.0} for name, x in zip("ABC", (0, 2, 4), strict=True)}
    client = serve_room({"Vehicles": vehicles}).client()
    for name in vehicles:
        client.enableApiControl(True, name)
    moves = [client.moveToPositionAsync(0, 2, 0, 1, vehicle_name=name) for name in vehicles]
    assert [move.get() for move in moves] == [True] * 3
    for name in vehicles:
        assert_allclose(position(client, name), [0, 2, 0], atol=0.02)


def test_paused_time_goes_on_in_lock_step(client):
    """Each step of the program is one of the simulation, however long either takes."""
    client.simPause(True)
    move = client.moveByVelocityAsync(1, 0, 0, FOREVER)
    start = client.getMultirotorState().timestamp
    places = []
    for number in range(1, 6):
        client.simContinueForTime(0.1)
        while not client.simIsPause():
            pass
        assert client.getMultirotorState().timestamp - start == number * 100_000_000
        places.append(client.simGetVehiclePose().position.x_val)
    assert_allclose(np.diff(places)[1:], 0.1, atol=0.02)
    client.cancelLastTask()
    assert move.get() is False


def test_the_same_commands_give_the_same_flight(serve_room):
    def fly():
        client = serve_room().client()
        client.enableApiControl(True)
        client.moveToPositionAsync(3, 1, -0.5, 2).get()
        client.moveByVelocityAsync(-1, 0.5, 0, 1).get()
        return client.simGetVehiclePose().position

    assert [*fly()] == [*fly()]


@pytest.mark.parametrize(
    ("move", "arguments", "reason"),
    [
        ("moveToPosition", (math.nan, 0, 0, 1), "Expected `float` >= -1000000"),
        ("moveToPosition", (1e9, 0, 0, 1), "Expected `float` <= 1000000"),
        ("moveToPosition", (1, 0, 0, 0), "velocity: found 0"),
        ("moveToPosition", (1, 0, 0, 1, 10, 1, airsim.YawMode(True, 5)), "yaw_mode: found a rate"),
        ("moveToPosition", (1, 0, 0, 1, 10, 7), "Invalid enum value 7"),
        ("moveOnPath", ([airsim.Vector3r(math.nan, 0, 0)], 1), "path: found"),
        ("moveByVelocity", (1, 0, 0, math.nan), "Expected `float`"),
        ("moveByVelocity", ("fast", 0, 0, 1), "Expected `float`, got `str`"),
        ("hover", ("Nobody",), "no vehicle is called 'Nobody'"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(client, move, arguments, reason):
    with pytest.raises(RPCError, match=reason):
        getattr(client, move + "Async")(*arguments).get()
    assert_allclose(position(client), 0)


def test_a_move_without_control_passes_its_time_and_changes_nothing(client):
    client.enableApiControl(False)
    assert client.moveByVelocityAsync(1, 0, 0, 1).get() is True
    assert_allclose(position(client), 0)


def test_what_there_is_nothing_to_tune_for_is_accepted(client):
    client.moveByRC(airsim.RCData(pitch=0.5, is_valid=True))
    client.moveByManualAsync(1e6, 1e6, -1e6, 0.5).get()
    client.setAngleRateControllerGains()
    client.setAngleLevelControllerGains()
    client.setVelocityControllerGains()
    client.setPositionControllerGains()
    origin = airsim.Vector3r()
    assert client.client.call("setSafety", 0, 1.0, 0, 1.0, origin, 10.0, 10.0, -10.0, "") is True
    assert_allclose(position(client), 0)
