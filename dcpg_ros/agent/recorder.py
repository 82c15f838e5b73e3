"""What is kept of an agent's rounds: metrics now and then, checkpoints now and then and at the end."""

from __future__ import annotations

from collections.abc import Callable

from dcpg_ros.agent.checkpoint import CheckpointStore
from dcpg_ros.agent.metrics import MetricsLog, MetricsRow
from dcpg_ros.agent.rounds import RoundEngine
from dcpg_ros.core.mixing import distance_to_neighbours
from dcpg_ros.scenario.scenario import Record

Judge = Callable[[RoundEngine], float]  # what an agent's policy is worth in its own world


class Recorder:
    """Watches one agent; ``after_round`` is called by whoever turns its rounds."""

    def __init__(
        self,
        engine: RoundEngine,
        judge: Judge,
        record: Record,
        rounds: int,
        metrics: MetricsLog | None,
        store: CheckpointStore | None,
    ) -> None:
        self.engine, self.judge, self.record, self.rounds = engine, judge, record, rounds
        self.metrics, self.store = metrics, store
        self._saved = engine.state.round

    def after_round(self) -> MetricsRow | None:
        """Keeps what the scenario asks for; the metrics row if one was due."""
        done = self.engine.state.round
        row = None
        if self.metrics and (done % self.record.metrics_every == 0 or done == self.rounds):
            row = metrics_row(self.engine, self.judge)
            self.metrics.write([row])
        if done % self.record.checkpoint_every == 0 or done == self.rounds:
            self.save()
        return row

    def save(self) -> None:
        """Writes a checkpoint of the agent as it is, unless that has been done."""
        if self.store and self.engine.state.round != self._saved:
            self.store.save(self.engine.checkpoint())
            self._saved = self.engine.state.round


def metrics_row(engine: RoundEngine, judge: Judge) -> MetricsRow:
    """The agent after its latest round."""
    state = engine.state
    before = state.theta if state.previous is None else state.previous  # of the same round as what was heard
    return MetricsRow(
        round=state.round,
        agent=engine.identity.name,
        return_=state.mean_return,
        value=judge(engine),
        disagreement=distance_to_neighbours(before, list(engine.heard.values())),
        increment_norm=state.increment_norm,
        round_s=engine.round_s,
        bytes=state.bytes,
        environment_steps=state.environment_steps,
    )
