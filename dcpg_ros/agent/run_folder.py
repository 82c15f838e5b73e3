"""DIR: what a run leaves on disk, and where in it."""

from __future__ import annotations

import fcntl
import os
import shutil
import weakref
from contextlib import suppress
from pathlib import Path

from dcpg_ros.core.errors import InputError

MARK = "scenario.yaml"  # a folder that has it holds a run
POLICY, LEARNING = PICTURES = ("policy.png", "learning.png")


class RunFolder:
    """The paths of a run. ``create`` makes a new one, ``existing`` opens one to resume or to read."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.scenario = self.path / MARK
        self.summary = self.path / "summary.json"
        self.metrics = self.path / "metrics.csv"
        self.checkpoints = self.path / "checkpoints"
        self.logs = self.path / "logs"
        self.evaluation = self.path / "evaluation"  # test flights of what was learnt

    def agent_metrics(self, agent: str) -> Path:
        """One agent's own rows, while agents are processes; ``metrics.csv`` is made from them in the end."""
        return self.logs / f"{agent}.metrics.csv"

    @classmethod
    def create(
        cls, path: Path | str, scenario_text: str, *, force: bool = False, exclusive: bool = False
    ) -> RunFolder:
        """A new run's folder; ``exclusive`` claims it.

        Raises:
            InputError: if it holds a run already and ``force`` is not given, if another process has claimed
                that, or if the folder cannot be written.
        """
        folder = cls(path)
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            if exclusive:
                folder.claim()
            if folder.scenario.exists():
                if not force:
                    raise InputError(str(path), "", "a run", "a folder without one; --force replaces it")
                folder._remove_run()
            folder.logs.mkdir(exist_ok=True)
            folder.checkpoints.mkdir(exist_ok=True)
            write_atomically(folder.scenario, scenario_text.encode())
        except OSError as error:
            raise InputError(str(path), "", error.strerror or error, "a folder one can write to") from None
        return folder

    @classmethod
    def existing(cls, path: Path | str) -> RunFolder:
        """The folder of a run that was started before.

        Raises:
            InputError: if it holds none.
        """
        folder = cls(path)
        try:
            found = "" if folder.scenario.is_file() else "no run"
        except OSError as error:
            found = error.strerror or str(error)
        if found:
            raise InputError(str(path), "", found, f"a folder with a {MARK}, as --output made it")
        return folder

    def claim(self) -> None:
        """Keeps others from working on this run for as long as this object lives.

        Raises:
            InputError: if another does.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
            weakref.finalize(self, os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(str(self.path), "", "a run under way", "one that no process works on") from None
        except OSError:
            pass  # a file system without locks

    def _remove_run(self) -> None:
        """Only what a run makes; whatever else a person keeps there stays."""
        for folder in (self.checkpoints, self.logs, self.evaluation):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.summary, self.metrics, self.scenario, *(self.path / name for name in PICTURES)):
            file.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Writes so that a reader, or a crash, meets the old content or the new one and nothing between."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
