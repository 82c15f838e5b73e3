"""What came out of a run: the newest theta of every agent, judged exactly on every task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcpg_ros.agent.metrics import MetricsRow, read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.agent.state import AgentState
from dcpg_ros.assembly.parts import initial_state, store_of
from dcpg_ros.core.mdp import Array, value
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.task import success_probability
from dcpg_ros.scenario import Scenario

JUDGED_ON_ALL = 32  # up to so many agents, every policy is judged on every task


@dataclass(frozen=True, eq=False)
class Results:
    """A run's outcome. Row i of ``values`` and ``successes`` is agent i's policy, column j is task j."""

    scenario: Scenario
    states: list[AgentState]
    metrics: list[MetricsRow]
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


def table(scenario: Scenario, state: AgentState) -> Array:
    """theta as (S, A)."""
    mdp = scenario.tasks[0].mdp
    return state.theta.reshape(mdp.n_states, mdp.n_actions)


def load_results(scenario: Scenario, folder: RunFolder) -> Results:
    """Reads a run folder, of a run that is over or stopped.

    Raises:
        CheckpointError: if an agent's newest checkpoint cannot be read.
    """
    states = []
    for index in range(len(scenario.agents)):
        store = store_of(scenario, folder, index)
        rounds = store.rounds()
        states.append(store.load(rounds[-1]) if rounds else initial_state(scenario))
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
    metrics = read_metrics(folder.metrics) if folder.metrics.exists() else []
    return Results(scenario, states, metrics, np.array(values), np.array(successes))
