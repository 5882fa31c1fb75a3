"""What a user sees of a sweep: cells done, and the time left.

The time left comes from theory: a cell's work is the expected number of evaluations of its runs. Seconds for a unit of work are
measured on the cells that are finished, those of the same process and engine first.
"""

from __future__ import annotations

import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sim.sweeps.cell import Cell

_PATIENCE = 2.0  # seconds before a bar is shown
_EVERY = 10.0  # seconds between lines where standard error is not a terminal

Watch = Callable[[int, int, float | None], None]


@dataclass
class _Group:
    """Cells that take about the same time for the same work: what is left of them, and what the finished ones took."""

    cells_left: int = 0
    work_left: float = 0.0
    work_done: float = 0.0
    seconds: float = 0.0


class Forecast:
    """Seconds that cells will take, learnt from cells that are finished.

    Parameters
    ----------
    cells : iterable of cells
        All of them, finished or not.
    """

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._groups: dict[str, _Group] = defaultdict(_Group)
        self._unknown = 0  # cells that are left of whose work nothing is known
        self._cells, self._seconds = 0, 0.0  # finished ones
        for cell in cells:
            self._left(cell, 1)

    def add(self, cell: Cell, seconds: float) -> None:
        """A cell is finished and took so long."""
        self._left(cell, -1)
        self._cells, self._seconds = self._cells + 1, self._seconds + seconds
        if cell.work:
            group = self._groups[cell.group]
            group.work_done += cell.work
            group.seconds += seconds

    def _left(self, cell: Cell, sign: int) -> None:
        if cell.work:
            group = self._groups[cell.group]
            group.cells_left += sign
            group.work_left = group.work_left + sign * cell.work if group.cells_left else 0.0  # nothing is left of rounding
        else:
            self._unknown += sign

    def seconds(self) -> float | None:
        """Seconds for all cells that are left, one after the other; None before anything is known."""
        if not self._cells:
            return None
        groups = self._groups.values()
        work = math.fsum(group.work_done for group in groups)
        rate = math.fsum(group.seconds for group in groups) / work if work else 0.0
        total = self._unknown * self._seconds / self._cells
        for group in groups:
            total += group.work_left * (group.seconds / group.work_done if group.work_done else rate)
        return total


class Progress:
    """A bar on a terminal, lines elsewhere, or calls of a function of the user; a context manager.

    Parameters
    ----------
    progress : bool, function or None
        True: a bar, or a line every ten seconds where standard error is not a terminal. None: a bar for what takes more than
        two seconds, nothing where there is no terminal. False: nothing. A function: called with (cells done, cells, seconds
        left or None).
    total : int
        Cells.
    """

    def __init__(self, progress: bool | Watch | None, total: int) -> None:
        terminal = sys.stderr.isatty()
        self._call = progress if callable(progress) else None
        self._bar_wanted = terminal and (progress is None or progress is True)
        self._lines = not terminal and progress is True
        self._total = total
        self._due = time.monotonic() + (_EVERY if self._lines else _PATIENCE)
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, left: float | None, label: str) -> None:
        """Tell how many cells are done, the seconds left and what was done last."""
        if self._call is not None:
            self._call(done, self._total, left)
        if time.monotonic() < self._due:
            return
        if self._lines:
            self._due = time.monotonic() + _EVERY
            print(f"sweep: {done} of {self._total} cells done, {time_text(left)}; last {label}", file=sys.stderr, flush=True)
        elif self._bar_wanted:
            self._draw(done, left, label)

    def _draw(self, done: int, left: float | None, label: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            said = TextColumn("{task.fields[left]}   {task.fields[label]}")
            columns = (TextColumn("sweep"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), said)
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("sweep", total=self._total, left="", label="")
            self._bar.start()
        self._bar.update(self._task, completed=done, left=time_text(left), label=label[:50].replace("[", "\\["))


def time_text(left: float | None) -> str:
    """Seconds left for people.

    >>> time_text(42.3), time_text(4000), time_text(None)
    ('about 42 s left', 'about 1 h 07 min left', 'time left unknown')
    """
    if left is None:
        return "time left unknown"
    seconds = round(left)
    if seconds < 120:
        return f"about {seconds} s left"
    minutes = round(left / 60)
    return f"about {minutes} min left" if minutes < 60 else f"about {minutes // 60} h {minutes % 60:02d} min left"
