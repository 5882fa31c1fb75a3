"""sweep: run the cells of a plan that are not in the store yet."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from sim.kernels import codes
from sim.runs import Runs
from sim.sweeps import cluster
from sim.sweeps.cell import Cell, Outcome, attempt, key_of
from sim.sweeps.plan import Plan
from sim.sweeps.progress import Forecast, Progress, Watch
from sim.sweeps.store import TABLE, Store, cell_path, opened, writing
from sim.sweeps.table import read_table, write_table
from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.files import version_of
from theory.problems.base import positive_integer

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, repr=False)
class Sweep:
    """What a sweep has done.

    Attributes
    ----------
    plan : Plan
    store : Path
        Its folder.
    failures : tuple of (cell, str)
        The cells that failed, each with the reason in one line.
    damaged : tuple of str
        Files of the store that were not what they should be; they were set aside and their cells run again.
    seconds : float
        Wall clock of this call; cells that were finished before took none.
    found : int
        How many cells were finished before.
    """

    plan: Plan
    store: Path
    failures: tuple[tuple[Cell, str], ...]
    damaged: tuple[str, ...]
    seconds: float
    found: int

    @property
    def cells(self) -> int:
        """Number of cells of the plan."""
        return len(self.plan)

    @property
    def done(self) -> int:
        """Number of cells that have a result."""
        return self.cells - self.failed

    @property
    def failed(self) -> int:
        """Number of cells that failed."""
        return len(self.failures)

    @property
    def path(self) -> Path:
        """The Parquet file with the rows of all cells."""
        return self.store / TABLE

    def table(self) -> pandas.DataFrame:
        """The rows of all cells, in the order of the plan; what a cell has no column for is missing."""
        if not self.done:
            raise InputError("table: no cell has a result")
        return read_table(self.path)

    def runs(self, cell: int | Cell) -> Runs:
        """The runs of one cell.

        Parameters
        ----------
        cell : int or cell
            Its place in the plan, from 0, or the cell itself.

        Raises
        ------
        InputError
            If it isn't in the plan or has failed.
        """
        if isinstance(cell, int):
            if not 0 <= cell < self.cells:
                raise InputError(f"cell: {cell} is none; from 0 to {self.cells - 1} are")
            cell = self.plan.cells[cell]
        key = key_of(cell)
        if key not in self.plan.keys:
            raise InputError(f"cell: {cell.label} is not in the plan")
        for failed, reason in self.failures:
            if key_of(failed) == key:
                raise InputError(f"cell: {cell.label} failed: {reason}")
        return Runs.load(cell_path(self.store, key))

    def __repr__(self) -> str:
        bad = f", {self.failed} failed" if self.failed else ""
        return f"Sweep({self.done} of {self.cells} cells done{bad}, in {self.store})"


@plain_arguments
def sweep(
    plan: Any,
    store: str | os.PathLike,
    client: Any = None,
    *,
    threads: int | None = None,
    progress: bool | Watch | None = None,
) -> Sweep:
    """Run a plan; what is in the store already is not run again.

    It may be killed at any moment and started again: what is finished is kept, and the final table is the same, byte for byte,
    as that of an undisturbed sweep with the same versions on the same type of CPU.

    Parameters
    ----------
    plan : Plan, path, dict or list of cells
        A path is that of a YAML file (see :mod:`sim.sweeps.read`).
    store : path
        A folder: a new one, an empty one, or one that was begun with the same plan.
    client : dask.distributed.Client, optional
        Runs the cells on its workers instead of here.
    threads : int, optional
        For each cell. Default: one a core here; with a client 1, since a worker runs as many cells as it has threads.
    progress : bool or function, optional
        Whether to show a bar with the time left; default: on a terminal, for anything over two seconds. Or a function
        ``(cells done, cells, seconds left or None)``.

    Returns
    -------
    Sweep

    Raises
    ------
    InputError
        If the plan is wrong; if the store was begun with another plan, is used by another sweep or can't be written. A cell that
        fails raises nothing: it is recorded with its reason, and the others go on; the next sweep tries it again.

    Examples
    --------
    >>> import tempfile
    >>> from theory import RLS, OneMax
    >>> from sim import Plan, sweep
    >>> plan = Plan.grid(process=RLS().on(OneMax()), n=[10, 20], replicates=100, seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = sweep(plan, folder)
    ...     done.done, len(done.table()), done.runs(1).values
    (2, 200, {'n': 20})
    """
    began = time.perf_counter()
    plan = Plan.of(plan)
    if client is not None:
        cluster.check_client(client)
    if threads is not None or client is not None:
        threads = positive_integer(1 if threads is None else threads, "threads")
    cells = {key: {"label": cell.label, "cell": cell.describe()} for key, cell in zip(plan.keys, plan.cells, strict=True)}
    versions = {"driftproof": version_of("driftproof"), "kernels": int(codes.VERSION)}
    with opened(store, plan.hash, cells, versions) as kept:
        reasons, found = _finish(plan, kept, client, threads, progress)
        paths = [kept.path(key) for key in plan.keys if key not in reasons]
        if paths:
            with writing(kept.folder):
                write_table(paths, kept.folder / TABLE)
    failures = tuple((cell, reasons[key]) for key, cell in zip(plan.keys, plan.cells, strict=True) if key in reasons)
    return Sweep(plan, kept.folder, failures, tuple(kept.damaged), time.perf_counter() - began, found)


def _finish(
    plan: Plan, kept: Store, client: Any, threads: int | None, progress: bool | Watch | None
) -> tuple[dict[str, str], int]:
    """Run what is not done yet; key to reason of the cells that failed, and how many cells were finished before."""
    forecast, reasons = Forecast(plan.cells), dict[str, str]()
    left: dict[str, Cell] = {}
    for key, cell in zip(plan.keys, plan.cells, strict=True):
        if kept.done(key):
            forecast.add(cell, kept.seconds(key))
        else:
            left[key] = cell
    found = len(plan) - len(left)
    # the longest cells first: on many machines the last ones to end are short
    todo = dict(sorted(left.items(), key=lambda item: -(item[1].work or math.inf)))
    running = _here(todo, threads) if client is None else cluster.outcomes(client, todo, threads or 1)
    with Progress(progress, len(plan)) as shown, contextlib.closing(running):
        shown.show(len(plan) - len(left), forecast.seconds(), "")
        for key, outcome in running:
            cell = left.pop(key)
            facts = {"cell": cell.describe(), "label": cell.label, "seconds": outcome.seconds, **outcome.facts}
            if outcome.content is None:
                reasons[key] = outcome.reason
                kept.put_failure(key, outcome.reason, facts)
            else:
                kept.put(key, outcome.content, facts)
            forecast.add(cell, outcome.seconds)
            seconds = forecast.seconds()
            lanes = 1 if client is None else min(cluster.lanes(client), max(1, len(left)))
            shown.show(len(plan) - len(left), None if seconds is None else seconds / lanes, cell.label)
    return reasons, found


def _here(cells: Mapping[str, Cell], threads: int | None) -> Generator[tuple[str, Outcome], None, None]:
    """Run cells in this process, one after the other, the threads sharing the replicates of each."""
    with _interruptions() as seen:
        for key, cell in cells.items():
            outcome = attempt(cell, threads)
            if seen:  # Ctrl-C met a library that made an error of its own out of it: no failure of the cell
                raise KeyboardInterrupt
            yield key, outcome


@contextlib.contextmanager
def _interruptions() -> Iterator[list[int]]:
    """A list that fills when Ctrl-C is pressed, beside whatever else happens then."""
    seen: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield seen  # it is ignored, or not for this thread to see
        return

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
