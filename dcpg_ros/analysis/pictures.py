"""The pictures of a run: its worlds with the most-followed path (Figure 2), and its learning curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dcpg_ros.agent.run_folder import PICTURES, RunFolder
from dcpg_ros.analysis.results import Results
from dcpg_ros.core.mdp import Array
from dcpg_ros.core.task import Task, most_followed_path, until_last_success

matplotlib.use("Agg")

FLOOR, VISITED, GOAL, OBSTACLE, BOTH = "#ffffff", "#dfe9c8", "#e3a72f", "#e4485a", "#e9853f"
MOST_TASKS = 32  # shown in one grid
MOST_CURVES = 16  # beyond so many agents, curves show the mean and the range


def draw(results: Results, folder: RunFolder) -> list[Path]:
    """Draws all pictures of a run into its folder; returns their paths."""
    paths = []
    for name, figure in zip(PICTURES, (policy_figure(results), learning_figure(results)), strict=True):
        figure.savefig(folder.path / name, dpi=130, bbox_inches="tight")
        paths.append(folder.path / name)
    return paths


def policy_figure(results: Results) -> Figure:
    """All tasks in one grid, and the path that the agents' common policy follows most."""
    rows, columns = results.scenario.tasks[0].shape
    figure = Figure(figsize=(0.45 * columns + 1, 0.45 * rows + 0.9))
    draw_policy(figure.add_subplot(), results)
    return figure


def draw_policy(axes: Axes, results: Results) -> None:
    """Figure 2: goals carry their tasks' numbers in white, obstacles in black."""
    scenario = results.scenario
    tasks = scenario.tasks[:MOST_TASKS]
    path = most_followed_path(tasks, results.mean_policy, scenario.environment.horizon)
    draw_grid(axes, tasks, until_last_success(tasks, path))
    axes.set_title(scenario.name.replace("_", " "), fontsize=10, parse_math=False)


def draw_grid(axes: Axes, tasks: Sequence[Task], path: list[int]) -> None:
    """Goals, obstacles and a path on the cells of the tasks."""
    rows, columns = tasks[0].shape
    for state in range(rows * columns):
        goals = [str(number) for number, task in enumerate(tasks) if task.goals[state]]
        obstacles = [str(number) for number, task in enumerate(tasks) if task.obstacles[state]]
        row, column = divmod(state, columns)
        colour = BOTH if goals and obstacles else GOAL if goals else OBSTACLE if obstacles else FLOOR
        if colour == FLOOR and state in path:
            colour = VISITED
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, edgecolor="#555555", linewidth=0.6))
        for numbers, shade, lift in ((goals, "white", -0.18), (obstacles, "black", 0.18)):
            if numbers:
                shift = lift if goals and obstacles else 0
                axes.text(
                    column + 0.5, row + 0.52 + shift, ",".join(numbers), color=shade, fontsize=8,
                    fontweight="bold", ha="center", va="center",
                )  # fmt: skip
    cells = np.array([divmod(state, columns) for state in path]) + 0.5
    axes.plot(cells[:, 1], cells[:, 0], color="#6d8f2a", linewidth=2, alpha=0.8)
    axes.plot(cells[0, 1], cells[0, 0], marker="o", color="#3c5a0a", markersize=9)
    axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="equal")
    axes.set_xticks(np.arange(columns) + 0.5, [str(column) for column in range(columns)], fontsize=7)
    axes.set_yticks(np.arange(rows) + 0.5, [str(row) for row in range(rows)], fontsize=7)
    axes.tick_params(length=0)
    axes.xaxis.tick_top()


def learning_figure(results: Results) -> Figure:
    """Return and disagreement over rounds."""
    figure = Figure(figsize=(7, 4.6))
    above, below = figure.subplots(2, 1, sharex=True)
    curves = by_agent(results)
    for axes, column, label in ((above, 1, "return of the batch"), (below, 2, "distance to neighbours' θ")):
        if len(curves) <= MOST_CURVES:
            for name, curve in curves.items():
                axes.plot(curve[:, 0], curve[:, column], linewidth=1.2, label=name)
        elif curves:
            shortest = min(len(curve) for curve in curves.values())
            stack = np.stack([curve[:shortest, column] for curve in curves.values()])
            rounds = next(iter(curves.values()))[:shortest, 0]
            axes.fill_between(rounds, stack.min(axis=0), stack.max(axis=0), alpha=0.25, label="range")
            axes.plot(rounds, stack.mean(axis=0), label=f"mean of {len(curves)} agents")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
    if curves:
        above.legend(fontsize=7, ncols=4)
    below.set_xlabel("round")
    above.set_title(results.scenario.name.replace("_", " "), fontsize=10, parse_math=False)
    return figure


def by_agent(results: Results) -> dict[str, Array]:
    """(rows, 3) of round, return, disagreement for each agent."""
    rows = defaultdict(list)
    for row in results.metrics:
        rows[row.agent].append((row.round, row.return_, row.disagreement))
    return {name: np.array(values) for name, values in rows.items()}
