"""Small models shared by the tests of the core, and independent ways to compute what the core computes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.task import Task

SIZES = (1, 2, 3, 4, 7, 32)

# One path visits the four goals at steps 6, 12, 18 and 24, and no obstacle.
NO_CONFLICT = {
    "goals": ((2, 6), (6, 8), (8, 4), (5, 1)),
    "obstacles": (((5, 5), (1, 3)), ((3, 2), (8, 8)), ((4, 7), (9, 9)), ((7, 6), (2, 2))),
    "moves": "dddddr" + "dddrrr" + "rrruur" + "uuuull",
}


def make_mdp(
    next_state: list[list[int]],
    reward: list[list[float]],
    *,
    discount: float = 0.9,
    terminal: tuple[int, ...] = (),
    mu: list[float] | None = None,
    rho: list[float] | None = None,
) -> TabularMDP:
    """A deterministic MDP from two (S, A) tables; episodes start from state 0 unless told otherwise."""
    states = len(next_state)
    first = np.eye(states)[0]
    return TabularMDP(
        next_state=np.array(next_state)[:, :, None],
        probability=np.ones((states, len(next_state[0]), 1)),
        reward=np.array(reward, float)[:, :, None],
        terminal=np.isin(np.arange(states), terminal),
        discount=discount,
        mu=first if mu is None else np.array(mu),
        rho=first if rho is None else np.array(rho),
    )


def chain(length: int, discount: float) -> TabularMDP:
    """0 -> 1 -> ... -> length, which ends the episode and pays 1; one action."""
    states = range(length + 1)
    return make_mdp(
        [[min(state + 1, length)] for state in states],
        [[float(state == length - 1)] for state in states],
        discount=discount,
        terminal=(length,),
    )


def bandit(rewards: list[float], discount: float) -> TabularMDP:
    """One state; action a pays rewards[a] and stays."""
    return make_mdp([[0] * len(rewards)], [rewards], discount=discount)


def random_mdp(
    seed: int, *, states: int = 6, actions: int = 3, branches: int = 2, discount: float = 0.9, ends: int = 0
) -> TabularMDP:
    """Anything that a TabularMDP may be; its last ``ends`` states are terminal; mu != rho."""
    random = np.random.default_rng(seed)
    next_state = random.integers(0, states, (states, actions, branches))
    reward = random.normal(size=next_state.shape)
    terminal = np.arange(states) >= states - ends
    next_state[terminal] = np.arange(states)[terminal, None, None]
    reward[terminal] = 0
    return TabularMDP(
        next_state=next_state,
        probability=random.dirichlet(np.ones(branches), (states, actions)),
        reward=reward,
        terminal=terminal,
        discount=discount,
        mu=random.dirichlet(np.ones(states)),
        rho=random.dirichlet(np.ones(states)),
    )


def random_policy(seed: int, states: int, actions: int) -> Array:
    """(S, A), every probability positive."""
    return np.random.default_rng(seed).dirichlet(np.ones(actions), states)


def ten_by_ten(*, terminal: bool, discount: float = 0.95) -> Task:
    """A 10x10 world whose mu (two marked cells) and rho (uniform) differ."""
    grid = GridMap.parse("""
        S.........
        ...#......
        ......G...
        ..#.......
        .......#..
        .G...#....
        ..........
        ......#..S
        ....G.....
        .........#
    """)
    return gridworld(grid, discount, terminal=terminal, evaluation_start="uniform")


def no_conflict_tasks() -> list[Task]:
    """The four tasks of NO_CONFLICT, where goals and obstacles end the episode; gamma = 0.95."""
    tasks = []
    for goal, obstacles in zip(NO_CONFLICT["goals"], NO_CONFLICT["obstacles"], strict=True):
        cells = [["."] * 10 for _ in range(10)]
        cells[0][0] = "S"
        cells[goal[0]][goal[1]] = "G"
        for row, column in obstacles:
            cells[row][column] = "#"
        grid = GridMap(tuple("".join(row) for row in cells))
        tasks.append(gridworld(grid, 0.95, terminal=True))
    return tasks


def no_conflict_path() -> tuple[list[int], Array]:
    """The cells of the path through all four goals, and the policy that walks it."""
    step = {"u": (0, -10), "d": (1, 10), "l": (2, -1), "r": (3, 1)}
    path, policy = [0], np.full((100, 4), 0.25)
    for move in NO_CONFLICT["moves"]:
        action, change = step[move]
        policy[path[-1]] = np.eye(4)[action]
        path.append(path[-1] + change)
    return path, policy


def finite_differences(function: Callable[[Array], float], theta: Array, step: float = 1e-5) -> Array:
    """The gradient of a function of theta by central differences, entry by entry."""
    slope = np.zeros_like(theta)
    for entry in np.ndindex(theta.shape):
        change = np.zeros_like(theta)
        change[entry] = step
        slope[entry] = (function(theta + change) - function(theta - change)) / (2 * step)
    return slope


def visits_by_series(mdp: TabularMDP, policy: Array, start: Array) -> Array:
    """(1 - gamma) sum_k gamma^k P(s_k = s), (S,), summed until the rest is below 1e-16.

    All its terms are sums of products of numbers >= 0: what is unreachable gets exactly 0.
    """
    moves = np.einsum("sa,sat->st", policy, mdp.transitions)
    total, now, weight = np.zeros(mdp.n_states), start, 1 - mdp.discount
    while weight > 1e-16 * (1 - mdp.discount):
        total = total + weight * now
        now, weight = now @ moves, weight * mdp.discount
    return total
