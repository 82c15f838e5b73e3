"""The family of drones that see by camera: worlds in simulators, and a policy that is a network.

torch and the simulator are imported only where an agent is built that needs them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from dcpg_ros.agent.rounds import Learner, RoundEngine
from dcpg_ros.agent.schema import Schema, Theta
from dcpg_ros.assembly.extras import extras_needed
from dcpg_ros.assembly.family import Address, never
from dcpg_ros.assembly.worlds import check_world, link_of, scene_of, starts_of, vehicles_of
from dcpg_ros.core.errors import InputError
from dcpg_ros.learning.architecture import Architecture, architecture_of
from dcpg_ros.scenario.scenario import DroneScenario

if TYPE_CHECKING:
    from dcpg_ros.envs.flights import Flights


@dataclass(frozen=True, eq=False)
class DroneFamily:
    """Networks that fly."""

    scenario: DroneScenario

    @cached_property
    def architecture(self) -> Architecture:
        """The network, for pictures of the scenario's size.

        Raises:
            InputError: if they are too small for it.
        """
        camera, actions = self.scenario.environment.camera, self.scenario.environment.actions
        return architecture_of(self.scenario.learner.network, camera.height, camera.width, actions)

    def check(self, where: str) -> None:
        """Raises InputError for pictures that the network cannot take, or a scene that cannot be flown in."""
        with extras_needed(self.scenario.name):
            for index in range(len(self.scenario.agents)):
                check_world(self.scenario, index, where)
        try:
            _ = self.schema
        except InputError as error:
            raise InputError(where, f"{error.where}.{error.key}", error.found, error.allowed) from None

    @property
    def schema(self) -> Schema:
        """The trunk and the policy head, in float32."""
        return Schema(self.architecture.policy_shapes, "float32")

    def initial_theta(self) -> Theta:
        """Drawn from the seed."""
        return self.architecture.initial_theta(self.scenario.seed)

    def environment(
        self, index: int, server: Address | None = None, stop: Callable[[], bool] = never
    ) -> Flights:
        """The agent's flights: in a simulation of their own, or over a connection to a server.

        Raises:
            InputError: if the scene is not there, or not what a scene is.
            DcpgError: if a library is missing.
        """
        scenario = self.scenario
        with extras_needed(scenario.name):
            use_one_thread()
            from dcpg_ros.envs.flights import Flights
            from dcpg_ros.learning.policy import NeuralPolicy

            scene = scene_of(scenario, index)
            return Flights(
                scenario.environment,
                scenario.learner,
                scenario.seed,
                index,
                link=link_of(scenario, index, scene, server, stop),
                policy=NeuralPolicy(self.architecture, scenario.learner.device),
                vehicles=vehicles_of(scenario, index),
                starts=starts_of(scenario, index, scene),
                # Half of its neighbours' patience with it: who knows what is wrong is to say so first.
                patience_s=scenario.exchange.timeout_s / 2,
                stop=stop,
            )

    def learner(self, index: int) -> Learner:
        """REINFORCE, A2C or PPO.

        Raises:
            DcpgError: if torch is missing, or the device.
        """
        scenario = self.scenario
        with extras_needed(scenario.name):
            use_one_thread()
            from dcpg_ros.learning.learners import learner_of

            discount = scenario.environment.discount
            return learner_of(scenario.learner, self.architecture, discount, scenario.seed, index)

    def judge(self, engine: RoundEngine) -> float:
        """The mean safe flight in metres of the latest episodes."""
        return cast("Flights", engine.environment).safe_flight_m


def use_one_thread() -> None:
    """Tells torch that the other cores belong to the other agents, and so that sums keep their order."""
    import torch

    torch.set_num_threads(1)
