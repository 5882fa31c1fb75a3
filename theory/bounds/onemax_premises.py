"""What the expansion of the (1+1) EA on OneMax rests on, decided in fractions or balls at small n, or seen in numbers.

The statements and their notation are those of :mod:`theory.bounds.onemax_expansion`.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from math import comb

import numpy as np
import sympy
from sympy import Expr

from theory.bounds.onemax_lower import CONSTANTS, binomial_laws, flips
from theory.symbols import c


def drifts(n: int, rate: Fraction) -> list[Fraction]:
    """D(0), ..., D(n).

    >>> drifts(2, Fraction(1, 2))
    [Fraction(0, 1), Fraction(1, 4), Fraction(1, 1)]
    """
    return [sum(flips(n, z, rate)[1:], Fraction(0)) for z in range(n + 1)]


def _rates(n: int, constants: tuple) -> list[Fraction]:
    return [constant / n for constant in constants if constant < n]


def drift_rises(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: D(z) - D(z-1) = p (P(s >= 0) + P(s >= 1)) <= 2 p pi_z at every z.

    >>> drift_rises(4)
    True
    """
    for rate in _rates(n, constants):
        found = drifts(n, rate)
        for z in range(1, n + 1):
            others = [*flips(n - 1, z - 1, rate), Fraction(0)]
            step = rate * (others[0] + others[1])
            if found[z] - found[z - 1] != step or not 0 < step <= 2 * rate * others[0]:
                return False
    return True


def ingredients_hold(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: R_m <= C(z, m) p^m pi_z, D(z) >= z p q^(n-z), and pi_z q^(z-n) <= the sum of ((n-z)(z-1) p^2/q)^i/i!^2 over i < z.

    >>> ingredients_hold(4)
    True
    """
    for rate in _rates(n, constants):
        q, found = 1 - rate, drifts(n, rate)
        for z in range(1, n + 1):
            stay = flips(n - 1, z - 1, rate)[0]
            if any(chance > comb(z, m) * rate**m * stay for m, chance in enumerate(flips(n, z, rate)[1:], start=1)):
                return False
            if found[z] < z * rate * q ** (n - z) or stay > q ** (n - z) * _bessel((n - z) * (z - 1) * rate**2 / q, z):
                return False
    return True


def _bessel(x: Fraction, terms: int) -> Fraction:
    """The first terms of I_0(2 sqrt(x)), the sum of x^i/i!^2."""
    total, term = Fraction(0), Fraction(1)
    for i in range(1, terms + 1):
        total, term = total + term, term * x / i**2
    return total


def drift_of_sum_is_close_to_one(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: the drift of U is at least 1 and at most 1 + eps at every z (with n terms of the Bessel function).

    >>> drift_of_sum_is_close_to_one(4)
    True
    """
    for rate in _rates(n, constants):
        q, found = 1 - rate, drifts(n, rate)
        most = 1 + rate * q**-n * _bessel((n - 1) ** 2 * rate**2 / (4 * q), n) ** 2
        for z in range(1, n + 1):
            drift = sum(chance / found[z - m + 1] for m, chance in enumerate(flips(n, z, rate)[1:], start=1))
            if not 1 <= drift <= most:
                return False
    return True


def differences_are_bounded(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: 0 <= q^(1-n)/(p j) - 1/D(j) <= 2 q^(2-2n) for j = 1, ..., n.

    >>> differences_are_bounded(4)
    True
    """
    for rate in _rates(n, constants):
        q, found = 1 - rate, drifts(n, rate)
        for j in range(1, n + 1):
            if not 0 <= q ** (1 - n) / (rate * j) - 1 / found[j] <= 2 * q ** (2 - 2 * n):
                return False
    return True


def poisson_is_close(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: |D(z) - E[(U - V)^+]| <= n p^2 for independent Poisson numbers of means z p and (n-z) p, in balls.

    >>> poisson_is_close(4)
    True
    """
    from flint import arb, ctx, fmpq

    with ctx.workprec(128):
        for rate in _rates(n, constants):
            p_, found = arb(fmpq(rate.numerator, rate.denominator)), drifts(n, rate)
            for z in range(1, n + 1):
                one, other, most = z * p_, (n - z) * p_, 12 * n + 40
                ups, downs = ([arb(1)], [arb(1)])
                for i in range(1, most):
                    ups.append(ups[-1] * one / i)
                    downs.append(downs[-1] * other / i)
                total = sum((u * v * (i - j) for i, u in enumerate(ups) for j, v in enumerate(downs[:i])), arb(0))
                total = total * (-one - other).exp()
                cut = arb(0).union(2 * one * ups[-1])  # E[U; U >= most] = one P(U >= most - 1), less than twice its first term
                limit = fmpq((n * rate**2).numerator, (n * rate**2).denominator)
                if not abs(total + cut - fmpq(found[z].numerator, found[z].denominator)) <= limit:
                    return False
    return True


def sum_tends_to_the_integral(main: Expr, linear: Expr, sizes: tuple = (100, 1000, 10_000)) -> bool:
    """Compute: U(n/2)/n - main ln n approaches ``linear``, by at least a factor 4 each time n grows by 10; c = 1/2, 1, 2.

    Parameters
    ----------
    main, linear : Expr
        In c and C_1(c), the constant of :mod:`theory.constants.onemax`.
    sizes : tuple of int

    Examples
    --------
    >>> C_1 = sympy.Function("C_1")(c)
    >>> sum_tends_to_the_integral(sympy.exp(c) / c, C_1, (100, 1000)), sum_tends_to_the_integral(sympy.exp(c), C_1, (100, 1000))
    (True, False)
    """
    from theory.constants.onemax import onemax_second_order

    for constant in (0.5, 1.0, 2.0):
        put = {sympy.Function("C_1")(c): float(onemax_second_order(constant)), c: constant}
        slope, limit = float(main.subs(put)), float(linear.subs(put))
        distances: list[float] = []
        for size in sizes:
            found = float((1 / drifts_in_floats(np.arange(1.0, size // 2 + 1), size, constant / size)).sum())
            distances.append(abs(found / size - slope * math.log(size) - limit))
        if any(later > sooner / 4 for sooner, later in itertools.pairwise(distances)):
            return False
    return True


def logarithm_is_seen(digits: int = 6) -> bool:
    """Compute: the coefficient of ln n in a fit on exact values is e^c (c - 1/2), c = 1/2, 1, 2.

    >>> logarithm_is_seen(5)
    True
    """
    from theory.exact.fit import fit, onemax_values

    for constant in (Fraction(1, 2), Fraction(1), Fraction(2)):
        found = fit(onemax_values(range(40, 320, 20), constant)).logarithmic[1]
        if abs(float(found) - math.exp(constant) * float(constant - Fraction(1, 2))) > 10.0**-digits:
            return False
    return True


def drifts_in_floats(z: np.ndarray, size: int, chance: float) -> np.ndarray:
    """D(z) as the sum over l of P(a > l) P(b <= l), in float64; z has shape (levels,).

    >>> drifts_in_floats(np.array([1.0, 2.0]), 2, 0.5).tolist()
    [0.25, 1.0]
    """
    up, below = binomial_laws(z, size - z, chance)
    more = np.cumsum(up[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return (more * below[:, :-1]).sum(axis=1)
