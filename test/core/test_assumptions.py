from dataclasses import replace

import numpy as np
import pytest

from dcpg_ros.core.assumptions import Witness, assumption_2_witness, same_but_for_rewards
from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.two_task import two_task

from .models import no_conflict_tasks, random_mdp, visits_by_series


def worlds(*maps: str, terminal: bool) -> list[TabularMDP]:
    return [gridworld(GridMap.parse(text), 0.9, terminal=terminal).mdp for text in maps]


def policy_named(name: str, states: int, actions: int) -> Array:
    """The policy that a witness names."""
    uniform = np.full((states, actions), 1 / actions)
    if name == "uniform":
        return uniform
    assert name.startswith("half uniform, half action ")
    return (uniform + np.eye(actions)[int(name.rsplit(" ", 1)[1])]) / 2


def assert_proves_violation(witness: Witness | None, mdps: list[TabularMDP]) -> None:
    """Both tasks visit the state, and the ratio of their visits depends on the policy."""
    assert witness is not None
    first, second = (mdps[task] for task in witness.tasks)
    assert first is not second
    ratios = []
    for name in witness.policies:
        policy = policy_named(name, first.n_states, first.n_actions)
        visits = [visits_by_series(mdp, policy, mdp.mu)[witness.state] for mdp in (first, second)]
        assert min(visits) > 0
        ratios.append(visits[0] / visits[1])
    assert witness.ratios == pytest.approx(ratios, rel=1e-8)
    assert abs(ratios[0] / ratios[1] - 1) > 1e-6


SHARED = ("S.G\n.#.\n...", "S..\n..#\nG..", "S#.\n...\n..G")


def test_it_holds_where_the_tasks_differ_in_their_rewards_alone():
    mdps = worlds(*SHARED, terminal=False)
    assert same_but_for_rewards(mdps)
    assert assumption_2_witness(mdps) is None


def test_it_holds_for_a_single_task():
    mdps = worlds(SHARED[0], terminal=True)
    assert same_but_for_rewards(mdps)
    assert assumption_2_witness(mdps) is None


@pytest.mark.parametrize("name", ["next_state", "probability", "terminal", "discount", "mu", "rho"])
def test_every_part_but_the_reward_has_to_agree(name):
    first = random_mdp(0, ends=0)
    sink = random_mdp(0, ends=1)
    change = {
        "next_state": first.next_state[:, ::-1],
        "probability": first.probability[:, :, ::-1],
        "discount": 0.8,
        "mu": first.mu[::-1],
        "rho": first.rho[::-1],
    }
    if name == "terminal":
        still = replace(sink, terminal=np.zeros(6, bool))  # absorbing all the same
        assert not same_but_for_rewards([sink, still])
    else:
        assert not same_but_for_rewards([first, first, replace(first, **{name: change[name]})])
    assert same_but_for_rewards([first, replace(first, reward=first.reward + 1)])


def test_goals_that_end_the_episode_violate_it():
    mdps = worlds(*SHARED, terminal=True)
    assert not same_but_for_rewards(mdps)
    assert_proves_violation(assumption_2_witness(mdps), mdps)


def test_the_four_tasks_without_conflict_violate_it_too():
    mdps = [task.mdp for task in no_conflict_tasks()]
    assert_proves_violation(assumption_2_witness(mdps), mdps)


@pytest.mark.parametrize("example", ["stochastic", "stationary"])
def test_both_examples_of_section_2_2_violate_it(example):
    mdps = [task.mdp for task in two_task(example, 0.9)]
    assert_proves_violation(assumption_2_witness(mdps), mdps)


def test_a_different_discount_violates_it():
    first = worlds(SHARED[0], terminal=False)[0]
    mdps = [first, replace(first, discount=0.5)]
    assert_proves_violation(assumption_2_witness(mdps), mdps)


def test_the_task_that_differs_is_found_wherever_it_stands():
    same, other = worlds(SHARED[0], SHARED[1], terminal=True)
    for mdps in ([same, same, other], [same, other, same], [other, same, same]):
        assert_proves_violation(assumption_2_witness(mdps), mdps)


def test_it_is_not_decided_where_the_tasks_are_judged_from_different_states():
    # Their visits under learning agree, so these can be no witness; d_rho under the unknown pi* may differ.
    first = worlds(SHARED[0], terminal=False)[0]
    mdps = [first, replace(first, rho=np.eye(9)[4])]
    assert not same_but_for_rewards(mdps)
    assert assumption_2_witness(mdps) is None


def test_states_that_one_task_alone_visits_are_no_witness():
    # The tasks part at the first step and share the start alone, visited 1 - gamma of the time.
    left, right = worlds("G.S.#", "#.S.G", terminal=True)
    only_left = replace(left, next_state=np.array([0, 0, 1, 3, 4])[:, None, None].repeat(4, 1))
    only_right = replace(right, next_state=np.array([0, 1, 3, 4, 4])[:, None, None].repeat(4, 1))
    mdps = [replace(mdp, reward=np.zeros_like(mdp.reward)) for mdp in (only_left, only_right)]
    assert not same_but_for_rewards(mdps)
    assert assumption_2_witness(mdps) is None


def test_rounding_is_no_witness_behind_a_wall():
    # The tasks differ where no episode can ever come: both ratios of the alleged witness would be noise.
    mdps = worlds(
        """
        S..#..
        ...#..
        ..G#..
        ...#..
        """,
        """
        S..#..
        ...#.G
        ..G#..
        ...#..
        """,
        terminal=True,
    )
    uniform = np.full((24, 4), 0.25)
    reached = [visits_by_series(mdp, uniform, mdp.mu) > 0 for mdp in mdps]
    assert not reached[0][[4, 5, 10, 11, 16, 17, 22, 23]].any()
    assert np.array_equal(*reached)
    assert assumption_2_witness(mdps) is None
