"""Learning curves: what was logged of a run, over its rounds."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dcpg_ros.analysis.flights import smoothed, world_of
from dcpg_ros.analysis.results import Results
from dcpg_ros.core.mdp import Array

matplotlib.use("Agg")

MOST_CURVES = 16  # beyond so many agents, curves show the mean and the range
SMOOTHED_OVER = 1 / 20  # of the logged rounds

Curves = Mapping[str, Array]  # (rows, 2) of round and value, by what it is called in the legend


def learning_figure(results: Results) -> Figure:
    """Return and disagreement over rounds."""
    figure = Figure(figsize=(7, 4.6))
    above, below = figure.subplots(2, 1, sharex=True)
    for axes, column, label in (
        (above, "return_", "return of the batch"), (below, "disagreement", "distance to neighbours' θ"),
    ):  # fmt: skip
        draw_curves(axes, by_agent(results, column))
        axes.set_ylabel(label)
    if results.metrics:
        above.legend(fontsize=7, ncols=4)
    below.set_xlabel("round")
    above.set_title(results.scenario.name.replace("_", " "), fontsize=10, parse_math=False)
    return figure


def flight_figure(results: Results) -> Figure:
    """How far the drones fly before they crash, over rounds (Figure 3): thin as logged, thick smoothed."""
    figure = Figure(figsize=(7, 4.2))
    axes = figure.subplots()
    curves = by_agent(results, "value")
    named = {f"{agent}: {world_of(results, agent)}": curve for agent, curve in curves.items()}
    if len(named) <= MOST_CURVES:
        for number, curve in enumerate(named.values()):
            axes.plot(curve[:, 0], curve[:, 1], color=f"C{number}", linewidth=0.5, alpha=0.4)
    width = max(1, round(SMOOTHED_OVER * max(map(len, named.values()), default=0)))
    draw_curves(
        axes,
        {name: np.column_stack([curve[:, 0], smoothed(curve[:, 1], width)]) for name, curve in named.items()},
    )
    axes.set(xlabel="round", ylabel="mean safe flight of the latest episodes (m)")
    axes.set_ylim(bottom=0)
    if named:
        axes.legend(fontsize=7)
    axes.set_title(results.scenario.name.replace("_", " "), fontsize=10, parse_math=False)
    return figure


def draw_curves(axes: Axes, curves: Curves) -> None:
    """One line for each, or for very many the mean and the range."""
    axes.grid(alpha=0.3)
    if len(curves) <= MOST_CURVES:
        for number, (name, curve) in enumerate(curves.items()):
            axes.plot(curve[:, 0], curve[:, 1], color=f"C{number}", linewidth=1.4, label=name)
        return
    shortest = min(len(curve) for curve in curves.values())
    stack = np.stack([curve[:shortest, 1] for curve in curves.values()])
    rounds = next(iter(curves.values()))[:shortest, 0]
    axes.fill_between(rounds, stack.min(axis=0), stack.max(axis=0), alpha=0.25, label="range")
    axes.plot(rounds, stack.mean(axis=0), label=f"mean of {len(curves)} agents")


def by_agent(results: Results, column: str) -> Curves:
    """(rows, 2) of round and this column of the metrics, for each agent."""
    return {
        name: np.array([(row.round, getattr(row, column)) for row in rows], float)
        for name in results.scenario.agents
        if (rows := results.rows_of(name))
    }
