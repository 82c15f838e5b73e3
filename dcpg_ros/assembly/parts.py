"""From a scenario to the round engine of one of its agents, and to what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from dcpg_ros.agent.checkpoint import KEEP, CheckpointStore, newest_consistent_cut
from dcpg_ros.agent.mailbox import Mailbox, Waiter, no_waiting
from dcpg_ros.agent.metrics import MetricsLog
from dcpg_ros.agent.recorder import Recorder
from dcpg_ros.agent.rounds import Environment, Identity, RoundEngine
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.agent.schema import Schema
from dcpg_ros.agent.snapshot import show_weights
from dcpg_ros.agent.state import AgentState
from dcpg_ros.agent.transport import Transport
from dcpg_ros.assembly.family import Address, family_of, never
from dcpg_ros.scenario import Scenario


def schema_of(scenario: Scenario) -> Schema:
    """What theta looks like in this scenario."""
    return family_of(scenario).schema


def identity_of(scenario: Scenario, index: int) -> Identity:
    """Agent ``index`` in a new incarnation."""
    row = scenario.graph.weights[index]
    return Identity(
        index=index,
        name=scenario.agents[index],
        incarnation=uuid4().hex[:16],
        weights=row,
        neighbours={scenario.agents[j]: j for j in scenario.graph.neighbours(index)},
        weights_shown=show_weights(row, scenario.agents),
    )


def environment_of(
    scenario: Scenario, index: int, server: Address | None = None, stop: Callable[[], bool] = never
) -> Environment:
    """The world of agent ``index``: in this process, or in the server at this address.

    Raises:
        DcpgError: if a library that it needs is missing.
    """
    return family_of(scenario).environment(index, server, stop)


def initial_state(scenario: Scenario) -> AgentState:
    """theta^0 before round 0."""
    return AgentState(theta=family_of(scenario).initial_theta())


def mailbox_of(scenario: Scenario, index: int, state: AgentState, wait: Waiter = no_waiting) -> Mailbox:
    """Where the neighbours' snapshots will arrive."""
    names = [scenario.agents[j] for j in scenario.graph.neighbours(index)]
    return Mailbox(names, state.round, wait)


def engine_of(
    scenario: Scenario,
    index: int,
    state: AgentState,
    transport: Transport,
    mailbox: Mailbox,
    environment: Environment,
    identity: Identity | None = None,
) -> RoundEngine:
    """The round engine of agent ``index``."""
    learner = family_of(scenario).learner(index)
    identity = identity or identity_of(scenario, index)
    return RoundEngine(identity, state, environment, learner, transport, mailbox, scenario.exchange.timeout_s)


def recorder_of(
    scenario: Scenario, engine: RoundEngine, metrics: MetricsLog | None, store: CheckpointStore | None
) -> Recorder:
    """What keeps the metrics and checkpoints of this engine."""
    judge = family_of(scenario).judge
    return Recorder(engine, judge, scenario.record, scenario.rounds, metrics, store)


def store_of(scenario: Scenario, folder: RunFolder, index: int) -> CheckpointStore:
    """The checkpoints of agent ``index``: as many as a run needs that is killed with its agents far apart.

    Neighbours are at most one round apart, so two agents at most as many as there are agents.
    """
    every = scenario.record.checkpoint_every
    keep = KEEP + len(scenario.agents) // every
    return CheckpointStore(folder.checkpoints / scenario.agents[index], schema_of(scenario), keep, every)


def saved_rounds(scenario: Scenario, folder: RunFolder) -> dict[int, list[int]]:
    """The rounds that there are checkpoints of, by agent."""
    return {index: store_of(scenario, folder, index).rounds() for index in range(len(scenario.agents))}


def resume_rounds(scenario: Scenario, folder: RunFolder) -> dict[int, int]:
    """The round each agent goes on from. Each process finds this out for itself, and all find the same."""
    return cut_of(scenario, saved_rounds(scenario, folder))


def cut_of(scenario: Scenario, available: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """The newest round for each agent from which all can go on."""
    return newest_consistent_cut(available, {index: scenario.graph.neighbours(index) for index in available})


def state_at(scenario: Scenario, folder: RunFolder, index: int, round: int) -> AgentState:
    """The state of agent ``index`` at the start of this round.

    Raises:
        CheckpointError: if its checkpoint cannot be read.
    """
    return store_of(scenario, folder, index).load(round) if round else initial_state(scenario)
