"""What a sweep costs beside the computing: plan, keys, files, forecast, the final table."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

from measure import Result

_SIZE = 1000


def _process() -> Any:
    from theory import OneMax, OnePlusOneEA, c, n

    return OnePlusOneEA(c / n).on(OneMax())


def by_hand(cells: int, replicates: int) -> None:
    """The same runs without a sweep: a call of ``simulate`` for each cell, nothing kept."""
    from sim import simulate

    process = _process()
    for i in range(cells):
        simulate(process, n=_SIZE + i, c=1, replicates=replicates, engine="sparse", seed=1, threads=1)


def by_sweep(cells: int, replicates: int) -> None:
    """From the making of the plan to the table."""
    from sim import Plan, sweep

    sizes = list(range(_SIZE, _SIZE + cells))
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan.grid(process=_process(), n=sizes, c=1, replicates=replicates, engine="sparse", seed=1)
        assert sweep(plan, f"{folder}/store", threads=1, progress=lambda *_: None).failed == 0


def clock(run: Callable[[int, int], None], cells: int, replicates: int) -> tuple[float, float, float]:
    """Seconds: on the wall, of the main thread's CPU time, and of that of the kernels (which run in a thread of their own)."""
    wall, process, main = time.perf_counter(), time.process_time(), time.thread_time()
    run(cells, replicates)
    main = time.thread_time() - main
    return time.perf_counter() - wall, main, time.process_time() - process - main


def sweep_overhead(quick: bool) -> list[Result]:
    """A sweep of cells of one second against calls of ``simulate``, in pairs, the order within a pair alternating.

    What the main thread does beside the kernels is measured in CPU time: other programs blur the wall clock by more than is
    to be seen.
    """
    cells, pairs = (4, 2) if quick else (20, 4)
    for run in (by_hand, by_sweep):
        run(2, 100)  # compiles
    replicates = max(1, round(2000 / clock(by_hand, 2, 1000)[2]))
    measured = []
    for i in range(pairs):
        order = (by_hand, by_sweep) if i % 2 == 0 else (by_sweep, by_hand)
        seconds = {run: clock(run, cells, replicates) for run in order}
        measured.append((seconds[by_hand], seconds[by_sweep]))
    each = statistics.median(sweep[2] / cells for _, sweep in measured)
    data = {"cells": cells, "replicates": replicates, "wall_main_kernels": measured}
    added = [(sweep[1] - hand[1]) / (hand[1] + hand[2]) for hand, sweep in measured]
    whole = [sweep[1] / sweep[2] for _, sweep in measured]
    walls = [sweep[0] / hand[0] - 1 for hand, sweep in measured]
    what = f"sweep of {cells} cells of {each:.2f} s"
    return [
        _row(f"{what}: what it adds to calls of simulate, CPU time", "< 2%", added, each, data),
        _row(f"{what}: the same on the wall, waiting for the disk included", "none", walls, each, data),
        _row(f"{what}: all but the kernels over the kernels, CPU time", "none", whole, each, data),
    ]


def _row(what: str, target: str, shares: list[float], each: float, data: dict[str, Any]) -> Result:
    share = statistics.median(shares)
    text = f"{100 * share:.2f}% ({100 * min(shares):.2f} to {100 * max(shares):.2f}); {1000 * share * each:.1f} ms a cell"
    return Result("sweep_overhead", what, target, text, None if target == "none" else share < 0.02, data)
