"""All strictly monotone functions at once: what an elitist can do from a point is decided by the set of points it would accept.

B. Doerr, T. Jansen, D. Sudholt, C. Winzen, C. Zarges, Evolutionary Computation 21 (2013) for the drift argument; T. E. Harris,
Proceedings of the Cambridge Philosophical Society 56 (1960) for the inequality; T. Jansen, FOGA 2007 for the pessimist.

For a strictly monotone f and a point x let S hold x and the points that are accepted, f(y) >= f(x) (or >, for the strict rule). S
is closed upwards, and x is minimal in it. Conversely each such pair (S, x) belongs to a strictly monotone function: order the
points outside of S, then x, then the rest of S, each along the partial order. So a statement about one step of the (1+1) EA on
*every* strictly monotone function on n bits is a finite one: 2, 5, 19, 167 and 7580 sets for n = 1, ..., 5. The functions here
decide such statements in fractions.

Points are integers whose binary digits are the bits; U, D are the zero-bits and one-bits that flip.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from fractions import Fraction

from theory.errors import InputError

LARGEST = 5
CONSTANTS = tuple(Fraction(x) for x in ("1/10", "1/2", "1", "3/2", "2"))


@functools.lru_cache(maxsize=8)
def upsets(n: int) -> tuple[int, ...]:
    """All sets of points that are closed upwards, not empty, as bit masks over the 2^n points.

    >>> [len(upsets(n)) for n in (1, 2, 3, 4)]
    [2, 5, 19, 167]
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n <= LARGEST:
        raise InputError(f"n: {n!r} must be between 1 and {LARGEST}, an integer")
    lists: list[tuple[int, ...]] = [(0, 1)]  # n = 0: the empty set and the whole
    for bits in range(n):  # a monotone function of one more bit is a pair of which the first implies the second
        half = 1 << (1 << bits)
        lists.append(tuple(low + half * high for low in lists[-1] for high in lists[-1] if low & ~high == 0))
    return tuple(found for found in lists[n] if found)


def acceptances(n: int) -> Iterator[tuple[int, int]]:
    """Every pair (x, S) of a point other than the optimum and what can be accepted there, on n bits."""
    for accepted in upsets(n):
        for x in range(2**n - 1):
            if accepted >> x & 1 and not any(x & b and accepted >> (x ^ b) & 1 for b in _bits(n)):
                yield x, accepted


def gains(x: int, accepted: int, n: int, p: Fraction) -> list[Fraction]:
    """P(z - z' = d; accepted) for d = -n, ..., n (d = 0 without what is rejected), z and z' being numbers of zero-bits."""
    law = [Fraction(0)] * (2 * n + 1)
    for y in range(2**n):
        if accepted >> y & 1:
            flips = (x ^ y).bit_count()
            law[n + y.bit_count() - x.bit_count()] += p**flips * (1 - p) ** (n - flips)
    return law


@functools.lru_cache(maxsize=16)
def slow_drift_holds(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: the drift of z is at least P(a zero-bit flips) (1 - p (n-z)) on every strictly monotone function.

    Parameters
    ----------
    n : int
    constants : tuple of Fraction
        Rates p = c/n; those with p < 1 are used.

    Examples
    --------
    >>> slow_drift_holds(3)
    True
    """
    for p in _rates(n, constants):
        for x, accepted in acceptances(n):
            z = n - x.bit_count()
            drift = sum((d * chance for d, chance in enumerate(gains(x, accepted, n, p), start=-n)), Fraction(0))
            if drift < (1 - (1 - p) ** z) * (1 - p * (n - z)):
                return False
    return True


@functools.lru_cache(maxsize=16)
def pessimist_bounds(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: for every non-decreasing g the drift of g(z) on a strictly monotone function is at least the pessimist's.

    It suffices to take g = 1 where z >= i and 0 elsewhere, i = 1, ..., n: every g is a sum of positive multiples of these.

    Examples
    --------
    >>> pessimist_bounds(3)
    True
    """
    from theory.monotone.poea import exact_drift

    steps = [[Fraction(int(z >= i)) for z in range(n + 1)] for i in range(1, n + 1)]
    for p in _rates(n, constants):
        worst = {(z, i): exact_drift(z, n, p, steps[i]) for z in range(1, n + 1) for i in range(n)}
        for x, accepted in acceptances(n):
            z = n - x.bit_count()
            law = gains(x, accepted, n, p)
            for i, g in enumerate(steps):
                found = sum(
                    (chance * (g[z] - g[z - d]) for d, chance in enumerate(law, start=-n) if 0 <= z - d <= n), Fraction(0)
                )
                if found < worst[z, i]:
                    return False
    return True


@functools.lru_cache(maxsize=16)
def harris_holds(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: given that x's zero-bits in U flip, acceptance and the number of one-bits that flip are not positively correlated.

    That is E[|D|; accepted | U] <= p (n-z) P(accepted | U), for every strictly monotone function, x and U.

    Examples
    --------
    >>> harris_holds(3)
    True
    """
    for p in _rates(n, constants):
        for x, accepted in acceptances(n):
            ones = x.bit_count()
            zeros = (2**n - 1) & ~x
            up = zeros
            while up:  # the non-empty sets U of zero-bits
                chance, lost = Fraction(0), Fraction(0)
                down = x
                while True:
                    if accepted >> ((x | up) & ~down) & 1:
                        one = p ** down.bit_count() * (1 - p) ** (ones - down.bit_count())
                        chance, lost = chance + one, lost + down.bit_count() * one
                    if not down:
                        break
                    down = (down - 1) & x
                if lost > p * ones * chance:
                    return False
                up = (up - 1) & zeros
    return True


@functools.lru_cache(maxsize=16)
def more_ups_holds(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: of the zero-bits, accepted steps flip on average at least as many as steps that flip any: z p / (1 - (1-p)^z).

    >>> more_ups_holds(3)
    True
    """
    for p in _rates(n, constants):
        for x, accepted in acceptances(n):
            z = n - x.bit_count()
            chance, ups = Fraction(0), Fraction(0)
            for y in range(2**n):
                up = (y & ~x).bit_count()
                if up and accepted >> y & 1:
                    flips = (x ^ y).bit_count()
                    one = p**flips * (1 - p) ** (n - flips)
                    chance, ups = chance + one, ups + up * one
            if ups * (1 - (1 - p) ** z) < z * p * chance:
                return False
    return True


def _rates(n: int, constants: tuple) -> list[Fraction]:
    return [Fraction(x) / n for x in constants if Fraction(x) < n]


def _bits(n: int) -> list[int]:
    return [1 << i for i in range(n)]
