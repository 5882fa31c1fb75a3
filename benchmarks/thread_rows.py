"""Replicates over threads: 10^5 runs at n = 100 on two threads against one."""

from __future__ import annotations

import statistics

from measure import Result, interleave, ours

from theory import Jump, OneMax, OnePlusOneEA, c, n

SIZE, REPLICATES = 100, 100_000


def threads(quick: bool) -> list[Result]:
    """Time of one thread over that of two; whole calls of ``simulate``, checks and the making of the result included."""
    rows = [("OneMax, auto (lumped)", OneMax(), "auto"), ("OneMax, event", OneMax(), "event"), ("Jump(2)", Jump(2), "lumped")]
    results = []
    for what, problem, engine in rows:
        process = OnePlusOneEA(c / n).on(problem)

        def measure(threads: int, process=process, engine=engine):
            return lambda i: ours(process, REPLICATES, i, threads=threads, engine=engine, n=SIZE, c=1)

        pairs = interleave(measure(1), measure(2), 3 if quick else 10)
        gains = [one.seconds / two.seconds for one, two in pairs]
        gain = statistics.median(gains)
        single = statistics.median(one.seconds for one, _ in pairs)
        measured = f"{gain:.2f} ({min(gains):.2f}-{max(gains):.2f}) times faster; one thread {single:.2f} s"
        details = {"n": SIZE, "replicates": REPLICATES, "gains": gains}
        label = f"{REPLICATES:,} replicates, n = {SIZE}, {what}: 2 threads"
        results.append(Result("threads", label, ">= 1.7 times faster", measured, gain >= 1.7, details))
    return results
