"""Far from the optimum every strictly monotone function is easy, also for c > 1: where the drift of z is positive.

B. Doerr, T. Jansen, D. Sudholt, C. Winzen, C. Zarges, Evolutionary Computation 21 (2013) for Harris' inequality in this place.

Notation: z zero-bits, p the mutation rate, A of them and B of the one-bits flip. Given acceptance of a step with A >= 1,

    E[B | accepted] <= p (n - z)                       (acceptance falls with the flipped one-bits; Harris),
    E[A | accepted] >= E[A | A >= 1] = z p / (1 - (1-p)^z)   (the probability of acceptance is 1 - (1-p)^f(p) in the rate p of the
                                                       zero-bits, f non-decreasing and at most z; Russo's formula).

So the drift is positive where z/(1 - (1-p)^z) > n - z; for p = c/n and y = z/n, as n grows, where y/(1 - e^(-c y)) > 1 - y, to
first order in c - 1 where y > 2 (c-1)/(3 c). Both inequalities are decided on all functions on few bits by ``harris_holds`` and
``more_ups_holds`` of :mod:`theory.monotone.acceptance`.
"""

from __future__ import annotations

from typing import Any

from theory.errors import InputError
from theory.values import exact, number


def drift_is_positive_from(n: int, c: Any) -> int:
    """The smallest number of zero-bits from which on the drift is positive on every strictly monotone function, p = c/n.

    Exact: decided in fractions. It is 1 for c <= 1.

    Parameters
    ----------
    n : int
        1 to 2000.
    c : number
        0 < c < n.

    Raises
    ------
    InputError

    Examples
    --------
    >>> drift_is_positive_from(100, 1), drift_is_positive_from(100, "1.1"), drift_is_positive_from(100, 2)
    (1, 7, 33)
    """
    rate = exact(number(c, "c"))
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= 2000:
        raise InputError(f"n: {n!r} must be an integer from 1 to 2000")
    if not 0 < rate < n:
        raise InputError(f"c: {c!r} must be positive and less than n = {n}")
    stay = 1 - rate / n

    def positive(z: int) -> bool:
        return z > (n - z) * (1 - stay**z)

    low, high = 0, n  # the quotient z/(1 - (1-p)^z) rises with z, n - z falls
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if positive(middle) else (middle, high)
    return high


def positive_drift_density(c: Any, digits: int = 15) -> Any:
    """The density y of zero-bits with y/(1 - e^(-c y)) = 1 - y, above which the drift is positive as n grows; 0 for c <= 1.

    Returns
    -------
    mpmath.mpf

    Examples
    --------
    >>> round(float(positive_drift_density("1.1")), 6), round(2 / 3 * 0.1 / 1.1, 6)
    (0.060383, 0.060606)
    """
    import mpmath

    from theory.constants import check_digits

    check_digits(digits)
    rate = exact(number(c, "c"))
    if rate <= 0:
        raise InputError(f"c: {c!r} must be positive")
    if rate <= 1:
        return mpmath.mpf(0)
    with mpmath.workdps(2 * digits + 20):
        x = mpmath.mpf(rate.numerator) / rate.denominator
        low, high = mpmath.mpf(0), mpmath.mpf(1)
        for _ in range(int(3.4 * (digits + 5)) + 10):
            y = (low + high) / 2
            low, high = (low, y) if y + mpmath.expm1(-x * y) * (1 - y) > 0 else (y, high)
    with mpmath.workdps(digits):
        return +high
