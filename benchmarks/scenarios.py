"""The scenarios that are timed: the shipped four-agent GridWorld, and variants of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dcpg_ros.scenario import Scenario, find_scenario, load_scenario
from dcpg_ros.scenario.document import read_document, write_document

BASE = "no_conflict"
ONLY_AT_THE_END = 10**9


def variant(rounds: int, *, agents: int = 4, **environment: Any) -> Scenario:
    """The shipped scenario with other rounds, agents (its tasks over and over) and environment keys."""
    with tempfile.TemporaryDirectory() as folder:
        return load_scenario(write_variant(Path(folder) / "bench.yaml", rounds, agents, environment))


def write_variant(
    path: Path, rounds: int, agents: int = 4, environment: Mapping[str, Any] | None = None
) -> Path:
    """The same as a file."""
    data = read_document(find_scenario(BASE))
    data["environment"].update(environment or {})
    tasks = data["environment"]["tasks"]
    data["environment"]["tasks"] = [dict(tasks[index % len(tasks)]) for index in range(agents)]
    data["agents"] = {"count": agents}
    data["learner"]["episodes_per_round"] = 10
    data["record"] = {"checkpoint_every": ONLY_AT_THE_END}
    data["rounds"] = rounds
    path.write_text(write_document(data))
    return path
