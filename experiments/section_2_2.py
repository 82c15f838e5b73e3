"""Section 2.2: the best policy of two tasks may be stochastic, and a stationary point may be the worst one.

    python -m experiments.section_2_2

Both examples run on a path of two agents, where W_ij = 1/2: each round takes both agents to their mean and
then one step of their own away from it. The tasks mirror each other, so agents that rest do so at
theta[S3] = (d/2, -d/2) and its mirror image, with

    d = 2 alpha dV_1/dtheta[S3, L] (d),

a distance of order alpha from 1/2 that no number of rounds removes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
from matplotlib.axes import Axes

from dcpg_ros.core.gradient import gradient, total_value
from dcpg_ros.core.graphs import build_graph
from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.two_task import LEFT, RIGHT, S2, S3, S4, two_task
from dcpg_ros.core.weights import mixing_weights
from experiments.common import (
    COLOURS,
    GREY,
    Cell,
    algorithm_1,
    central,
    constant,
    learner_of,
    panels,
    save_figure,
    save_table,
    shipped_scenario,
)

DISCOUNT = 0.9
BEST_STOCHASTIC = 2 * DISCOUNT / (2 - DISCOUNT**2)
STEP_SIZES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
CLOSE = 1e-2  # to a deterministic policy
WEIGHTS = mixing_weights(build_graph("path", 2), "lazy_metropolis")
STOCHASTIC = [task.mdp for task in two_task("stochastic", DISCOUNT)]
STATIONARY = [task.mdp for task in two_task("stationary", DISCOUNT)]


def left(theta: Array) -> float:
    """q = pi(L|S3)."""
    return float(softmax(theta)[S3, LEFT])


def start(tilt: float, certain: float = 0.0) -> Array:
    """theta^0: ``tilt`` at theta[S3, L], and ``certain`` at L of S2 and S4, where L is best in both tasks."""
    theta = np.zeros((5, 2))
    theta[[S2, S4], LEFT] = certain
    theta[S3, LEFT] = tilt
    return theta


def pull(mdp: TabularMDP, theta: Array, d: float) -> float:
    """dV/dtheta[S3, L] where theta[S3] is (d/2, -d/2)."""
    theta = theta.copy()
    theta[S3, [LEFT, RIGHT]] = d / 2, -d / 2
    return float(gradient(mdp, theta, 0.0)[S3, LEFT])


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises through zero between ``low`` and ``high`` is zero."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def resting_distance(mdp: TabularMDP, theta: Array, step_size: float) -> float:
    """|q - 1/2| at which a constant step size holds two agents, one on each side."""
    d = bisect(lambda d: d - 2 * step_size * pull(mdp, theta, d), 0.0, 50.0)
    return float(1 / (1 + np.exp(-d)) - 0.5)


def trapping_step_size() -> float:
    """The constant alpha from which on the second example's agents no longer leave 1/2.

    With agents at m + d and m - d their middle m moves by 2 alpha pull'(d) m, to first order, since the
    tasks mirror each other. pull' is positive at 0: the middle repels. Beyond some d it is negative, and
    alpha sets d.
    """
    theta, step = start(0.0), 1e-4

    def falls(d: float) -> float:
        return pull(STATIONARY[0], theta, d - step) - pull(STATIONARY[0], theta, d + step)

    d = bisect(falls, 0.0, 3.0)
    return d / (2 * pull(STATIONARY[0], theta, d))


def certain_after(qs: Array) -> int | None:
    """The first round in which all agents are ``CLOSE`` to the same side; ``qs`` is (rounds, agents)."""
    hits = np.flatnonzero((qs.max(axis=1) < CLOSE) | (qs.min(axis=1) > 1 - CLOSE))
    return int(hits[0]) if hits.size else None


def q_over_rounds(thetas: Iterator[list[Array]], rounds: int) -> tuple[Array, list[Array]]:
    """pi(L|S3) after 0 ... ``rounds`` rounds, (rounds + 1, agents), and the last theta of each agent."""
    qs, last = [], []
    for last in islice(thetas, rounds + 1):
        qs.append([left(theta) for theta in last])
    return np.array(qs), last


def main() -> None:
    """Runs both examples, prints the table, draws the figure."""
    figure, (distance_axes, falling_axes, leaving_axes) = panels(3)
    rows = [*_constant_steps(distance_axes), _falling_step(falling_axes), *_leaving_the_middle(leaving_axes)]
    columns = ["example", "method", "alpha", "rounds", "q_0", "q_1", "value", "expected", "certain_after"]
    save_table("section_2_2", columns, rows)
    middle, side = total_value(STATIONARY, start(0.0)), total_value(STATIONARY, start(60.0))
    print(f"V* of example 1: {BEST_STOCHASTIC:.6f}; example 2 at 1/2: {middle:.4f}, at 0 or 1: {side:.4f}")
    print(f"example 2: 1/2 becomes attractive from alpha = {trapping_step_size():.4f} on")
    save_figure("section_2_2", figure)


def _constant_steps(axes: Axes) -> list[list[Cell]]:
    """Example 1 with constant step sizes, S2 and S4 known beforehand; ``expected`` is |q - 1/2| at rest."""
    theta, rounds, rows = start(0.0, certain=20.0), 200, []
    for alpha in STEP_SIZES:
        qs, last = q_over_rounds(algorithm_1(STOCHASTIC, WEIGHTS, theta, constant(alpha)), rounds)
        expected = resting_distance(STOCHASTIC[0], theta, alpha)
        rows.append(_row("1", "DCPG, constant", alpha, qs, total_value(STOCHASTIC, last[0]), expected))
        axes.plot(alpha, abs(qs[-1] - 0.5).max(), "o", color=COLOURS[0])
    grid = np.geomspace(STEP_SIZES[0], STEP_SIZES[-1], 60)
    at_rest = [resting_distance(STOCHASTIC[0], theta, float(alpha)) for alpha in grid]
    formula = r"$d = 2\alpha\,\partial V_1/\partial\theta(d)$"
    axes.plot(grid, at_rest, color=GREY, lw=1, zorder=0, label=formula)
    axes.set(xscale="log", yscale="log", xlabel=r"constant step size $\alpha$")
    axes.set_ylabel(r"$|\pi(L|S3) - 1/2|$, worst agent")
    axes.set_title(r"Example 1: $\alpha$ keeps the agents off 1/2")
    axes.legend()
    return rows


def _falling_step(axes: Axes) -> list[Cell]:
    """Example 1 as in the scenario; ``expected`` is V*."""
    scenario = shipped_scenario("two_task_stochastic")
    mdps = [task.mdp for task in scenario.tasks]
    run = algorithm_1(mdps, scenario.graph.weights, scenario.initial_theta, learner_of(scenario))
    qs, last = q_over_rounds(run, scenario.rounds)
    for agent in (0, 1):
        axes.plot(qs[:, agent], color=COLOURS[agent], label=f"agent {agent}")
    axes.axhline(0.5, color=GREY, lw=0.8, ls=":", zorder=0)
    axes.text(3000, 0.9, r"$\alpha$ = 10", ha="center", fontsize=9, color=GREY)
    axes.text(8500, 0.64, "1, .1, .01, .001", ha="right", fontsize=8, color=GREY)
    axes.set(xlabel="round", ylabel=r"$\pi(L|S3)$", ylim=(0, 1))
    axes.set_title("Example 1: a falling step size brings 1/2")
    axes.legend(loc="lower left", bbox_to_anchor=(0.05, 0.02))
    worst = min(total_value(mdps, theta) for theta in last)
    return _row("1", "DCPG, falling", scenario.learner.step_size(scenario.rounds), qs, worst, BEST_STOCHASTIC)


def _leaving_the_middle(axes: Axes) -> list[list[Cell]]:
    """Example 2 from theta[S3, L] = 0 and 0.01; ``expected`` is the best value there is."""
    scenario = shipped_scenario("two_task_stationary")
    best = total_value(STATIONARY, start(60.0))
    rows: list[list[Cell]] = []
    for tilt, method in ((0.0, "central from 0"), (0.01, "central from 0.01")):
        alone = ([theta] for theta in central(STATIONARY, start(tilt), 0.1))
        qs, last = q_over_rounds(alone, scenario.rounds)
        axes.plot(qs[:, 0], color=GREY if tilt else "black", ls="--" if tilt else ":", label=method, zorder=3)
        rows.append(_row("2", method, 0.1, qs, total_value(STATIONARY, last[0]), best))
    for alpha, colours in ((0.1, COLOURS[:2]), (2.0, COLOURS[2:4])):
        run = algorithm_1(STATIONARY, scenario.graph.weights, scenario.initial_theta, constant(alpha))
        qs, last = q_over_rounds(run, scenario.rounds)
        for agent in (0, 1):
            label = rf"agent {agent}, $\alpha$ = {alpha:g}"
            axes.plot(qs[:, agent], color=colours[agent], label=label, lw=1.2)
        worst = min(total_value(STATIONARY, theta) for theta in last)
        rows.append(_row("2", "DCPG from 0.01", alpha, qs, worst, best))
    axes.set(xlabel="round", ylabel=r"$\pi(L|S3)$", ylim=(0.1, 1.02))
    axes.set_title("Example 2: leaving 1/2, and held there")
    axes.legend(fontsize=7.5, ncols=2, loc="upper right", bbox_to_anchor=(1.0, 0.42), columnspacing=1.0)
    return rows


def _row(example: str, method: str, alpha: float, qs: Array, value: float, expected: float) -> list[Cell]:
    when = certain_after(qs)
    shown = [f"{q:.6f}" for q in qs[-1]] + [""] * (2 - qs.shape[1])
    ends = ["" if example == "1" or when is None else when]
    return [example, method, alpha, len(qs) - 1, *shown, f"{value:.6f}", f"{expected:.6f}", *ends]


if __name__ == "__main__":
    main()
