"""What is measured: one function a row of the table (``ROWS``). Each returns results with target and measured value."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from adaptive_rows import adaptive
from codec_rows import codec
from graph_rows import graphs
from measure import BUILD, MEBIBYTE, Result, child, child_memory, compare, interleave, ours, peer
from population_rows import populations
from rtrl_rows import rtrl_cheap, rtrl_growth, rtrl_steps, rtrl_windows
from schedule_rows import hidden_subset, hottopic
from sweep_rows import sweep_overhead
from theory_rows import certificates, theory_bounds, theory_speed
from thread_rows import threads

_SETUP = "from theory import OnePlusOneEA, OneMax, c, n; from sim import simulate; process = OnePlusOneEA(c / n).on(OneMax());"


def _process(problem: Any) -> Any:
    from theory import OnePlusOneEA, c, n

    return OnePlusOneEA(c / n).on(problem)


def _against_peer(
    row: str,
    what: str,
    problem: str,
    process: Any,
    size: int,
    runs: int,
    pairs: int,
    target: float,
    weights: Path | None = None,
    **options: Any,
) -> Result:
    """Pairs of whole runs. ``target`` below 2: the largest ratio ours/peer; else by how much ours must be faster."""
    measured = interleave(
        lambda i: peer(problem, size, runs, i, weights),
        lambda i: ours(process, runs, i, n=size, c=1, **options),
        pairs,
    )
    d = {"n": size, "runs": runs, **compare(measured)}
    times = f"C++ {d['peer_ns']:.3g} ns, ours {d['ours_ns']:.3g} ns a generation"
    if target < 2:
        measured_text = f"{d['ratio']:.2f} ({d['ratio_min']:.2f}-{d['ratio_max']:.2f}); {times}"
        return Result(row, what, f"<= {target} of C++", measured_text, d["ratio"] <= target, d)
    factor, low, high = 1 / d["ratio"], 1 / d["ratio_max"], 1 / d["ratio_min"]
    measured_text = f"{factor:.1f} ({low:.1f}-{high:.1f}) times faster; {times}"
    return Result(row, what, f">= {target:g} times faster", measured_text, factor >= target, d)


def random_weights(size: int) -> tuple[np.ndarray, Path]:
    """Uniform random doubles, and the file from which the peer reads them."""
    weights = 1.0 - np.random.default_rng(1).random(size)  # (0, 1]
    path = BUILD / f"weights-{size}.bin"
    weights.tofile(path)
    return weights, path


def sparse(quick: bool) -> list[Result]:
    """Time a generation of the sparse engine."""
    from theory import OneMax

    sizes = [(10_000, 40), (100_000, 3)] if quick else [(10_000, 100), (100_000, 10), (1_000_000, 1)]
    return [
        _against_peer(
            "sparse",
            f"OneMax, n = {size:,}, whole runs",
            "onemax",
            _process(OneMax()),
            size,
            runs,
            3 if quick else 10,
            0.7,
            engine="sparse",
        )
        for size, runs in sizes
    ]


def event(quick: bool) -> list[Result]:
    """A whole run of the event engine over its generations."""
    from theory import Linear, OneMax

    size, pairs = (100_000, 3) if quick else (1_000_000, 10)
    weights, path = random_weights(size)
    begin = time.perf_counter()
    linear = _process(Linear(weights))
    linear.problem.data(size)
    seconds = time.perf_counter() - begin
    results = [
        _against_peer(
            "event", f"OneMax, n = {size:,}, whole runs", "onemax", _process(OneMax()), size, 1, pairs, 15, engine="event"
        ),
        _against_peer(
            "event",
            f"linear, random double weights, n = {size:,}, whole runs",
            "linear",
            linear,
            size,
            1,
            pairs,
            10,
            path,
            engine="event",
        ),
    ]
    results[1].details["seconds_to_make_the_problem_once"] = seconds
    return results


def linear_sparse(quick: bool) -> list[Result]:
    """The sparse engine on a linear function (no target: for comparison)."""
    from theory import Linear

    weights, path = random_weights(100_000)
    result = _against_peer(
        "linear_sparse",
        "linear, random double weights, n = 100,000, whole runs",
        "linear",
        _process(Linear(weights)),
        100_000,
        3,
        3 if quick else 10,
        1.0,
        path,
        engine="sparse",
    )
    result.target, result.met = "none", None
    return [result]


def function(quick: bool) -> list[Result]:
    """A user's function without incremental update against the same loop."""
    from functions import longest, pairs

    from theory import Custom

    rows = [(pairs, "pairs", 1000, 20), (longest, "longest", 200, 50)]
    return [
        _against_peer(
            "function",
            f"user's function `{name}` ({code.__doc__.rstrip('.').lower()}), n = {size}, whole runs",
            name,
            _process(Custom(code)),
            size,
            runs,
            3 if quick else 10,
            1.5,
            engine="sparse",
            budget=10**9,
        )
        for code, name, size, runs in rows
    ]


def lumped(quick: bool) -> list[Result]:
    """Wall time and memory of one lumped run, in a process of its own with its kernels in the cache."""
    results = []
    code = _SETUP + (
        "import time; options = dict(c=1, replicates=1, seed=1, engine='lumped', threads=1);"
        "simulate(process, n=1000, **options); begin = time.perf_counter();"
        "r = simulate(process, n={n}, **options); print(time.perf_counter() - begin, r.hit[0])"
    )
    child_memory(code.format(n=1000))  # fills the cache of kernels
    _, base, _ = child_memory(code.format(n=1000))
    for size, limit in [(10**7, 10)] if quick else [(10**8, 10), (10**9, 60)]:
        repeats = [child_memory(code.format(n=size)) for _ in range(1 if quick or size > 10**8 else 3)]
        seconds = statistics.median(float(output.split()[0]) for _, _, output in repeats)
        peak = max(p for _, p, _ in repeats)
        assert all(output.split()[1] == "True" for _, _, output in repeats)
        more = (peak - base) / MEBIBYTE
        d = {"n": size, "seconds": seconds, "peak_bytes": peak, "peak_bytes_at_n_1000": base}
        text, met = f"{seconds:.2f} s; {more:+.1f} MiB against n = 1000", seconds < limit and more < 16
        results.append(Result("lumped", f"OneMax, n = {size:.0e}, one run", f"< {limit} s, constant memory", text, met, d))
    return results


def exact(quick: bool) -> list[Result]:
    """Expected runtime on OneMax at n = 10^6, exactly."""
    code = (
        "import time; from theory import OnePlusOneEA, OneMax, c, n; from theory.exact import expected_runtime;"
        "process = OnePlusOneEA(c / n).on(OneMax()); expected_runtime(process, n=100, c=1); begin = time.perf_counter();"
        "value = expected_runtime(process, n={n}, c=1); print(time.perf_counter() - begin, value)"
    )
    child_memory(code.format(n=100))
    _, base, _ = child_memory(code.format(n=100))
    measured = [child_memory(code.format(n=10**6)) for _ in range(3 if quick else 10)]
    seconds = [float(output.split()[0]) for _, _, output in measured]
    peak = max(p for _, p, _ in measured) - base
    middle = statistics.median(seconds)
    return [
        Result(
            "exact",
            "expected_runtime, OneMax, n = 10^6",
            "< 1 s, O(n) memory",
            f"{middle:.2f} s ({min(seconds):.2f}-{max(seconds):.2f}); {peak / 1e6:.0f} bytes a bit",
            middle < 1 and peak < 200e6,
            {"seconds": seconds, "bytes": peak, "value": float(measured[0][2].split()[1])},
        )
    ]


def libraries(quick: bool) -> list[Result]:
    """The same algorithm as users of other libraries write it."""
    from libraries import LIBRARIES
    from measure import Sample

    from theory import OneMax

    size, results = 500, []
    for name, run in LIBRARIES.items():
        try:
            __import__(name)
        except ImportError:
            results.append(Result("libraries", name, "measured", f"{name} is not installed", None))
            continue

        def theirs(seed: int, run: Callable = run) -> Sample:
            evaluations, seconds = run(size, seed)
            return Sample(seconds, [evaluations])

        for engine in ("sparse", "auto"):

            def own(seed: int, engine: str = engine) -> Sample:
                return ours(_process(OneMax()), 1000, seed, n=size, c=1, engine=engine)

            d = compare(interleave(theirs, own, 3 if quick else 10))
            what = f"{name}, OneMax, n = {size}, whole runs, against {engine}"
            text = f"{1 / d['ratio']:,.0f} ({1 / d['ratio_max']:,.0f}-{1 / d['ratio_min']:,.0f}) times faster; "
            text += f"{name} {d['peer_ns'] / 1000:.3g} us, ours {d['ours_ns']:.3g} ns a generation"
            results.append(Result("libraries", what, "measured", text, None, d))
    return results


def startup(quick: bool) -> list[Result]:
    """Start-up times, each in a fresh process."""
    script = Path(sys.executable).parent / "driftproof"
    command = [str(script)] if script.exists() else [sys.executable, "-m", "driftproof"]
    first = "r = simulate(process, n=1000, c=1, replicates=10, seed=1); print(r.evaluations.mean())"
    simulate = "simulate --algorithm one-plus-one-ea --rate c/n --problem onemax --at n=1000,c=1 --replicates 10 --seed 7".split()
    programs: list[tuple[str, Any, float | None]] = [
        ("driftproof --help", [*command, "--help"], 0.5),
        ("import theory", "import theory", 1.5),
        ("import sim", "import sim", 2.0),
        ("first result of a second process (Python)", _SETUP + first, 3.0),
        ("first result of a second process (shell)", [*command, *simulate, "--out", str(BUILD / "startup.parquet")], 3.0),
        ("(python alone)", "pass", None),
    ]
    results = []
    for what, program, limit in programs:
        child(program)  # fills the caches: what is measured is the second process
        seconds = [child(program)[0] for _ in range(3 if quick else 10)]
        middle = statistics.median(seconds)
        text = f"{middle:.2f} s ({min(seconds):.2f}-{max(seconds):.2f})"
        target, met = ("none", None) if limit is None else (f"< {limit:g} s", middle < limit)
        results.append(Result("startup", what, target, text, met, {"seconds": seconds}))
    heavy = "import sys; from driftproof import cli; "
    heavy += "print([m for m in ('sympy', 'numpy', 'numba', 'pandas', 'scipy', 'torch') if m in sys.modules])"
    loaded = child(heavy)[1].strip()
    results.append(Result("startup", "heavy modules that driftproof --help imports", "none of them", loaded, loaded == "[]"))
    return results


def memory(quick: bool) -> list[Result]:
    """Peak memory of an engine above that of the same program at n = 1000, over the bits."""
    size = 10**7 if quick else 10**8
    code = _SETUP + "simulate(process, n={n}, c=1, replicates=1, seed=1, engine='{engine}', budget={budget}, threads=1)"
    results = []
    for engine, limit, budget in (("sparse", 1.0, 100_000), ("event", 3.0, None)):  # 1 + 4 z0 / n bytes
        child_memory(code.format(n=1000, engine=engine, budget=budget))
        _, base, _ = child_memory(code.format(n=1000, engine=engine, budget=budget))
        seconds, peak, _ = child_memory(code.format(n=size, engine=engine, budget=budget))
        each = (peak - base) / size
        d = {"n": size, "peak_bytes": peak, "base_bytes": base, "bytes_a_bit": each, "seconds": seconds}
        results.append(
            Result(
                "memory",
                f"{engine}, OneMax, n = {size:.0e}, uniform start",
                f"{limit:g} bytes a bit (+2%)",
                f"{each:.2f} bytes a bit",
                each <= 1.02 * limit,
                d,
            )
        )
        if engine == "event":
            results.append(
                Result(
                    "memory", f"event, OneMax, n = {size:.0e}, whole process", "< 500 MB", f"{peak / 1e6:.0f} MB", peak < 500e6, d
                )
            )
    return results


def law(quick: bool) -> list[Result]:
    """Whether the peer and the engines do the same work: mean T against the exact value."""
    from theory import OneMax
    from theory.exact import expected_runtime

    size, runs = 1000, 200 if quick else 2000
    process = _process(OneMax())
    value = float(expected_runtime(process, n=size, c=1))
    samples = {"C++": peer("onemax", size, runs, 5).evaluations}
    samples |= {e: ours(process, runs, 5, n=size, c=1, engine=e).evaluations for e in ("sparse", "event", "lumped")}
    z = {name: (statistics.fmean(s) - value) / (statistics.stdev(s) / len(s) ** 0.5) for name, s in samples.items()}
    means = [f"{name} {statistics.fmean(sample):.0f} (z {z[name]:+.1f})" for name, sample in samples.items()]
    text = f"E[T] = {value:.1f}; {', '.join(means)}"
    what = f"mean T of {runs} runs against the exact value, OneMax, n = {size}"
    return [Result("law", what, "abs(z) < 4", text, max(map(abs, z.values())) < 4, {"exact": value, "z": z})]


ROWS: dict[str, Callable[[bool], list[Result]]] = {
    f.__name__: f
    for f in (
        law,
        sparse,
        linear_sparse,
        event,
        function,
        lumped,
        exact,
        memory,
        startup,
        libraries,
        graphs,
        adaptive,
        populations,
        hidden_subset,
        hottopic,
        sweep_overhead,
        threads,
        theory_bounds,
        theory_speed,
        codec,
        certificates,
        rtrl_steps,
        rtrl_growth,
        rtrl_cheap,
        rtrl_windows,
    )
}
