"""A progress bar on standard error that only shows up when the work takes longer than two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
PATIENCE = 2.0  # seconds


def track(items: Iterable[Item], total: int, what: str, show: bool | None = None) -> Iterator[Item]:
    """Pass items on; after two seconds a bar says how many of ``total`` are done.

    Parameters
    ----------
    items : iterable
    total : int
    what : str
        The word before the bar.
    show : bool, optional
        Default: if standard error is a terminal.

    Examples
    --------
    >>> list(track([1, 2], 2, "cells", show=False))
    [1, 2]
    """
    if not (sys.stderr.isatty() if show is None else show):
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left"))
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    begin, shown, task = time.monotonic(), False, bar.add_task(what, total=total)
    try:
        for item in items:
            if not shown and time.monotonic() - begin > PATIENCE:
                bar.start()
                shown = True
            yield item
            bar.advance(task)
    finally:
        if shown:
            bar.stop()
