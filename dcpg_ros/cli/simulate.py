"""``dcpg simulate``: a scenario in one process, without ROS."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from dcpg_ros.agent.assembly import describe_cut, resume_rounds
from dcpg_ros.agent.recorder import metrics_row
from dcpg_ros.agent.rounds import RoundEngine
from dcpg_ros.agent.simulation import simulate
from dcpg_ros.cli.begin import StopRequest, begin
from dcpg_ros.cli.finish import finish
from dcpg_ros.cli.progress import ProgressLine

SHOWN = 16  # agents whose metrics the progress line averages


def run_simulation(options: argparse.Namespace) -> int:
    """Runs, or resumes; returns the exit status."""
    scenario, folder, resumed = begin(options)
    first = 0
    if resumed:
        cut = resume_rounds(scenario, folder)
        first = min(cut.values())
        print(f"Going on from {describe_cut(cut)}.")
    stop = StopRequest()
    with ProgressLine(scenario.rounds, first) as progress:

        def watch(engines: Sequence[RoundEngine]) -> None:
            if progress.due():
                rows = [
                    metrics_row(engine, scenario.tasks[engine.identity.index]) for engine in engines[:SHOWN]
                ]
                progress.show(min(engine.state.round for engine in engines), rows)

        simulate(scenario, folder, resume=resumed, stop=stop, watch=watch)
    return finish(scenario, folder)
