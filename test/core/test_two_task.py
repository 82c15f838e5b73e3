import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.gradient import gradient, total_value
from dcpg_ros.core.mdp import Array, TabularMDP, value
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.two_task import LEFT, RIGHT, S1, S2, S3, S4, S5, two_task

DISCOUNTS = (0.5, 0.9, 0.99)
CHANCES = (0.0, 0.2, 0.5, 0.9, 1.0)


def left_elsewhere(q: float) -> Array:
    """L at S2 and S4, and L with probability q at S3."""
    return np.array([[1, 0], [1, 0], [q, 1 - q], [1, 0], [1, 0]])


def values(example: str, discount: float, q: float, p: float = 0.75) -> tuple[float, float]:
    """V_1(S3) and V_2(S3)."""
    first, second = (task.mdp for task in two_task(example, discount, p=p))
    return value(first, left_elsewhere(q), first.rho), value(second, left_elsewhere(q), second.rho)


def ways_out(mdp: TabularMDP, state: int, action: int) -> dict[int, float]:
    """{next state: probability}."""
    row = mdp.transitions[state, action]
    return {int(to): float(row[to]) for to in np.flatnonzero(row)}


@pytest.mark.parametrize("example", ["stochastic", "stationary"])
def test_both_tasks_start_from_s3_and_mirror_each_others_rewards(example):
    first, second = two_task(example, 0.9)
    for task in (first, second):
        assert_array_equal(task.mdp.mu, np.eye(5)[S3])
        assert_array_equal(task.mdp.rho, np.eye(5)[S3])
        assert np.flatnonzero(task.mdp.terminal).tolist() == [S1, S5]
        assert task.shape == (1, 5)
    assert np.flatnonzero(first.goals).tolist() == np.flatnonzero(second.obstacles).tolist() == [S1]
    assert np.flatnonzero(first.obstacles).tolist() == np.flatnonzero(second.goals).tolist() == [S5]


def test_in_the_first_example_the_actions_at_s2_and_s4_are_reversed_in_task_2():
    first, second = (task.mdp for task in two_task("stochastic", 0.9))
    for state, to in ((S2, S1), (S3, S2), (S4, S3)):
        assert ways_out(first, state, LEFT) == {to: 1.0}
        assert ways_out(first, state, RIGHT) == {to + 2: 1.0}
    assert ways_out(second, S3, LEFT) == {S2: 1.0}
    assert ways_out(second, S3, RIGHT) == {S4: 1.0}
    assert ways_out(second, S2, LEFT) == {S3: 1.0}
    assert ways_out(second, S2, RIGHT) == {S1: 1.0}
    assert ways_out(second, S4, LEFT) == {S5: 1.0}
    assert ways_out(second, S4, RIGHT) == {S3: 1.0}
    assert first.expected_reward[S2].tolist() == [1, 0]
    assert first.expected_reward[S4].tolist() == [0, -1]
    assert second.expected_reward[S2].tolist() == [0, -1]
    assert second.expected_reward[S4].tolist() == [1, 0]


@pytest.mark.parametrize("action", [LEFT, RIGHT])
def test_in_the_second_example_the_way_out_of_s2_and_s4_is_a_matter_of_chance(action):
    first, second = (task.mdp for task in two_task("stationary", 0.9, p=0.8))
    assert ways_out(first, S2, action) == pytest.approx({S1: 0.2, S3: 0.8})
    assert ways_out(first, S4, action) == pytest.approx({S3: 0.2, S5: 0.8})
    assert ways_out(second, S2, action) == pytest.approx({S1: 0.8, S3: 0.2})
    assert ways_out(second, S4, action) == pytest.approx({S3: 0.8, S5: 0.2})
    for mdp in (first, second):
        assert ways_out(mdp, S3, action) == {S2 if action == LEFT else S4: 1.0}
    assert first.expected_reward[[S2, S4], action] == pytest.approx([0.2, -0.8])
    assert second.expected_reward[[S2, S4], action] == pytest.approx([-0.8, 0.2])


@pytest.mark.parametrize("discount", DISCOUNTS)
@pytest.mark.parametrize("q", CHANCES)
def test_the_values_of_the_first_example(q, discount):
    expected = (
        discount * q / (1 - discount**2 * (1 - q)),
        discount * (1 - q) / (1 - discount**2 * q),
    )
    assert values("stochastic", discount, q) == pytest.approx(expected)


def test_the_optimum_of_the_first_example_is_stochastic():
    sums = [sum(values("stochastic", 0.9, q)) for q in np.linspace(0, 1, 101)]
    assert sums[0] == pytest.approx(0.9)
    assert sums[50] == pytest.approx(2 * 0.9 / (2 - 0.9**2))
    assert sums[50] == pytest.approx(1.512605, abs=5e-7)
    assert sums[100] == pytest.approx(0.9)
    assert int(np.argmax(sums)) == 50


@pytest.mark.parametrize("p", [0.6, 0.75, 1.0])
@pytest.mark.parametrize("discount", DISCOUNTS)
@pytest.mark.parametrize("q", CHANCES)
def test_the_values_of_the_second_example(q, discount, p):
    def closed_form(q: float) -> float:
        return discount * (q - p) / (1 - discount**2 * (q * p + (1 - q) * (1 - p)))

    assert values("stationary", discount, q, p) == pytest.approx((closed_form(q), closed_form(1 - q)))


def test_one_half_is_the_worst_policy_of_the_second_example():
    sums = [sum(values("stationary", 0.9, q)) for q in np.linspace(0, 1, 101)]
    assert [sums[0], sums[50], sums[100]] == pytest.approx([-0.2731, -0.7563, -0.2731], abs=5e-5)
    assert sums[50] == pytest.approx(2 * 0.9 * (0.5 - 0.75) / (1 - 0.9**2 / 2))
    assert int(np.argmin(sums)) == 50


@pytest.mark.parametrize("p", [0.6, 0.75, 1.0])
def test_one_half_is_stationary_and_curves_upwards(p):
    mdps = [task.mdp for task in two_task("stationary", 0.9, p=p)]
    zero = np.zeros((5, 2))
    pulls = [gradient(mdp, zero, 0.0) for mdp in mdps]
    assert_allclose(pulls[0][S3, LEFT], -pulls[1][S3, LEFT])
    assert pulls[0][S3, LEFT] > 0.1  # each task pulls, one against the other
    assert_allclose(sum(pulls), 0, atol=1e-14)
    step = np.zeros((5, 2))
    step[S3] = [1e-3, -1e-3]
    ahead, here, behind = (total_value(mdps, theta) for theta in (step, zero, -step))
    # By hand: with u = q - 1/2, V_1 + V_2 = gamma (h + u) / (c - b u) + gamma (h - u) / (c + b u), where
    # h = 1/2 - p, c = 1 - gamma^2 / 2 and b = gamma^2 (2p - 1). Its second derivative at u = 0 is
    # 4 gamma b (c + b h) / c^3, and du/dt = 2 pi (1 - pi) = 1/2 along theta = (t, -t).
    h, c, b = 0.5 - p, 1 - 0.81 / 2, 0.81 * (2 * p - 1)
    curvature = 4 * 0.9 * b * (c + b * h) / c**3 / 4
    assert curvature > 0
    assert (ahead - 2 * here + behind) / 1e-6 == pytest.approx(curvature, rel=1e-4)


def test_at_s2_and_s4_of_the_second_example_nothing_is_to_be_learned():
    theta = np.random.default_rng(0).normal(size=(5, 2))
    for task in two_task("stationary", 0.9):
        ascent = gradient(task.mdp, theta, 0.0)
        assert_allclose(ascent[[S1, S2, S4, S5]], 0, atol=1e-14)
        assert np.abs(ascent[S3]).min() > 0.01


def test_the_closed_forms_hold_for_the_softmax_of_theta():
    mdps = [task.mdp for task in two_task("stochastic", 0.9)]
    theta = np.zeros((5, 2))
    theta[[S2, S4], LEFT] = 40.0
    assert_allclose(softmax(theta)[S3], 0.5)
    assert total_value(mdps, theta) == pytest.approx(2 * 0.9 / (2 - 0.81))
