"""Dynamic linear functions: fresh positive weights, independent and of one law, in every generation.

J. Lengler, U. Schaller, *The (1+1)-EA on noisy linear functions with random positive weights*, SSCI 2018.

Notation: the offspring flips a zero-bits and b one-bits; it is accepted iff the weights of the former add up to at least those of
the latter. By the independence of the weights that has a probability that depends on a and b alone, for a, b >= 1:

* exponential weights: gamma variables. Of two Poisson processes of rate 1 the one of the one-bits must reach b before the other
  reaches a: of the next a + b - 1 points at least b are its, P(Bin(a + b - 1, 1/2) >= b);
* uniform weights U_i on [0, 1]: with 1 - U for U on the side of the one-bits, a + b of them must add up to at least b, which
  is the law of Irwin and Hall;
* Pareto weights, P(W > w) = w^(-beta) for w >= 1: no closed form (but 1/2 for a = b); for beta to 0 that of Dynamic BinVal.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from math import comb, factorial

import numpy as np

from theory.errors import InputError, nearest
from theory.hooks import weight
from theory.problems.acceptance_rule import AcceptanceRule
from theory.values import exact, number

LAWS = {
    "uniform": "def weight(u, data):\n    return u",
    "exponential": "def weight(u, data):\n    return -math.log(u)",
    "pareto": "def weight(u, data):\n    return u ** (-data[0, 1] / data[0, 0])",  # beta = data[0, 0] / data[0, 1]
}
"""The hook ``weight`` of each law: a weight by inversion, from a uniform variate on (0, 1]."""
_MOST_DIGITS = 2**52


def accepts(noise, ups, downs, sign, loss, settings, data):
    """The weights of the flipped bits are drawn and added up."""
    if ups == 0 or downs == 0:
        return downs == 0
    gain = 0.0
    for j in range(ups):
        gain += weight(noise[j], data)
    lost = 0.0
    for j in range(ups, ups + downs):
        lost += weight(noise[j], data)
    return gain >= lost


def accepts_pair(noise, y, x, settings, data):
    """Every position has a fresh weight; f(y) >= f(x), where equal bits cancel."""
    gain, lost, same = 0.0, 0.0, True
    for i in range(x.size):
        if y[i] > x[i]:
            gain += weight(noise[i], data)
        if y[i] < x[i]:
            lost += weight(noise[i], data)
        same = same and y[i] == x[i]
    return gain >= lost if gain > 0.0 or lost > 0.0 else same


class DynamicLinear(AcceptanceRule):
    """A linear function whose weights are drawn anew in every generation.

    Parameters
    ----------
    law : {"uniform", "exponential", "pareto"}
        Of a weight: uniform on [0, 1], exponential, or Pareto.
    beta : number, optional
        The exponent of Pareto's law, positive; the smaller, the more the largest weight decides.

    Raises
    ------
    InputError

    Examples
    --------
    >>> [str(DynamicLinear(law).acceptance(2, 1)) for law in ("uniform", "exponential")]
    ['5/6', '3/4']
    >>> DynamicLinear("pareto", beta="1/2")
    DynamicLinear(law=pareto, beta=1/2)
    """

    why = "draws its weights anew in every generation; a point has no fixed fitness"

    def __init__(self, law: str = "uniform", beta: object = None) -> None:
        if not isinstance(law, str) or law not in LAWS:
            raise InputError(f"law: unknown law {law!r}; {nearest(str(law), LAWS)}")
        if (law == "pareto") != (beta is not None):
            raise InputError(
                "beta: Pareto's law needs its exponent, e.g. beta=2" if beta is None else f"beta: the law {law} has no exponent"
            )
        self.law = law
        self.beta: Fraction | None = None if beta is None else exact(number(beta, "beta"))
        if self.beta is not None and not 0 < self.beta.numerator < _MOST_DIGITS > self.beta.denominator:
            raise InputError(f"beta: {beta!r} must be a positive number of at most 15 digits")
        self.acceptance_known = law != "pareto"
        self.hooks = {"weight": LAWS[law], "accepts": accepts, "accepts_pair": accepts_pair}

    @property
    def key(self) -> str:
        return f"DynamicLinear(law={self.law}{'' if self.beta is None else f', beta={self.beta}'})"

    def data(self, n):
        if self.beta is None:
            return super().data(n)
        return np.array([[self.beta.numerator, self.beta.denominator]], dtype=np.int64)

    def acceptance(self, a, b):
        if a == 0 or b == 0:
            return Fraction(int(b == 0))
        if a == b:
            return Fraction(1, 2)
        if self.law == "exponential":
            return _gamma(a, b)
        if self.law == "uniform":
            return _irwin_hall(a, b)
        raise InputError(f"law: sums of {a} and of {b} Pareto weights are compared in no closed form; simulate it")


@functools.lru_cache(maxsize=1 << 16)
def _gamma(a: int, b: int) -> Fraction:
    """P(sum of a exponential variables >= sum of b others)."""
    draws = a + b - 1
    return Fraction(sum(comb(draws, j) for j in range(b, draws + 1)), 2**draws)


@functools.lru_cache(maxsize=1 << 16)
def _irwin_hall(a: int, b: int) -> Fraction:
    """P(sum of a + b uniform variables >= b)."""
    below = sum((-1) ** j * comb(a + b, j) * (b - j) ** (a + b) for j in range(b + 1))
    return 1 - Fraction(below, factorial(a + b))
