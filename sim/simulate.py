"""simulate: replicates of a process, in parallel threads, in one tidy table.

The random stream of a replicate is keyed by (seed, process, values, replicate, engine, kernel version) and by nothing else:
results don't depend on the number of threads, on how replicates are cut into blocks or on the order in which they end.
They are bit-identical on the same type of CPU with the same versions of numba and numpy.
"""

from __future__ import annotations

import gc
import hashlib
import math
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim import engines
from sim.budget import budget_for
from sim.kernels import codes
from sim.observe import Observe
from sim.replicates import Progress, run_replicates, said_if_slow
from sim.runs import Runs
from sim.starts import resolve
from theory.arguments import plain_arguments
from theory.chain import Chain
from theory.errors import InputError
from theory.problems import LeadingOnes
from theory.problems.base import positive_integer
from theory.process import Process
from theory.values import Number, exact

_MOST_CELLS = 2**27  # of the array in which drift is added up: 1 GiB


@plain_arguments
def simulate(
    process: Process | Chain,
    *,
    replicates: int,
    seed: int,
    start: Any = "uniform",
    engine: str = "auto",
    budget: float | None = None,
    threads: int | None = None,
    observe: Observe | Mapping[str, Any] | None = None,
    progress: bool | Callable[[int, int], None] | None = None,
    **values: Any,
) -> Runs:
    """Run a process many times.

    Parameters
    ----------
    process : Process or Chain
        ``algorithm.on(problem)``, or a chain of your own.
    replicates : int
        Number of independent runs.
    seed : int
        0 <= seed < 2^63. The same arguments give the same runs.
    start : {"uniform", "zeros", "worst"}, int or array
        A word, a number of zero-bits, or a point (see :mod:`sim.starts`).
    engine : {"auto", "lumped", "event", "sparse", "reference"}
        All have the same law; ``auto`` takes the fastest that can run the process.
    budget : number, optional
        Evaluations after which a run is cut off (censored). Default: 100 times theory's expectation; of a population about
        which it knows nothing, that of the (1+1) EA with rate 1/n times its size.
    threads : int, optional
        Default: one a CPU core.
    observe : Observe or dict, optional
        Targets and potentials to record (see :class:`sim.Observe`).
    progress : bool or function, optional
        Whether to show a bar; default: on a terminal, for anything over two seconds. Or a function ``(done, total)``.
    **values
        ``n=...`` and, if the process has one, ``c=...``.

    Returns
    -------
    Runs
        T in evaluations, without the initial one, for each replicate.

    Raises
    ------
    InputError
        Naming the argument that is wrong, and what would be right.

    Examples
    --------
    >>> from theory import RLS, LeadingOnes
    >>> runs = simulate(RLS().on(LeadingOnes()), n=10, replicates=100, seed=1)
    >>> bool(40 < runs.evaluations.mean() < 60), runs.engine
    (True, 'lumped')
    """
    if not isinstance(process, (Process, Chain)):
        raise InputError(f"process: {process!r} must be algorithm.on(problem) or a Chain")
    replicates = positive_integer(replicates, "replicates")
    if isinstance(seed, (bool, np.bool_)) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
        raise InputError(f"seed: {seed!r} must be an integer from 0 to 2^63 - 1")
    threads = _cores() if threads is None else positive_integer(threads, "threads")
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        raise InputError(f"progress: {progress!r} must be True, False or a function (done, total)")
    watched = Observe.of(observe)
    arrays = _Outputs(replicates, watched)
    try:
        if isinstance(process, Chain):
            name, checked, word, limit, run = _prepare_chain(process, values, seed, start, engine, budget, watched, arrays)
        else:
            name, checked, word, limit, run = _prepare(process, values, seed, start, engine, budget, watched, arrays)
        began = time.perf_counter()
        run_replicates(run, arrays.status, threads, Progress.of(progress, f"{process}", replicates))
        seconds = time.perf_counter() - began
    except MemoryError:
        raise InputError(
            f"n: {values.get('n')} bits don't fit into memory; use a smaller n, fewer threads or engine='lumped'"
        ) from None
    _raise_failures(process, checked, arrays)
    return Runs(
        process=process,
        values=checked,
        seed=int(seed),
        start=word,
        engine=name,
        budget=limit,
        evaluations=arrays.evaluations,
        hit=arrays.hit.astype(bool),
        seconds=seconds,
        observed={} if arrays.observe is None else arrays.observe.collect(arrays.hits, arrays.trajectory, arrays.moves),
        generations=arrays.evaluations if isinstance(process, Chain) or process.algorithm.single else arrays.generations,
    )


class _Outputs:
    """The arrays that kernels fill, one row a replicate."""

    def __init__(self, replicates: int, observe: Observe | None) -> None:
        targets = times = potentials = 0
        if observe is not None:
            targets, times, potentials = len(observe.targets), len(observe.at), len(observe.potentials)
        self.observe = observe
        self.evaluations = np.zeros(replicates, np.int64)
        self.generations = np.zeros(replicates, np.int64)
        self.hit = np.zeros(replicates, np.uint8)
        self.hits = np.full((replicates, targets), -1, np.int64)
        self.trajectory = np.full((replicates, times, max(1, potentials)), np.nan)
        self.status = np.zeros(replicates, np.int64)
        self.bad = np.full((replicates, 4), np.nan)
        self.witness = np.zeros((0, 0), np.uint8)
        self.moves = np.zeros((replicates, 0, 1))

    def count_moves(self, process: Process, n: int) -> None:
        """Make room for the drift in each state, and say on what it is conditioned."""
        if self.observe is None or not self.observe.drift:
            return
        by_fitness = isinstance(process.core.problem, LeadingOnes) or process.problem.space != "bits"
        self.observe = self.observe.conditioned("v" if by_fitness else "k")
        states = n + 1
        if self.observe.given == "v":
            low, high = process.problem.value_range(n)
            if process.problem.value_scale(n) != (1, 0) or not (low >= 0 and high <= 10**9):
                raise InputError(f"given: the fitness of {process.problem} is not one of 0, 1, 2, ...; take given='k'")
            states = int(high) + 1
        shape = (len(self.evaluations), states, 1 + len(self.observe.drift))
        if math.prod(shape) > _MOST_CELLS:
            raise InputError(f"drift: {states} states of {shape[0]} replicates don't fit into memory; use fewer replicates")
        self.moves = np.zeros(shape)


def _prepare(
    process: Process, values: dict, seed: int, start: Any, engine: str, budget: Any, observe: Observe | None, arrays: _Outputs
) -> tuple[str, dict[str, Number], str | int, int, Callable]:
    """Check everything about a process and load its kernel."""
    checked = process.values(**values)
    n = int(checked["n"])
    point = resolve(start, process, checked)
    arrays.count_moves(process, n)
    observe = arrays.observe
    name, template = engines.pick(engine, process, point, checked, observe)
    limit = budget_for(budget, process, checked, start)
    targets = _targets(process, n, observe)
    module = engines.kernel_for(process, template, checked, observe)
    if process.problem.user:
        arrays.witness = np.zeros((2, n), np.uint8)
    p = process.static_rate(checked) if process.rate is not None and process.is_static else np.nan
    settings = engines.settings_for(process, name, checked, limit)
    arguments = (
        n, float(checked.get("c", np.nan)), float(p), settings, process.problem.data(n), _end(process, n), limit,
        point.kind, point.zeros, point.bits,
    )  # fmt: skip
    times = np.array(() if observe is None else observe.at, np.int64)
    key = stream_key(seed, process.key, checked, name)

    def run(first: int, last: int, stop: np.ndarray) -> None:
        rows = slice(first, last)
        module.run_block(
            key, first, last, *arguments, stop, targets, times, arrays.evaluations[rows], arrays.generations[rows],
            arrays.hit[rows], arrays.hits[rows], arrays.trajectory[rows], arrays.moves[rows], arrays.status[rows],
            arrays.bad[rows], arrays.witness,
        )  # fmt: skip

    _compile(process, run)
    return name, checked, point.word, limit, run


def _prepare_chain(
    chain: Chain, values: dict, seed: int, start: Any, engine: str, budget: Any, observe: Observe | None, arrays: _Outputs
) -> tuple[str, dict[str, Number], str | int, int, Callable]:
    """Check everything about a chain and load its kernel."""
    from sim.kernels.chain import chain_runner

    if engine not in ("auto", "chain"):
        raise InputError(f"engine: '{engine}' can't run a chain; it is run by its own step, use 'auto'")
    if not isinstance(start, str) or start != "uniform":
        raise InputError(f"start: a chain starts in its own state, not in {start!r}; leave start out")
    if observe is not None and (observe.needs_bits or observe.symbols - {"k"} or observe.drift):
        raise InputError("observe: of a chain only X is recorded; give targets= and at= without potentials= and drift=")
    checked = chain.values(**values)
    limit = budget_for(budget, chain, checked, start)
    inner = chain_runner(chain, checked)
    targets = np.array(() if observe is None else observe.targets[::-1], np.float64)
    times = np.array(() if observe is None else observe.at, np.int64)
    key = stream_key(seed, chain.key, checked, "chain")

    def run(first: int, last: int, stop: np.ndarray) -> None:
        rows = slice(first, last)
        inner(
            key, first, last, limit, stop, targets, times, arrays.evaluations[rows], arrays.hit[rows], arrays.hits[rows, ::-1],
            arrays.trajectory[rows], arrays.status[rows],
        )  # fmt: skip

    _compile(chain, run)
    return "chain", checked, "state", limit, run


def _compile(process: Process | Chain, run: Callable) -> None:
    """Compile by running no replicate at all; what fails here is the user's function."""
    from numba.core.errors import NumbaError

    collecting = gc.isenabled()
    gc.disable()  # a compiler makes many objects and hardly any cycles: to look for them takes an eighth of its time, or more
    try:
        with said_if_slow(f"compiling {process}, once; later calls find it compiled ..."):
            run(0, 0, np.zeros(1, np.uint8))
    except NumbaError as error:
        lines = [line.strip(" -") for line in str(error).splitlines() if line.strip(" -")]
        told = ("TypingError", "NameError", "TypeError", "UnsupportedError", "LoweringError", "AttributeError")
        plain = (line for line in lines if not line.startswith(("Failed in", "During:", "File", "Resolution failure")))
        said = next((line for line in lines if line.startswith(told)), next(plain, lines[0]))
        what = "step or potential" if isinstance(process, Chain) else "step or function" if process.algorithm.user else "function"
        raise InputError(f"{what}: numba can't compile it: {said}; try it alone to see the whole message") from error
    finally:
        if collecting:
            gc.enable()


def _targets(process: Process, n: int, observe: Observe | None) -> np.ndarray:
    """The observed targets in the kernel's units of fitness."""
    if observe is None or not observe.targets:
        return np.zeros(0)
    problem = process.problem
    problem.check_value(n)
    largest: Any = exact(problem.target(n) if "optimal" in problem.hooks else problem.value_range(n)[1])
    if observe.targets[-1] > largest:
        raise InputError(f"targets: {observe.targets[-1]} is above {float(largest):.15g}, where a run on {problem.name} ends")
    scale, offset = problem.value_scale(n)
    return np.array([float((exact(target) - offset) * scale) for target in observe.targets])


def _end(process: Process, n: int) -> float:
    """The fitness at which a run ends, in the kernel's units; 0 where it ends at k = 0."""
    problem = process.problem
    if "optimal" not in problem.hooks:
        return 0.0
    scale, offset = problem.value_scale(n)
    return float((exact(problem.target(n)) - offset) * scale)


def stream_key(seed: int, process: str, values: Mapping[str, Number], engine: str) -> np.ndarray:
    """The 256-bit key of a run's random streams.

    >>> stream_key(1, "RLS(flips=1) on OneMax()", {"n": 10}, "event").shape
    (4,)
    """
    text = [str(int(seed)), process, engine, str(codes.VERSION), *(f"{name}={exact(values[name])}" for name in sorted(values))]
    digest = hashlib.blake2b("\0".join(text).encode(), digest_size=32).digest()
    return np.frombuffer(digest, dtype="<u8").astype(np.uint64)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _raise_failures(process: Process | Chain, values: Mapping[str, Number], arrays: _Outputs) -> None:
    """Name what went wrong in the first replicate in which something did."""
    failed = np.flatnonzero(arrays.status >= codes.BAD_RATE)
    if not failed.size:
        return
    replicate = int(failed[0])
    status = arrays.status[replicate]
    t, k, v, p = (float(value) for value in arrays.bad[replicate])
    if isinstance(process, Chain):
        raise InputError(f"step: X is NaN in replicate {replicate} of {process}")
    scale, offset = process.problem.value_scale(int(values["n"]))
    if status == codes.BAD_RATE:
        zeros = f"k = {k:.0f}, " if k >= 0 else ""  # an engine that doesn't know it has -1
        where = f"t = {t:.0f}, {zeros}v = {v / float(scale) + float(offset):.15g}"
        raise InputError(
            f"rate: {process.rate} is {p:.15g} at {where} (replicate {replicate}); a mutation rate must lie in [0, 1]"
        )
    if status == codes.NOT_A_POINT:
        where = f"at position {k:.0f} of candidate {t:.0f} (replicate {replicate})"
        raise InputError(f"step: writes {v:.0f} {where}; a candidate is made of 0 and 1")
    if status == codes.NOT_A_NUMBER:
        raise InputError(f"function: is NaN at offspring {t:.0f} of replicate {replicate}; every point needs a number")
    better, worse = ("".join(map(str, row)) if row.size <= 64 else f"a point with {row.sum()} ones" for row in arrays.witness)
    flipped = ", ".join(map(str, np.flatnonzero(arrays.witness[0] != arrays.witness[1])[:8]))
    raise InputError(
        f"strictly_monotone: f({better}) = {v:.15g} is not larger than f({worse}) = {p:.15g} (they differ at {flipped});"
        " declare strictly_monotone=False"
    )
