"""``dcpg simulate`` on rings of 10, 100 and 1,000 agents: cost per agent and round."""

from __future__ import annotations

import time

from benchmarks.scenarios import variant
from benchmarks.table import markdown, median_of
from dcpg_ros.agent.simulation import simulate

TURNS = 20_000  # agent-rounds per measurement


def cost_us(agents: int) -> float:
    """Microseconds per agent and round."""
    scenario = variant(TURNS // agents, agents=agents)
    started = time.perf_counter()
    simulate(scenario)
    return (time.perf_counter() - started) / TURNS * 1e6


def report() -> str:
    """The table."""
    # The same early rounds for all sizes: later ones have shorter episodes, and would flatter small rings.
    costs = {agents: median_of(lambda agents=agents: cost_us(agents)) for agents in (10, 100, 1000)}
    rows = [[agents, cost, cost / costs[10]] for agents, cost in costs.items()]
    header = ["agents", "µs per agent and round", "to N = 10"]
    return markdown("Rings of many agents in one process", header, rows)
