"""What is measured of ``theory/``: bounds of every pair of the catalogue, potential synthesis, balls, chains."""

from __future__ import annotations

import json
import statistics

from measure import Result, child

_BOUNDS = """
import json, sys, time
import theory
from theory.catalogue import _pairs
pairs = list(_pairs())
algorithm, problem = pairs[{i}]
begin = time.perf_counter()
found = algorithm.on(problem).bounds()
print(json.dumps([str(algorithm.on(problem))[:60], len(found), time.perf_counter() - begin]))
"""

_TIMED = "import time\n{setup}\nbegin = time.perf_counter()\nvalue = {expression}\nprint(time.perf_counter() - begin)\n"


def theory_bounds(quick: bool) -> list[Result]:
    """``Process.bounds()`` in a fresh process after the import, every pair of the catalogue."""
    count = int(child("from theory.catalogue import _pairs; print(len(list(_pairs())))")[1])
    rounds, slowest = (1 if quick else 5), []
    for i in range(0, count, 4 if quick else 1):
        runs = [json.loads(child(_BOUNDS.format(i=i))[1]) for _ in range(rounds)]
        slowest.append((statistics.median(run[2] for run in runs), runs[0][0], runs[0][1]))
    slowest.sort(reverse=True)
    seconds, name, found = slowest[0]
    text = f"{seconds:.2f} s ({found} bounds of {name}); median pair {statistics.median(s for s, _, _ in slowest):.2f} s"
    data = {"pairs": [{"pair": name, "bounds": found, "seconds": s} for s, name, found in slowest]}
    return [Result("theory_bounds", f"Process.bounds(), slowest of {len(slowest)} pairs", "< 1 s", text, seconds < 1.0, data)]


_CERTIFICATES = """
import json, time
from proofs_check.certificate import verify
from theory.catalogue import _pairs
begin, count = time.process_time(), 0
for algorithm, problem in list(_pairs())[::{step}]:
    for bound in algorithm.on(problem).bounds("derived"):
        count += verify(bound, levels=("symbolic", "certified", "exact")).verdict != "refuted"
print(json.dumps([count, time.process_time() - begin]))
"""


def certificates(quick: bool) -> list[Result]:
    """Certificates of the whole catalogue on one core, simulation left out."""
    count, seconds = json.loads(child(_CERTIFICATES.format(step=6 if quick else 1))[1])
    text = f"{seconds:.0f} s for {count} bounds"
    data = {"bounds": count, "seconds": seconds}
    return [Result("certificates", "certificates of the catalogue, one core", "< 5 min", text, seconds < 300, data)]


_EA = "from theory import *; from theory import n, c; process = OnePlusOneEA(c / n).on(OneMax())\n"
_BLOCKS = """
import numba
from theory import *
from theory import n, c
from theory.exact import expected_runtime

@numba.njit
def count(x):
    found = 0
    for b in range(len(x) // 4):
        found += x[4 * b] and x[4 * b + 1] and x[4 * b + 2] and x[4 * b + 3]
    return found

blocks = OnePlusOneEA(c / n).on(Custom(count))
"""
PROGRAMS: list[tuple[str, str, str, float | None]] = [
    (
        "synthesis of an additive potential, OneMax, 1000 levels",
        _EA + "from theory import synthesise",
        "synthesise(process, 'states', n=1000, c=1)",
        10.0,
    ),
    (
        "ball around E[T], OneMax, n = 10^4",
        _EA + "from theory.exact import expected_runtime_interval",
        "expected_runtime_interval(process, n=10_000, c=1)",
        None,
    ),
    (
        "E[T] on BinVal over all 2^12 points",
        _EA + "from theory.exact import expected_runtime; expected_runtime(OnePlusOneEA(c / n).on(BinVal()), n=6, c=1)",
        "expected_runtime(OnePlusOneEA(c / n).on(BinVal()), n=12, c=1)",
        60.0,
    ),
    (
        "E[T] over all 2^16 points of a function with 5 levels (blocks of 4 ones)",
        _BLOCKS,
        "expected_runtime(blocks, n=16, c=1)",
        None,
    ),
    (
        "best rate at each state, OneMax, n = 200",
        _EA + "from theory.exact import optimal_rates",
        "optimal_rates(process, n=200)",
        None,
    ),
]


def theory_speed(quick: bool) -> list[Result]:
    """Synthesis, balls, full chains and optimal rates, each in a fresh process."""
    results = []
    for what, setup, expression, limit in PROGRAMS:
        program = _TIMED.format(setup=setup, expression=expression)
        child(program)  # fills the kernel cache
        seconds = [float(child(program)[1].split()[-1]) for _ in range(1 if quick else 3)]
        middle = statistics.median(seconds)
        text = f"{middle:.2f} s ({min(seconds):.2f}-{max(seconds):.2f})"
        target, met = ("none", None) if limit is None else (f"< {limit:g} s", middle < limit)
        results.append(Result("theory_speed", what, target, text, met, {"seconds": seconds}))
    return results
