"""A start that is random: the law of X_0, and a bound averaged over it.

A theorem that holds from every X_0 = x holds on average: E[T] <= sum of P(X_0 = x) B(x), where B(x) is the bound from x and
B(x) = 0 for x <= 0. ``start`` may be

* ``{value: probability}``, the law of X_0 itself;
* ``"uniform"``: each bit is one with probability 1/2. Where X is k, the number of zero-bits, X_0 is Bin(n, 1/2); of a process at
  given values X_0 is the potential of a uniform point, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Integer, Symbol

from theory.drift.base import Motion, _expression, _rational, potential_by_state
from theory.errors import InputError, PreconditionError
from theory.symbols import k, n
from theory.text import formula


@dataclass(frozen=True)
class StartLaw:
    """The law of X_0: pairs (value, probability), or None for Bin(n, 1/2) at a symbolic n.

    Attributes
    ----------
    pairs : tuple of (sympy.Expr, sympy.Expr), or None
    speaks_of : str
        For ``Bound.start``.
    """

    pairs: tuple[tuple[Expr, Expr], ...] | None
    speaks_of: str

    def average(self, bound_from: Callable[[Expr], Expr]) -> Expr:
        """The sum of P(X_0 = x) B(x) over x > 0.

        >>> StartLaw(((Integer(0), sympy.Rational(1, 4)), (Integer(3), sympy.Rational(3, 4))), "").average(lambda x: 2 * x)
        9/2
        >>> StartLaw(None, "uniform").average(lambda x: x / n)
        1/2
        """
        if self.pairs is not None:
            return sympy.Add(*(chance * bound_from(x) for x, chance in self.pairs if not x.is_nonpositive))
        j = Symbol("x", integer=True, positive=True)
        factor, rest = sympy.sympify(bound_from(j)).as_independent(j, as_Add=False)
        if rest == j:  # the mean of Bin(n, 1/2)
            return factor * n / 2
        return factor * sympy.Sum(sympy.binomial(n, j) * rest, (j, 1, n)) / 2**n

    @property
    def mean(self) -> Expr:
        """E[X_0]."""
        if self.pairs is None:
            return n / 2
        return sympy.Add(*(x * chance for x, chance in self.pairs))

    @property
    def values(self) -> tuple[Expr, ...]:
        """The values that X_0 can take, where they are listed."""
        return () if self.pairs is None else tuple(x for x, _ in self.pairs)


def is_law(start: Any) -> bool:
    """Whether a start is random."""
    return isinstance(start, Mapping) or (isinstance(start, str) and start == "uniform")


def law_of(start: Any, motion: Motion) -> StartLaw:
    """Read the law of X_0 for a potential that was read.

    Raises
    ------
    InputError
        For what is no law, and for a uniform start where X isn't known to be the number of zero-bits.
    PreconditionError
        For a value beyond the largest one of the potential.
    """
    if isinstance(start, Mapping):
        return _given(start, motion)
    if motion.table:
        return StartLaw(_uniform_of(motion), "uniform")
    region = motion.region
    if not (region.integer and motion.variable == k and region.largest in (None, n) and motion.counts_zeros):
        raise InputError("start: 'uniform' speaks of X = k, the number of zero-bits; give the law of X_0 as {value: probability}")
    size = motion.put(n)
    if size == n:
        return StartLaw(None, "uniform")
    half = sympy.Rational(1, 2) ** size
    return StartLaw(tuple((Integer(x), sympy.binomial(size, x) * half) for x in range(int(size) + 1)), "uniform")


def _given(start: Mapping, motion: Motion) -> StartLaw:
    pairs = tuple((_expression(x, "start"), _expression(chance, "start")) for x, chance in start.items())
    if not pairs:
        raise InputError("start: an empty law; give {value: probability}")
    for x, chance in pairs:
        if chance.is_negative or not chance.is_number:
            raise InputError(f"start: the probability {chance} of {x} must be a number of at least 0")
        if x.is_negative:
            raise InputError(f"start: {x} must not be negative")
        high = motion.region.largest
        if high is not None and (motion.put(x) - motion.put(high)).is_positive:
            raise PreconditionError(motion.theorem, f"X_0 <= {formula(high)}", f"X_0 = {x}", "give largest=")
        if motion.region.integer and x.is_integer is False:
            raise InputError(f"start: {x} is no integer, but the potential is one")
        if x.is_positive is None and x.is_nonnegative is not True:
            raise InputError(f"start: the sign of {x} is open; give numbers, or symbols that are positive")
    if sympy.Add(*(chance for _, chance in pairs)) != 1:
        raise InputError(f"start: the probabilities add up to {sympy.Add(*(chance for _, chance in pairs))}, not to 1")
    said = ", ".join(f"{formula(x)} with probability {chance}" for x, chance in pairs[:4]) + (", ..." if len(pairs) > 4 else "")
    return StartLaw(tuple((motion.put(x), chance) for x, chance in pairs), f"X_0 = {said}")


def _uniform_of(motion: Motion) -> tuple[tuple[Expr, Expr], ...]:
    """The law of the potential of a uniform point, exactly."""
    from math import comb

    if motion.process is None or motion.levels:
        raise InputError("start: 'uniform' needs a process and its potential; give the law of X_0 as {value: probability}")
    g = potential_by_state(motion)
    size = int((motion.region.values or {})[n])
    by_zeros = len(g) == size + 1
    weights = [Fraction(comb(size, z) if by_zeros else 1, 2**size) for z in range(len(g))]
    law: dict[Fraction, Fraction] = {}
    for x, weight in zip(g, weights):
        law[x] = law.get(x, Fraction(0)) + weight
    return tuple((_rational(x), _rational(weight)) for x, weight in sorted(law.items()))
