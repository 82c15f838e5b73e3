"""Theorem 1: the squared gradient falls at least as fast as 1/K, down to a floor of order alpha^2.

    python -m experiments.theorem_1

On the first example of Section 2.2, whose tasks disagree at the optimum, with lambda = 0 and mu = rho.
What is followed is the left side of (11) for the worst agent,

    max_i min_{k <= K} || 1/N sum_j grad V_j(theta_i^k; rho_j) ||^2,

the minimum taken over log-spaced rounds only, so that what is shown is an upper bound of it. The same two
tasks are also put on four agents whose neighbours have the same task, to see the graph in the floor.

The floor has a first-order form. At rest (I - W) theta = alpha g, so agent i stands off the optimum theta* by
alpha sum_j (I - W)^+_ij g_j(theta*), and what it sees there is the Hessian of the mean value times that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
from matplotlib.axes import Axes

from dcpg_ros.core.bounds import singular_values, theorem_1_step_size
from dcpg_ros.core.gradient import gradient, mean_gradient
from dcpg_ros.core.graphs import build_graph
from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.two_task import LEFT, S2, S3, S4
from dcpg_ros.core.weights import Row, dense, mixing_weights
from experiments.common import (
    COLOURS,
    GREY,
    Cell,
    algorithm_1,
    constant,
    log_spaced,
    panels,
    save_figure,
    save_table,
    shipped_scenario,
)

FALLING = (1.0, 0.3, 0.1, 0.03)  # step sizes of the runs from the scenario's start
FALLING_ROUNDS = 30_000
FLOORS = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01)  # step sizes of the runs that start near the optimum
GRAPHS = {  # the task of each agent
    "path of 2": ("path", (0, 1)),
    "ring of 4": ("ring", (0, 0, 1, 1)),
    "path of 4": ("path", (0, 0, 1, 1)),
}


def running_minimum(
    mdps: Sequence[TabularMDP], rows: Sequence[Row], theta: Array, step_size: float, marks: Sequence[int]
) -> Array:
    """The left side of (11) for the worst agent and each K of ``marks``, (marks,)."""
    wanted, best, trace = set(marks), np.full(len(mdps), np.inf), []
    run = algorithm_1(mdps, rows, theta, constant(step_size))
    for k, thetas in enumerate(islice(run, marks[-1] + 1)):
        if k in wanted:
            best = np.minimum(best, [(mean_gradient(mdps, own) ** 2).sum() for own in thetas])
            trace.append(best.max())
    return np.array(trace)


def first_order_floor(
    mdps: Sequence[TabularMDP], rows: Sequence[Row], optimum: Array, step: float = 1e-4
) -> float:
    """The floor divided by alpha^2, for small alpha, of tasks that mirror each other around ``optimum``."""
    away = np.linalg.pinv(np.eye(len(rows)) - dense(list(rows)))
    pulls = np.array([gradient(mdp, optimum, 0.0) for mdp in mdps])
    offsets = np.einsum("ij,jsa->isa", away, pulls)
    seen = [mean_gradient(mdps, optimum + step * offset) - mean_gradient(mdps, optimum - step * offset)
            for offset in offsets]  # fmt: skip
    return float(max((change**2).sum() for change in seen) / (2 * step) ** 2)


def slope_before_floor(marks: Array, trace: Array, floor: float) -> float:
    """d log(minimum) / d log(K) from a third of its start down to ten times its floor."""
    falling = (trace < trace[0] / 3) & (trace > 10 * floor)
    return float(np.polyfit(np.log(marks[falling]), np.log(trace[falling]), 1)[0])


def certain_start(tilt: float) -> Array:
    """theta^0 with L known to be best at S2 and S4, and ``tilt`` at theta[S3, L]; at 0 it is the optimum."""
    theta = np.zeros((5, 2))
    theta[[S2, S4], LEFT] = 20.0
    theta[S3, LEFT] = tilt
    return theta


def main() -> None:
    """Runs all, prints the table, draws the figure."""
    pair = [task.mdp for task in shipped_scenario("two_task_stochastic").tasks]
    figure, (rate_axes, floor_axes) = panels(2, width=4.6)
    floors = _floors(pair, floor_axes)
    slopes = _rates({alpha: floor for graph, _, alpha, floor, _ in floors if graph == "path of 2"}, rate_axes)
    table: list[list[Cell]] = []
    for graph, sigma_2, alpha, floor, first_order in floors:
        slope = f"{slopes[alpha]:.2f}" if graph == "path of 2" and alpha in slopes else ""
        table.append([graph, sigma_2, alpha, floor, floor / alpha**2, first_order, slope])
    columns = ["graph", "sigma_2", "alpha", "floor", "floor/alpha^2", "first_order/alpha^2", "slope"]
    save_table("theorem_1", columns, table)
    for span in (1.0, 2.0):
        bound = theorem_1_step_size([mdp.discount for mdp in pair], 0.0, pair[0].n_states, 0.0, span)
        print(f"(10) on the path of 2, rewards that span {span:g}: alpha < {bound:.2g}")
    for name in GRAPHS:
        small = [(alpha, floor) for graph, _, alpha, floor, _ in floors if graph == name and alpha <= 0.1]
        log_alpha, log_floor = np.log(np.array(small)).T
        exponent = np.polyfit(log_alpha, log_floor, 1)[0]
        print(f"floor on the {name}: ~ alpha^{exponent:.2f} for alpha <= 0.1")
    save_figure("theorem_1", figure)


def _floors(pair: list[TabularMDP], axes: Axes) -> list[tuple[str, float, float, float, float]]:
    """(graph, sigma_2, alpha, floor, floor / alpha^2 to first order) of each graph and step size."""
    results = []
    for colour, (name, (topology, order)) in zip(COLOURS, GRAPHS.items(), strict=False):
        mdps = [pair[task] for task in order]
        rows = mixing_weights(build_graph(topology, len(order)), "lazy_metropolis")
        sigma_2, _ = singular_values(dense(rows))
        first_order = first_order_floor(mdps, rows, certain_start(0.0))
        floors = []
        for alpha in FLOORS:
            marks = log_spaced(max(300, round(150 / alpha)), 100)  # 1/2 is approached as exp(-0.16 alpha k)
            floors.append(float(running_minimum(mdps, rows, certain_start(1.0), alpha, marks)[-1]))
            results.append((name, sigma_2, alpha, floors[-1], first_order))
        axes.plot(FLOORS, floors, "o", color=colour, label=name)
        axes.plot(FLOORS, first_order * np.square(FLOORS), color=colour, lw=1, zorder=0)
    axes.plot([], [], color=GREY, lw=1, label=r"first order in $\alpha$")
    axes.set(xscale="log", yscale="log", xlabel=r"constant step size $\alpha$")
    axes.set_ylabel("floor, worst agent")
    axes.set_title(r"The floor: $\propto\alpha^2$, higher on a poorer graph")
    axes.legend(fontsize=8)
    return results


def _rates(floors: dict[float, float], axes: Axes) -> dict[float, float]:
    """The slope before the floor for each step size, on the scenario itself."""
    scenario = shipped_scenario("two_task_stochastic")
    mdps, marks, slopes = [task.mdp for task in scenario.tasks], log_spaced(FALLING_ROUNDS, 150), {}
    for colour, alpha in zip(COLOURS, FALLING, strict=False):
        trace = running_minimum(mdps, scenario.graph.weights, scenario.initial_theta, alpha, marks)
        slopes[alpha] = slope_before_floor(np.array(marks), trace, floors[alpha])
        label = rf"$\alpha$ = {alpha:g}, slope {slopes[alpha]:.2f}"
        axes.plot(marks[1:], trace[1:], color=colour, label=label)
        axes.axhline(floors[alpha], xmin=0.45, color=colour, lw=0.8, ls=":", zorder=0)
    axes.plot([10, 10_000], [1e-1, 1e-4], color=GREY, lw=1, ls="--", label="1/K")
    axes.set(xscale="log", yscale="log", xlabel="rounds K", xlim=(1, FALLING_ROUNDS), ylim=(3e-7, 0.3))
    axes.set_ylabel(r"$\min_k\,\|\frac{1}{N}\sum_j\nabla V_j(\theta_i^k)\|^2$, worst agent")
    axes.set_title("Path of 2: faster than 1/K to the floor (dotted)")
    axes.legend(fontsize=8, loc="lower left")
    return slopes


if __name__ == "__main__":
    main()
