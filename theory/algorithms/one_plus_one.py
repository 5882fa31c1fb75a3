"""The (1+1) EA with any mutation rate: flip each bit independently with probability p, keep the offspring if it is not worse.

S. Droste, T. Jansen, I. Wegener, *On the analysis of the (1+1) evolutionary algorithm*, TCS 276 (2002).
"""

from __future__ import annotations

from sympy import Expr

from theory import symbols
from theory.algorithms.base import Algorithm, truth
from theory.errors import InputError
from theory.parse import expression
from theory.schedules import text


class OnePlusOneEA(Algorithm):
    """The (1+1) EA with standard bit mutation.

    Parameters
    ----------
    rate : expression, number or text
        Mutation rate p in the symbols n, c, t, k, v; e.g. ``c/n``, ``1/(v+1)``, ``Min(1/2, log(t)/t)``. On InitialSegment each
        bit has its own, in its position i: ``1/(i+1)``.
    strict : bool
        Reject offspring of equal fitness.

    Examples
    --------
    >>> OnePlusOneEA("c/n")
    OnePlusOneEA(rate=c/n)
    """

    def __init__(self, rate: object, strict: bool = False) -> None:
        self.rate: Expr = expression(rate, "rate", symbols.RATE_SYMBOLS)
        if self.rate.is_number and not 0 <= self.rate <= 1:
            raise InputError(f"rate: {rate!r} must lie in [0, 1]: it is a probability")
        self.strict = truth(strict, "strict")

    @property
    def key(self) -> str:
        return f"OnePlusOneEA(rate={text(self.rate)}{', strict=True' if self.strict else ''})"
