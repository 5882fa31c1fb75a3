"""What a run tells while it trains: a bar or lines on standard error with the time left, or nothing. No torch here."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, Protocol

PATIENCE = 0.1  # seconds between two drawings
EVERY = 30.0  # seconds between two lines where standard error is no terminal


class Watch(Protocol):
    """Who is told how far training is."""

    def update(self, done: int, total: int, examples: int, metrics: Mapping[str, float]) -> None:
        """After each update: updates done and in all, examples so far, and the latest metrics by ``"split/name"``."""

    def say(self, line: str) -> None:
        """Something that the user must know."""


class Silent:
    """Shows no progress; what the user must know is said on standard error all the same."""

    def update(self, done: int, total: int, examples: int, metrics: Mapping[str, float]) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


class Lines(Silent):
    """A line every half minute, for a log: what trains, how far it is, and the time left.

    Parameters
    ----------
    what : str
        The words before it.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._begin: tuple[float, int] | None = None  # seconds and updates at the first one: a resumed run has some
        self._last = 0.0

    def update(self, done: int, total: int, examples: int, metrics: Mapping[str, float]) -> None:
        now = time.monotonic()
        if self._begin is None:
            self._begin, self._last = (now, done), now
        if now - self._last < EVERY:
            return
        self._last = now
        began, before = self._begin
        left = (total - done) * (now - began) / (done - before) if done > before else None
        time_left = "" if left is None else f", about {left:.0f} s left" if left < 120 else f", about {left / 60:.0f} min left"
        latest = "".join(f", {name} {value:.4g}" for name, value in list(metrics.items())[:3])
        print(f"{self._what}: {done} of {total} updates{time_left}{latest}", file=sys.stderr, flush=True)


class Bar:
    """A bar for a terminal; use it as a context manager.

    Parameters
    ----------
    what : str
        The words before the bar.
    console : rich.console.Console, optional
        Default: standard error.

    Examples
    --------
    >>> with Bar("copy, seed 0") as bar:
    ...     bar.update(1, 100, 16, {"train/bits": 1.0})
    """

    def __init__(self, what: str, console: Any = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")  # in a narrow terminal it is cut, and not the counts
        told = TextColumn("{task.fields[rate]} {task.fields[metrics]}", markup=False, table_column=rest)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(16),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            told,
        )
        self._bar = Progress(*columns, console=console or Console(stderr=True), speed_estimate_period=60.0, expand=True)
        self._task = self._bar.add_task(what, total=None, rate="", metrics="")
        self._last = 0.0
        self._begin: tuple[float, int] | None = None  # seconds and examples at the first update: a resumed run has some

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def update(self, done: int, total: int, examples: int, metrics: Mapping[str, float]) -> None:
        """Draw, at most ten times a second."""
        now = time.monotonic()
        if now - self._last < PATIENCE and done < total:
            return
        self._last = now
        began, before = self._begin = self._begin or (now, examples)
        rate = f"{(examples - before) / (now - began):,.0f} examples/s" if now > began else ""
        latest = " ".join(f"{name} {value:.4g}" for name, value in list(metrics.items())[:3])
        self._bar.update(self._task, completed=done, total=total, rate=rate, metrics=latest)

    def say(self, line: str) -> None:
        self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)


def watch(what: str, show: bool | None = None) -> Bar | Silent:
    """A bar or nothing, as ``show`` says; by default a bar on a terminal and lines elsewhere."""
    if show is None:
        return Bar(what) if sys.stderr.isatty() else Lines(what)
    return Bar(what) if show else Silent()
