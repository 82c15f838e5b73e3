"""The processes behind Table 1: trainings and test flights, several at a time, none of them twice."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from dcpg_ros.agent.metrics import read_metrics
from dcpg_ros.agent.run_folder import RunFolder, write_atomically
from dcpg_ros.core.errors import DcpgError, InputError
from dcpg_ros.scenario import load_scenario
from dcpg_ros.scenario.document import read_document, write_document

DCPG = (sys.executable, "-m", "dcpg_ros.cli.main")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
ATTEMPTS = 2  # a process that fails is started once more, and goes on from its checkpoints
TAIL = 16_384  # bytes of metrics.csv from which the pace is read
REPORT_S = 30.0


@dataclass(frozen=True, eq=False)
class Run:
    """One training of all four agents; ``base`` is changed by ``changes``, map by map."""

    name: str
    output: Path
    base: Path
    changes: Mapping[str, Any]

    @property
    def folder(self) -> RunFolder:
        """Where it is kept."""
        return RunFolder(self.output / self.name)

    @property
    def rounds(self) -> int:
        """How many it is to have."""
        return int(self.changes["rounds"])

    @property
    def done(self) -> bool:
        """Whether it is finished, with this many rounds."""
        if not self.folder.summary.exists():
            return False
        summary = json.loads(self.folder.summary.read_text())
        return bool(summary["finished"]) and summary["rounds"] == self.rounds

    def command(self) -> list[str]:
        """How to begin it, or to go on with it.

        Raises:
            InputError: if its folder holds a run of something else, or of more rounds.
        """
        path = self.output / "scenarios" / f"{self.name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        document = merged(read_document(self.base), {**self.changes, "name": self.name})
        write_atomically(path, write_document(document).encode())
        wanted = load_scenario(path)
        if not self.folder.scenario.exists():
            return [*DCPG, "simulate", str(path), "--output", str(self.folder.path)]
        found = load_scenario(self.folder.scenario)
        same = load_scenario(self.folder.scenario, rounds=self.rounds).text == wanted.text
        if not same or found.rounds > self.rounds:
            words = f"a run of {found.rounds} rounds" if same else "a run of another scenario"
            allowed = f"one of {path}; remove it, or choose another --output"
            raise InputError(str(self.folder.path), "", words, allowed)
        return [*DCPG, "simulate", "--resume", str(self.folder.path), "--rounds", str(self.rounds)]

    def pace(self) -> tuple[int, float | None]:
        """Rounds done, and seconds a round takes lately, if that is known."""
        if not self.folder.metrics.exists():
            return 0, None
        rows = read_metrics(self.folder.metrics, TAIL)
        if not rows:
            return 0, None
        return max(row.round for row in rows), float(np.median([row.round_s for row in rows]))


@dataclass(frozen=True, eq=False)
class Test:
    """Test flights of a run's policies."""

    run: Run
    kind: str  # what they are for
    flights: int
    seed: int
    actions: str

    @property
    def name(self) -> str:
        """Of the folder and the log; the number of rounds is in it, for the policies are of that round."""
        return f"{self.run.name}_{self.kind}_{self.run.rounds}_{self.flights}"

    @property
    def flown(self) -> Path:
        """The file with the flights, which is written last."""
        return self.run.output / "flights" / self.name / "flights.csv"

    @property
    def done(self) -> bool:
        """Whether they have been flown."""
        return self.flown.exists()

    def command(self) -> list[str]:
        """How to fly them."""
        numbers = ["--flights", str(self.flights), "--seed", str(self.seed), "--actions", self.actions]
        return [*DCPG, "evaluate", str(self.run.folder.path), "--output", str(self.flown.parent), *numbers]


Step = Run | Test


class Workshop:
    """Runs chains of steps, ``jobs`` at a time, each step a process of its own with a log.

    Attributes:
        ahead: rounds of each learner that stages after this one will ask for; for the time that is left.
    """

    def __init__(self, output: Path, jobs: int) -> None:
        self.output, self.jobs = output, jobs
        self.ahead: Mapping[str, int] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._tests_s: list[float] = []  # that tests of this session took
        self._stopped = False
        self._lock = Lock()

    def work(self, stage: str, chains: Sequence[Sequence[Step]]) -> None:
        """Does what is not done yet. A step that fails ends its chain; the others go on."""
        steps = [step for chain in chains for step in chain]
        print(
            f"{stage}: {len(steps)} steps, of which {sum(step.done for step in steps)} are done", flush=True
        )
        with ThreadPoolExecutor(self.jobs) as pool:
            pending = {pool.submit(self._chain, chain) for chain in chains}
            reported = time.monotonic()
            try:
                while pending:
                    ended, pending = wait(pending, timeout=1.0)
                    for chain in ended:
                        chain.result()
                    if pending and time.monotonic() - reported > REPORT_S:
                        print(f"{stage}: {self.status(steps)}", flush=True)
                        reported = time.monotonic()
            except BaseException:
                self._stop()
                raise

    def status(self, steps: Sequence[Step]) -> str:
        """What is done, what is under way, and how long it will take."""
        with self._lock:
            running = list(self._processes)
        shown = [
            f"{step.name} {step.pace()[0]}/{step.rounds}" if isinstance(step, Run) else step.name
            for step in steps
            if step.name in running
        ]
        left, ahead = self.expected_s(steps)
        done, later = (
            sum(step.done for step in steps),
            f", {duration(ahead)} in later stages" if ahead else "",
        )
        return f"{done}/{len(steps)} done; now {', '.join(shown)}; about {duration(left)} left{later}"

    def expected_s(self, steps: Sequence[Step]) -> tuple[float, float]:
        """Seconds that these steps and later stages will take, at the pace of the learner, or else of all."""
        seen = {step.name: step.pace() for step in steps if isinstance(step, Run)}
        known = [(kind_of(name), pace) for name, (_, pace) in seen.items() if pace]
        tests_s = _mean(self._tests_s)

        def pace_of(kind: str) -> float:
            return _mean([pace for other, pace in known if other == kind] or [pace for _, pace in known])

        here = sum(
            (step.rounds - seen[step.name][0]) * pace_of(kind_of(step.name))
            if isinstance(step, Run)
            else tests_s
            for step in steps
            if not step.done
        )
        ahead = sum(rounds * pace_of(kind) for kind, rounds in self.ahead.items())
        return here / self.jobs, ahead / self.jobs

    def _chain(self, chain: Sequence[Step]) -> None:
        for step in chain:
            for _ in range(ATTEMPTS):
                if not step.done and not self._stopped:
                    self._start(step)
            if not step.done:
                return

    def _start(self, step: Step) -> None:
        try:
            command = step.command()
        except DcpgError as error:
            print(f"{step.name} CANNOT BEGIN: {error}", flush=True)
            return
        log = self.output / "logs" / f"{step.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with log.open("ab") as file:
            with self._lock:
                if self._stopped:
                    return
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    env={**os.environ, **ONE_THREAD},
                )
                self._processes[step.name] = process
            status = process.wait()
        with self._lock:
            del self._processes[step.name]
        took_s = time.monotonic() - began
        if step.done:
            if isinstance(step, Test):
                self._tests_s.append(took_s)
            print(f"{step.name} done in {duration(took_s)}", flush=True)
        elif not self._stopped:
            print(f"{step.name} FAILED with exit status {status}, see {log}", flush=True)

    def _stop(self) -> None:
        """Asks all processes to end, which trainings do with a checkpoint."""
        with self._lock:
            self._stopped = True
            for process in self._processes.values():
                process.terminate()


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def kind_of(name: str) -> str:
    """The learner, by which trainings differ most in pace."""
    return name.split("_")[0]


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes``: maps are merged, all else is replaced, and None takes a key away."""
    result = copy.deepcopy(dict(base))
    for key, change in changes.items():
        if change is None:
            result.pop(key, None)
        elif isinstance(change, Mapping) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], change)
        else:
            result[key] = change
    return result


def duration(seconds: float) -> str:
    """In words short enough for a line of progress."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
