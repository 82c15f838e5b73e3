from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core import planning
from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.mdp import TabularMDP, state_values
from dcpg_ros.core.planning import mismatch, optimal_values

from .models import chain, make_mdp, random_mdp, visits_by_series


def same_but_for_rewards(count: int, seed: int) -> list[TabularMDP]:
    first = random_mdp(seed, states=4, actions=2, branches=2)
    random = np.random.default_rng(seed)
    return [replace(first, reward=random.normal(size=first.reward.shape)) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_value_iteration_agrees_with_trying_every_policy(seed, count):
    mdps = same_but_for_rewards(count, seed)
    every = [np.eye(2)[list(actions)] for actions in product(range(2), repeat=4)]
    best = np.max([sum(state_values(mdp, policy) for mdp in mdps) for policy in every], axis=0)
    values, policy = optimal_values(mdps)
    assert_allclose(values, best, atol=1e-11)
    assert_allclose(sum(state_values(mdp, policy) for mdp in mdps), best, atol=1e-11)
    assert set(policy.ravel()) == {0, 1}


def test_the_best_policy_bounces_on_a_goal_that_does_not_end_the_episode():
    mdp = gridworld(GridMap.parse("S.G"), 0.9, terminal=False).mdp
    values, policy = optimal_values([mdp])
    bounce = 1 / (1 - 0.81)
    assert_allclose(values, [0.9 * bounce, bounce, 0.9 * bounce])
    assert policy.argmax(axis=1).tolist() == [3, 3, 2]


def test_tasks_whose_rewards_cancel_are_worth_nothing():
    mdps = [gridworld(GridMap.parse(text), 0.9, terminal=False).mdp for text in ("S.G#", "S.#G")]
    assert_allclose(optimal_values(mdps)[0], 0, atol=1e-12)


def test_a_terminal_state_is_worth_nothing():
    values, _ = optimal_values([chain(4, 0.9)])
    assert_allclose(values, [0.9**3, 0.9**2, 0.9, 1, 0])


@pytest.mark.parametrize("name", ["next_state", "probability", "discount"])
def test_tasks_that_are_not_one_mdp_are_refused(name):
    first = random_mdp(0)
    change = {
        "next_state": first.next_state[:, ::-1],
        "probability": first.probability[:, :, ::-1],
        "discount": 0.8,
    }[name]
    with pytest.raises(ValueError, match=f"the tasks differ in {name}"):
        optimal_values([first, first, replace(first, **{name: change})])


def test_value_iteration_ends_where_rounding_keeps_it_from_settling(monkeypatch):
    """Two phases of a loop can come to rest one rounding error apart and then swap for ever."""
    mdp = make_mdp([[1], [0]], [[10.0], [-10.0]], discount=0.99)
    sweeps = iter(range(20_000))

    def counted(*arguments):
        assert next(sweeps, None) is not None, "still sweeping after 20,000 sweeps"
        return action_values(*arguments)

    action_values = planning.action_values
    monkeypatch.setattr(planning, "action_values", counted)
    values, _ = optimal_values([mdp])
    assert_allclose(values, [10 / 1.99, -10 / 1.99], rtol=1e-9)  # 10 (1 - gamma) / (1 - gamma^2)


def test_the_mismatch_of_a_chain_by_hand():
    # The paper, under (14): max_s d(s) / ((1 - gamma) mu(s)); d = (1 - gamma) (1, gamma), gamma^2 at the end.
    only = np.ones((3, 1))
    mdp = replace(chain(2, 0.5), mu=np.array([0.25, 0.25, 0.5]))
    assert mismatch(mdp, only) == pytest.approx(1 / 0.25)
    mdp = replace(chain(2, 0.5), mu=np.array([0.5, 0.375, 0.125]))
    assert mismatch(mdp, only) == pytest.approx(0.25 / (0.5 * 0.125))


def test_the_mismatch_is_largest_where_the_best_policy_goes_and_mu_does_not():
    mdp = gridworld(GridMap.parse("S.G\n..."), 0.9, terminal=False, start="uniform", evaluation_start="S").mdp
    policy = optimal_values([mdp])[1]
    visits = visits_by_series(mdp, policy, mdp.rho)
    assert mismatch(mdp, policy) == pytest.approx((visits / ((1 - 0.9) * mdp.mu)).max())


def test_the_mismatch_is_infinite_where_mu_misses_a_state_of_the_best_policy():
    assert mismatch(chain(2, 0.5), np.ones((3, 1))) == np.inf


def test_a_state_that_neither_mu_nor_the_best_policy_visits_does_not_count():
    mdp = make_mdp([[1, 2], [1, 1], [2, 2]], [[1, 0], [1, 1], [0, 0]], mu=[0.5, 0.5, 0])
    assert np.isfinite(mismatch(mdp, np.eye(2)[[0, 0, 0]]))


def test_rounding_makes_no_mismatch_behind_a_wall():
    grid = GridMap.parse("""
        S.#...
        ..#...
        .G#...
        ###...
        ......
    """)
    mdp = gridworld(grid, 0.95, terminal=True).mdp
    policy = np.full((mdp.n_states, 4), 0.25)
    visits = visits_by_series(mdp, policy, mdp.rho)
    mdp = replace(mdp, mu=(visits > 0) / (visits > 0).sum())
    assert np.isfinite(mismatch(mdp, policy))
