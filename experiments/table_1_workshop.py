"""Does the steps towards Table 1, several at a time, nothing twice, and tells how long it will take."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Lock

import numpy as np

from dcpg_ros.assembly.servers import ONE_THREAD
from dcpg_ros.core.errors import DcpgError, one_line
from experiments.table_1_runs import Run, Step, Test

ATTEMPTS = 2  # a process that fails is started once more, and goes on from its checkpoints
REPORT_S = 30.0


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
                if step.done or self._stopped or not self._try(step):
                    break
            if not step.done:
                return

    def _try(self, step: Step) -> bool:
        """Does it; False if there is no use in another attempt."""
        try:
            command = step.command()
        except DcpgError as error:
            print(f"{step.name} CANNOT BEGIN: {error}", flush=True)
            return False
        log = self.output / "logs" / f"{step.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with log.open("ab") as file:
            with self._lock:
                if self._stopped:
                    return False
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
        return True

    def _stop(self) -> None:
        """Asks all processes to end, which trainings do with a checkpoint."""
        with self._lock:
            self._stopped = True
            for process in self._processes.values():
                process.terminate()


def to_the_end(work: Callable[[], None]) -> int:
    """Works until it is done or a signal says to stop; returns the exit status, and tells why it is not 0."""
    numbers = (signal.SIGTERM, signal.SIGHUP)  # so that trainings end well, too
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        work()
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from here.")
        return 130
    except DcpgError as error:
        print(one_line(str(error)), file=sys.stderr)
        return error.exit_status
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    return 0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def kind_of(name: str) -> str:
    """The learner, by which trainings differ most in pace."""
    return name.split("_")[0]


def duration(seconds: float) -> str:
    """In words short enough for a line of progress."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
