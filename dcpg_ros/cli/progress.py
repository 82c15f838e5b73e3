"""One line that tells how a run is getting on."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dcpg_ros.agent.metrics import MetricsRow

REFRESH_S = 0.2
LINE_S = 5.0  # between two lines where there is no terminal to repaint


class ProgressLine:
    """Rounds, return, value, disagreement, rounds per second: a bar on a terminal, lines elsewhere."""

    def __init__(self, total: int, begin: int = 0) -> None:
        console = Console(stderr=True)
        self.total, self.begin = total, begin
        self.plain = not console.is_terminal
        self.started = self.shown = time.monotonic()
        self.bar = Progress(
            TextColumn("rounds"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[words]}"),
            TimeRemainingColumn(), console=console, transient=True, disable=self.plain,
        )  # fmt: skip
        self.task = self.bar.add_task("", total=total, completed=begin, words="")

    def __enter__(self) -> ProgressLine:
        self.bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.bar.stop()

    def due(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() - self.shown >= REFRESH_S

    def show(self, round: int, rows: Sequence[MetricsRow]) -> None:
        """Shows the slowest agent's round, and the latest metrics of all."""
        now = time.monotonic()
        rate = (round - self.begin) / max(now - self.started, 1e-9)
        words = f"{rate:7.1f} rounds/s"
        if rows:
            mean = np.mean([(row.return_, row.value, row.disagreement) for row in rows], axis=0)
            words = f"return {mean[0]:7.4f}  value {mean[1]:7.4f}  disagreement {mean[2]:8.3g}  {words}"
        if self.plain:
            if now - self.shown < LINE_S:
                return
            print(f"round {round} of {self.total}  {words}", flush=True)
        self.shown = now
        self.bar.update(self.task, completed=round, words=words)
