import math

import numpy as np
import pytest

from dcpg_ros.envs.starts import HERE, beginning, seeded_beginning
from dcpg_ros.scenario.worlds import Start

STARTS = (Start(1, 2, -3, 90), Start(4, 5, 6, 170))


def test_episodes_take_the_starts_in_turn():
    places = [seeded_beginning(STARTS, 0, 7, 0, episode).position_ned for episode in range(5)]
    assert places == [(1, 2, -3), (4, 5, 6)] * 2 + [(1, 2, -3)]


def test_without_a_spread_the_yaw_is_the_starts():
    assert beginning(STARTS[0], 1.0, 0).yaw_ned == math.radians(90)
    assert beginning(HERE[0], -1.0, 0) == ((0, 0, 0), 0)


def test_the_yaw_turns_by_so_much_and_wraps():
    assert beginning(STARTS[0], -0.5, 30).yaw_ned == pytest.approx(math.radians(75))
    assert beginning(STARTS[1], 1.0, 30).yaw_ned == pytest.approx(math.radians(-160))


def test_yaws_are_uniform_within_the_spread():
    yaws = np.degrees([seeded_beginning(HERE, 30, 7, 0, episode).yaw_ned for episode in range(2000)])
    assert np.abs(yaws).max() <= 30
    np.testing.assert_allclose(np.histogram(yaws, bins=6, range=(-30, 30))[0], 2000 / 6, atol=80)


def test_it_is_a_function_of_seed_agent_and_episode():
    def key(seed, agent, episode):
        return seeded_beginning(HERE, 30, seed, agent, episode)

    assert key(1, 2, 3) == key(1, 2, 3)
    assert len({key(1, 2, 3), key(2, 2, 3), key(1, 3, 3), key(1, 2, 4)}) == 4


def test_a_place_comes_in_single_precision():
    assert beginning(Start(0.1, 0.2, 0.3), 0, 0).position_ned == tuple(np.float32([0.1, 0.2, 0.3]).tolist())
