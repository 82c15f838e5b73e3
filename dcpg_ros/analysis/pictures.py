"""The pictures of a run: of tables, the worlds with the most-followed path (Figure 2); of all, the curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dcpg_ros.agent.run_folder import LEARNING, POLICY, RunFolder
from dcpg_ros.analysis.curves import flight_figure, learning_figure
from dcpg_ros.analysis.results import Results, TabularResults
from dcpg_ros.core.task import Task, most_followed_path, until_last_success

matplotlib.use("Agg")

FLOOR, VISITED, GOAL, OBSTACLE, BOTH = "#ffffff", "#dfe9c8", "#e3a72f", "#e4485a", "#e9853f"
MOST_TASKS = 32  # shown in one grid


def draw(results: Results, folder: RunFolder) -> list[Path]:
    """Draws all pictures of a run into its folder; returns their paths."""
    if isinstance(results, TabularResults):
        figures = {POLICY: policy_figure(results), LEARNING: learning_figure(results)}
    else:
        figures = {LEARNING: flight_figure(results)}
    for name, figure in figures.items():
        figure.savefig(folder.path / name, dpi=130, bbox_inches="tight")
    return [folder.path / name for name in figures]


def policy_figure(results: TabularResults) -> Figure:
    """All tasks in one grid, and the path that the agents' common policy follows most."""
    rows, columns = results.scenario.tasks[0].shape
    figure = Figure(figsize=(0.45 * columns + 1, 0.45 * rows + 0.9))
    draw_policy(figure.add_subplot(), results)
    return figure


def draw_policy(axes: Axes, results: TabularResults) -> None:
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
