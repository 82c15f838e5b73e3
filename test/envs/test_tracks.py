import numpy as np
from numpy.testing import assert_array_equal

from dcpg_ros.envs.tracks import LATEST, Results, Track


def picture(value):
    return np.full((2, 3, 3), value, np.uint8)


def test_a_segment_holds_one_picture_more_than_steps():
    track = Track(picture(0))
    track.add(7, 0.25, picture(1))
    track.add(3, -1.0, picture(2))
    segment = track.segment(terminated=True)
    assert segment.steps == 2
    assert segment.terminated is True
    assert_array_equal(segment.observations, [picture(0), picture(1), picture(2)])
    assert_array_equal(segment.actions, [7, 3])
    assert_array_equal(segment.rewards, np.float32([0.25, -1.0]))
    assert [array.dtype for array in segment[:3]] == [np.uint8, np.int64, np.float32]


def test_means_are_zero_before_the_first_and_then_of_the_latest():
    results = Results()
    assert (results.mean_return, results.safe_flight_m, results.rows.shape) == (0, 0, (0, 2))
    for episode in range(LATEST + 3):
        results.add(episode, 10.0 * episode)
    latest = np.arange(3, LATEST + 3)
    assert results.mean_return == latest.mean()
    assert results.safe_flight_m == 10 * latest.mean()
    assert_array_equal(results.rows, np.stack([latest, 10 * latest], axis=1))


def test_results_go_on_from_their_rows():
    results = Results(np.array([[1.0, 2.0], [3.0, 4.0]]))
    results.add(5.0, 6.0)
    assert_array_equal(results.rows, [[1, 2], [3, 4], [5, 6]])
