"""The transition law of a process twice: as floats for the linear programme, as fractions or balls for the verification.

Three kinds of state: the number k of zero-bits (problems in k alone), the level v (LeadingOnes from a uniform start; the bits
behind the first zero-bit stay uniform), and all 2^n points (n <= 8; n <= 12 in floats).

Verification is rigorous. Up to n = 40 by k and n = 8 by points the law is one of fractions. Above, on OneMax with a rational
rate, the drift is enclosed in balls: a step with a > A flipped zero-bits improves k, so that leaving it out makes the drift of a
non-decreasing potential only smaller.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theory.errors import InputError
from theory.exact import counts
from theory.exact.lumped import lump
from theory.exact.states import by_points, points_of
from theory.problems import LeadingOnes, OneMax
from theory.process import Process

RATIONAL_BY_ZEROS = 40
RATIONAL_BY_POINTS = 8
RATIONAL_BY_LEVELS = 60


def kind_of(process: Process) -> str:
    """ "zeros", "levels" or "points"."""
    if process.problem.symmetric or counts.applies(process):
        return "zeros"
    if isinstance(process.problem, LeadingOnes) and "k" not in process.rate_symbols:
        return "levels"
    return "points"


def float_law(process: Process, kind: str, values: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(matrix, zeros, fitness, end) over the states of a kind."""
    if kind == "points":
        from theory.exact.matrices import full_transition_matrix

        states = by_points(process, int(values["n"]))
        fitness = np.array([float(x) for x in states.fitness])
        return full_transition_matrix(process, **values), states.zeros.astype(float), fitness, states.end
    chain = lump(process, "uniform", values)
    return chain.matrix, chain.zeros, chain.fitness, chain.end


def rational_rows(process: Process, kind: str, values: dict[str, Any]) -> list[dict[int, Fraction]] | None:
    """The law of every state without its diagonal, in fractions; None where n is too large for that."""
    from theory.drift.tables import _chain

    checked = process.values(**values)
    n = int(checked["n"])
    if kind == "levels":
        return _levels(process, checked, n) if n <= RATIONAL_BY_LEVELS else None
    if n > (RATIONAL_BY_ZEROS if kind == "zeros" else RATIONAL_BY_POINTS):
        return None
    by_points_too = None if kind == "zeros" else [0] * 2**n
    return _chain(process, values, by_points_too)[1]


def _levels(process: Process, checked: dict, n: int) -> list[dict[int, Fraction]]:
    from theory.law import _improvement
    from theory.process import _rational
    from theory.symbols import SYMBOLS, v

    put = {SYMBOLS[name]: _rational(x) for name, x in checked.items()}
    rows: list[dict[int, Fraction]] = []
    for level in range(n):
        value = _improvement(process).subs({**put, v: level}).doit()
        if not value.is_Rational:
            raise InputError(f"rate: {process.rate} is not rational at v = {level}; the verification needs that")
        rise = Fraction(int(value.p), int(value.q))
        row = {to: rise / 2 ** (to - level) for to in range(level + 1, n)}
        row[n] = rise / 2 ** (n - level - 1)
        rows.append(row)
    return [*rows, {}]


def least_ratio(process: Any, kind: str, potential: Sequence[Fraction], multiplicative: bool, values: Any) -> Fraction:
    """A rigorous lower bound on the smallest drift of a potential over the states that aren't ends, or on drift/potential.

    Parameters
    ----------
    process : Process
    kind : {"zeros", "levels", "points"}
    potential : sequence of Fraction
        By state; zero at the ends.
    multiplicative : bool
    values : dict or sequence of pairs
        n and c.

    Returns
    -------
    Fraction
        Exact where the law is rational; otherwise the lower end of a ball, at most 2^-80 below relative to the drift.

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> least_ratio(RLS().on(OneMax()), "zeros", [Fraction(x) for x in (0, 1, 2)], True, {"n": 2})
    Fraction(1, 2)
    """
    given, potential = dict(values), [Fraction(x) for x in potential]
    rows = rational_rows(process, kind, given)
    if rows is None:
        return _least_in_balls(process, kind, potential, multiplicative, given)
    best: Fraction | None = None
    for i, row in enumerate(rows):
        if row:
            drift = sum((chance * (potential[i] - potential[j]) for j, chance in row.items()), Fraction(0))
            found = drift / potential[i] if multiplicative else drift
            best = found if best is None or found < best else best
        elif potential[i] != 0:
            return Fraction(0)  # a state that is never left
    return Fraction(0) if best is None else best


def _least_in_balls(process: Process, kind: str, g: list[Fraction], multiplicative: bool, values: dict[str, Any]) -> Fraction:
    from flint import arb, ctx, fmpq

    checked = process.values(**values)
    n = int(checked["n"])
    if not isinstance(process.problem, OneMax) or process.rate is None or not process.is_static:
        raise InputError(f"n: for {process} the verification is made up to n = {RATIONAL_BY_ZEROS}, not at n = {n}")
    p = process.rational_rate(checked)
    if p is None or not 0 < p < 1:
        raise InputError(
            f"rate: {process.rate} must be rational and in (0, 1) for the verification above n = {RATIONAL_BY_ZEROS}"
        )
    if any(b < a for a, b in itertools.pairwise(g)):
        raise InputError("potential: above n = 40 the verification needs a potential that doesn't fall in k")
    with ctx.workprec(160):
        q = arb(fmpq((1 - p).numerator, (1 - p).denominator))
        odds = arb(fmpq(p.numerator, p.denominator)) / q
        balls = [arb(fmpq(x.numerator, x.denominator)) for x in g]
        best = None
        for k in range(1, n + 1):
            ups, downs = _law(k, odds, q), _law(n - k, odds, q)
            drift = arb(0)
            for a in range(1, len(ups)):
                part = arb(0)
                for b in range(min(a, len(downs))):
                    part += downs[b] * (balls[k] - balls[k - a + b])
                drift += ups[a] * part
            found = drift / balls[k] if multiplicative else drift
            best = found if best is None else best.min(found)
        assert best is not None
        man, exponent = best.lower().man_exp()
        return Fraction(int(man)) * Fraction(2) ** int(exponent)


def _law(m: int, odds: Any, q: Any) -> list:
    """P(a of m bits flip), a = 0, 1, ..., up to where it is below 1e-40."""
    law = [q**m]
    while len(law) <= m and not (len(law) > 2 and law[-1] < 1e-40 and law[-1] < law[-2]):
        law.append(law[-1] * odds * (m - len(law) + 1) / len(law))
    return law


def points_as_bits(n: int) -> np.ndarray:
    """The zero-bits of every point, shape (2^n, n): the basis of the template "bits"."""
    return 1.0 - points_of(n)
