"""How far a policy flies: whole flights in one world, the same ones for every policy."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.agent.schema import Theta
from dcpg_ros.assembly.drones import DroneFamily
from dcpg_ros.core.sampling import invert
from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.envs.flight import Flight
from dcpg_ros.envs.flights import Flights
from dcpg_ros.envs.starts import Beginning, beginning
from dcpg_ros.scenario.drones import NavigationSpec
from dcpg_ros.scenario.scenario import DroneScenario
from dcpg_ros.scenario.worlds import Start

AVERAGE = "average"  # theta_bar
AT_A_TIME = 16  # flights in a simulation of our own
BLOCK = 64  # steps whose random numbers are drawn at once

# Of one step: a uniform number for the action, and the noise of pitch and yaw in bins.
Chance = tuple[float, tuple[float, float]]


class Flown(NamedTuple):
    """F flights of one policy in one world."""

    distance_m: NDArray[np.float64]  # (F,) over the floor, until the crash or the cap
    capped: NDArray[np.bool_]  # (F,)


class Trial(NamedTuple):
    """A test flight that is yet to be flown: a function of (seed, world, flight), whoever flies it."""

    number: int
    begin: Beginning
    chances: Iterator[Chance]


def policies_of(scenario: DroneScenario, thetas: Sequence[Theta]) -> dict[str, Theta]:
    """What there is to judge of a run: each agent's policy, and that of the average theta_bar.

    Agents that learnt in isolation have no average to speak of; they are the paper's SA-0, SA-1, ...
    """
    if scenario.graph.isolated:
        return {f"SA-{index}": theta for index, theta in enumerate(thetas)}
    return {**dict(zip(scenario.agents, thetas, strict=True)), AVERAGE: mean_theta(thetas)}


def mean_theta(thetas: Sequence[Theta]) -> Theta:
    """theta_bar of agents, or of one agent's rounds (Polyak and Juditsky 1992)."""
    return np.mean(thetas, axis=0, dtype=np.float64).astype(thetas[0].dtype)


def world_for_tests(scenario: DroneScenario, index: int, flights: int) -> Flights:
    """World ``index`` with room for many flights at a time, or with the vehicles that its server has.

    The policy runs on the CPU, so that what was learnt on a GPU is judged where there is none.

    Raises:
        DcpgError: if a scene or a library is missing.
    """
    learner = replace(scenario.learner, device="cpu")
    if scenario.environment.worlds[index].address is None:
        learner = replace(learner, flights=min(flights, AT_A_TIME))
    return DroneFamily(replace(scenario, learner=learner)).environment(index)


def fly(
    world: Flights,
    theta: Theta,
    flights: int,
    seed: int,
    *,
    greedy: bool = False,
    landed: Callable[[int], None] = lambda number: None,
) -> Flown:
    """Flies ``flights`` whole episodes by pi_theta, as many at a time as the world has vehicles.

    Flight f begins at start f mod n. Its yaw, the noise of the world and the numbers that actions are drawn
    by are functions of (seed, world, f), so that all policies meet the same flights.

    Args:
        world: where to fly, and by what kind of policy.
        theta: its parameters.
        flights: F.
        seed: of the test, which has nothing to do with that of the training.
        greedy: take the likeliest action, and not one drawn with its probability.
        landed: told the number of each flight that has ended.

    Raises:
        LinkLost: if the server goes away.
    """
    world.policy.load(theta)
    world.fleet.prepare()
    navigation = world.environment.navigation
    waiting = deque(trial_of(world.starts, navigation, seed, world.agent, f) for f in range(flights))
    aloft: dict[Flight, Trial] = {}
    flown = Flown(np.zeros(flights), np.zeros(flights, bool))
    while waiting or aloft:
        free = [drone for drone in world.fleet.flights if drone not in aloft]
        departing = {drone: waiting.popleft() for drone in free[: len(waiting)]}
        if departing:
            world.fleet.begin((drone, trial.begin) for drone, trial in departing.items())
            aloft |= departing
        chances = [next(trial.chances) for trial in aloft.values()]
        actions = choose(world, list(aloft), [uniform for uniform, _ in chances], greedy)
        noise = [noise_bins for _, noise_bins in chances]
        for drone, outcome in zip(
            list(aloft), world.fleet.step(zip(aloft, actions, noise, strict=True)), strict=True
        ):
            if outcome.ended:
                number = aloft.pop(drone).number
                flown.distance_m[number], flown.capped[number] = drone.distance_m, outcome.truncated
                landed(number)
    return flown


def trial_of(
    starts: Sequence[Start], navigation: NavigationSpec, seed: int, world: int, number: int
) -> Trial:
    """Flight ``number`` of those that policies are judged by in a world."""
    random = generator(seed, Purpose.EVALUATION, world, number)
    start, turn = starts[number % len(starts)], random.uniform(-1, 1)
    begin = beginning(start, turn, navigation.start_yaw_spread_deg)
    return Trial(number, begin, chances_of(random, navigation.noise_bins))


def chances_of(random: np.random.Generator, noise_bins: float) -> Iterator[Chance]:
    """Step by step, without end."""
    while True:
        for uniform, pitch, yaw in random.random((BLOCK, 3)).tolist():
            yield uniform, (noise_bins * (2 * pitch - 1), noise_bins * (2 * yaw - 1))


def choose(world: Flights, drones: Sequence[Flight], uniforms: Sequence[float], greedy: bool) -> list[int]:
    """The action of each drone at what it sees."""
    pictures = np.stack([drone.picture for drone in drones])
    probabilities = np.asarray(world.policy.probabilities(pictures), np.float64)
    chosen = probabilities.argmax(axis=1) if greedy else invert(np.array(uniforms), probabilities)
    actions: list[int] = chosen.tolist()
    return actions
