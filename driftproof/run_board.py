"""What a user sees of several runs at a time: a bar each on a terminal, with the time left; lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from nets.core.jobs import Outcome, Watch
from nets.core.progress import Lines


class Board(Watch):
    """A bar a run; a context manager.

    Parameters
    ----------
    labels : sequence of str
        Of the runs.
    show : bool, optional
        Default: where standard error is a terminal.
    """

    def __init__(self, labels: Sequence[str], show: bool | None = None) -> None:
        self._bars: Any = None
        self._tasks: dict[int, Any] = {}
        self._lines = [Lines(label) for label in labels] if show is None else []
        self._labels = labels
        if sys.stderr.isatty() if show is None else show:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            said = TextColumn("{task.fields[said]}", markup=False)
            label = TextColumn("{task.description}", markup=False)
            columns = (label, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), said)
            self._bars = Progress(*columns, console=Console(stderr=True), speed_estimate_period=60.0)

    def __enter__(self) -> Board:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def update(self, job: int, done: int, total: int, examples: int, metrics: Mapping[str, float]) -> None:
        if self._bars is not None:
            latest = " ".join(f"{name} {value:.4g}" for name, value in list(metrics.items())[:2])
            self._bars.update(self._task(job), completed=done, total=total, said=latest)
        elif self._lines:
            self._lines[job].update(done, total, examples, metrics)

    def say(self, job: int, line: str) -> None:
        line = f"{self._labels[job]}: {line}"
        if self._bars is None:
            print(f"driftproof: {line}", file=sys.stderr, flush=True)
        else:
            self._bars.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def ended(self, job: int, outcome: Outcome) -> None:
        if self._bars is not None:
            status = "failed" if outcome.results is None else outcome.results.status
            self._bars.update(self._task(job), said=status)

    def _task(self, job: int) -> Any:
        if job not in self._tasks:
            self._tasks[job] = self._bars.add_task(self._labels[job], total=None, said="")
        return self._tasks[job]
