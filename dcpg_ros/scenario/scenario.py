"""What a run is."""

from __future__ import annotations

from dataclasses import dataclass

from dcpg_ros.core.mdp import Array
from dcpg_ros.core.task import Task
from dcpg_ros.scenario.drones import DroneEnvironment
from dcpg_ros.scenario.environments import TabularEnvironment
from dcpg_ros.scenario.graph import CommunicationGraph
from dcpg_ros.scenario.learners import TabularLearner
from dcpg_ros.scenario.neural import NeuralLearner


@dataclass(frozen=True)
class Exchange:
    """``exchange``: how agents wait for each other. Synchronous is the one mode so far."""

    mode: str
    timeout_s: float  # without a word from a neighbour or the simulator, before the run is given up
    retry_s: float  # without an answer from the simulator, before it is asked again


@dataclass(frozen=True)
class Record:
    """``record``: what a run writes while it goes on."""

    metrics_every: int  # rounds
    checkpoint_every: int  # rounds


@dataclass(frozen=True, eq=False)
class Scenario:
    """A whole scenario, validated. ``text`` is YAML that loads as this very scenario.

    It is of one of two families, which differ in what the agents live in and how they learn.
    """

    name: str
    text: str
    seed: int
    rounds: int
    agents: tuple[str, ...]
    graph: CommunicationGraph
    exchange: Exchange
    record: Record

    def index(self, agent: str) -> int:
        """The number of the agent with this name."""
        return self.agents.index(agent)


@dataclass(frozen=True, eq=False)
class TabularScenario(Scenario):
    """Finite tasks whose model is known, and a policy that is a table."""

    environment: TabularEnvironment
    learner: TabularLearner

    @property
    def tasks(self) -> tuple[Task, ...]:
        """M_i for each agent, in agent order."""
        return self.environment.tasks

    @property
    def initial_theta(self) -> Array:
        """theta^0, (S, A), the same on every agent."""
        return self.learner.initial_theta(self.tasks[0], self.seed)


@dataclass(frozen=True, eq=False)
class DroneScenario(Scenario):
    """Drones that see by camera, and a policy that is a network."""

    environment: DroneEnvironment
    learner: NeuralLearner
