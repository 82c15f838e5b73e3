from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dcpg_ros.core import monte_carlo, sampling, seeding
from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.two_task import two_task

from .models import random_mdp, random_policy, ten_by_ten


@pytest.fixture(scope="module")
def kernels() -> ModuleType:
    pytest.importorskip("numba")
    from dcpg_ros.core import kernels

    return kernels


def from_anywhere(mdp: TabularMDP) -> TabularMDP:
    """Starting from all states alike, terminal ones included."""
    return replace(mdp, mu=np.full(mdp.n_states, 1 / mdp.n_states))


WORLDS = {
    "two-cells": from_anywhere(gridworld(GridMap(("SG",)), 0.9, terminal=True).mdp),
    "terminal": from_anywhere(ten_by_ten(terminal=True).mdp),
    "continuing": ten_by_ten(terminal=False).mdp,
    "two-task": from_anywhere(two_task("stationary", 0.9)[0].mdp),
    "branches": random_mdp(0, branches=2, ends=2),
    "three-branches": random_mdp(1, branches=3),
}


def policy_of(kind: str, states: int, actions: int) -> Array:
    policy = random_policy(7, states, actions)
    if kind == "deterministic":
        return np.eye(actions)[policy.argmax(axis=1)]
    if kind == "zeros":  # one state never takes its first action, the next one never its last
        policy[::2, 0] = 0
        policy[1::2, -1] = 0
        return policy / policy.sum(axis=1, keepdims=True)
    return policy


def assert_same_bits(found: tuple[Array, ...], expected: tuple[Array, ...]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()


def drawn(draw: Callable[..., Any], mdp: TabularMDP, policy: Array, uniforms: Array) -> tuple[Array, ...]:
    return draw(uniforms, policy, mdp.mu, mdp.next_state, mdp.probability, mdp.reward, mdp.terminal)


@pytest.mark.parametrize("horizon", [1, 2, 7, 100])
@pytest.mark.parametrize("kind", ["random", "zeros", "deterministic"])
@pytest.mark.parametrize("world", WORLDS)
def test_kernel_and_twin_draw_the_same_episodes_to_the_bit(kernels, world, kind, horizon):
    mdp = WORLDS[world]
    policy = policy_of(kind, mdp.n_states, mdp.n_actions)
    streams = min(2, mdp.next_state.shape[2])
    uniforms = np.random.default_rng(horizon).random((300, horizon + 1, streams))
    twin = drawn(sampling.draw_episodes, mdp, policy, uniforms)
    assert twin[3].max() > 0
    assert (twin[3] == 0).any() == (mdp.mu[mdp.terminal].sum() > 0)
    assert_same_bits(drawn(kernels.draw_episodes, mdp, policy, uniforms), twin)


def test_they_agree_where_a_number_falls_on_the_boundary(kernels):
    mdp = replace(
        WORLDS["branches"], probability=np.full((6, 3, 2), 0.5), mu=np.array([0, 0, 0.25, 0, 0.75, 0])
    )
    policy = np.tile([[0.25, 0.5, 0.25], [0.0, 0.5, 0.5]], (3, 1))
    edges = np.array([0.0, 0.25, 0.5, 0.75, 1 - 2.0**-53])
    uniforms = np.random.default_rng(0).choice(edges, (500, 21, 2))
    assert_same_bits(
        drawn(kernels.draw_episodes, mdp, policy, uniforms),
        drawn(sampling.draw_episodes, mdp, policy, uniforms),
    )


@pytest.mark.parametrize("baseline", [0.0, 1.7])
@pytest.mark.parametrize("horizon", [1, 7, 100])
@pytest.mark.parametrize("kind", ["random", "zeros", "deterministic"])
@pytest.mark.parametrize("world", WORLDS)
def test_kernel_and_twin_estimate_the_same_gradient_to_the_bit(kernels, world, kind, horizon, baseline):
    mdp = WORLDS[world]
    policy = policy_of(kind, mdp.n_states, mdp.n_actions)
    episodes = sampling.sample_episodes(mdp, policy, 100, horizon, np.random.default_rng(horizon))
    arguments = (
        episodes.states, episodes.actions, episodes.rewards, episodes.lengths,
        mdp.discount ** np.arange(episodes.rewards.shape[1]), policy, 0.3, baseline,
    )  # fmt: skip
    twin = monte_carlo.score_ascent(*arguments)
    assert np.abs(twin[1]).max() > 0
    assert_same_bits(kernels.score_ascent(*arguments), twin)


WORD = st.integers(0, 2**32 - 1)


@given(seed=st.integers(0, 2**63 - 1), purpose=st.sampled_from(seeding.Purpose), agent=WORD, round=WORD)
@example(seed=0, purpose=seeding.Purpose.INITIAL_THETA, agent=0, round=0)
@example(seed=2**32, purpose=seeding.Purpose.EPISODES, agent=2**32 - 1, round=2**32 - 1)
def test_kernel_and_numpy_hash_a_key_to_the_same_words(kernels, seed, purpose, agent, round):
    key = (seed, int(purpose), agent, round)
    assert_same_bits((kernels.seed_words(*key),), (seeding.seed_words(*key),))
