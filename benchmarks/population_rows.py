"""The (1+lambda) EA, lambda = 64, against ``population_peer.cpp``: whole runs on OneMax from uniform starts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from measure import BUILD, COMPILER, HERE, Result, Sample, compare, interleave, ours

LAMBDA = 64


def build() -> Path:
    """Compile ``population_peer.cpp`` if it changed."""
    BUILD.mkdir(exist_ok=True)
    program, source = BUILD / "population_peer", HERE / "population_peer.cpp"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([*COMPILER, "-o", str(program), str(source)], check=True)
    return program


def peer(size: int, runs: int, seed: int) -> Sample:
    """Whole runs of the peer; the seconds are its own, without the start of the program."""
    command = [str(build()), str(size), "1", str(LAMBDA), str(runs), str(seed)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Sample(answer["seconds"], answer["evaluations"])


def populations(quick: bool) -> list[Result]:
    """Time an evaluation, as a ratio ours / C++: of ``auto`` (lumped), and of the engines that keep the bits."""
    from theory import OneMax, OnePlusLambdaEA

    process = OnePlusLambdaEA(LAMBDA, "1/n").on(OneMax())
    size, pairs, results = (20_000, 3, []) if quick else (100_000, 10, [])
    for engine in ("auto", "event", "sparse"):
        how = {"n": size, "engine": engine, "budget": 10**10}
        d = compare(interleave(lambda i: peer(size, 1, i), lambda i, how=how: ours(process, 1, i, **how), pairs))
        measured = f"{d['ratio']:.3g} ({d['ratio_min']:.3g}-{d['ratio_max']:.3g}); "
        measured += f"C++ {d['peer_ns']:.3g} ns, ours {d['ours_ns']:.3g} ns an evaluation; z of the mean T {d['mean_T_z']:+.1f}"
        what = f"(1+{LAMBDA}) EA, OneMax, n = {size:,}, whole runs, {engine}"
        results.append(Result("populations", what, "<= 1 of C++", measured, d["ratio"] <= 1, {"n": size, **d}))
    return results
