"""The pictures of Table 1 and of Figure 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dcpg_ros.agent.metrics import read_metrics
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.analysis.flight_pictures import HIGHLIGHT, KEY, draw_bars
from dcpg_ros.analysis.flights import smoothed
from dcpg_ros.analysis.safe_flights import SafeFlights
from dcpg_ros.core.mdp import Array
from experiments.common import COLOURS, panels

SMOOTHED_OVER = 1 / 30  # of the rounds
SIDES = {
    "sa": ("single agents, each at home", COLOURS[0]),
    "dcpg": ("DCPG, the same agents on a ring", HIGHLIGHT),
}


def table_figure(tables: Mapping[str, SafeFlights], cap_m: float) -> Figure:
    """The table as bars: a panel for each learner."""
    figure = Figure(figsize=(9, 2.9 * len(tables)), layout="constrained")
    axes = figure.subplots(len(tables), 1, squeeze=False)[:, 0]
    for panel, (title, table) in zip(axes, tables.items(), strict=True):
        shown = [policy for policy in table.policies if "worst" not in policy]
        draw_bars(panel, table.of(*shown), cap_m)
        panel.set_title(title)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right upper")
    figure.supxlabel(KEY.format(flights=table.distance_m.shape[2]), fontsize=8)
    return figure


def curves_figure(learners: Mapping[str, Mapping[str, Sequence[RunFolder]]]) -> Figure:
    """Figure 3: the safe flight in training over rounds, a panel for each learner."""
    figure, axes = panels(len(learners), width=4.2)
    for panel, (title, folders) in zip(axes, learners.items(), strict=True):
        for side, (label, colour) in SIDES.items():
            draw_curve(panel, [curve_of(folder) for folder in folders[side]], label, colour)
        panel.set(title=title, xlabel="round")
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
    axes[0].set_ylabel("safe flight in training (m),\nmean over worlds")
    columns = min(len(SIDES), len(learners))  # side by side, they are wider than one panel
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=columns)
    return figure


def draw_curve(axes: Axes, seeds: Sequence[Array], label: str, colour: str) -> None:
    """Each seed thin, and their mean thick; both smoothed."""
    shortest = min(len(curve) for curve in seeds)
    rounds = seeds[0][:shortest, 0]
    width = max(1, round(SMOOTHED_OVER * shortest))
    curves = [smoothed(curve[:shortest, 1], width) for curve in seeds]
    for curve in curves:
        axes.plot(rounds, curve, color=colour, linewidth=0.7, alpha=0.5)
    axes.plot(rounds, np.mean(curves, axis=0), color=colour, linewidth=2, label=label)


def curve_of(folder: RunFolder) -> Array:
    """(n, 2) of round and safe flight in metres, the mean over the agents, each in its own world."""
    by_round: dict[int, list[float]] = {}
    for row in read_metrics(folder.metrics):
        by_round.setdefault(row.round, []).append(row.value)
    return np.array([(round_, np.mean(values)) for round_, values in sorted(by_round.items())])
