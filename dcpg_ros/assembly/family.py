"""What differs from one kind of scenario to another: the one place that asks of which kind a scenario is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dcpg_ros.agent.rounds import Environment, Learner, RoundEngine
from dcpg_ros.agent.schema import Schema, Theta
from dcpg_ros.core.errors import DcpgError
from dcpg_ros.scenario import Scenario
from dcpg_ros.scenario.scenario import DroneScenario, TabularScenario

Address = tuple[str, int]  # host and port of a server of the AirSim API


def never() -> bool:
    """The answer to whether to stop, of whoever is not asked to."""
    return False


class Family(Protocol):
    """A kind of scenario: what theta is, what agents live in, how they learn, what a policy is worth."""

    def check(self, where: str) -> None:
        """Raises InputError, which names the file ``where``, for what is missing or does not go together."""

    @property
    def schema(self) -> Schema:
        """What theta looks like."""

    def initial_theta(self) -> Theta:
        """theta^0, flat, the same on every agent."""

    def environment(
        self, index: int, server: Address | None = None, stop: Callable[[], bool] = never
    ) -> Environment:
        """The world of agent ``index``: in this process, or in the server that was started for it.

        A world that waits for a lost server asks ``stop`` whether to go on waiting.
        """

    def learner(self, index: int) -> Learner:
        """How agent ``index`` makes an increment of a batch."""

    def judge(self, engine: RoundEngine) -> float:
        """What an agent's policy is worth in its own world: ``value`` in metrics.csv."""


def family_of(scenario: Scenario) -> Family:
    """The family of a scenario.

    Raises:
        DcpgError: if it needs a library that is not here.
    """
    # Each family is imported where it is asked for: a table needs nothing of what drones need.
    if isinstance(scenario, TabularScenario):
        from dcpg_ros.assembly.tabular import TabularFamily

        return TabularFamily(scenario)
    if isinstance(scenario, DroneScenario):
        from dcpg_ros.assembly.drones import DroneFamily

        return DroneFamily(scenario)
    raise DcpgError(f"{scenario.name}: found a {type(scenario).__name__}, allowed: one of a known family")
