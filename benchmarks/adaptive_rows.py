"""Self-adjusting mutation rates on OneMax against ``adaptive_peer.cpp``: whole runs from uniform starts, pair by pair."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from measure import BUILD, COMPILER, HERE, Result, Sample, compare, interleave, ours

LIMIT = 1.0
BITS = 10_000


def build() -> Path:
    """Compile ``adaptive_peer.cpp`` if it changed."""
    BUILD.mkdir(exist_ok=True)
    program, source = BUILD / "adaptive_peer", HERE / "adaptive_peer.cpp"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([*COMPILER, "-o", str(program), str(source)], check=True)
    return program


def peer(algorithm: Any, runs: int, seed: int) -> Sample:
    """Whole runs of the peer, with the settings of the same algorithm."""
    settings = [repr(x) for x in algorithm.settings({"n": BITS})]
    settings[-1] = str(int(float(settings[-1])))
    command = [str(build()), str(BITS), str(runs), str(seed), *settings]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Sample(answer["seconds"], answer["evaluations"])


def adaptive(quick: bool) -> list[Result]:
    """Time a generation, as a ratio ours / C++, on one thread."""
    from theory import OneMax, SelfAdjustingEA

    pairs, runs = (3, 5) if quick else (10, 20)
    results = []
    for algorithm in (SelfAdjustingEA("A"), SelfAdjustingEA("one-fifth")):
        for engine in ("lumped", "sparse"):

            def own(i: int, algorithm: Any = algorithm, engine: str = engine) -> Sample:
                return ours(algorithm.on(OneMax()), runs, i, n=BITS, engine=engine, budget=10**9)

            d = {"n": BITS, "runs": runs, **compare(interleave(lambda i, a=algorithm: peer(a, runs, i), own, pairs))}
            times = f"C++ {d['peer_ns']:.3g} ns, ours {d['ours_ns']:.3g} ns a generation"
            measured = (
                f"{d['ratio']:.2f} ({d['ratio_min']:.2f}-{d['ratio_max']:.2f}); {times}; z of the mean T {d['mean_T_z']:+.1f}"
            )
            what = f"rule {algorithm.rule} on OneMax, n = {BITS}, {engine}"
            results.append(Result("adaptive", what, f"<= {LIMIT:g} of C++", measured, d["ratio"] <= LIMIT, d))
    return results
