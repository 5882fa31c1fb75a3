"""The front door: pick the method that applies, or say why none does."""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.exact import counts, fullchain, leadingones, levels, needle, onemax, positions, symmetric, timed
from theory.exact.distribution import RuntimeDistribution, check_tail, distribution
from theory.exact.errors import NoExactMethod
from theory.exact.states import points_of, require_chain, require_symmetric, require_timeless
from theory.process import Process
from theory.starts import Start, read_start
from theory.values import Number

if TYPE_CHECKING:
    from flint import arb

METHODS: tuple[ModuleType, ...] = (counts, onemax, leadingones, positions, needle, symmetric, fullchain, levels)
"""In the order in which they are tried; each has ``refusal`` and ``moments``."""


def _enter(process: Any, values: dict[str, Any], timed: bool = False) -> tuple[Process, dict[str, Number]]:
    """Check a process and its values at the border; go on with its core."""
    if not isinstance(process, Process):
        raise NoExactMethod(f"process: {process!r} has no exact method; give an algorithm on a problem")
    require_chain(process)
    checked = process.values(**values)
    if not timed:
        require_timeless(process)
    return process.core, checked


def _moments(process: Process, values: dict[str, Number], start: Start, order: int) -> tuple[float, ...]:
    reasons: list[str] = []
    for method in (counts,) if counts.applies(process) else METHODS:
        reason = method.refusal(process, values, start, order)
        if reason is None:
            return method.moments(process, values, start, order)
        reasons += [reason] if reason else []
    raise NoExactMethod(f"process: nothing exact for {process} at n = {values['n']}: {'; '.join(reasons)}")


@plain_arguments
def expected_runtime(process: Process, *, start: Any = "uniform", rational: bool = False, **values: Any) -> float | Fraction:
    """Exact expected runtime E[T] in evaluations; the evaluation of the start isn't counted.

    Parameters
    ----------
    process : Process
        Its rate may depend on n, c, k and v, not on t.
    start : str, int or array of bits
        "uniform", "zeros" (0^n), "worst", a number of zero-bits, or a point.
    rational : bool
        A fraction instead of a float (n <= 8, or n <= 40 where fitness depends on the number of zero-bits alone).
    **values
        n and c.

    Returns
    -------
    float or Fraction
        Infinite if the optimum is missed with positive probability. Accuracy: see :mod:`theory.exact`.

    Raises
    ------
    NoExactMethod
        Where nothing exact exists; the message says why.

    Examples
    --------
    >>> from theory import BinVal, LeadingOnes, OneMax, OnePlusOneEA
    >>> expected_runtime(OnePlusOneEA("c/n").on(OneMax()), n=1000, c=1)
    16894.689296414...
    >>> expected_runtime(OnePlusOneEA("c/n").on(BinVal()), n=3, c=1, rational=True)
    Fraction(65757, 9880)
    >>> expected_runtime(OnePlusOneEA("c/n").on(LeadingOnes()), n=100, c=1, start="zeros")
    8658.248277526...
    """
    process, checked = _enter(process, values)
    where = read_start(start, process.problem, int(checked["n"]))
    if rational:
        from theory.exact.rational import expected

        return expected(process, checked, where)
    if where.kind == "worst":
        return worst_start(process, **values)[1]
    return _moments(process, checked, where, 1)[0]


def runtime_moments(process: Process, *, start: Any = "uniform", **values: Any) -> tuple[float, float]:
    """Mean and variance of the runtime T.

    Examples
    --------
    >>> from theory import OneMax, OnePlusOneEA
    >>> mean, variance = runtime_moments(OnePlusOneEA("c/n").on(OneMax()), n=1000, c=1)
    >>> round(variance**0.5, 6)
    3470.551318
    """
    process, checked = _enter(process, values)
    where = read_start(start, process.problem, int(checked["n"]))
    if where.kind == "worst":
        where = read_start(worst_start(process, **values)[0], process.problem, int(checked["n"]))
    mean, square = _moments(process, checked, where, 2)
    return mean, (square - mean**2 if np.isfinite(mean) else float("inf"))


@plain_arguments
def runtime_distribution(process: Process, *, start: Any = "uniform", tail: float = 1e-9, **values: Any) -> RuntimeDistribution:
    """The distribution of the runtime T, up to a tail of given probability.

    Parameters
    ----------
    process, start, **values
        As for :func:`expected_runtime`; the rate may depend on n, c and t, too.
    tail : float
        Values are computed until P(T > t) <= tail.

    Examples
    --------
    >>> from theory import LeadingOnes, RLS
    >>> law = runtime_distribution(RLS().on(LeadingOnes()), n=1)
    >>> law.pmf.tolist(), law.mean, law.quantile(0.9)
    ([0.5, 0.5], 0.5, 1)
    """
    process, checked = _enter(process, values, timed=True)
    tail = check_tail(tail)
    where = read_start(start, process.problem, int(checked["n"]))
    if "t" in process.rate_symbols:
        pmf, left = timed.timed_law(process, checked, where, tail)
        return RuntimeDistribution(pmf, left, *timed.moments(pmf, left))
    if where.kind == "worst":
        where = read_start(worst_start(process, **values)[0], process.problem, int(checked["n"]))
    mean, square = _moments(process, checked, where, 2)
    return distribution(process, checked, where, tail, mean, max(0.0, square - mean**2))


def expected_runtimes_by_zeros(process: Process, **values: Any) -> np.ndarray:
    """E_z, the expected runtime from a point with z zero-bits, where it depends on z alone.

    Returns
    -------
    float array, shape (n + 1,)

    Examples
    --------
    >>> from theory import OneMax, RLS
    >>> expected_runtimes_by_zeros(RLS().on(OneMax()), n=3).round(9).tolist()
    [0.0, 3.0, 4.5, 5.5]
    """
    return _by_zeros(*_enter(process, values))


def _by_zeros(process: Process, values: dict[str, Number]) -> np.ndarray:
    n = int(values["n"])
    if counts.applies(process):
        reason = counts.refusal(process, values, Start("worst"))
        if reason is not None:
            raise NoExactMethod(f"process: nothing exact for {process} at n = {n}: {reason}")
        return counts.by_number(process, values)[0]
    if onemax.refusal(process, values, Start("worst")) is None:
        return onemax.by_number(process, values, n)[0]
    if not symmetric.collects_coupons(process, n):
        require_symmetric(process)
        reason = symmetric.refusal(process, values, Start("worst"))
        if reason is not None:
            raise NoExactMethod(f"process: nothing exact for {process} at n = {n}: {reason}")
    return symmetric.by_number(process, values)[0]


@plain_arguments
def worst_start(process: Process, **values: Any) -> tuple[int | np.ndarray, float]:
    """The start with the largest expected runtime, and that runtime.

    Returns
    -------
    start : int or uint8 array, shape (n,)
        A number of zero-bits where the expected runtime depends on it alone, otherwise a point in the user's form.
    value : float

    Examples
    --------
    >>> from theory import LeadingOnes, OneMax, OnePlusOneEA
    >>> worst_start(OnePlusOneEA("c/n").on(OneMax()), n=10, c=1)
    (10, 56.143435296506...)
    >>> worst_start(OnePlusOneEA("c/n").on(LeadingOnes()), n=3, c=1)
    (array([0, 0, 0], dtype=uint8), 9.16408163265...)
    """
    process, checked = _enter(process, values)
    n = int(checked["n"])
    if process.problem.symmetric or counts.applies(process) or symmetric.collects_coupons(process, n):
        expected = _by_zeros(process, checked)
        worst = int(np.argmax(expected))
        return worst, float(expected[worst])
    reasons = []
    for method in (fullchain, levels):
        reason = method.refusal(process, checked, Start("worst"))
        if reason is None:
            break
        reasons.append(reason)
    else:
        raise NoExactMethod(f"start: the worst start of {process} is not known at n = {n}: {'; '.join(reasons)}")
    expected = method.by_point(process, checked)[0]
    worst = int(np.argmax(expected))
    return (points_of(n)[worst] == process.problem.optimum(n)).astype(np.uint8), float(expected[worst])


@plain_arguments
def expected_runtime_interval(process: Process, *, start: Any = "uniform", bits: int = 128, **values: Any) -> arb:
    """A ball (python-flint ``arb``) that is guaranteed to contain E[T]; :mod:`theory.exact.interval` says for which processes.

    Parameters
    ----------
    process, start, **values
        As for :func:`expected_runtime`; n up to 10000 where the number of zero-bits tells all, 10 otherwise.
    bits : int
        Good bits of the ball, a few more or fewer; 64 or more.

    Raises
    ------
    NoExactMethod
        Where no ball can be had; the message says why.

    Examples
    --------
    >>> from theory import OneMax, OnePlusOneEA
    >>> ball = expected_runtime_interval(OnePlusOneEA("c/n").on(OneMax()), n=100, c=1)
    >>> ball.str(20)
    '[1069.5384972597551171 +/- ...e-1...]'
    """
    from theory.exact.interval import expected

    process, checked = _enter(process, values)
    if isinstance(bits, bool) or not isinstance(bits, int) or not 64 <= bits <= 100_000:
        raise InputError(f"bits: {bits!r} must be an integer from 64 to 100000")
    return expected(process, checked, read_start(start, process.problem, int(checked["n"])), bits)
