"""``agent_node``: one learning agent, in a namespace of its name; it hears its neighbours and no one else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack

from dcpg_ros.agent.metrics import MetricsLog
from dcpg_ros.agent.rounds import Environment
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.assembly import parts
from dcpg_ros.core.errors import InputError
from dcpg_ros.nodes.drone_display import DroneDisplay
from dcpg_ros.nodes.gridworld_client import GridWorldClient
from dcpg_ros.nodes.parameters import declare, declare_scenario
from dcpg_ros.nodes.process import SPIN_S, RunnableNode, StopSignal, run_node
from dcpg_ros.nodes.ros_transport import RosTransport
from dcpg_ros.nodes.telemetry import Telemetry
from dcpg_ros.scenario import DroneScenario, TabularScenario
from dcpg_ros.scenario.worlds import parse_address

ACKNOWLEDGE_S = 5.0  # the longest an agent that is done waits for its last words to arrive


class AgentNode(RunnableNode):
    """Wires parameters and topics to a round engine, which a worker thread turns."""

    def __init__(self, stop: StopSignal) -> None:
        super().__init__("agent", stop)
        self.scenario = declare_scenario(self)
        name = declare(
            self,
            "agent",
            self.get_namespace().rsplit("/", 1)[1],
            "Which agent of the scenario this is; default: its namespace",
        )
        output = declare(self, "output", "", "Folder of the run; empty: nothing is written")
        resume = declare(
            self, "resume", False, "Go on from the newest checkpoints of the run in the output folder"
        )
        sampling = declare(
            self, "sampling", "node", "Where episodes come from: the GridWorld node, or this process",
            constraints="node or local",
        )  # fmt: skip
        server = declare(
            self, "server", "", "Where this agent's scene is served; empty: the scenario's address",
            constraints="HOST:PORT",
        )  # fmt: skip
        for key, value, allowed in (
            ("agent", name, self.scenario.agents), ("sampling", sampling, ("node", "local")),
        ):  # fmt: skip
            if value not in allowed:
                raise self._refuse(key, value, "one of " + ", ".join(allowed))
        self.index = self.scenario.index(name)
        self.identity = parts.identity_of(self.scenario, self.index)
        self.folder = RunFolder(output) if output else None
        environment = (
            self._drones(server)
            if isinstance(self.scenario, DroneScenario)
            else self._episodes(sampling, self.scenario)
        )
        self._build(environment, resume)

    def _refuse(self, key: str, found: str, allowed: str) -> InputError:
        return InputError(self.get_fully_qualified_name(), key, repr(found), allowed)

    def _drones(self, server: str) -> Environment:
        """Flights in the world of this agent, wherever it is served."""
        address = parse_address(server) if server else self.scenario.environment.worlds[self.index].address
        if address is None:
            raise self._refuse("server", server, "HOST:PORT of the simulator that serves this agent's scene")
        period_s = declare(
            self, "display_period_s", 0.5, "Seconds between two publications of picture, odometry and path",
            at_least=0.02, at_most=3600,
        )  # fmt: skip
        display = DroneDisplay(self, self.identity.name)
        flights = parts.environment_of(self.scenario, self.index, address, self.stop)
        self.create_timer(period_s, lambda: display.publish(flights.latest))
        return flights

    def _episodes(self, sampling: str, scenario: TabularScenario) -> Environment:
        """Episodes of this agent's task: of the GridWorld node, or of our own."""
        if sampling == "local" or scenario.learner.gradient == "exact":
            return parts.environment_of(scenario, self.index)
        return GridWorldClient(
            self, parts.schema_of(scenario), self.pump.wait,
            agent=self.identity.name, incarnation=self.identity.incarnation,
            episodes=scenario.learner.episodes_per_round, horizon=scenario.environment.horizon,
            retry_s=scenario.exchange.retry_s, timeout_s=scenario.exchange.timeout_s,
        )  # fmt: skip

    def _build(self, environment: Environment, resume: bool) -> None:
        scenario, index, folder = self.scenario, self.index, self.folder
        round = parts.resume_rounds(scenario, folder)[index] if folder and resume else 0
        state = parts.state_at(scenario, folder, index, round) if folder else parts.initial_state(scenario)
        mailbox = parts.mailbox_of(scenario, index, state, self.pump.wait)
        transport = RosTransport(self, mailbox, parts.schema_of(scenario))
        self.engine = parts.engine_of(scenario, index, state, transport, mailbox, environment, self.identity)
        self.telemetry = Telemetry(self, self.engine, transport, scenario.rounds)

    def run(self) -> None:
        """Learns in a worker thread; this one answers for the node meanwhile."""
        failures: list[BaseException] = []

        def work() -> None:
            try:
                self.learn()
            except BaseException as error:  # whatever it is, the main thread is to tell it
                failures.append(error)

        worker = threading.Thread(target=work, name="learner")
        worker.start()
        while worker.is_alive():
            worker.join(SPIN_S)
            self.pump.look_in()
        if failures:
            raise failures[0]

    def learn(self) -> None:
        """All rounds; the worker's work.

        Raises:
            Stopped: if the process is asked to stop before the last round.
            ExchangeError: if a neighbour or the simulator stays silent for too long.
        """
        engine, folder, name = self.engine, self.folder, self.engine.identity.name
        with ExitStack() as stack:
            metrics = store = None
            if folder:
                metrics = stack.enter_context(MetricsLog(folder.agent_metrics(name)))
                store = parts.store_of(self.scenario, folder, self.index)
            recorder = parts.recorder_of(self.scenario, engine, metrics, store)
            neighbours = ", ".join(engine.mailbox.neighbours) or "nobody"
            self.get_logger().info(f"{name} learns from round {engine.state.round} on and hears {neighbours}")
            try:
                engine.rejoin()
                while engine.state.round < self.scenario.rounds and not self.stop():
                    engine.step()
                    row = recorder.after_round()
                    if row:
                        self.telemetry.publish(row)
                if engine.state.round == self.scenario.rounds:
                    engine.leave(ACKNOWLEDGE_S)
                    self.get_logger().info(f"{name} is done after {engine.state.round} rounds")
            finally:
                recorder.save()


def main(args: Sequence[str] | None = None) -> int:
    """Entry point."""
    return run_node(AgentNode, args)


if __name__ == "__main__":
    sys.exit(main())
