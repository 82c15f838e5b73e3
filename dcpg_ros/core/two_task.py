"""The two-task examples of Section 2.2 (Figure 1): five states S1..S5 in a row, actions L and R.

S1 and S5 absorb. Task 1 rewards reaching S1 by +1 and S5 by -1, task 2 the other way round, and in task 2
the actions at S2 and S4 are reversed.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from dcpg_ros.core.mdp import TabularMDP
from dcpg_ros.core.task import Task

STATE_NAMES = ("S1", "S2", "S3", "S4", "S5")
ACTION_NAMES = ("L", "R")
LEFT, RIGHT = 0, 1
S1, S2, S3, S4, S5 = range(5)

Example = Literal["stochastic", "stationary"]


def two_task(example: Example, discount: float, *, p: float = 0.75) -> tuple[Task, Task]:
    """Both tasks of an example; episodes start from S3.

    Args:
        example: ``"stochastic"``, whose only optimum is a stochastic policy, or ``"stationary"``, where
            moving out of S2 and S4 does not depend on the action, and pi(L|S3) = 1/2 is stationary and worst.
        discount: gamma, shared.
        p: in the second example, the probability of the bad way out: from S2 back to S3 and from S4 to the
            penalty in task 1, mirrored in task 2; in (1/2, 1].
    """
    return _task(example, discount, p, first=True), _task(example, discount, p, first=False)


def _task(example: Example, discount: float, p: float, *, first: bool) -> Task:
    # (S, A, B): branch 0 is one cell to the left, branch 1 one cell to the right.
    to_left = np.zeros((5, 2))
    to_left[:, LEFT] = 1.0
    if example == "stationary":
        to_left[[S2, S4]] = 1 - p if first else p
    elif not first:
        to_left[[S2, S4]] = to_left[[S2, S4], ::-1]
    states = np.arange(5)
    next_state = np.stack([states - 1, states + 1], axis=1)
    next_state[[S1, S5]] = [[S1, S1], [S5, S5]]
    gain = np.array([1.0, 0, 0, 0, -1.0]) * (1 if first else -1)
    reward = np.where(next_state != states[:, None], gain[next_state], 0.0)
    start = np.eye(5)[S3]
    mdp = TabularMDP(
        next_state=np.repeat(next_state[:, None, :], 2, axis=1),
        probability=np.stack([to_left, 1 - to_left], axis=2),
        reward=np.repeat(reward[:, None, :], 2, axis=1),
        terminal=np.isin(states, [S1, S5]),
        discount=discount,
        mu=start,
        rho=start,
    )
    return Task(mdp, goals=gain > 0, obstacles=gain < 0, shape=(1, 5))
