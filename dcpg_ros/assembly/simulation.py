"""All agents of a scenario in one process: the same engines, without ROS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress

from dcpg_ros.agent.metrics import MetricsLog
from dcpg_ros.agent.recorder import Recorder
from dcpg_ros.agent.rounds import RoundEngine
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.agent.state import AgentState
from dcpg_ros.agent.transport import InProcessTransport
from dcpg_ros.assembly.family import never
from dcpg_ros.assembly.parts import (
    engine_of,
    environment_of,
    initial_state,
    mailbox_of,
    recorder_of,
    state_at,
    store_of,
)
from dcpg_ros.core.errors import Stopped
from dcpg_ros.scenario import Scenario

Watcher = Callable[[Sequence[RoundEngine]], None]


def simulate(
    scenario: Scenario,
    folder: RunFolder | None = None,
    begin: Mapping[int, int] | None = None,
    *,
    stop: Callable[[], bool] = never,
    watch: Watcher = lambda engines: None,
) -> list[AgentState]:
    """Runs a scenario to its last round, or until ``stop`` says so or something fails; then it is saved.

    Args:
        scenario: what to run.
        folder: where metrics and checkpoints go; without one, nothing is written.
        begin: the round each agent begins with, whose checkpoint is in ``folder``; by default 0.
        stop: asked once a round, and by drones at every step.
        watch: shown the engines once a round.

    Returns:
        the state of every agent.

    Raises:
        CheckpointError: if a checkpoint to resume from cannot be read.
        DcpgError: if a world or a learner fails, or a library that it needs is missing.
    """
    states = [
        state_at(scenario, folder, index, begin[index]) if folder and begin else initial_state(scenario)
        for index in range(len(scenario.agents))
    ]
    engines = build_engines(scenario, states, stop)
    with ExitStack() as stack:
        metrics = stack.enter_context(MetricsLog(folder.metrics, append=True)) if folder else None
        recorders = [
            recorder_of(
                scenario,
                engine,
                metrics,
                store_of(scenario, folder, engine.identity.index) if folder else None,
            )
            for engine in engines
        ]
        for engine in engines:
            engine.rejoin()
        try:
            with suppress(Stopped):  # from a world that waits for its server
                while not stop() and any(engine.state.round < scenario.rounds for engine in engines):
                    turn(engines, recorders, scenario.rounds)
                    watch(engines)
        finally:
            for recorder in recorders:
                recorder.save()
    return states


def build_engines(
    scenario: Scenario, states: Sequence[AgentState], stop: Callable[[], bool] = never
) -> list[RoundEngine]:
    """One engine per agent, joined by in-process transports."""
    mailboxes = [mailbox_of(scenario, index, state) for index, state in enumerate(states)]
    engines = []
    for index, state in enumerate(states):
        transport = InProcessTransport([mailboxes[j] for j in scenario.graph.neighbours(index)])
        environment = environment_of(scenario, index, stop=stop)
        engines.append(engine_of(scenario, index, state, transport, mailboxes[index], environment))
    return engines


def turn(engines: Sequence[RoundEngine], recorders: Sequence[Recorder], rounds: int) -> None:
    """Lets everyone speak who has a round to do, then everyone listen who can.

    After a resume neighbours may be one round apart; whoever is ahead then waits here for a turn.
    """
    for engine in engines:
        if engine.state.round < rounds and not engine.has_spoken:
            engine.speak_and_learn()
    for engine, recorder in zip(engines, recorders, strict=True):
        if engine.has_spoken and engine.mailbox.complete():
            engine.listen_and_mix()
            recorder.after_round()
