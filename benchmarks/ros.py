"""Rounds per second over real ROS 2: the exchange alone against a bare rclpy ring, and whole runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.scenarios import write_variant
from benchmarks.table import markdown
from dcpg_ros.cli.domain import ros_domain
from dcpg_ros.cli.run import child_environment
from dcpg_ros.cli.shared_memory import remove_orphans

SIZES = (4, 8, 16)
TURNS = 5  # of everything: a busy minute of a shared machine hits all


def ring_rate(kind: str, size: int, rounds: int = 0, *, large: bool = False) -> float:
    """Rounds per second of the slowest of ``size`` processes."""
    rounds = rounds or 6000 // size
    with ros_domain() as domain:
        environment = child_environment(domain, large=large)
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.ring", kind, str(index), str(size), str(rounds)],
                env=environment, stdout=subprocess.PIPE, text=True,
            )
            for index in range(size)
        ]  # fmt: skip
        rates = [float(process.communicate(timeout=300)[0]) for process in processes]
    remove_orphans()
    return min(rates)


def run_rate(size: int, sampling: str) -> float:
    """Rounds per second of ``dcpg run``, from two lengths, so that start-up does not count."""
    short, long = 3000 // size, 9000 // size
    return (long - short) / (run_wall_s(size, sampling, long) - run_wall_s(size, sampling, short))


def run_wall_s(size: int, sampling: str, rounds: int) -> float:
    """Wall time of a whole ``dcpg run``, by its own account."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = write_variant(Path(folder) / "bench.yaml", rounds, size)
        output = Path(folder) / "run"
        command = [sys.executable, "-m", "dcpg_ros.cli.main", "run", str(scenario), "--output", str(output)]
        subprocess.run([*command, "--sampling", sampling], check=True, capture_output=True, env=os.environ)
        return float(json.loads((output / "summary.json").read_text())["wall_s"])


def report() -> str:
    """One table: the bound and what we make of it, medians over turns."""
    rows = []
    for size in SIZES:
        turns = [
            (
                ring_rate("bare", size),
                ring_rate("ours", size),
                run_rate(size, "local"),
                run_rate(size, "node"),
            )
            for _ in range(TURNS)
        ]
        bare, ours, local, node = (median(column) for column in zip(*turns, strict=True))
        rows.append([size, bare, ours, ours / bare, local, local / bare, node, node / bare])
    header = ["agents", "bare rclpy ring", "our exchange", "to bare"]
    header += ["`dcpg run`, own episodes", "to bare", "`dcpg run`, episodes from the node", "to bare"]
    return markdown("Rounds per second over ROS 2, 3.2 kB each, 10 episodes a round", header, rows)
