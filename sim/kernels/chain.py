"""Runs of ``theory.Chain``: the user's step, compiled into the loop of ``chain_steps.py``.

Replicate r draws from numpy's ``Generator`` on a stream of its own (:mod:`sim.kernels.philox`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sim.kernels.codes import OK
from sim.kernels.philox import Streams
from theory.algorithms.custom import reads
from theory.chain import Chain
from theory.compile import specialise
from theory.errors import InputError
from theory.jit import hook
from theory.values import Number

_TEMPLATE = Path(__file__).parent / "chain_steps.py"


def chain_runner(chain: Chain, values: dict[str, Number]) -> Callable[..., None]:
    """A function that runs replicates of a chain at checked values; its arguments stand in :mod:`sim.kernels`.

    Raises
    ------
    InputError
        If the step uses a value that isn't given, or fails on the start.
    """
    start = chain.initial(values)
    n, c = int(values.get("n", 0)), float(values.get("c", np.nan))
    for name, place in (("n", 2), ("c", 3)):
        if name not in values and chain.arity == 4 and reads(chain.step.py_func, place):
            raise InputError(f"{name}: no value given; the step of this chain uses {name}")
    if isinstance(start, int):
        _stays_integer(chain, start, n, c)
    user = {"user_step": _step(chain, start, n, c), "user_potential": _potential(chain)}
    kernels = {observed: specialise(_TEMPLATE, {"OBSERVE": observed}, user=user) for observed in (False, True)}

    def run(
        key: np.ndarray, first: int, last: int, budget: int, stop: np.ndarray, targets: np.ndarray, times: np.ndarray,
        evaluations: np.ndarray, hit: np.ndarray, hits: np.ndarray, trajectory: np.ndarray, status: np.ndarray,
    ) -> None:  # fmt: skip
        """Run the replicates first <= r < last; with none of them, compile."""
        loop = kernels[bool(targets.size or times.size)].run_chain
        reached, path = np.full(targets.size, -1, np.int64), np.full(times.size, np.nan)
        streams = Streams(key)
        if first == last:
            loop(_copy(start), streams.of(0), n, c, 0, stop, targets, times, reached, path)
        for r in range(first, last):
            reached.fill(-1)
            path.fill(np.nan)
            steps, code = loop(_copy(start), streams.of(r), n, c, budget, stop, targets, times, reached, path)
            row = r - first
            evaluations[row] = steps if code == OK else budget
            hit[row], status[row] = code == OK, code
            hits[row], trajectory[row, :, 0] = reached, path

    return run


def _copy(start: Any) -> Any:
    return start.copy() if isinstance(start, np.ndarray) else start


def _step(chain: Chain, start: Any, n: int, c: float) -> Callable:
    """The user's step with four arguments and a result."""
    step = chain.step
    if isinstance(start, np.ndarray) and _in_place(chain, start, n, c):
        if chain.arity == 4:

            def advance(state, rng, n, c):
                step(state, rng, n, c)
                return state
        else:

            def advance(state, rng, n, c):
                step(state, rng)
                return state

        return hook(advance)
    return step if chain.arity == 4 else hook(lambda state, rng, n, c: step(state, rng))


def _potential(chain: Chain) -> Callable:
    """X as a float."""
    potential = chain.potential
    return hook(lambda state: float(state)) if potential is None else hook(lambda state: float(potential(state)))


def _in_place(chain: Chain, start: np.ndarray, n: int, c: float) -> bool:
    """Whether a step on arrays changes its argument and returns nothing; found out by one step, not compiled."""
    arguments = (n, c) if chain.arity == 4 else ()
    try:
        result = chain.step.py_func(start.copy(), np.random.default_rng(0), *arguments)
    except Exception as error:
        raise InputError(f"step: {chain.name} fails on the start: {type(error).__name__}: {error}") from None
    alike = isinstance(result, np.ndarray) and result.dtype == start.dtype and result.shape == start.shape
    if result is not None and not alike:
        raise InputError(f"step: {chain.name} must return nothing or an array like the start ({start.dtype}, {start.shape})")
    return result is None


def _stays_integer(chain: Chain, start: int, n: int, c: float) -> None:
    """Refuse a step that leaves the integers: the theorems for integer states would not speak of it."""
    arguments = (n, c) if chain.arity == 4 else ()
    try:
        result = chain.step.py_func(start, np.random.default_rng(0), *arguments)
    except Exception:  # what Python can't run, numba may; it says later what is wrong
        return
    if isinstance(result, (float, np.floating)):
        where = f"the float {result} from the integer state {start}"
        raise InputError(f"step: {chain.name} returns {where}; start real states from a float")
