"""``learner: {type: tabular}``: how an agent with a table learns, and from which theta it starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcpg_ros.core.learner import ExactLearner, MonteCarloLearner
from dcpg_ros.core.mdp import Array
from dcpg_ros.core.schedules import Schedule
from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.core.task import Task
from dcpg_ros.scenario.environments import TabularEnvironment
from dcpg_ros.scenario.schedules import read_schedule
from dcpg_ros.scenario.section import Section


@dataclass(frozen=True)
class TabularLearner:
    """``learner: {type: tabular}``."""

    gradient: str  # "exact" or "monte_carlo"
    episodes_per_round: int
    step_size: Schedule
    regularisation: Schedule
    baseline: float
    initial: tuple[tuple[int, int, float], ...]  # (state, action, theta) where theta does not start from 0
    spread: float  # standard deviation of what is added to the initial theta, the same for all agents

    def build(self, task: Task) -> ExactLearner | MonteCarloLearner:
        """The learner of the agent that has this task."""
        if self.gradient == "exact":
            return ExactLearner(self.step_size, self.regularisation)
        mdp = task.mdp
        return MonteCarloLearner(
            self.step_size, self.regularisation, mdp.discount, mdp.n_actions, self.baseline
        )

    def initial_theta(self, task: Task, seed: int) -> Array:
        """theta^0, (S, A), common to all agents as Theorem 2 supposes."""
        theta = np.zeros((task.mdp.n_states, task.mdp.n_actions))
        for state, action, value in self.initial:
            theta[state, action] = value
        if self.spread:
            theta += self.spread * generator(seed, Purpose.INITIAL_THETA).standard_normal(theta.shape)
        return theta


def read_learner(section: Section, environment: TabularEnvironment) -> TabularLearner:
    """The learner of a scenario."""
    section.choice("type", ("tabular",))
    initial = section.section("initial_theta", {})
    learner = TabularLearner(
        gradient=section.choice("gradient", ("monte_carlo", "exact"), "monte_carlo"),
        episodes_per_round=section.integer("episodes_per_round", 10, at_least=1, at_most=1_000_000),
        step_size=read_schedule(section, "step_size", strict=True),
        regularisation=read_schedule(section, "regularisation", 0.0),
        baseline=section.number("baseline", 0.0),
        initial=_read_entries(initial.section("entries", {}), environment),
        spread=initial.number("spread", 0.0, at_least=0),
    )
    initial.finish()
    section.finish()
    return learner


def _read_entries(section: Section, environment: TabularEnvironment) -> tuple[tuple[int, int, float], ...]:
    """``{state: {action: theta}}`` by the names of the environment."""
    entries = []
    for state_name in section.data:
        actions = section.section(state_name)
        if state_name not in environment.state_names:
            allowed = f"a state, {environment.state_names[0]} to {environment.state_names[-1]}"
            raise section.refuse(state_name, "an unknown state", allowed)
        for index, action_name in enumerate(environment.action_names):
            if actions.has(action_name):
                state = environment.state_names.index(state_name)
                entries.append((state, index, actions.number(action_name)))
        actions.finish()
    return tuple(entries)
