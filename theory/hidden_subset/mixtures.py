"""Static algorithms: each step draws its mutation rate from one distribution D.

B. Doerr, C. Doerr, T. Kötzing, *Solving problems with unknown solution length at almost no extra cost*, Algorithmica 81 (2019):
draw i with probability P_i and use the rate 1/i; H. Einarsson et al., TCS 785 (2019). The identities are derived here.

Notation: m_D(n) = E[p (1-p)^(n-1)], p ~ D: the probability that one given relevant bit flips and none of the n - 1 others. The
sum of m_D(n) over n >= 1 is P(p > 0), a geometric series inside of the expectation: what a static algorithm gives to one n it
takes from the others. That budget of 1 is behind every statement of :mod:`theory.bounds.hidden_subset_static`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Expr

from theory.errors import InputError
from theory.problems.base import positive_integer
from theory.symbols import n
from theory.values import exact, number

_EXPLICIT = 1 << 16  # terms that are added up one by one, at least


class RateMixture:
    """A distribution on finitely many mutation rates.

    Parameters
    ----------
    rates : mapping of rate to probability
        Rates in [0, 1], positive probabilities that sum up to 1; numbers or texts, taken as the decimals that they print as.

    Raises
    ------
    InputError

    Examples
    --------
    >>> D = RateMixture({"1/2": "1/4", "1/10": "3/4"})
    >>> D, D.single_flip(1), D.single_flip(2)
    (RateMixture({1/10: 3/4, 1/2: 1/4}), Fraction(1, 5), Fraction(13, 100))
    """

    def __init__(self, rates: Mapping[Any, Any]) -> None:
        if not isinstance(rates, Mapping) or not rates:
            raise InputError(f"rates: {rates!r} must be a mapping of mutation rates to probabilities, with at least one")
        found: dict[Fraction, Fraction] = {}
        for rate, chance in rates.items():
            p, weight = exact(number(rate, "rates")), exact(number(chance, "rates"))
            if not 0 <= p <= 1:
                raise InputError(f"rates: {rate!r} must lie in [0, 1]")
            if weight <= 0:
                raise InputError(f"rates: the probability {chance!r} of {rate!r} must be positive")
            found[p] = found.get(p, Fraction(0)) + weight
        if sum(found.values()) != 1:
            raise InputError(f"rates: the probabilities sum up to {sum(found.values())}, not to 1")
        self.rates = dict(sorted(found.items()))

    def __repr__(self) -> str:
        return f"RateMixture({{{', '.join(f'{p}: {weight}' for p, weight in self.rates.items())}}})"

    @property
    def budget(self) -> Fraction:
        """P(p > 0), the sum of m_D(n) over all n.

        >>> RateMixture({0: "1/3", "1/2": "2/3"}).budget
        Fraction(2, 3)
        """
        return 1 - self.rates.get(Fraction(0), Fraction(0))

    def exactly(self, h: int, size: int) -> Fraction:
        """E[p^h (1-p)^(size-h)]: the probability that a given set of h among size bits is what flips."""
        return sum((weight * p**h * (1 - p) ** (size - h) for p, weight in self.rates.items()), Fraction(0))

    def single_flip(self, size: int) -> Fraction:
        """m_D(size)."""
        return self.exactly(1, size)

    def spent(self, size: int) -> Fraction:
        """The sum of m_D(1), ..., m_D(size): E[1 - (1-p)^size].

        >>> D = RateMixture({"1/2": "1/5", "1/10": "3/10", "1/100": "1/2"})
        >>> D.spent(3) == sum(D.single_flip(i) for i in (1, 2, 3))
        True
        """
        return 1 - self.exactly(0, size)

    def flip_expr(self, size: Expr = n) -> Expr:
        """m_D as an expression in n.

        >>> RateMixture({"1/2": 1}).flip_expr()
        2**(1 - n)/2
        """
        terms = ((sympy.Rational(str(weight)), sympy.Rational(str(p))) for p, weight in self.rates.items())
        return sympy.Add(*(weight * p * (1 - p) ** (size - 1) for weight, p in terms))

    def expected_leadingones(self, size: int) -> Fraction:
        """E[T] on the LeadingOnes of ``size`` hidden bits from a uniform start: half the sum of the 1/m_D(i), i = 1, ..., size.

        >>> RateMixture({"1/2": 1}).expected_leadingones(2)
        Fraction(3, 1)
        """
        found = [self.single_flip(i) for i in range(1, positive_integer(size, "size") + 1)]
        if 0 in found:
            raise InputError(f"rates: level {found.index(Fraction(0))} is never left with these rates, so E[T] is infinite")
        return sum((1 / m for m in found), Fraction(0)) / 2


@dataclass(frozen=True)
class Divisors:
    """Rate 1/i with probability P_i proportional to a(i), i = first, first + 1, ...; made by :func:`divisors`.

    Attributes
    ----------
    weights : sympy.Expr
        a, in n.
    first : int
    """

    weights: Expr
    first: int

    @functools.cached_property
    def total(self) -> float:
        """Z, the sum of all a(i).

        >>> round(divisors("1/(n*log(n)**2)").total, 8), round(divisors("1/(n*log(n)**(3/2))").total, 8)
        (2.1097428, 2.93766364)
        """
        from theory.summability import tail_bounds

        explicit = np.arange(self.first, self.first + _EXPLICIT, dtype=float)
        last = self.first + _EXPLICIT
        integral = float(tail_bounds(self.weights, last)[0].mid())  # the lower end is the integral itself
        return float(np.sum(self._a(explicit))) + integral + self._corrections(last, self._a)

    def probability(self, i: int) -> float:
        """P_i."""
        return float(self._a(np.array([float(i)]))[0]) / self.total if i >= self.first else 0.0

    def single_flip(self, size: int) -> float:
        """m_D(size), to about 10 digits.

        >>> D = divisors("1/(n*log(n)**2)")
        >>> round(D.single_flip(1000) * 1000 * 6.907755**2 * D.total, 4)
        0.9198
        """
        from scipy.integrate import quad

        size = positive_integer(size, "size")
        last = max(_EXPLICIT, 64 * size) + self.first

        def term(i: np.ndarray) -> np.ndarray:
            return self._a(i) / i * np.exp((size - 1) * np.log1p(-1 / i))

        # the rest, the integral over u = 1/i from 0 to 1/last; a(1/u)/u is slowly varying there
        rest = quad(lambda u: float(self._a(np.array([1 / u]))[0]) / u * (1 - u) ** (size - 1), 0, 1 / last, limit=400)[0]
        explicit = sum(
            float(np.sum(term(np.arange(low, min(low + 2**20, last), dtype=float)))) for low in range(self.first, last, 2**20)
        )
        return (explicit + rest + self._corrections(last, term)) / self.total

    def _a(self, i: np.ndarray) -> np.ndarray:
        return np.asarray(_compiled(self.weights)(i), dtype=float)

    @staticmethod
    def _corrections(last: int, term: Any) -> float:
        """Euler and Maclaurin: f(N)/2 - f'(N)/12, the sum from N on less the integral, up to order f'''(N)."""
        ends = term(np.array([last - 1.0, last, last + 1.0]))
        return float(ends[1] / 2 - (ends[2] - ends[0]) / 24)


@functools.lru_cache(maxsize=64)
def _compiled(weights: Expr) -> Any:
    return sympy.lambdify(n, weights, "numpy")


def divisors(weights: object = "1/(n*log(n)**2)", first: int = 2) -> Divisors:
    """The mixture that uses rate 1/i with probability proportional to a(i).

    Parameters
    ----------
    weights : expression or text
        a as a function of n: a product of powers of n and its iterated logarithms whose sum converges
        (:func:`theory.summability.converges`); default that of Doerr, Doerr, Kötzing with eps = 1.
    first : int
        The smallest i, at which all logarithms in a must be positive.

    Raises
    ------
    InputError
        If the sum diverges, which is decided from the exponents.

    Examples
    --------
    >>> divisors("1/(n*log(n))")
    Traceback (most recent call last):
    ...
    theory.errors.InputError: weights: the sum of 1/(n*log(n)) diverges; no distribution is proportional to it
    """
    from theory.growth import growth
    from theory.summability import converges, tail_bounds

    expr = growth(weights, name="weights").expr()
    if not converges(expr):
        raise InputError(f"weights: the sum of {expr} diverges; no distribution is proportional to it")
    first = positive_integer(first, "first")
    with np.errstate(all="ignore"):
        values = np.asarray(_compiled(expr)(np.array([float(first)])), dtype=float)
    if not (np.isfinite(values).all() and values[0] > 0):
        raise InputError(f"first: {expr} is not a positive number at n = {first}; take a larger one")
    tail_bounds(expr, first + _EXPLICIT)  # refuses what has no closed integral
    return Divisors(expr, first)
