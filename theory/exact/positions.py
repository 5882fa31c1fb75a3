"""Rates of their own for each position: who flips is a product over the bits.

Notation: p_i is the rate of bit i, q_i = p_i (1-p_1) ... (1-p_{i-1}) the probability that the first bit that flips is bit i.

On LeadingOnes from a uniform start (Boettcher, Doerr, Neumann, PPSN 2010): the bits behind the first zero-bit stay uniform, level
i-1 is visited with probability 1/2 and left with probability q_i, so that E[T] is half the sum of 1/q_1, ..., 1/q_n, for every n.
T is a sum of independent B_i G_i with B_i ~ Ber(1/2) and G_i ~ Geo(q_i). Everything else: the chain over all points.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from flint import arb

from theory.errors import InputError
from theory.exact.balls import ball as ball_of
from theory.exact.elimination import too_large
from theory.exact.errors import NoExactMethod
from theory.exact.states import States, rate_function
from theory.process import Process
from theory.starts import Start
from theory.symbols import i
from theory.values import Number

NAME = "closed form of LeadingOnes with a rate for each position"


def position_rates(process: Process, values: dict[str, Number]) -> np.ndarray:
    """p_1, ..., p_n as floats.

    Raises
    ------
    InputError
        Naming the first position at which it is no probability.
    """
    rate = rate_function(process.rate_at(values), "i")
    result = np.empty(int(values["n"]))
    for position in range(1, len(result) + 1):
        try:
            result[position - 1] = _checked(rate(position), process, position)
        except (ZeroDivisionError, OverflowError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"rate: {process.rate} has no value at i = {position}") from None
    return result


def rational_position_rates(process: Process, values: dict[str, Number]) -> list[Fraction]:
    """p_1, ..., p_n as fractions.

    Raises
    ------
    NoExactMethod
        Where one isn't rational.
    """
    expr, result = process.rate_at(values), []
    for position in range(1, int(values["n"]) + 1):
        p = expr.subs(i, position)
        if not p.is_Rational:
            raise NoExactMethod(f"rational: the rate is {p} at i = {position}, which is not a rational number")
        result.append(_checked(Fraction(int(p.p), int(p.q)), process, position))
    return result


def _checked(p, process: Process, position: int):
    if not 0 <= p <= 1:
        raise InputError(f"rate: {process.rate} is {float(p):.6g} at i = {position}; a mutation rate must lie in [0, 1]")
    return p


def law_of_flips(rates) -> list:
    """P(exactly the bits of a set flip), by the set as a number whose most significant digit is bit 1.

    >>> law_of_flips([Fraction(1, 2), Fraction(1, 3)])
    [Fraction(1, 3), Fraction(1, 6), Fraction(1, 3), Fraction(1, 6)]
    """
    law = [1]
    for p in rates:
        law = [chance * x for chance in law for x in (1 - p, p)]
    return law


def full_matrix(process: Process, values: dict[str, Number], states: States) -> np.ndarray:
    """Transition matrix over all 2^n points; optima are absorbing."""
    law = np.array(law_of_flips(position_rates(process, values)))
    points = np.arange(len(states.rank))
    offspring = law[points[:, None] ^ points[None, :]]
    accepted = states.rank[None, :] >= states.rank[:, None] + process.algorithm.strict
    np.fill_diagonal(accepted, False)
    matrix = np.where(accepted, offspring, 0.0)
    np.fill_diagonal(matrix, np.where(accepted, 0.0, offspring).sum(axis=1))
    matrix[states.end] = np.eye(len(points))[states.end]
    return matrix


def waiting_times(process: Process, values: dict[str, Number]) -> np.ndarray:
    """1/q_1, ..., 1/q_n; infinite where q_i = 0."""
    p = position_rates(process, values)
    with np.errstate(divide="ignore", over="ignore"):
        stay = np.concatenate([[0.0], np.cumsum(np.log1p(-p[:-1]))])
        waiting = np.exp(-stay) / p
    if (np.isinf(waiting) & (p > 0) & ~np.isinf(stay)).any():
        raise too_large()
    return waiting


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    if "i" not in process.rate_symbols or process.problem.core.name != "LeadingOnes":
        return ""
    return None if start.kind == "uniform" else "with a rate for each position LeadingOnes is solved from a uniform start"


def moments(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> tuple[float, ...]:
    """E[T], and E[T^2] where ``order`` is 2."""
    waiting = waiting_times(process, values)
    if np.isinf(waiting).any():
        return (math.inf, math.inf)[:order]
    mean = math.fsum(waiting) / 2
    return (mean, math.fsum(waiting**2 * 0.75 - waiting / 2) + mean**2)[:order]


def ball(process: Process, values: dict[str, Number]) -> arb:
    """E[T] on LeadingOnes from a uniform start, in balls at the current precision.

    Raises
    ------
    NoExactMethod
        If a rate isn't certainly strictly between 0 and 1; the last may be 1.
    """
    expr, total, stay = process.rate_at(values), arb(0), arb(1)
    size = int(values["n"])
    for position in range(1, size + 1):
        p = ball_of(expr.subs(i, position))
        if not (p > 0 and (p < 1 or (p == 1 and position == size))):
            raise NoExactMethod(
                f"rate: balls need rates strictly between 0 and 1; {process.rate} is {p.str(6)} at i = {position}"
            )
        total += 1 / (p * stay)
        stay *= 1 - p
    return total / 2
