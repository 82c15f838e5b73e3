"""``dcpg simulate``: a scenario in one process, without ROS."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from dcpg_ros.agent.recorder import metrics_row
from dcpg_ros.agent.rounds import RoundEngine
from dcpg_ros.assembly.family import family_of
from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.cli.begin import StopRequest, begin
from dcpg_ros.cli.finish import finish
from dcpg_ros.cli.progress import ProgressLine

SHOWN = 16  # agents whose metrics the progress line averages


def run_simulation(options: argparse.Namespace) -> int:
    """Runs, or resumes; returns the exit status."""
    beginning = begin(options)
    scenario, folder, _ = beginning
    judge = family_of(scenario).judge
    stop = StopRequest()
    with ProgressLine(scenario.rounds, beginning.first_round) as progress:

        def watch(engines: Sequence[RoundEngine]) -> None:
            if progress.due():
                rows = [metrics_row(engine, judge) for engine in engines[:SHOWN]]
                progress.show(min(engine.state.round for engine in engines), rows)

        simulate(scenario, folder, beginning.rounds, stop=stop, watch=watch)
    return finish(scenario, folder)
