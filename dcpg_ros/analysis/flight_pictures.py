"""The picture of a judged run: how far each policy flies in each world."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dcpg_ros.analysis.safe_flights import SafeFlights

matplotlib.use("Agg")

COLOURS = ("#56b4e9", "#0072b2", "#009e73", "#e69f00", "#cc79a7", "#999999")  # safe for the colour-blind
HIGHLIGHT = "#d55e00"
HIGHLIGHTED = ("average", "DCPG")  # the policy that all agents have in common
BAR = 0.84  # of the room for a world, that its bars take
KEY = "whiskers: standard error over the flights; numbers: how many of {flights} hit the cap (dotted)"


def flights_figure(modes: Mapping[str, SafeFlights], cap_m: float) -> Figure:
    """A panel for each way of choosing actions."""
    figure = Figure(figsize=(9.5, 3.6 * len(modes)), layout="constrained")
    panels = figure.subplots(len(modes), 1, squeeze=False)[:, 0]
    for axes, (mode, flown) in zip(panels, modes.items(), strict=True):
        draw_bars(axes, flown, cap_m)
        axes.set_title(f"actions: {mode}", fontsize=10)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside right upper", frameon=False, fontsize=9)
    figure.supxlabel(KEY.format(flights=flown.distance_m.shape[2]), fontsize=8)
    return figure


def draw_bars(axes: Axes, flown: SafeFlights, cap_m: float) -> None:
    """MSF with its standard error, a group of bars for each world; on top, how many flights hit the cap."""
    policies, worlds, flights = flown.distance_m.shape
    width, places = BAR / policies, np.arange(worlds)
    errors, counts = flown.std_m / np.sqrt(flights), flown.capped.sum(axis=2)
    for p, policy in enumerate(flown.policies):
        left = places + (p - (policies - 1) / 2) * width
        colour = HIGHLIGHT if policy in HIGHLIGHTED else COLOURS[p % len(COLOURS)]
        axes.bar(left, flown.msf_m[p], 0.92 * width, color=colour, label=policy)
        axes.errorbar(
            left, flown.msf_m[p], errors[p], fmt="none", ecolor="#333333", elinewidth=0.9, capsize=2
        )
        for x, height, error, count in zip(left, flown.msf_m[p], errors[p], counts[p], strict=True):
            if count:
                axes.annotate(
                    f"{count}", (x, height + error), (0, 2), textcoords="offset points",
                    ha="center", fontsize=7, color="#333333",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
                )  # fmt: skip
    axes.axhline(cap_m, color="#777777", linewidth=0.8, linestyle=":")
    axes.set_xticks(places, flown.worlds)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("mean safe flight (m)")
    axes.set_ylim(0, max(1.12 * float((flown.msf_m + errors).max()), 1.0))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
