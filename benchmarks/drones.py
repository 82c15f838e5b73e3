"""Drones: environment steps per second of whole runs on ROS 2, and where the time of a step goes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.ros import ring_rate
from benchmarks.table import markdown
from dcpg_ros.agent.metrics import read_metrics
from dcpg_ros.assembly.drones import DroneFamily, use_one_thread
from dcpg_ros.assembly.worlds import embedded, scene_of, starts_of, vehicles_of
from dcpg_ros.core.experience import Experience
from dcpg_ros.envs.airsim_link import AirSimLink
from dcpg_ros.envs.flights import Flights
from dcpg_ros.envs.link import Link
from dcpg_ros.learning.policy import NeuralPolicy
from dcpg_ros.scenario import DroneScenario, find_scenario, load_scenario

ASKED = {"drone_ring4_quick": 400.0, "drone_ring4": 150.0}  # scenario -> steps a second, all agents together
ROUNDS = {"drone_ring4_quick": 40, "drone_ring4": 8}
EXCHANGES = {"drone_ring4_quick": 400, "drone_ring4": 60}
MOST_SHARE = 0.1  # of a round, for the exchange
REPEATS = 5


class AnyAction:
    """A policy that thinks nothing, so that only the flying is timed."""

    def __init__(self, actions: int) -> None:
        self.actions = actions

    def load(self, theta: np.ndarray) -> None:
        """Nothing to load."""

    def probabilities(self, observations: np.ndarray) -> np.ndarray:
        """The uniform policy."""
        return np.full((len(observations), self.actions), 1 / self.actions, np.float32)


def scenario_of(name: str) -> DroneScenario:
    """A shipped drone scenario."""
    scenario = load_scenario(find_scenario(name))
    assert isinstance(scenario, DroneScenario)
    return scenario


def run_round_s(name: str) -> float:
    """Seconds of a round of ``dcpg run``, the median over rounds and agents, without the first rounds."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run"
        command = [sys.executable, "-m", "dcpg_ros.cli.main", "run", name, "--output", str(output)]
        subprocess.run([*command, "--rounds", str(ROUNDS[name])], check=True, capture_output=True)
        return median(row.round_s for row in read_metrics(output / "metrics.csv") if row.round > 2)


def flights_of(scenario: DroneScenario, link: Link) -> Flights:
    """The first agent's flights over a link, without a thought."""
    scene = scene_of(scenario, 0)
    environment, learner = scenario.environment, scenario.learner
    policy, starts = AnyAction(environment.actions), starts_of(scenario, 0, scene)
    return Flights(environment, learner, scenario.seed, 0, link, policy, vehicles_of(scenario, 0), starts)


@contextmanager
def served(name: str) -> Iterator[AirSimLink]:
    """A link to a server of the first agent's world."""
    command = [sys.executable, "-m", "dcpg_ros.cli.main", "simulator", "--scenario", name, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            host, _, port = server.stdout.readline().split()[2].rstrip(",").rpartition(":")
            link = AirSimLink(host, int(port))
            yield link
            link.close()
        finally:
            server.terminate()


def ms(work: Callable[[], object], steps: int) -> float:
    """Milliseconds per step, the median of a few, after one that does not count."""
    work()
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - began) / steps)
    return median(times)


def parts_ms(name: str) -> dict[str, float]:
    """What each part takes of a step, measured by itself on one core; the RPC with its server on another."""
    scenario, rounds = scenario_of(name), iter(range(10_000))
    learner, family = scenario.learner, DroneFamily(scenario)
    use_one_thread()
    steps, theta = learner.flights * learner.steps_per_round, family.initial_theta()
    scene = scene_of(scenario, 0)
    assert scene is not None
    link = embedded(scenario, 0, scene)
    flights = flights_of(scenario, link)
    flight = flights.fleet.flights[0]
    experience: Experience = flights.sample(theta, next(rounds))

    def look() -> None:
        for turn in range(steps):
            flight.send_pose((0.0, 0.0, 0.0), 0.1 * turn)
            flight.wait()
            link.call("simGetImages", *flight.images)

    policy, learning = NeuralPolicy(family.architecture), family.learner(0)
    policy.load(theta)
    pictures = np.stack([experience.segments[0].observations[0]] * learner.flights)
    rendering, direct = ms(look, steps), ms(lambda: flights.sample(theta, next(rounds)), steps)
    with served(name) as server:
        remote = flights_of(scenario, server)
        rpc = ms(lambda: remote.sample(theta, next(rounds)), steps) - direct
    return {
        "render": rendering,
        "move, reward": direct - rendering,
        "RPC": rpc,
        "forward": ms(lambda: policy.probabilities(pictures), learner.flights),
        "backward": ms(lambda: learning.step(theta, experience, 0), steps),
    }


def report() -> str:
    """Whole runs, and their parts."""
    runs, shares = [], []
    for name, asked in ASKED.items():
        scenario = scenario_of(name)
        learner, agents = scenario.learner, len(scenario.agents)
        steps = agents * learner.flights * learner.steps_per_round
        round_s = run_round_s(name)
        exchange_s = 1 / ring_rate(name, agents, EXCHANGES[name], large=True)
        megabytes = DroneFamily(scenario).schema.size * 4 / 1e6
        share = exchange_s / round_s
        runs.append([f"`{name}`", steps / round_s, asked, round_s, megabytes, exchange_s, share, MOST_SHARE])
        taken = parts_ms(name)
        shares.append([f"`{name}`", *taken.values(), 1e3 * exchange_s / steps * agents, sum(taken.values())])
    header = [
        "scenario",
        "steps/s, all agents",
        "asked",
        "round s",
        "theta MB",
        "exchange s",
        "of a round",
        "at most",
    ]
    first = markdown("`dcpg run` of drones: real ROS 2, simulators over RPC, four agents", header, runs)
    header = ["scenario", *taken, "exchange", "all but exchange"]
    second = markdown("Where the time of a step goes: ms, each part by itself on one core", header, shares)
    return f"{first}\n{second}"
