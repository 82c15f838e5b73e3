"""What the experiments share: Algorithm 1 in one loop, and where figures and tables go."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dcpg_ros.core.gradient import gradient
from dcpg_ros.core.learner import ExactLearner
from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.mixing import mix
from dcpg_ros.core.schedules import Schedule
from dcpg_ros.core.weights import Row
from dcpg_ros.scenario import Scenario, load_scenario

mpl.use("Agg")  # no display
mpl.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})
mpl.rcParams.update({"font.size": 10, "axes.titlesize": 10})

ROOT = Path(__file__).resolve().parents[1]
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # safe for the colour-blind
GREY = "#777777"

Cell = str | int | float


def shipped_scenario(name: str) -> Scenario:
    """A scenario of ``config/scenarios``."""
    return load_scenario(ROOT / "config" / "scenarios" / f"{name}.yaml")


def learner_of(scenario: Scenario) -> ExactLearner:
    """The learner of a scenario with exact gradients."""
    return ExactLearner(scenario.learner.step_size, scenario.learner.regularisation)


def constant(step_size: float, regularisation: float = 0.0) -> ExactLearner:
    """Exact gradients, constant alpha and lambda, as the theorems suppose."""
    return ExactLearner(Schedule(step_size), Schedule(regularisation))


def algorithm_1(
    mdps: Sequence[TabularMDP], rows: Sequence[Row], theta: Array, learner: ExactLearner
) -> Iterator[list[Array]]:
    """Algorithm 1 with exact gradients: yields [theta_1^k, ..., theta_N^k] for k = 0, 1, 2, ..., without end.

    Every agent starts from ``theta``; equation (9) in the words of the round engine.
    """
    thetas = [theta] * len(mdps)
    for k in count():
        yield thetas
        increments = [learner.step(own, mdp, k).increment for own, mdp in zip(thetas, mdps, strict=True)]
        heard = dict(enumerate(thetas))
        thetas = [mix(row, heard) + increment for row, increment in zip(rows, increments, strict=True)]


def central(mdps: Sequence[TabularMDP], theta: Array, step_size: float) -> Iterator[Array]:
    """One learner that sees all tasks: theta += alpha/N sum_i grad V_i(theta; mu_i), without end.

    The mean and not the sum of the gradients, because the mean is what moves the average of the agents.
    """
    while True:
        yield theta
        theta = theta + step_size * np.mean([gradient(mdp, theta, 0.0) for mdp in mdps], axis=0)


def log_spaced(last: int, points: int) -> list[int]:
    """Rounds 0 to ``last``, evenly on a logarithmic axis."""
    return [0, *np.unique(np.geomspace(1, last, points).round().astype(int)).tolist()]


def save_table(name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Writes ``docs/results/<name>.csv`` and prints the same, numbers to four significant digits."""
    cells = [[f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    path = ROOT / "docs" / "results" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *cells])
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in (columns, *cells):
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    print(f"-> {path.relative_to(ROOT)}")


def save_figure(name: str, figure: Figure) -> None:
    """Writes ``docs/figures/<name>.png``."""
    path = ROOT / "docs" / "figures" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150, metadata={"Software": None})
    print(f"-> {path.relative_to(ROOT)}")


def panels(count: int, width: float = 3.7, height: float = 3.5) -> tuple[Figure, list[Axes]]:
    """A figure of ``count`` plots side by side, each ``width`` x ``height`` inches."""
    figure = Figure(figsize=(width * count, height), layout="constrained")
    return figure, list(np.atleast_1d(figure.subplots(1, count)))
