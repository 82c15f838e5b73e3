"""Environment steps per second and memory of a whole four-agent Monte-Carlo run in one process."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import numpy_loop
from benchmarks.scenarios import variant
from benchmarks.table import markdown, median_of
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.sampling import sample_episodes
from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.scenario import Scenario

ROUNDS = 1000
TARGET = 5e6
WORLDS = {
    "episodes end at goals and obstacles": {},
    "continuing, horizon 100": {"episode_end": "continuing"},
    "continuing, horizon 1,000": {"episode_end": "continuing", "horizon": 1000},
}


def whole_run(scenario: Scenario) -> float:
    """Steps per second of ``simulate`` with metrics and checkpoints."""
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder.create(Path(folder) / "run", scenario.text)
        started = time.perf_counter()
        states = simulate(scenario, run)
        return sum(state.environment_steps for state in states) / (time.perf_counter() - started)


def plain_loop(scenario: Scenario, rounds: int = 20) -> float:
    """Steps per second of the peer."""
    started = time.perf_counter()
    return numpy_loop.run(scenario, rounds) / (time.perf_counter() - started)


def bare_sampler(scenario: Scenario, episodes: int = 10_000) -> float:
    """Steps per second of the sampling kernel alone, many episodes a call: the bound."""
    mdp = scenario.tasks[0].mdp
    policy, random = softmax(np.zeros((mdp.n_states, mdp.n_actions))), generator(0, Purpose.EPISODES)
    started = time.perf_counter()
    steps = sample_episodes(mdp, policy, episodes, scenario.environment.horizon, random).steps
    return steps / (time.perf_counter() - started)


def peak_memory_mib() -> float:
    """Peak memory of a fresh process that does a whole run and nothing else."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run_and_weigh)


def _run_and_weigh() -> float:
    whole_run(variant(200))
    # Not getrusage, whose maximum a child inherits from the process that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def report() -> str:
    """The table."""
    rows = []
    for name, environment in WORLDS.items():
        scenario = variant(ROUNDS, **environment)
        simulate(variant(5, **environment))  # compiles, or loads, the kernel
        ours = median_of(lambda scenario=scenario: whole_run(scenario))
        loop = median_of(lambda scenario=scenario: plain_loop(scenario))
        bound = median_of(lambda scenario=scenario: bare_sampler(scenario))
        rows.append([name, ours / 1e6, loop / 1e6, ours / loop, bound / 1e6, ours / TARGET])
    header = ["world", "whole run, M steps/s", "plain numpy loop", "ratio", "bare kernel", "of 5 M"]
    table = markdown("Four agents in one process, 10 episodes a round, 1,000 rounds", header, rows)
    return f"{table}\nPeak memory of the whole process: {peak_memory_mib():.0f} MiB (bound: 300 MiB).\n"
