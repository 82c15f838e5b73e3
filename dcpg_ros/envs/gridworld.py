"""A tabular task as a gymnasium environment, for learners that know no models."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete

from dcpg_ros.core.mdp import Array
from dcpg_ros.core.sampling import invert
from dcpg_ros.core.task import Task

MARKS = {"floor": ".", "goal": "G", "obstacle": "#", "agent": "@"}


class GridWorldEnv(gymnasium.Env[np.int64, np.int64]):
    """Draws from the model: s' ~ P(. | s, a), and the reward of that very outcome.

    An episode starts from mu. It is terminated in a terminal state of the MDP, and truncated at the horizon.
    ``info`` tells whether a goal or an obstacle was reached.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 4}  # noqa: RUF012

    def __init__(self, task: Task, horizon: int = 100, render_mode: str | None = None) -> None:
        """The world of a task, for episodes of so many steps at most."""
        self.task, self.horizon, self.render_mode = task, horizon, render_mode
        self.observation_space = Discrete(task.mdp.n_states)
        self.action_space = Discrete(task.mdp.n_actions)
        self._state, self._steps = 0, 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.int64, dict[str, Any]]:
        """A new episode."""
        super().reset(seed=seed)
        self._state, self._steps = self._draw(self.task.mdp.mu), 0
        return np.int64(self._state), self._info()

    def step(self, action: np.int64) -> tuple[np.int64, float, bool, bool, dict[str, Any]]:
        """One transition."""
        mdp, before = self.task.mdp, self._state
        branch = self._draw(mdp.probability[before, action])
        self._state = int(mdp.next_state[before, action, branch])
        self._steps += 1
        terminated = bool(mdp.terminal[self._state])
        truncated = not terminated and self._steps >= self.horizon
        reward = float(mdp.reward[before, action, branch])
        return np.int64(self._state), reward, terminated, truncated, self._info()

    def render(self) -> str | None:
        """The map and where the agent is, as text."""
        if self.render_mode != "ansi":
            return None
        task = self.task
        cells = np.full(task.mdp.n_states, MARKS["floor"])
        cells[task.goals], cells[task.obstacles] = MARKS["goal"], MARKS["obstacle"]
        cells[self._state] = MARKS["agent"]
        return "\n".join("".join(row) for row in cells.reshape(task.shape)) + "\n"

    def _draw(self, distribution: Array) -> int:
        uniform = self.np_random.random(1)
        return int(invert(uniform, distribution[None])[0])

    def _info(self) -> dict[str, Any]:
        return {
            "goal": bool(self.task.goals[self._state]),
            "obstacle": bool(self.task.obstacles[self._state]),
        }
