"""Rates in t on a hidden subset, and HotTopic, against ``peer.cpp``: whole runs of one thread, in its processor time."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
from measure import BUILD, Result, Sample, build_peer, compare, interleave

BITS = 100_000


def peer(problem: str, n: int, c: float, seed: int, budget: int, file: Path | None = None) -> Sample:
    """One run of the peer."""
    command = [str(build_peer()), problem, str(n), str(c), "1", str(seed), str(budget), *([str(file)] if file else [])]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Sample(answer["processor_seconds"], answer["evaluations"])


def ours(process: Any, seed: int, runs: int = 1, **options: Any) -> Sample:
    """Runs of ``simulate``; the seconds are those of the whole call."""
    from sim import simulate

    begin = time.process_time()
    result = simulate(process, replicates=runs, seed=seed, threads=1, **options)
    return Sample(time.process_time() - begin, [int(e) for e in result.evaluations])


def _times(d: dict[str, Any]) -> str:
    return f"C++ {d['peer_ns']:.3g} ns, ours {d['ours_ns']:.3g} ns a generation"


def hidden_subset(quick: bool) -> list[Result]:
    """The optimal schedule: one run against C++ that steps the relevant bits only, and a long string against a short one."""
    from theory import HiddenSubset, Linear, LogSchedule, OneMax, OnePlusOneEA

    weights = 1.0 - np.random.default_rng(1).random(BITS)
    path = BUILD / f"weights-{BITS}.bin"
    BUILD.mkdir(exist_ok=True)
    weights.tofile(path)
    ea, results = OnePlusOneEA(LogSchedule()), []
    for name, problem, target, file in (("onemax", OneMax(), 15, None), ("linear", Linear(weights), 2, path)):
        process = ea.on(HiddenSubset(problem, size=10**7))
        pairs = interleave(
            lambda i, name=name, file=file: peer(f"{name}-schedule", BITS, 1, i, 0, file),
            lambda i, process=process: ours(process, i, n=BITS, budget=10**9),
            3 if quick else 15,
        )
        d = {"n": BITS, **compare(pairs)}
        text = f"{1 / d['ratio']:.1f} ({1 / d['ratio_max']:.1f}-{1 / d['ratio_min']:.1f}) times faster; {_times(d)}"
        what = f"hidden subset, {name}, {BITS:,} relevant bits of 10^7, optimal schedule, one run"
        results.append(Result("hidden_subset", what, f">= {target} times faster", text, 1 / d["ratio"] >= target, d))
    short, long = (ea.on(HiddenSubset(OneMax(), size=size)) for size in (BITS, 10**7))
    pairs = interleave(
        lambda i: ours(short, i, 10, n=BITS, budget=10**9), lambda i: ours(long, i, 10, n=BITS, budget=10**9), 5 if quick else 21
    )
    ratios = [b.seconds / a.seconds for a, b in pairs]
    ratio = statistics.median(ratios)
    text = f"{ratio:.3f} ({min(ratios):.3f}-{max(ratios):.3f})"
    what = f"the same on OneMax, a string of 10^7 bits against one of {BITS:,}, ten runs"
    results.append(Result("hidden_subset", what, "within 5%", text, abs(ratio - 1) <= 0.05, {"ratios": ratios}))
    return results


def hottopic(quick: bool) -> list[Result]:
    """A run on HotTopic, stopped at 10^7 generations, against C++ that counts the zeros of the sets incrementally."""
    from theory import HotTopic, OnePlusOneEA

    n, c, budget = 10_000, 3, 10**7
    problem = HotTopic("1/4", "1/10", "1/50", levels=2000, seed=1)
    data = problem.data(n)
    path = BUILD / "hottopic.bin"
    BUILD.mkdir(exist_ok=True)
    np.concatenate([data[0, :4], data[1:, : data[0, 0]].ravel()]).tofile(path)
    process = OnePlusOneEA("c/n").on(problem)
    pairs = interleave(
        lambda i: peer("hottopic", n, c, i, budget, path),
        lambda i: ours(process, i, n=n, c=c, budget=budget),
        2 if quick else 10,
    )
    d = {"n": n, **compare(pairs)}
    text = f"{d['ratio']:.2f} ({d['ratio_min']:.2f}-{d['ratio_max']:.2f}); {_times(d)}; z of the mean T {d['mean_T_z']:+.1f}"
    what = f"HotTopic, n = {n:,}, 2000 levels, c = {c}, until 10^7 generations"
    return [Result("hottopic", what, "<= 1 of C++", text, d["ratio"] <= 1, d)]
