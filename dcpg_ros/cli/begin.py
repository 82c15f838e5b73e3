"""What ``run`` and ``simulate`` have in common at their start: a scenario and a folder, new or resumed."""

from __future__ import annotations

import argparse
import signal
import threading
from types import FrameType
from typing import NamedTuple

from dcpg_ros.agent.run_folder import RunFolder, write_atomically
from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario import Scenario, find_scenario, load_scenario


class Beginning(NamedTuple):
    """A run about to go."""

    scenario: Scenario
    folder: RunFolder
    resumed: bool


def begin(options: argparse.Namespace) -> Beginning:
    """Loads the scenario and makes, or opens, the folder.

    Raises:
        InputError: if the arguments do not say which, or any of it is wrong.
    """
    if options.resume:
        if options.scenario or options.output or options.seed is not None:
            raise InputError(
                "dcpg", "--resume", "SCENARIO, --output or --seed beside it", "--resume DIR [--rounds N]"
            )
        folder = RunFolder.existing(options.resume)
        scenario = load_scenario(folder.scenario, rounds=options.rounds)
        write_atomically(folder.scenario, scenario.text.encode())
        return Beginning(scenario, folder, resumed=True)
    if not options.scenario or not options.output:
        raise InputError(
            "dcpg", "arguments", "no SCENARIO or no --output", "SCENARIO --output DIR, or --resume DIR"
        )
    scenario = load_scenario(find_scenario(options.scenario), rounds=options.rounds, seed=options.seed)
    return Beginning(
        scenario, RunFolder.create(options.output, scenario.text, force=options.force), resumed=False
    )


class StopRequest:
    """Set by Ctrl-C, SIGTERM or a closed terminal.

    Explicit, since a background job inherits SIGINT ignored.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def __call__(self) -> bool:
        """Whether it is."""
        return self.event.is_set()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.event.set()
