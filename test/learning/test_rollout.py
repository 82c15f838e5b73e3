import numpy as np
from numpy.testing import assert_array_equal

from dcpg_ros.core.experience import Experience, Segment
from dcpg_ros.learning.rollout import Rollout


def piece(first, steps, terminated):
    """Pictures of one pixel that are numbered from ``first`` on; the actions bear the same numbers."""
    numbers = np.arange(first, first + steps + 1)
    rewards = np.arange(steps, dtype=np.float32)
    return Segment(numbers.astype(np.uint8).reshape(-1, 1, 1, 1), numbers[:-1], rewards, terminated)


ROLLOUT = Rollout.of(Experience((piece(0, 2, True), piece(9, 0, False), piece(10, 3, False))))


def test_every_picture_is_there_once_and_none_that_nothing_follows():
    assert ROLLOUT.steps == 5
    assert_array_equal(ROLLOUT.observations.ravel(), [0, 1, 10, 11, 12, 13])


def test_each_decision_knows_its_picture():
    assert_array_equal(ROLLOUT.observations[ROLLOUT.rows].ravel(), ROLLOUT.actions)


def test_credit_is_given_segment_by_segment():
    seen = []

    def credit(rewards, values):
        seen.append((rewards.tolist(), values.tolist()))
        return rewards + 1

    values = np.array([5, 6, 7, 8, 9, 10], np.float32)
    assert_array_equal(ROLLOUT.per_segment(credit, values), [1, 2, 1, 2, 3])
    # The first ended for good, so its last value is 0; the other goes on with the value of its last picture.
    assert seen == [([0, 1], [5, 6, 0]), ([0, 1, 2], [7, 8, 9, 10])]
