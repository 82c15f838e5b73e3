"""A task: an MDP plus what counts as success in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.mdp import Array, TabularMDP, policy_transitions


@dataclass(frozen=True, eq=False)
class Task:
    """What agent i learns: its MDP, its goals, its obstacles, and how the states lie in the plane."""

    mdp: TabularMDP
    goals: NDArray[np.bool_]  # (S,)
    obstacles: NDArray[np.bool_]  # (S,)
    shape: tuple[int, int]  # (rows, columns); state = row * columns + column


def success_probability(task: Task, policy: Array, horizon: int) -> float:
    """The exact probability, under pi from rho, of reaching a goal before an obstacle within ``horizon`` steps.

    Goals and obstacles absorb here even where the task itself goes on after them.
    """
    moves = policy_transitions(task.mdp, policy)
    reached = task.goals.astype(float)
    for _ in range(horizon):
        reached = np.where(task.goals, 1.0, np.where(task.obstacles, 0.0, moves @ reached))
    return float(task.mdp.rho @ reached)


def greedy_path(task: Task, policy: Array, horizon: int) -> list[int]:
    """The most-followed path from the likeliest start (Figure 2): the likeliest action, then its likeliest outcome.

    It runs through goals and obstacles, since those of one task are open floor to the others, and ends
    before the first state that it has seen already.
    """
    mdp = task.mdp
    likeliest = np.take_along_axis(mdp.next_state, mdp.probability.argmax(axis=2)[:, :, None], axis=2)[:, :, 0]
    path = [int(mdp.rho.argmax())]
    while len(path) <= horizon:
        state = int(likeliest[path[-1], policy[path[-1]].argmax()])
        if state in path:
            break
        path.append(state)
    return path
