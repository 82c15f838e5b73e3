"""What is kept of an agent's rounds: metrics now and then, checkpoints now and then and at the end."""

from __future__ import annotations

from dcpg_ros.agent.checkpoint import CheckpointStore
from dcpg_ros.agent.metrics import MetricsLog, MetricsRow
from dcpg_ros.agent.rounds import RoundEngine
from dcpg_ros.core.mdp import value
from dcpg_ros.core.mixing import distance_to_neighbours
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.task import Task
from dcpg_ros.scenario import Scenario


class Recorder:
    """Watches one agent; ``after_round`` is called by whoever turns its rounds."""

    def __init__(
        self,
        scenario: Scenario,
        engine: RoundEngine,
        metrics: MetricsLog | None,
        store: CheckpointStore | None,
    ) -> None:
        self.engine, self.metrics, self.store = engine, metrics, store
        self.task = scenario.tasks[engine.identity.index]
        self.rounds, self.record = scenario.rounds, scenario.record
        self._saved = engine.state.round

    def after_round(self) -> MetricsRow | None:
        """Keeps what the scenario asks for; the metrics row if one was due."""
        done = self.engine.state.round
        row = None
        if self.metrics and (done % self.record.metrics_every == 0 or done == self.rounds):
            row = metrics_row(self.engine, self.task)
            self.metrics.write([row])
        if done % self.record.checkpoint_every == 0 or done == self.rounds:
            self.save()
        return row

    def save(self) -> None:
        """Writes a checkpoint of the state as it is, unless that has been done."""
        if self.store and self.engine.state.round != self._saved:
            self.store.save(self.engine.state)
            self._saved = self.engine.state.round


def metrics_row(engine: RoundEngine, task: Task) -> MetricsRow:
    """The agent after its latest round."""
    state, mdp = engine.state, task.mdp
    before = state.theta if state.previous is None else state.previous  # of the same round as what was heard
    policy = softmax(state.theta.reshape(mdp.n_states, mdp.n_actions))
    return MetricsRow(
        round=state.round,
        agent=engine.identity.name,
        return_=state.mean_return,
        value=value(mdp, policy, mdp.rho),
        disagreement=distance_to_neighbours(before, list(engine.heard.values())),
        increment_norm=state.increment_norm,
        round_s=engine.round_s,
        bytes=state.bytes,
        environment_steps=state.environment_steps,
    )
