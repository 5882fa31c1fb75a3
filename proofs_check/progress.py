"""A progress bar on standard error with the time left, which appears only if the work takes longer than two seconds."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
PATIENCE = 2.0  # seconds before anything is shown
EVERY = 10.0  # seconds between lines where standard error is not a terminal


class Bar:
    """Call it with the work done and the whole work, in any unit; use it as a context manager.

    Parameters
    ----------
    what : str
        The word before the bar.
    show : bool, optional
        True: a bar on a terminal, a line every ten seconds elsewhere. False: nothing. Default: a bar on a terminal, nothing
        elsewhere.

    Examples
    --------
    >>> with Bar("simulating") as bar:
    ...     bar(1, 3, "OneMax")
    """

    def __init__(self, what: str, show: bool | None = True) -> None:
        self.what = what
        self._terminal = sys.stderr.isatty()
        self._silent = show is False or (show is None and not self._terminal)
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
        if self._silent or time_now - self._begin < PATIENCE:
            return
        if self._terminal:
            self._draw(done, total, now)
        elif time_now - self._last >= EVERY:
            self._last = time_now
            left = (time_now - self._begin) * (total - done) / done if done else math.nan
            told = f", about {left:.0f} s left" if done else ""
            print(f"{self.what}: {100 * done / total:.0f} % done{told}; {now}".rstrip("; "), file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """A line before the bar appears."""
        if not self._silent:
            print(f"{self.what}: {line}", file=sys.stderr, flush=True)

    def _draw(self, done: float, total: float, now: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            what, now_column = TextColumn("{task.description}"), TextColumn("left   {task.fields[now]}")
            columns = (what, BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), now_column)
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=120.0)
            self._task = self._bar.add_task(self.what, total=total, now="")
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total, now=now[:60].replace("[", "\\["))


def track(items: Iterable[Item], total: int, what: str, show: bool | None = None) -> Iterator[Item]:
    """Pass items on; a bar says how many of ``total`` are done.

    Parameters
    ----------
    items : iterable
    total : int
    what, show
        As in :class:`Bar`; by default there is none where standard error is not a terminal.

    Examples
    --------
    >>> list(track([1, 2], 2, "cells", show=False))
    [1, 2]
    """
    with Bar(what, show) as bar:
        for done, item in enumerate(items):
            bar(done, total)
            yield item
