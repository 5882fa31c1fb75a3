"""A progress bar on standard error with the time left, which appears only if the work takes longer than two seconds."""

from __future__ import annotations

import sys
import time
from typing import Any

PATIENCE = 2.0  # seconds before anything is shown
EVERY = 10.0  # seconds between lines where standard error is not a terminal


class Bar:
    """Call it with the work done and the whole work, in any unit; use it as a context manager.

    Examples
    --------
    >>> with Bar("simulating") as bar:
    ...     bar(1, 3)
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._begin = self._last = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: float, total: float, now: str = "") -> None:
        """Show the progress; ``now`` says what is being worked on."""
        time_now = time.monotonic()
        if time_now - self._begin < PATIENCE:
            return
        if sys.stderr.isatty():
            self._draw(done, total, now)
        elif time_now - self._last >= EVERY:
            self._last = time_now
            left = (time_now - self._begin) * (total - done) / done if done else float("nan")
            print(f"{self.what}: {100 * done / total:.0f} % done, about {left:.0f} s left {now}".rstrip(), file=sys.stderr)

    def _draw(self, done: float, total: float, now: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            what, now_column = TextColumn("{task.description}"), TextColumn("left   {task.fields[now]}")
            columns = (what, BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), now_column)
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=120.0)
            self._task = self._bar.add_task(self.what, total=total, now=now)
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total, now=now)
