"""What a run of drones is judged by: how far they fly before they crash."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcpg_ros.analysis.results import Results
from dcpg_ros.core.mdp import Array


def world_of(results: Results, agent: str) -> str:
    """Where this agent flies, in words."""
    return str(results.scenario.environment.worlds[results.scenario.index(agent)])


def safe_flight(results: Results, index: int) -> dict[str, Any]:
    """Where an agent flew, and the mean safe flight of its latest episodes; 0 if nothing was logged."""
    agent = results.scenario.agents[index]
    rows = results.rows_of(agent)
    return {"world": world_of(results, agent), "value": rows[-1].value if rows else 0.0}


def smoothed(values: Array, width: int) -> Array:
    """Each value's mean with the up to ``width - 1`` before it, (n,)."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(ends - width, 0)
    return (sums[ends] - sums[begins]) / (ends - begins)
