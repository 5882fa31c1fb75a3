"""Replicates over threads: blocks that grow until they take a fraction of a second, a progress bar, Ctrl-C that works.

A kernel runs a block of replicates without the GIL and looks at ``stop`` now and then. Replicates are handed out in
ascending order; when one fails no further ones are begun, so that the first failure is the same for any number of threads.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from sim.kernels.codes import BAD_RATE

_BLOCK = 0.1  # seconds that a block should take
_LOOK = 0.1  # seconds between two looks of the main thread
_PATIENCE = 2.0  # seconds before a bar, or what else takes so long, is shown


class Progress:
    """What a user sees of a run: nothing, a bar, or calls of a function of their own."""

    def __init__(self, label: str, total: int, when: float, call: Callable[[int, int], None] | None = None) -> None:
        self._label, self._total, self._call = label, total, call
        self._due = time.monotonic() + when
        self._fleeting = when > 0  # a bar that nobody asked for leaves no trace
        self._bar: Any = None
        self._task: Any = None

    @classmethod
    def of(cls, progress: bool | Callable[[int, int], None] | None, label: str, total: int) -> Progress:
        """From the argument ``progress`` of :func:`sim.simulate`."""
        if progress is None:
            return cls(label, total, _PATIENCE if sys.stderr.isatty() else float("inf"))
        if isinstance(progress, bool):
            return cls(label, total, 0.0 if progress else float("inf"))
        return cls(label, total, float("inf"), progress)

    def show(self, done: int) -> None:
        """Tell how many replicates are done."""
        if self._call is not None:
            self._call(done, self._total)
        if self._bar is None and time.monotonic() >= self._due:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            times = TimeElapsedColumn(), TimeRemainingColumn()
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *times)
            self._bar = Bar(*columns, console=Console(stderr=True), transient=self._fleeting)
            self._task = self._bar.add_task(self._label[:50], total=self._total)
            self._bar.start()
        if self._bar is not None:
            self._bar.update(self._task, completed=done)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


@contextmanager
def said_if_slow(message: str) -> Iterator[None]:
    """On a terminal or in a notebook, say what takes so long if it takes more than two seconds."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield
        return
    timer = threading.Timer(_PATIENCE, lambda: print(message, file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def run_replicates(run: Callable[[int, int, np.ndarray], None], status: np.ndarray, threads: int, progress: Progress) -> None:
    """Run all replicates.

    Parameters
    ----------
    run : function
        ``run(first, last, stop)`` fills the rows first <= r < last.
    status : int64 array, shape (replicates,)
        Which ``run`` fills, too; a failure in it ends the work early.
    threads : int
    progress : Progress
    """
    total = len(status)
    stop = np.zeros(1, np.uint8)
    lock = threading.Lock()
    given = done = 0
    failed = False

    def work() -> None:
        nonlocal given, done, failed
        size = 1
        while True:
            with lock:
                if failed or stop[0] or given >= total:
                    return
                fair = max(1, (total - given) // (2 * threads))  # the last blocks are small, so that threads end together
                first, last = given, min(total, given + min(size, fair))
                given = last
            began = time.perf_counter()
            run(first, last, stop)
            taken = max(time.perf_counter() - began, 1e-6)
            size = max(1, min(8 * size, int((last - first) * _BLOCK / taken)))
            with lock:
                done += last - first
                failed = failed or bool((status[first:last] >= BAD_RATE).any())

    # Plain threads that are joined: Ctrl-C in the middle of waiting for futures can leave one of their locks taken for ever.
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            work()
        except BaseException as error:
            stop[0] = 1
            errors.append(error)

    workers = [threading.Thread(target=attempt, name=f"replicates-{i}") for i in range(min(threads, total))]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                worker.join(_LOOK)
                progress.show(done)
        progress.show(done)
    except BaseException:  # Ctrl-C above all: the kernels return at their next look
        stop[0] = 1
        raise
    finally:
        for worker in workers:
            if worker.ident is not None:
                worker.join()
        progress.close()
    if errors:
        raise errors[0]
