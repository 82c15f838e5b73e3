"""The family of finite tasks: the model is known, and the policy is a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dcpg_ros.agent.rounds import Environment, Learner, RoundEngine
from dcpg_ros.agent.schema import Schema, Theta
from dcpg_ros.assembly.family import Address, never
from dcpg_ros.core.mdp import value
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.simulators import EpisodeSimulator, KnownModel
from dcpg_ros.scenario.scenario import TabularScenario


@dataclass(frozen=True, eq=False)
class TabularFamily:
    """Tables on finite tasks."""

    scenario: TabularScenario

    def check(self, where: str) -> None:
        """All that the scenario names is in it."""

    @property
    def schema(self) -> Schema:
        """(S, A) in float64."""
        mdp = self.scenario.tasks[0].mdp
        return Schema.table(mdp.n_states, mdp.n_actions)

    def initial_theta(self) -> Theta:
        """What the scenario says of it."""
        return self.scenario.initial_theta.ravel()

    def environment(
        self, index: int, server: Address | None = None, stop: Callable[[], bool] = never
    ) -> Environment:
        """The model, or episodes of it; always in this process."""
        scenario, mdp = self.scenario, self.scenario.tasks[index].mdp
        if scenario.learner.gradient == "exact":
            return KnownModel(mdp)
        episodes, horizon = scenario.learner.episodes_per_round, scenario.environment.horizon
        return EpisodeSimulator(mdp, episodes, horizon, scenario.seed, index)

    def learner(self, index: int) -> Learner:
        """The gradient (8), exact or estimated."""
        return self.scenario.learner.build(self.scenario.tasks[index])

    def judge(self, engine: RoundEngine) -> float:
        """V_i(rho_i), exact."""
        mdp = self.scenario.tasks[engine.identity.index].mdp
        policy = softmax(engine.state.theta.reshape(mdp.n_states, mdp.n_actions))
        return value(mdp, policy, mdp.rho)
