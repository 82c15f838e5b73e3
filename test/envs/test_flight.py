"""One drone in the hall: its player start is 12 m before the north wall, which is a drone's radius closer."""

import math

import numpy as np
import pytest
from flight_hall import AHEAD, CALM, RADIUS_M, make_environment
from numpy.testing import assert_array_equal

from dcpg_ros.core.errors import DcpgError, InputError, LinkLost
from dcpg_ros.envs.fleet import Fleet
from dcpg_ros.envs.flight import Flight
from dcpg_ros.envs.starts import Beginning

STEP_M = 0.4
WALL_M = 12.0  # north of the player start
START = Beginning((0.0, 0.0, 0.0), 0.0)
NORTH = (0.0, 0.0)


class Altered:
    """A link whose answers to one method are altered on the way: another server than ours."""

    def __init__(self, link, method, alter):
        self.link, self.method, self.alter = link, method, alter

    def call(self, method, *arguments):
        return self.send(method, *arguments).get()

    def send(self, method, *arguments):
        reply = self.link.send(method, *arguments)
        return AlteredReply(reply, self.alter) if method == self.method else reply


class AlteredReply:
    def __init__(self, reply, alter):
        self.reply, self.alter = reply, alter

    def get(self):
        return self.alter(self.reply.get())


@pytest.fixture
def airborne(serve, connect):
    """A fleet of one, at the start of an episode."""

    def make(begin=START, alter=None, **changes):
        environment = make_environment(**{**CALM, **changes})
        link = connect(serve(environment))
        fleet = Fleet(
            Altered(link, *alter) if alter else link,
            ["agent_0_0"],
            environment.camera,
            environment.navigation,
        )
        fleet.prepare()
        fleet.begin([(fleet.flights[0], begin)])
        return fleet

    return make


def step(fleet, action=AHEAD, noise_bins=NORTH):
    (outcome,) = fleet.step([(fleet.flights[0], action, noise_bins)])
    return outcome


def fly_on(fleet):
    while not ((outcome := step(fleet)).terminated or outcome.truncated):
        assert not outcome.collided
    return outcome


def test_a_step_goes_where_the_formula_says(airborne):
    fleet = airborne()
    flight = fleet.flights[0]
    outcome = step(fleet, 23, (0.1, -0.1))  # row 4, column 3
    theta, psi = math.radians(6 * (2 + 0.1)), math.radians(80 / 7.5 * (1 - 0.1))
    assert flight.yaw_ned == pytest.approx(psi)
    expected = (STEP_M * math.cos(psi), STEP_M * math.sin(psi), STEP_M * math.sin(theta))
    assert flight.position_ned == pytest.approx(expected, abs=1e-6)
    assert flight.distance_m == pytest.approx(STEP_M, abs=1e-6)
    assert not outcome.terminated
    assert not outcome.truncated


def test_what_is_read_back_is_what_was_commanded_to_the_bit(airborne):
    fleet = airborne(Beginning((0.5, -1.25, 0.25), 0.3))
    for action in (3, 9, 17, 12):
        step(fleet, action, (0.013, -0.077))
        place = fleet.flights[0].position_ned
        assert place == tuple(np.float32(place).tolist())
    orientation = fleet.link.call("simGetVehiclePose", "agent_0_0")["orientation"]
    assert orientation["x_val"] == orientation["y_val"] == 0
    yaw = 2 * math.atan2(orientation["z_val"], orientation["w_val"])
    assert yaw == pytest.approx(fleet.flights[0].yaw_ned, abs=1e-6)


def test_the_wall_ahead_ends_the_flight_by_contact(airborne):
    fleet = airborne(crash_threshold=0.0)
    outcome = fly_on(fleet)
    assert (outcome.terminated, outcome.truncated, outcome.collided) == (True, False, True)
    assert outcome.reward == -1
    assert fleet.flights[0].distance_m == pytest.approx(WALL_M - RADIUS_M, abs=1e-3)


def test_a_threshold_ends_it_before_without_contact(airborne):
    # the least centre value allowed, 0.2, is a DepthVis byte of 10, which is 3.9 m
    fleet = airborne(crash_threshold=0.2)
    outcome = fly_on(fleet)
    assert (outcome.terminated, outcome.truncated, outcome.collided) == (True, False, False)
    assert outcome.reward == -1
    clearance = WALL_M - fleet.flights[0].position_ned[0]
    assert 10 / 255 * 100 - STEP_M - 0.2 < clearance < 10 / 255 * 100 + 0.2


def test_the_cap_truncates_and_does_not_terminate(airborne):
    fleet = airborne(cap_m=1.0)
    outcomes = [step(fleet) for _ in range(3)]
    assert [outcome.truncated for outcome in outcomes] == [False, False, True]
    assert not any(outcome.terminated for outcome in outcomes)
    assert outcomes[-1].reward > 0


def test_a_crash_at_the_cap_is_a_crash(airborne):
    fleet = airborne(Beginning((WALL_M - RADIUS_M - 0.3, 0.0, 0.0), 0.0), cap_m=0.2)
    outcome = step(fleet)
    assert (outcome.terminated, outcome.truncated) == (True, False)


def test_the_reward_is_the_depth_ahead_and_the_total_their_sum(airborne):
    # Close to the wall the whole picture counts, and its nearest twentieth is the wall or what is nearer.
    fleet = airborne(Beginning((WALL_M - 2.0, 0.0, 0.0), 0.0))
    rewards = [step(fleet).reward for _ in range(2)]
    assert rewards == pytest.approx([round(1.6 * 2.55) / 50, round(1.2 * 2.55) / 50], abs=0.021)
    assert fleet.flights[0].total == pytest.approx(sum(rewards))


def test_an_earlier_collision_is_forgotten_at_the_start(airborne):
    fleet = airborne()
    fly_on(fleet)
    fleet.begin([(fleet.flights[0], START)])
    flight = fleet.flights[0]
    assert (flight.position_ned, flight.distance_m, flight.total) == ((0, 0, 0), 0, 0)
    assert not step(fleet).terminated


def test_a_start_is_reached_through_walls(airborne):
    fleet = airborne(Beginning((0.0, -3.0, 0.0), 0.0))
    step(fleet, AHEAD)
    fleet.begin([(fleet.flights[0], Beginning((5.0, 3.0, 0.0), 1.0))])
    assert fleet.flights[0].position_ned == (5, 3, 0)
    assert not step(fleet).collided


def test_the_same_pose_gives_the_same_picture(airborne):
    begin = Beginning((1.0, 1.0, 0.0), 0.4)
    first, second = airborne(begin), airborne(begin)
    assert_array_equal(first.flights[0].picture, second.flights[0].picture)
    step(second)
    assert (first.flights[0].picture != second.flights[0].picture).any()


def test_the_picture_is_red_where_the_wall_is_and_green_where_the_floor_is(airborne):
    picture = airborne(Beginning((0.0, 0.0, 0.0), 0.0)).flights[0].picture.astype(int)
    floor, middle = picture[-1, 12], picture[12, 12]
    assert floor[1] > floor[0]
    assert middle[0] > middle[1]
    assert picture[0, 12, 2] > picture[0, 12, 0]  # the blue ceiling above


def test_a_drone_that_did_not_move_has_crashed_whatever_the_server_says(airborne):
    def calm(info):
        return {**info, "has_collided": False}

    fleet = airborne(Beginning((WALL_M - RADIUS_M - 1e-3, 0.0, 0.0), 0.0), ("simGetCollisionInfo", calm))
    outcome = step(fleet)
    assert (outcome.terminated, outcome.collided, outcome.reward) == (True, False, -1)


def test_a_server_that_moves_a_frame_later_is_looked_at_again(airborne):
    before = []

    def late(pose):
        before.append(pose)
        return before[-2] if len(before) > 1 else pose

    fleet = airborne(START, ("simGetVehiclePose", late))
    outcomes = [step(fleet) for _ in range(3)]
    assert not any(outcome.terminated for outcome in outcomes)
    assert fleet.flights[0].distance_m == pytest.approx(3 * STEP_M, abs=1e-5)


def test_an_episode_on_such_a_server_begins_where_it_was_put_and_not_where_the_last_one_ended(airborne):
    before = []

    def late(pose):
        before.append(pose)
        return before[-2] if len(before) > 1 else pose

    fleet, elsewhere = airborne(START, ("simGetVehiclePose", late)), Beginning((3.0, 1.0, 0.0), 0.0)
    step(fleet)
    fleet.begin([(fleet.flights[0], elsewhere)])
    assert fleet.flights[0].position_ned == pytest.approx(elsewhere.position_ned, abs=1e-5)
    step(fleet)
    assert fleet.flights[0].distance_m == pytest.approx(STEP_M, abs=1e-5)


def test_a_server_that_puts_drones_elsewhere_is_refused(airborne):
    def astray(pose):
        return {**pose, "position": {**pose["position"], "y_val": pose["position"]["y_val"] + 0.5}}

    words = r"vehicle agent_0_0: found 0\.50 m from where it was put, allowed: at most 0\.2 m"
    with pytest.raises(InputError, match=words):
        airborne(START, ("simGetVehiclePose", astray))


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("simGetVehiclePose", None),
        ("simGetVehiclePose", {"position": {"x_val": math.nan, "y_val": 0.0, "z_val": 0.0}}),
        ("simGetVehiclePose", {"position": {"x_val": "1", "y_val": 0.0, "z_val": 0.0}}),
        ("simGetVehiclePose", {"position": {"x_val": 1.0}}),
        ("simGetCollisionInfo", None),
        ("simGetCollisionInfo", {}),
        ("simGetCollisionInfo", 5),
    ],
)
def test_nonsense_is_a_lost_link_in_one_line(airborne, method, answer):
    with pytest.raises(LinkLost, match=f": {method}: found .*, allowed: ") as caught:
        airborne(START, (method, lambda _: answer))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("answer", [None, 5, "agent_0_0", [1, 2]])
def test_a_server_that_cannot_list_its_vehicles_is_believed_to_have_them(airborne, answer):
    assert not step(airborne(START, ("listVehicles", lambda _: answer))).terminated


def test_an_old_server_is_asked_for_pictures_as_it_wants(serve, connect):
    environment = make_environment()
    link = connect(serve(environment))

    class Old:
        def call(self, method, *arguments):
            return self.send(method, *arguments).get()

        def send(self, method, *arguments):
            if method == "simGetImages" and len(arguments) == 3:  # what rpclib says in AirSim 1.2
                raise DcpgError(
                    "rpclib: Function 'simGetImages' was called with an invalid number of arguments. "
                    "Expected: 2, got: 3"
                )
            return link.send(method, *arguments)

    flight = Flight(Old(), "agent_0_0", environment.camera, environment.navigation)
    flight.prepare()
    flight.send_beginning(START)
    flight.wait()
    flight.send_look()
    assert flight.begin().shape == (24, 24, 3)


def test_pictures_of_another_size_are_refused_in_one_line(serve, connect):
    environment = make_environment(camera={"width": 32})
    fleet = Fleet(
        connect(serve(make_environment())), ["agent_0_0"], environment.camera, environment.navigation
    )
    fleet.prepare()
    with pytest.raises(InputError, match="found 24 x 24 pixels in 1728 bytes, allowed: 32 x 32 pixels"):
        fleet.begin([(fleet.flights[0], START)])


def test_a_vehicle_that_is_not_there_is_refused_in_one_line(serve, connect):
    environment = make_environment()
    link = connect(serve(environment, flights=2))
    fleet = Fleet(link, ["agent_0_0", "rocket"], environment.camera, environment.navigation)
    with pytest.raises(InputError) as caught:
        fleet.prepare()
    assert str(caught.value) == (
        f"{link}: vehicle: found rocket, allowed: a vehicle of the server: agent_0_0, agent_0_1"
    )
