"""What ``run`` and ``simulate`` have in common at their start: a scenario and a folder, new or resumed."""

from __future__ import annotations

import argparse
import signal
import threading
from types import FrameType

from dcpg_ros.assembly.beginning import Beginning, begin_run, resume_run
from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario import find_scenario


def begin(options: argparse.Namespace) -> Beginning:
    """Begins, or goes on with, the run that the arguments tell of.

    Raises:
        InputError: if they do not say which, or any of it is wrong.
    """
    if options.resume:
        if options.scenario or options.output or options.seed is not None:
            found = "SCENARIO, --output or --seed beside it"
            raise InputError("dcpg", "--resume", found, "--resume DIR [--rounds N]")
        beginning = resume_run(options.resume, rounds=options.rounds, exclusive=True, tell=print)
        first, last = beginning.first_round, max(beginning.rounds.values())
        print(
            f"Going on from round {first}." if first == last else f"Going on from rounds {first} to {last}."
        )
        return beginning
    if not options.scenario or not options.output:
        allowed = "SCENARIO --output DIR, or --resume DIR"
        raise InputError("dcpg", "arguments", "no SCENARIO or no --output", allowed)
    path = find_scenario(options.scenario)
    return begin_run(
        path, options.output, rounds=options.rounds, seed=options.seed, force=options.force, exclusive=True
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
