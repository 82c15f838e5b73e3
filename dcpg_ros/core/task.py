"""A task: an MDP plus what counts as success in it."""

from __future__ import annotations

from collections.abc import Sequence
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
    """The exact probability, under pi from rho, of a goal before an obstacle within ``horizon`` steps.

    Goals and obstacles absorb here even where the task itself goes on after them.
    """
    moves = policy_transitions(task.mdp, policy)
    reached = task.goals.astype(float)
    for _ in range(horizon):
        reached = np.where(task.goals, 1.0, np.where(task.obstacles, 0.0, moves @ reached))
    return float(task.mdp.rho @ reached)


def until_last_success(tasks: Sequence[Task], path: Sequence[int]) -> list[int]:
    """The path up to the last goal that it reaches before an obstacle of the same task, or all of it."""
    running, last = set(range(len(tasks))), 0
    for step, state in enumerate(path):
        if any(tasks[task].goals[state] for task in running):
            last = step
        running -= {task for task in running if tasks[task].goals[state] or tasks[task].obstacles[state]}
    return list(path[: last + 1] if last else path)


def most_followed_path(tasks: Sequence[Task], policy: Array, horizon: int) -> list[int]:
    """The path that pi follows most from the likeliest start (Figure 2): likeliest action, likeliest outcome.

    It runs on through goals and obstacles, since those of one task are open floor to the others, and ends
    where no task goes on or at the first state it has been to already.
    """
    next_state = tasks[0].mdp.next_state
    probability = tasks[0].mdp.probability
    ended = tasks[0].mdp.terminal
    for task in tasks[1:]:
        goes_on = (ended & ~task.mdp.terminal)[:, None, None]
        next_state = np.where(goes_on, task.mdp.next_state, next_state)
        probability = np.where(goes_on, task.mdp.probability, probability)
        ended = ended & task.mdp.terminal
    path = [int(tasks[0].mdp.rho.argmax())]
    while len(path) <= horizon:
        action = policy[path[-1]].argmax()
        state = int(next_state[path[-1], action, probability[path[-1], action].argmax()])
        if state in path:
            break
        path.append(state)
    return path
