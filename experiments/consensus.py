"""Consensus: without gradients the agents come together at the rate of sigma_2 (Assumption 1).

    python -m experiments.consensus

alpha = 0 and a random theta_i per agent; counted are the rounds until the disagreement is 1e-6 of what it
was. It falls at least by the factor sigma_2 a round, so ln(1e6) / ln(1/sigma_2) rounds always do. A random
start holds a share s < 1 of its disagreement in the slowest modes of W, and ln(1e6 s) / ln(1/sigma_2) rounds
are always needed: with many fast modes beside few slow ones the count is a little below the line.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcpg_ros.core.bounds import singular_values
from dcpg_ros.core.graphs import build_graph
from dcpg_ros.core.mdp import Array
from dcpg_ros.core.mixing import disagreement, mix
from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.core.weights import Row, dense, mixing_weights
from experiments.common import COLOURS, GREY, Cell, panels, save_figure, save_table

SIZES = {
    "ring": (4, 8, 16, 32, 64),
    "path": (4, 8, 16, 32),
    "star": (8, 16, 32),
    "complete": (4, 8, 32),
    "grid": (9, 16, 36, 64),
    "erdos_renyi": (8, 16, 32),
}
MARKERS = "osv^DP"
EDGE_PROBABILITY = 0.3  # of the Erdos-Renyi graphs
SHAPE = (25, 4)  # of theta
REDUCTION = 1e-6


def random_thetas(size: int, seed: int = 0) -> list[Array]:
    """Standard normal, one per agent."""
    return [generator(seed, Purpose.INITIAL_THETA, agent).standard_normal(SHAPE) for agent in range(size)]


def rounds_to_agree(rows: Sequence[Row], thetas: Sequence[Array], reduction: float = REDUCTION) -> int:
    """How often (9) with alpha = 0 has to be applied."""
    goal, rounds = reduction * disagreement(thetas), 0
    while disagreement(thetas) > goal:
        heard = dict(enumerate(thetas))
        thetas = [mix(row, heard) for row in rows]
        rounds += 1
    return rounds


def slowest_share(weights: Array, thetas: Sequence[Array]) -> float:
    """s: the part of the disagreement that lies in the modes of W that belong to sigma_2; W is symmetric."""
    values, modes = np.linalg.eigh(weights)
    sigma_2, _ = singular_values(weights)
    slowest = np.isclose(abs(values), sigma_2)
    stack = np.stack([theta.ravel() for theta in thetas])
    return float(np.linalg.norm(modes[:, slowest].T @ stack) / np.linalg.norm(stack - stack.mean(axis=0)))


def main() -> None:
    """Runs all graphs, prints the table, draws the figure."""
    figure, (axes,) = panels(1, width=5.5, height=4.0)
    table: list[list[Cell]] = []
    for colour, marker, (topology, sizes) in zip(COLOURS, MARKERS, SIZES.items(), strict=True):
        points = []
        for size in sizes:
            graph = build_graph(topology, size, probability=EDGE_PROBABILITY)
            rows, thetas = mixing_weights(graph, "lazy_metropolis"), random_thetas(size)
            sigma_2, _ = singular_values(dense(rows))
            rounds, time_constant = rounds_to_agree(rows, thetas), 1 / np.log(1 / sigma_2)
            line = -np.log(REDUCTION) * time_constant
            share = slowest_share(dense(rows), thetas)
            points.append((time_constant, rounds))
            table.append([topology, size, sigma_2, time_constant, rounds, line, rounds / line, share])
        label = "Erdős-Rényi" if topology == "erdos_renyi" else topology
        axes.plot(*zip(*points, strict=True), marker=marker, ls="none", mfc="none", color=colour, label=label)
    ends = np.array([min(row[3] for row in table), max(row[3] for row in table)], dtype=float)
    formula = r"$\ln(10^6)\,/\,\ln(1/\sigma_2)$"
    axes.plot(ends, -np.log(REDUCTION) * ends, color=GREY, lw=1, zorder=0, label=formula)
    axes.set(xscale="log", yscale="log", xlabel=r"$1/\ln(1/\sigma_2)$  [rounds]")
    axes.set_ylabel("rounds until the disagreement\n is $10^{-6}$ of its start")
    axes.set_title("No gradients, lazy Metropolis weights")
    axes.legend(fontsize=9)
    columns = ["graph", "agents", "sigma_2", "1/ln(1/sigma_2)", "rounds", "line", "rounds/line", "share"]
    save_table("consensus", columns, table)
    save_figure("consensus", figure)


if __name__ == "__main__":
    main()
