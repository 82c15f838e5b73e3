"""``agent_node``: one learning agent. Its namespace is its name; it hears its neighbours' ``policy`` and no other."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack

from rclpy.node import Node

from dcpg_ros.agent import assembly
from dcpg_ros.agent.metrics import MetricsLog, truncate_metrics
from dcpg_ros.agent.recorder import Recorder
from dcpg_ros.agent.rounds import Environment
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.core.errors import InputError, Stopped
from dcpg_ros.nodes.gridworld_client import GridWorldClient
from dcpg_ros.nodes.parameters import declare, declare_scenario
from dcpg_ros.nodes.process import StopSignal, run_node, spin_until
from dcpg_ros.nodes.ros_transport import RosTransport
from dcpg_ros.nodes.telemetry import Telemetry

LEAVE_S = 10.0  # the longest an agent that is done waits for its neighbours to be done


class AgentNode(Node):
    """Wires parameters and topics to a round engine, which a worker thread turns."""

    def __init__(self) -> None:
        super().__init__("agent")
        self.scenario = declare_scenario(self)
        name = declare(
            self, "agent", self.get_namespace().rsplit("/", 1)[1], "Which agent of the scenario this is; default: its namespace"
        )
        output = declare(self, "output", "", "Folder of the run; empty: nothing is written")
        resume = declare(self, "resume", False, "Go on from the newest checkpoints of the run in the output folder")
        sampling = declare(
            self, "sampling", "node", "Where episodes come from: the GridWorld node, or this process",
            constraints="node or local",
        )  # fmt: skip
        for key, value, allowed in (
            ("agent", name, self.scenario.agents), ("sampling", sampling, ("node", "local")),
        ):  # fmt: skip
            if value not in allowed:
                raise InputError(self.get_fully_qualified_name(), key, repr(value), "one of " + ", ".join(allowed))
        self.index = self.scenario.index(name)
        self.folder = RunFolder(output) if output else None
        self._build(sampling, resume)

    def _build(self, sampling: str, resume: bool) -> None:
        scenario, index, folder = self.scenario, self.index, self.folder
        round = assembly.resume_rounds(scenario, folder)[index] if folder and resume else 0
        state = assembly.state_at(scenario, folder, index, round) if folder else assembly.initial_state(scenario)
        identity = assembly.identity_of(scenario, index)
        mailbox = assembly.mailbox_of(scenario, index, state)
        transport = RosTransport(self, mailbox, assembly.schema_of(scenario))
        environment: Environment = assembly.local_environment(scenario, index)
        self.client: GridWorldClient | None = None
        if sampling == "node" and scenario.learner.gradient == "monte_carlo":
            environment = self.client = GridWorldClient(
                self, assembly.schema_of(scenario), agent=identity.name, incarnation=identity.incarnation,
                episodes=scenario.learner.episodes_per_round, horizon=scenario.environment.horizon,
                retry_s=scenario.exchange.retry_s, timeout_s=scenario.exchange.timeout_s,
            )  # fmt: skip
        self.engine = assembly.engine_of(scenario, index, state, transport, mailbox, environment, identity)
        self.telemetry = Telemetry(self, self.engine, transport, scenario.rounds)
        self.resumed = round > 0

    def stop(self) -> None:
        """Wakes the worker from whatever it waits for."""
        self.engine.mailbox.stop()
        if self.client:
            self.client.stop()

    def learn(self, stop: StopSignal) -> None:
        """All rounds; the worker's work.

        Raises:
            ExchangeError: if a neighbour or the simulator stays silent for too long.
        """
        engine, folder, name = self.engine, self.folder, self.engine.identity.name
        with ExitStack() as stack:
            metrics = store = None
            if folder:
                if self.resumed:
                    truncate_metrics(folder.agent_metrics(name), {name: engine.state.round})
                metrics = stack.enter_context(MetricsLog(folder.agent_metrics(name), append=self.resumed))
                store = assembly.store_of(self.scenario, folder, self.index)
            recorder = Recorder(self.scenario, engine, metrics, store)
            try:
                engine.rejoin()
                while engine.state.round < self.scenario.rounds and not stop():
                    engine.step()
                    row = recorder.after_round()
                    if row:
                        self.telemetry.publish(row)
                if engine.state.round == self.scenario.rounds:
                    engine.leave(LEAVE_S)
            except Stopped:
                pass
            finally:
                recorder.save()


def learn_and_spin(node: Node, stop: StopSignal) -> None:
    """Learns in a worker thread while this one runs the callbacks."""
    assert isinstance(node, AgentNode)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            node.learn(stop)
        except BaseException as error:  # whatever it is, the main thread is to tell it
            failures.append(error)

    worker = threading.Thread(target=work, name="learner")
    worker.start()
    try:
        spin_until(node, lambda: stop() or not worker.is_alive())
    finally:
        node.stop()
        worker.join()
    if failures:
        raise failures[0]


def main(args: Sequence[str] | None = None) -> int:
    """Entry point."""
    return run_node(AgentNode, learn_and_spin, args)


if __name__ == "__main__":
    sys.exit(main())
