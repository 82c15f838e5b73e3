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
REPEATS = 3


def ring_rate(kind: str, size: int) -> float:
    """Rounds per second of the slowest of ``size`` processes."""
    rounds = 8000 // size
    with ros_domain() as domain:
        environment = child_environment(domain)
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
    short, long = 4000 // size, 12000 // size
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
    """Both tables."""
    rows = []
    for size in SIZES:
        # In turns, so that a busy minute of the machine hits both.
        pairs = [(ring_rate("bare", size), ring_rate("ours", size)) for _ in range(REPEATS)]
        bare, ours = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
        rows.append([size, bare, ours, ours / bare])
    exchange = markdown(
        "The exchange alone, 3.2 kB on a ring", ["agents", "bare rclpy ring, rounds/s", "ours", "ratio"], rows
    )
    rows = []
    for size in SIZES:
        rates = {kind: median(run_rate(size, kind) for _ in range(REPEATS)) for kind in ("node", "local")}
        rows.append([size, rates["node"], rates["local"]])
    header = ["agents", "episodes from the GridWorld node, rounds/s", "episodes in the agent's process"]
    return exchange + "\n" + markdown("`dcpg run`, 10 episodes a round", header, rows)
