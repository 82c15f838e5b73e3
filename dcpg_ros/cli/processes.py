"""Child processes that end when they should, and leave nothing behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from dcpg_ros.core.errors import InputError

GRACE_S = 15.0  # for a child to end by itself after SIGINT
BRIEF_S = 5.0  # a child that lives no longer than this was never well
MOST_BRIEF = 3  # such lives in a row before it is given up
PR_SET_PDEATHSIG = 1
BAD_INPUT = InputError.exit_status


@dataclass
class Service:
    """A child that is to be there as long as we are, and is started again if it dies."""

    command: Sequence[str]
    started: float
    brief_lives: int = 0
    given_up: bool = False  # it refused its arguments, or keeps dying at once


class Processes:
    """Starts children, each in a session of its own with its output in a log; on exit none is left."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self.logs, self.environment = logs, dict(environment)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.services: dict[str, Service] = {}

    def serve(self, name: str, command: Sequence[str]) -> None:
        """Starts a child that ``revive`` starts again."""
        self.start(name, command)
        self.services[name] = Service(command, time.monotonic())

    def revive(self) -> list[str]:
        """Starts every service again that has ended, killed or crashed, and is not given up; their names."""
        revived = []
        for name, service in self.services.items():
            status, now = self.children[name].poll(), time.monotonic()
            if status is None or service.given_up:
                continue
            service.brief_lives = service.brief_lives + 1 if now - service.started < BRIEF_S else 0
            service.given_up = status == BAD_INPUT or service.brief_lives >= MOST_BRIEF
            if not service.given_up:
                service.started = now
                self.start(name, service.command)
                revived.append(name)
        return revived

    def start(self, name: str, command: Sequence[str]) -> None:
        """Starts a child; its stdout and stderr go to ``<logs>/<name>.log``."""
        self.logs.mkdir(parents=True, exist_ok=True)  # an empty folder gets lost in some copies
        with self.log(name).open("ab") as log:
            self.children[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=self.environment, start_new_session=True, preexec_fn=_become_child,
            )  # fmt: skip

    def log(self, name: str) -> Path:
        """Where a child's output goes."""
        return self.logs / f"{name}.log"

    def running(self, names: Sequence[str]) -> bool:
        """Whether any of these still runs."""
        return any(self.children[name].poll() is None for name in names)

    def failed(self) -> str | None:
        """The first child that ended with an error; of the services, the first that is given up."""
        ended = (name for name, child in self.children.items() if child.poll())
        return next((name for name in ended if self._is_final(name)), None)

    def last_words(self, name: str) -> str:
        """The last line of a child's log that says something; of one that was killed, by which signal."""
        status = self.children[name].poll() if name in self.children else None
        if status is not None and status < 0:
            return f"killed by signal {-status} ({signal.strsignal(-status)})"
        lines = self.log(name).read_text(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "no output")

    def stop(self) -> None:
        """SIGINT to all, so that they can save; after ``GRACE_S``, an end to whoever is left.

        Services end last: the others may need them to end well.
        """
        self._stop([name for name in self.children if name not in self.services])
        self._stop([name for name in self.children if name in self.services])

    def _is_final(self, name: str) -> bool:
        return name not in self.services or self.services[name].given_up

    def _stop(self, names: Sequence[str]) -> None:
        for name in names:
            if self.children[name].poll() is None:
                self.children[name].send_signal(signal.SIGINT)
        deadline = time.monotonic() + GRACE_S
        for name in names:
            child = self.children[name]
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                print(f"{name} did not end within {GRACE_S:g} s and was killed", file=sys.stderr)

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _become_child() -> None:
    """In the child before it starts: it takes SIGINT even in a background job, and never outlives us."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
