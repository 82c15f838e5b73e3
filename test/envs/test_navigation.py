import warnings

import numpy as np
import pytest
from flight_hall import AHEAD, CALM, make_environment
from numpy.testing import assert_array_equal

from dcpg_ros.core.errors import LinkLost
from dcpg_ros.scenario.worlds import Start

pytest.importorskip("gymnasium")
from gymnasium.utils.env_checker import check_env

from dcpg_ros.envs.navigation import DroneNavigation

STARTS = (Start(0, -3), Start(4, -3, 0, 90))


@pytest.fixture
def world(serve, connect):
    """The environment and what serves it."""

    def make(render_mode=None, patience_s=20.0, **changes):
        environment = make_environment(**changes)
        served = serve(environment)
        env = DroneNavigation(
            environment, connect(served), starts=STARTS, patience_s=patience_s, render_mode=render_mode
        )
        return env, served

    return make


def test_gymnasium_finds_nothing_to_complain_about(world):
    env, _ = world("rgb_array")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "encoding is deprecated")  # of the client's msgpack
        check_env(env, skip_render_check=True)
    assert_array_equal(env.render(), env.unwrapped._flight.picture)


def flown(env, seed):
    rows = [env.reset(seed=seed)]
    for action in np.random.default_rng(0).integers(0, 25, 40):
        rows.append(env.step(action))
        if rows[-1][2] or rows[-1][3]:
            rows.append(env.reset())
    return rows


def test_a_seed_gives_the_same_flights(world):
    first, second = flown(world()[0], 3), flown(world()[0], 3)
    for one, other in zip(first, second, strict=True):
        assert_array_equal(one[0], other[0])
        assert one[1:-1] == other[1:-1]
        assert_array_equal(one[-1]["position"], other[-1]["position"])
    assert any((one[0] != other[0]).any() for one, other in zip(first, flown(world()[0], 4), strict=False))


def test_episodes_take_the_starts_in_turn_and_positions_are_enu(world):
    env, _ = world(**CALM)
    assert env.reset(seed=0)[1]["position"].tolist() == [-3, 0, 0]
    _, info = env.reset()
    assert info["position"].tolist() == [-3, 4, 0]
    assert info["yaw"] == pytest.approx(0)  # east
    *_, info = env.step(AHEAD)
    np.testing.assert_allclose(info["position"], [-2.6, 4, 0], atol=1e-6)
    assert info["distance_m"] == pytest.approx(0.4, abs=1e-6)
    assert env.reset(seed=0)[1]["position"].tolist() == [-3, 0, 0]


def test_a_crash_terminates(world):
    env, _ = world(**CALM)
    env.reset(seed=0)
    rewards = []
    while True:
        _, reward, terminated, truncated, info = env.step(AHEAD)
        rewards.append(reward)
        if terminated or truncated:
            break
    assert (terminated, truncated, info["collided"], info["lost"]) == (True, False, True, False)
    assert rewards[-1] == -1
    assert min(rewards[:-1]) >= 0


def test_the_cap_truncates(world):
    env, _ = world(cap_m=1.0, **CALM)
    env.reset(seed=0)
    ends = [env.step(AHEAD)[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]


def test_a_lost_server_is_waited_for_and_the_episode_is_marked(world, serve):
    env, served = world()
    env.reset(seed=0)
    env.step(AHEAD)
    served.kill()
    serve(port=served.port)
    picture, reward, terminated, truncated, info = env.step(AHEAD)
    assert (reward, terminated, truncated, info["lost"]) == (0, False, True, True)
    assert picture in env.observation_space
    _, info = env.reset()
    assert not info["lost"]
    assert not env.step(AHEAD)[-1]["lost"]


def test_a_server_lost_between_episodes_is_waited_for(world, serve):
    env, served = world()
    expected, _ = env.reset(seed=0)
    served.kill()
    serve(port=served.port)
    assert_array_equal(env.reset(seed=0)[0], expected)


def test_a_server_lost_for_good_is_an_error(world):
    env, served = world(patience_s=0.2)
    env.reset(seed=0)
    served.kill()
    with pytest.raises(LinkLost):
        env.step(AHEAD)


def test_without_a_render_mode_nothing_is_shown(world):
    env, _ = world()
    env.reset(seed=0)
    assert env.render() is None
