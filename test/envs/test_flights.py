"""Rounds of flights in the real simulator."""

import numpy as np
import pytest
from flight_hall import AHEAD, CALM, PixelPolicy, make_environment, make_learner
from numpy.testing import assert_array_equal

from dcpg_ros.core.errors import CheckpointError, LinkLost, Stopped
from dcpg_ros.envs import patience
from dcpg_ros.envs.flights import Flights
from dcpg_ros.envs.settings import vehicle_names
from dcpg_ros.scenario.worlds import Start

STARTS = (Start(0, -3), Start(0, 3), Start(4, -3, 0, 90))


@pytest.fixture
def fly(serve, connect):
    """Flights in a simulation of their own."""

    def make(learner, environment=None, served=None, **changes):
        environment = environment or make_environment()
        served = served or serve(environment, learner.flights)
        vehicles = vehicle_names("agent_0", learner.flights)
        arguments = {"seed": 3, "agent": 0, "starts": STARTS, "patience_s": 20.0, **changes}
        flights = Flights(
            environment, learner, arguments.pop("seed"), arguments.pop("agent"), connect(served),
            PixelPolicy(), vehicles, **arguments,
        )  # fmt: skip
        return flights, served

    return make


class Fixed(PixelPolicy):
    """The same probabilities always."""

    def __init__(self, row):
        self.row = row

    def probabilities(self, observations):
        return np.tile(self.row, (len(observations), 1))


class Straight(Fixed):
    """Straight on."""

    def __init__(self):
        super().__init__(np.eye(25)[AHEAD])


class Saboteur(PixelPolicy):
    """Does something to the server before its n-th answer, once or from then on."""

    def __init__(self, number, deed, always=False):
        self.left, self.deed, self.always, self.done = number, deed, always, False

    def probabilities(self, observations):
        self.left -= 1
        if self.left == 0 or (self.always and self.left < 0):
            self.deed()
            self.done = True
        return super().probabilities(observations)


def same(first, second):
    assert first.mean_return == second.mean_return
    assert len(first.segments) == len(second.segments)
    for one, other in zip(first.segments, second.segments, strict=True):
        for array, expected in zip(one, other, strict=True):
            assert_array_equal(array, expected)


def thetas(rounds):
    return np.random.default_rng(0).standard_normal((rounds, 25))


@pytest.mark.parametrize(
    ("kind", "quota"),
    [
        ("a2c", {"steps_per_round": 7}),
        ("reinforce", {"episodes_per_round": 5}),
        ("reinforce", {"episodes_per_round": 2, "steps_per_round": 14}),
    ],
)
def test_stop_and_restore_in_a_new_simulation_is_as_if_never_stopped(fly, kind, quota):
    learner, environment = make_learner(type=kind, flights=3, **quota), make_environment(cap_m=5.0)
    through, _ = fly(learner, environment)
    expected = [through.sample(theta, round) for round, theta in enumerate(thetas(6))]
    first, served = fly(learner, environment)
    found = [first.sample(theta, round) for round, theta in enumerate(thetas(3))]
    memory = {name: array.copy() for name, array in first.memory().items()}
    served.kill()
    second, _ = fly(learner, environment)
    second.restore(memory)
    found += [second.sample(theta, round) for round, theta in enumerate(thetas(6)) if round >= 3]
    for one, other in zip(found, expected, strict=True):
        same(one, other)
    for name, array in second.memory().items():
        assert_array_equal(array, through.memory()[name])
    assert through.mean_return != 0


def test_a_round_of_steps_gives_each_flight_its_quota(fly):
    flights, _ = fly(make_learner(flights=3, steps_per_round=20))
    for round in range(3):
        experience = flights.sample(np.zeros(25), round)
        assert experience.steps == 60
        for segment in experience.segments:
            assert segment.observations.shape == (segment.steps + 1, 24, 24, 3)
            assert segment.terminated == (segment.rewards[-1] == -1)
            assert (segment.rewards[:-1] >= 0).all()
    assert flights.safe_flight_m > 0


def test_flights_go_on_over_rounds(fly):
    flights, _ = fly(make_learner(flights=2, steps_per_round=3))
    flights.policy = Straight()  # nothing is so near to a start
    first, second = flights.sample(None, 0).segments, flights.sample(None, 1).segments
    assert len(first) == len(second) == 2
    for before, after in zip(first, second, strict=True):
        assert_array_equal(before.observations[-1], after.observations[0])
        assert (before.observations[0] != before.observations[-1]).any()


def test_an_episode_that_ends_within_a_round_is_split_there(fly):
    environment = make_environment(cap_m=1.0, **CALM)  # three steps of 0.4 m
    flights, _ = fly(make_learner(flights=2, steps_per_round=8), environment)
    flights.policy = Straight()
    experience = flights.sample(None, 0)
    assert sorted(segment.steps for segment in experience.segments) == [2, 2, 3, 3, 3, 3]
    assert not any(segment.terminated for segment in experience.segments)  # cut off is not crashed
    assert flights.safe_flight_m == pytest.approx(1.2, abs=1e-5)
    # episodes 0, 2 and 4 are flown by the first, 1, 3 and 5 by the second, from three starts in turn
    starts = [segment.observations[0] for segment in experience.segments]
    for first in range(3):
        assert_array_equal(starts[first], starts[first + 3])
        assert (starts[first] != starts[(first + 1) % 3]).any()


def test_mean_return_and_distance_are_of_the_episodes_that_ended(fly):
    environment = make_environment(cap_m=1.0, **CALM)
    flights, _ = fly(make_learner(type="reinforce", flights=2, episodes_per_round=3), environment)
    flights.policy = Straight()
    experience = flights.sample(None, 0)
    returns = [segment.rewards.astype(float).sum() for segment in experience.segments]
    assert experience.mean_return == pytest.approx(np.mean(returns))
    assert flights.mean_return == experience.mean_return
    assert flights.safe_flight_m == pytest.approx(1.2, abs=1e-5)


def test_reinforce_flies_whole_episodes_which_are_a_function_of_the_round(fly):
    learner = make_learner(type="reinforce", flights=2, episodes_per_round=5)
    environment = make_environment(cap_m=6.0)
    flights, _ = fly(learner, environment)
    fourth = flights.sample(np.ones(25), 4)
    assert len(fourth.segments) == 5
    for segment in fourth.segments:
        assert segment.terminated or 0.4 * segment.steps >= 6 - 1e-3
    fifth = flights.sample(np.ones(25), 5)
    again = flights.sample(np.ones(25), 4)
    other, _ = fly(learner, environment)
    same(other.sample(np.ones(25), 4), fourth)
    same(again._replace(mean_return=0.0), fourth._replace(mean_return=0.0))
    assert any(a.steps != b.steps for a, b in zip(fourth.segments, fifth.segments, strict=True))


def test_reinforce_adds_whole_episodes_until_each_flight_has_its_steps(fly):
    learner = make_learner(type="reinforce", flights=2, episodes_per_round=4, steps_per_round=5)
    for cap_m, steps, episodes in ((1.0, 3, 2), (0.5, 2, 3), (3.0, 8, 2)):  # of a flight: ceil(5 / 2) = 3
        flights, _ = fly(learner, make_environment(cap_m=cap_m, **CALM))
        flights.policy = Straight()
        first, second = flights.sample(None, 0).segments, flights.sample(None, 1).segments
        assert [segment.steps for segment in first + second] == [steps] * (2 * episodes) * 2
        # episodes 0, 2, 4 ... by the first, 1, 3, 5 ... by the second, over rounds, from three starts in turn
        begins = [segment.observations[0] for segment in first + second]
        for one, begin in enumerate(begins):
            for other in range(one):
                assert (begin == begins[other]).all() == ((one - other) % 3 == 0)


def test_more_flights_than_episodes_leave_some_on_the_ground(fly):
    flights, _ = fly(make_learner(type="reinforce", flights=3, episodes_per_round=2))
    assert len(flights.sample(np.zeros(25), 0).segments) == 2


def test_agents_and_seeds_fly_differently(fly):
    learner = make_learner(flights=1, steps_per_round=6)
    actions = [
        fly(learner, **change)[0].sample(np.zeros(25), 0).segments[0].actions.tolist()
        for change in ({}, {"agent": 1}, {"seed": 4})
    ]
    assert len(set(map(tuple, actions))) == 3


def test_actions_follow_their_probabilities(fly):
    flights, _ = fly(make_learner(flights=2, steps_per_round=150))
    flights.policy = Fixed(np.array([0.1, 0.2, 0.7] + [0.0] * 22))
    experience = flights.sample(None, 0)
    actions = np.concatenate([segment.actions for segment in experience.segments])
    assert len(actions) == 300
    np.testing.assert_allclose(np.bincount(actions, minlength=25)[:3] / 300, [0.1, 0.2, 0.7], atol=0.1)
    assert actions.max() == 2


@pytest.mark.parametrize("kind", ["a2c", "reinforce"])
def test_a_server_killed_and_restarted_in_a_round_costs_the_flights_under_way_and_no_more(fly, serve, kind):
    quota = {"steps_per_round": 12} if kind == "a2c" else {"episodes_per_round": 4}
    learner = make_learner(type=kind, flights=2, **quota)
    flights, served = fly(learner)
    flights.sample(np.zeros(25), 0)
    before = flights.results.rows
    policy = flights.policy = Saboteur(5, lambda: (served.kill(), serve(None, 2, served.port)))
    experience = flights.sample(np.zeros(25), 1)
    assert policy.done
    if kind == "a2c":
        assert experience.steps == 24
    else:
        assert len(experience.segments) == 4
        assert all(segment.terminated for segment in experience.segments)
    ended = sum(segment.terminated for segment in experience.segments)
    assert len(flights.results.rows) == len(before) + ended
    for segment in experience.segments:
        assert not (segment.rewards[:-1] == -1).any()  # none goes on behind a crash, or over the loss
    assert flights.sample(np.zeros(25), 2).steps > 0


class Tripwire:
    """A link that does something to the server before its n-th call."""

    def __init__(self, link, number, deed):
        self.link, self.left, self.deed = link, number, deed

    def call(self, method, *arguments):
        return self.send(method, *arguments).get()

    def send(self, method, *arguments):
        self.left -= 1
        if self.left == 0:
            self.deed()
        return self.link.send(method, *arguments)

    def reconnect(self, patience_s, stop):
        self.link.reconnect(patience_s, stop)


# Of 2 flights: 1 to 7 take the vehicles over, 8 and 9 place them, 16 and 17 move them, the others look.
@pytest.mark.parametrize("number", [1, 4, 9, 12, 17, 20, 23])
def test_a_link_may_be_lost_at_any_call(fly, serve, number):
    flights, served = fly(make_learner(flights=2, steps_per_round=3))
    flights.policy = Straight()
    wire = Tripwire(flights.link, number, lambda: (served.kill(), serve(None, 2, served.port)))
    flights.link = flights.fleet.link = wire
    for flight in flights.fleet.flights:
        flight.link = wire
    experience = flights.sample(None, 0)
    assert wire.left < 0
    assert [segment.steps for segment in experience.segments] == [3, 3]
    for segment in experience.segments:
        assert (np.diff(segment.observations.astype(int), axis=0) != 0).any(axis=(1, 2, 3)).all()
    assert [flight.distance_m for flight in flights.fleet.flights] == pytest.approx([1.2, 1.2], abs=1e-5)


@pytest.mark.parametrize("kind", ["a2c", "reinforce"])
def test_flights_in_this_process_are_those_over_the_network(fly, serve, kind):
    direct = pytest.importorskip("dcpg_ros.simulator.direct")
    quota = {"steps_per_round": 10} if kind == "a2c" else {"episodes_per_round": 3}
    learner, environment = make_learner(type=kind, flights=2, **quota), make_environment(cap_m=5.0)
    over_the_network, _ = fly(learner, environment)
    expected = [over_the_network.sample(theta, round) for round, theta in enumerate(thetas(3))]
    served = serve(environment, 2)
    served.kill()  # only its simulation is wanted
    link = direct.DirectLink(served.simulation)
    flights = Flights(
        environment, learner, 3, 0, link, PixelPolicy(), vehicle_names("agent_0", 2), STARTS
    )  # fmt: skip
    for round, theta in enumerate(thetas(3)):
        same(flights.sample(theta, round), expected[round])


def test_a_server_that_is_lost_for_good_ends_the_round_with_one_line(fly):
    flights, served = fly(make_learner(flights=1, steps_per_round=8), patience_s=0.2)
    flights.policy = Saboteur(2, served.kill)
    with pytest.raises(LinkLost, match="Connection refused") as caught:
        flights.sample(np.zeros(25), 0)
    assert "\n" not in str(caught.value)


def test_waiting_for_a_lost_server_can_be_stopped(fly):
    flights, served = fly(make_learner(flights=1, steps_per_round=8), patience_s=3600, stop=lambda: True)
    flights.policy = Saboteur(2, served.kill)
    with pytest.raises(Stopped):
        flights.sample(np.zeros(25), 0)


def test_a_server_that_dies_again_and_again_is_given_up(fly, serve):
    flights, served = fly(make_learner(flights=1, steps_per_round=8))
    now = [served]

    def restart():
        now[0].kill()
        now[0] = serve(None, 1, served.port)

    flights.policy = Saboteur(1, restart, always=True)
    with pytest.raises(LinkLost):
        flights.sample(np.zeros(25), 0)


def test_patience_is_with_all_of_a_silence_and_not_with_each_reconnection(fly, monkeypatch):
    monkeypatch.setattr(patience, "MOST_LOSSES", 10**9)
    flights, _ = fly(make_learner(flights=1, steps_per_round=8), patience_s=0.3)
    lost = LinkLost("a server that answers a ping and nothing else")
    monkeypatch.setattr(flights.fleet, "step", Raising(lost))
    with pytest.raises(LinkLost, match="a ping and nothing else"):
        flights.sample(np.zeros(25), 0)


class Raising:
    def __init__(self, error):
        self.error = error

    def __call__(self, *arguments):
        raise self.error


def test_a_restored_flight_waits_for_its_server(fly, serve):
    learner = make_learner(flights=2, steps_per_round=4)
    through, _ = fly(learner)
    expected = [through.sample(np.zeros(25), round) for round in range(2)]
    first, served = fly(learner)
    first.sample(np.zeros(25), 0)
    memory = first.memory()
    served.kill()
    calls = []

    def stop():
        calls.append(1)
        if len(calls) == 3:
            serve(None, 2, served.port)
        return False

    second, _ = fly(learner, served=served, stop=stop)
    second.restore(memory)
    same(second.sample(np.zeros(25), 1), expected[1])


def test_the_memory_of_other_flights_is_refused(fly):
    two, _ = fly(make_learner(flights=2))
    three, _ = fly(make_learner(flights=3))
    for memory in (two.memory(), {}):
        with pytest.raises(CheckpointError, match="not that of 3 flights"):
            three.restore(memory)


def test_what_is_shown_is_where_the_first_flight_is(fly):
    flights, _ = fly(make_learner(flights=2, steps_per_round=5), make_environment(**CALM))
    assert flights.latest is None
    flights.policy = Straight()
    experience = flights.sample(None, 0)
    latest = flights.latest
    assert_array_equal(latest.picture, experience.segments[0].observations[-1])
    # from 3 m west of the player start, five steps of 0.4 m to the north
    np.testing.assert_allclose(latest.position, (-3, 2, 0), atol=1e-5)
    assert latest.yaw == pytest.approx(np.pi / 2)
    np.testing.assert_allclose(latest.path, [(-3, 0.4 * step, 0) for step in range(6)], atol=1e-5)
