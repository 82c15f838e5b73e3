"""What came out of a run: the newest theta of every agent, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dcpg_ros.agent.metrics import MetricsRow, read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.agent.state import AgentState
from dcpg_ros.assembly.parts import initial_state, store_of
from dcpg_ros.core.errors import InputError
from dcpg_ros.core.mdp import Array, value
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.task import success_probability
from dcpg_ros.scenario import Scenario
from dcpg_ros.scenario.scenario import TabularScenario

JUDGED_ON_ALL = 32  # up to so many agents, every policy is judged on every task


@dataclass(frozen=True, eq=False)
class Results:
    """A run's outcome, as far as it is known of any scenario: the states, and what was logged."""

    scenario: Scenario
    states: list[AgentState]
    metrics: list[MetricsRow]

    def rows_of(self, agent: str) -> list[MetricsRow]:
        """What was logged of one agent, in order of rounds."""
        return self._rows.get(agent, [])

    @cached_property
    def _rows(self) -> dict[str, list[MetricsRow]]:
        rows: dict[str, list[MetricsRow]] = {}
        for row in self.metrics:
            rows.setdefault(row.agent, []).append(row)
        return rows


@dataclass(frozen=True, eq=False)
class TabularResults(Results):
    """Judged exactly. Row i of ``values`` and ``successes`` is agent i's policy, column j is task j."""

    scenario: TabularScenario
    values: Array  # (N, N) exact V_j(rho_j), or (N, 1) of each agent's own task for large N
    successes: Array  # likewise, the exact probability of goal before obstacle within the horizon

    @property
    def mean_policy(self) -> Array:
        """pi of theta_bar, (S, A)."""
        return softmax(np.mean([table(self.scenario, state) for state in self.states], axis=0))

    def own(self, judged: Array) -> Array:
        """Each agent on its own task, (N,), of ``values`` or ``successes``."""
        own: Array = judged[:, 0] if judged.shape[1] == 1 else judged.diagonal()
        return own


def table(scenario: TabularScenario, state: AgentState) -> Array:
    """theta as (S, A)."""
    mdp = scenario.tasks[0].mdp
    return state.theta.reshape(mdp.n_states, mdp.n_actions)


def load_results(scenario: Scenario, folder: RunFolder) -> Results:
    """Reads a run folder, of a run that is over or stopped.

    Raises:
        CheckpointError: if an agent's newest checkpoint cannot be read.
    """
    states = [newest_state(scenario, folder, index) for index in range(len(scenario.agents))]
    metrics = read_metrics(folder.metrics) if folder.metrics.exists() else []
    if isinstance(scenario, TabularScenario):
        return judged_exactly(scenario, states, metrics)
    return Results(scenario, states, metrics)


def newest_state(scenario: Scenario, folder: RunFolder, index: int) -> AgentState:
    """Of the newest checkpoint, or that of the beginning; what the learner remembers is left out."""
    return newest_states(scenario, folder, index, 1)[-1]


def newest_states(scenario: Scenario, folder: RunFolder, index: int, count: int) -> list[AgentState]:
    """The same of the ``count`` newest, the newest last; those that a stop left between do not count.

    Raises:
        InputError: if there are not so many; the beginning is one, if there is no other.
        CheckpointError: if one of them cannot be read.
    """
    store = store_of(scenario, folder, index)
    rounds = store.regular()[-count:]
    if len(rounds) < count and count > 1:
        raise InputError(str(store.folder), "", f"{len(rounds)} of {count} checkpoints", "no fewer")
    return [replace(store.load(round), memory={}) for round in rounds] or [initial_state(scenario)]


def judged_exactly(
    scenario: TabularScenario, states: list[AgentState], metrics: list[MetricsRow]
) -> TabularResults:
    """Every policy on every task, whose models are known."""
    tasks, horizon = scenario.tasks, scenario.environment.horizon
    policies = [softmax(table(scenario, state)) for state in states]
    judged = [tasks if len(tasks) <= JUDGED_ON_ALL else (task,) for task in tasks]
    values = [
        [value(task.mdp, policy, task.mdp.rho) for task in row]
        for policy, row in zip(policies, judged, strict=True)
    ]
    successes = [
        [success_probability(task, policy, horizon) for task in row]
        for policy, row in zip(policies, judged, strict=True)
    ]
    return TabularResults(scenario, states, metrics, np.array(values), np.array(successes))
