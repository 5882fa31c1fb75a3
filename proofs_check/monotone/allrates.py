"""The slowest strictly monotone function for all mutation rates in (0, 1/2) at once, or in (1/2, 1): a proof by polynomials.

The dynamic programme of :mod:`proofs_check.monotone.dominance`, with rational functions in the place of numbers. Substitute p
= 1/(2+t), t > 0, for the rates below 1/2 (p = (1+t)/(2+t) for those above): then (2+t)^n P(x, y) is (1+t)^(n-h), or (1+t)^h,
a polynomial with non-negative coefficients, h being the number of bits in which x and y differ. So E(x) (2+t)^-n is a
quotient of two such polynomials, and b_x(one beginning) >= b_x(another) holds for all t > 0 if the difference over the common
denominator has no negative coefficient. That is sufficient, not necessary: where it fails both beginnings are kept, and if
more than one function is left at the end nothing is proved.

A comparison in doubles at a few t comes first: it can only say that one does *not* dominate the other, which saves the
polynomials.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import fmpz_poly

from proofs_check.monotone.counting import above
from proofs_check.monotone.dominance import _renamings, _representative
from proofs_check.monotone.orders import Order
from theory.errors import InputError

LARGEST = 5
_SAMPLES = np.array([0.02, 0.2, 1.0, 5.0, 50.0])  # values of t
_ROUNDING = 1e-9


class _Beginning:
    """Numerators of E over one denominator, E at the samples, and the order so far."""

    __slots__ = ("denominator", "numerators", "places", "samples")

    def __init__(self, numerators: list[Any], denominator: Any, samples: np.ndarray, places: list[int]) -> None:
        self.numerators, self.denominator, self.samples, self.places = numerators, denominator, samples, places


def extreme_for_all_rates(n: int, *, slowest: bool = True, above_half: bool = False) -> tuple[Order, ...]:
    """The functions among which the slowest (or fastest) from a uniform start is, for every rate in the interval.

    Parameters
    ----------
    n : int
        At most 5 (minutes).
    slowest : bool
    above_half : bool
        For 1/2 < p < 1 instead of 0 < p < 1/2.

    Returns
    -------
    tuple of Order
        One: proved to be extreme for all these rates. Several: for each rate one of them is.

    Examples
    --------
    >>> [str(order) for order in extreme_for_all_rates(3)]
    ['111 > 011 > 101 > 001 > 110 > 010 > 100 > 000']
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= LARGEST:
        raise InputError(f"n: {n!r} must be an integer from 1 to {LARGEST}")
    size, upper, sign = 2**n, above(n), 1 if slowest else -1
    powers = [fmpz_poly([1, 1]) ** (h if above_half else n - h) for h in range(n + 1)]
    values = np.array([(1 + _SAMPLES) ** (h if above_half else n - h) for h in range(n + 1)])
    law = [[powers[(x ^ y).bit_count()] for y in range(size)] for x in range(size)]
    sampled = np.array([[values[(x ^ y).bit_count()] for y in range(size)] for x in range(size)])
    zero = fmpz_poly([0])
    first = _Beginning([zero] * size, fmpz_poly([1]), np.zeros((size, len(_SAMPLES))), [0] * size)
    sets: dict[int, list[_Beginning]] = {1 << (size - 1): [first]}
    for _ in range(size - 1):
        longer: dict[int, list[_Beginning]] = {}
        for placed, beginnings in sets.items():
            points = [x for x in range(size) if placed >> x & 1]
            for x in range(size):
                if not placed >> x & 1 and not upper[x] & ~placed:
                    after, moved = _representative(n, placed | 1 << x)
                    extended = [_extended(one, points, x, law[x], sampled[x], moved) for one in beginnings]
                    longer.setdefault(after, []).extend(extended)
        sets = {placed: _undominated(placed, many, law, sampled, sign) for placed, many in longer.items()}
    (last,) = sets.values()
    return tuple(Order.listed(sorted(range(size), key=lambda x: one.places[x])) for one in last)


def _extended(
    one: _Beginning, points: list[int], x: int, law: list[Any], sampled: np.ndarray, moved: tuple[int, ...]
) -> _Beginning:
    """A beginning with x placed next, in the names of the set's representative."""
    weight = sum((law[y] for y in points), fmpz_poly([0]))
    cost = one.denominator + _weighted(law, one.numerators, points)
    numerators, places, samples = list(one.numerators), list(one.places), np.empty_like(one.samples)
    for y, to in enumerate(moved):
        numerators[to] = cost if y == x else one.numerators[y] * weight
        places[to] = len(points) if y == x else one.places[y]
        samples[to] = one.samples[y]
    samples[moved[x]] = (1 + (sampled[points] * one.samples[points]).sum(axis=0)) / sampled[points].sum(axis=0)
    return _Beginning(numerators, one.denominator * weight, samples, places)


def _undominated(placed: int, many: list[_Beginning], law: Any, sampled: np.ndarray, sign: int) -> list[_Beginning]:
    """The beginnings that no other one dominates, nor one of its images under the renamings that leave the set as it is."""
    size = len(law)
    points = [x for x in range(size) if placed >> x & 1]
    rest = [x for x in range(size) if not placed >> x & 1]
    images = [
        [moved.index(x) for x in rest]  # what the image shows at x
        for moved in _renamings(size.bit_length() - 1)
        if all(placed >> moved[x] & 1 for x in points)
    ]
    where = {x: i for i, x in enumerate(rest)}
    turned = np.array([[*(where[x] for x in image), len(rest)] for image in images])
    floats = [
        sign
        * np.array([*((sampled[x][points] * one.samples[points]).sum(axis=0) for x in rest), one.samples[points].sum(axis=0)])
        for one in many
    ]
    exact: dict[int, list[Any]] = {}

    def seen(i: int) -> list[Any]:
        if i not in exact:
            top = many[i].numerators
            sums = [_weighted(law[x], top, points) for x in rest]
            exact[i] = [*sums, sum((top[y] for y in points), fmpz_poly([0]))]
        return exact[i]

    def dominates(j: int, i: int) -> bool:
        least = floats[i] - _ROUNDING * np.abs(floats[i])
        likely = np.flatnonzero((floats[j][turned] >= least).all(axis=(1, 2)))
        if not likely.size:
            return False
        one, other = many[j].denominator, many[i].denominator
        common = one.gcd(other)
        one, other = one // common, other // common  # positive for t > 0, like both
        found = [v * one for v in seen(i)]
        for image in turned[likely]:
            differences = (sign * (seen(j)[k] * other - v) for k, v in zip(image, found))
            if all(min(difference.coeffs(), default=0) >= 0 for difference in differences):
                return True
        return False

    scale = np.abs(np.mean(floats, axis=0))
    kept: list[int] = []
    for i in sorted(range(len(many)), key=lambda i: float((floats[i] / scale).sum()), reverse=True):
        if not any(dominates(j, i) for j in kept):
            kept.append(i)
    return [many[i] for i in kept]


def _weighted(weights: list[Any], values: list[Any], points: list[int]) -> Any:
    """The sum of weights[y] values[y]; weights that are the same object are taken out of their sums."""
    groups: dict[int, Any] = {}
    factor = {}
    for y in points:
        key = id(weights[y])
        groups[key] = groups[key] + values[y] if key in groups else values[y]
        factor[key] = weights[y]
    return sum((factor[key] * value for key, value in groups.items()), fmpz_poly([0]))
