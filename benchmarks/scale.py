"""``dcpg simulate`` on rings of 10, 100 and 1,000 agents: cost per agent and round."""

from __future__ import annotations

import time

from benchmarks.scenarios import variant
from benchmarks.table import markdown, median_of
from dcpg_ros.assembly.simulation import simulate

ROUNDS = 20  # the same for all sizes: later rounds have shorter episodes, and would flatter small rings
AGENT_ROUNDS = 20_000  # per measurement


def cost_us(agents: int) -> float:
    """Microseconds per agent and round."""
    scenario = variant(ROUNDS, agents=agents)
    repeats = AGENT_ROUNDS // (ROUNDS * agents)
    started = time.perf_counter()
    for _ in range(repeats):
        simulate(scenario)
    return (time.perf_counter() - started) / AGENT_ROUNDS * 1e6


def report() -> str:
    """The table."""
    costs = {agents: median_of(lambda agents=agents: cost_us(agents)) for agents in (10, 100, 1000)}
    rows = [[agents, cost, cost / costs[10]] for agents, cost in costs.items()]
    header = ["agents", "µs per agent and round", "to N = 10"]
    return markdown("Rings of many agents in one process", header, rows)
