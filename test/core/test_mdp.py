from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.mdp import (
    TabularMDP,
    action_values,
    advantages,
    bellman,
    discounted_visitation,
    policy_transitions,
    state_values,
    value,
)

from .models import bandit, chain, make_mdp, random_mdp, random_policy, visits_by_series

SEEDS = st.integers(0, 10_000)


def two_branches() -> dict[str, Any]:
    """The arguments of a TabularMDP with S = 2, A = 1, B = 2, in which state 1 is terminal."""
    return {
        "next_state": np.array([[[0, 1]], [[1, 1]]]),
        "probability": np.array([[[0.75, 0.25]], [[0.5, 0.5]]]),
        "reward": np.array([[[2.0, 4.0]], [[0.0, 0.0]]]),
        "terminal": np.array([False, True]),
        "discount": 0.8,
        "mu": np.array([1.0, 0.0]),
        "rho": np.array([0.5, 0.5]),
    }


def test_a_loop_with_one_way_out_solved_by_hand():
    # V(0) = 0.75 (2 + 0.8 V(0)) + 0.25 * 4 = 2.5 + 0.6 V(0)
    mdp, only = TabularMDP(**two_branches()), np.ones((2, 1))
    assert (mdp.n_states, mdp.n_actions) == (2, 1)
    assert_allclose(mdp.expected_reward, [[2.5], [0]])
    assert_allclose(mdp.transitions, [[[0.75, 0.25]], [[0, 1]]])
    assert_allclose(state_values(mdp, only), [6.25, 0])
    assert value(mdp, only, mdp.rho) == pytest.approx(3.125)
    # d(0) = (1 - 0.8) (1 + 0.6 + 0.36 + ...)
    assert_allclose(discounted_visitation(mdp, only, mdp.mu), [0.5, 0.5])


def test_branches_to_the_same_state_add_up():
    given_ = two_branches()
    given_["next_state"] = np.array([[[1, 1]], [[1, 1]]])
    mdp = TabularMDP(**given_)
    assert_allclose(mdp.transitions, [[[0, 1]], [[0, 1]]])
    assert_allclose(policy_transitions(mdp, np.ones((2, 1))), [[0, 1], [0, 1]])


def test_the_values_of_a_single_state():
    mdp, policy = bandit([1.0, 0.0, -2.0], 0.75), np.array([[0.5, 0.25, 0.25]])
    assert_allclose(state_values(mdp, policy), [0.0], atol=1e-15)  # 0.5 - 2 / 4
    assert_allclose(action_values(mdp, np.array([8.0])), [[7, 6, 4]])
    assert_allclose(advantages(mdp, policy), [[1, 0, -2]], atol=1e-15)
    always = np.array([[1.0, 0, 0]])
    assert_allclose(state_values(mdp, always), [4.0])  # 1 / (1 - gamma)
    assert_allclose(advantages(mdp, always), [[0, -1, -3]])


@pytest.mark.parametrize("discount", [0.0, 0.5, 0.99])
def test_the_values_and_visits_of_a_chain(discount):
    mdp, only = chain(5, discount), np.ones((6, 1))
    assert_allclose(state_values(mdp, only), [*discount ** np.arange(4, -1, -1.0), 0])
    visits = [(1 - discount) * discount**k for k in range(5)]
    assert_allclose(discounted_visitation(mdp, only, mdp.mu), [*visits, discount**5], atol=1e-15)


@given(
    seed=SEEDS, branches=st.integers(1, 3), discount=st.sampled_from([0.0, 0.5, 0.9]), ends=st.integers(0, 3)
)
def test_visitation_is_a_distribution_and_the_power_series_of_its_definition(seed, branches, discount, ends):
    mdp = random_mdp(seed, branches=branches, discount=discount, ends=ends)
    policy = random_policy(seed, 6, 3)
    visits = discounted_visitation(mdp, policy, mdp.mu)
    assert visits.sum() == pytest.approx(1, abs=1e-12)
    assert_allclose(visits, visits_by_series(mdp, policy, mdp.mu), atol=1e-13)


@given(seed=SEEDS, branches=st.integers(1, 3), ends=st.integers(0, 3))
def test_values_satisfy_their_definitions(seed, branches, ends):
    mdp, policy = random_mdp(seed, branches=branches, ends=ends), random_policy(seed, 6, 3)
    values = state_values(mdp, policy)
    actions = mdp.expected_reward + mdp.discount * mdp.transitions @ values
    assert_allclose(action_values(mdp, values), actions, atol=1e-12)
    assert_allclose((policy * actions).sum(axis=1), values, atol=1e-12)
    assert_allclose(advantages(mdp, policy), actions - values[:, None], atol=1e-12)
    gain = (policy * mdp.expected_reward).sum(axis=1)
    by_visits = discounted_visitation(mdp, policy, mdp.rho) @ gain / (1 - mdp.discount)
    assert value(mdp, policy, mdp.rho) == pytest.approx(by_visits, abs=1e-12)


def test_the_transitions_of_a_policy_and_bellmans_matrix():
    mdp, policy = random_mdp(3), random_policy(3, 6, 3)
    moves = policy_transitions(mdp, policy)
    assert_allclose(moves, np.einsum("sa,sat->st", policy, mdp.transitions))
    assert_allclose(moves.sum(axis=1), 1)
    assert_allclose(bellman(mdp, policy), np.eye(6) - mdp.discount * moves, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("probability", np.ones((2, 1, 1)), "probability must have the shape"),
        ("reward", np.zeros((2, 2, 2)), "reward must have the shape"),
        ("terminal", np.zeros(3, bool), "terminal"),
        ("mu", np.ones(1), "mu must be a distribution over 2 states"),
        ("mu", np.array([0.5, 0.6]), "mu must be a distribution"),
        ("mu", np.array([1.5, -0.5]), "mu must be a distribution"),
        ("rho", np.full(3, 1 / 3), "rho must be a distribution over 2 states"),
        ("rho", np.array([np.nan, 1.0]), "rho must be a distribution"),
        ("discount", 1.0, "discount must lie in"),
        ("discount", -0.1, "discount must lie in"),
        ("discount", np.nan, "discount must lie in"),
        ("probability", np.full((2, 1, 2), 0.4), "probability must sum to 1"),
        ("probability", np.array([[[1.5, -0.5]], [[0.5, 0.5]]]), "probability"),
        ("next_state", np.array([[[0, 2]], [[1, 1]]]), "next_state must lie in"),
        ("next_state", np.array([[[-1, 1]], [[1, 1]]]), "next_state must lie in"),
        ("next_state", np.array([[[0, 1]], [[0, 1]]]), "terminal states must be absorbing"),
        ("reward", np.ones((2, 1, 2)), "terminal states must be absorbing and reward nothing"),
    ],
)
def test_what_is_no_mdp_is_refused(name, wrong, message):
    with pytest.raises(ValueError, match=message):
        TabularMDP(**{**two_branches(), name: wrong})


def test_a_model_changed_by_replace_forgets_what_it_had_computed():
    mdp = make_mdp([[0, 0]], [[1, 2]])
    assert_array_equal(mdp.expected_reward, [[1, 2]])
    assert_array_equal(replace(mdp, reward=mdp.reward * 2).expected_reward, [[2, 4]])
