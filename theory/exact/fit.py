"""The expansion of E[T] on OneMax as n grows, from exact values: how the coefficients look that no formula is known for.

H.-K. Hwang, A. Panholzer, N. Rolin, T.-H. Tsai, W.-M. Chen, Evolutionary Computation 26 (2018): at rate c/n from a uniform start

    E[T] = a_0 n ln n + b_0 n + a_1 ln n + b_1 + a_2 ln n/n + b_2/n + ... + a_J ln n/n^(J-1) + b_J/n^(J-1) + ...

(there for c = 1; that the form is the same for other c is what the fits here say). With 2 (J + 1) exact values the first
coefficients are the solution of a linear system, and agree with the true ones up to what the terms left out do (Richardson's
extrapolation). Values and system are in ball arithmetic with far more digits than the answer, so that rounding plays no part;
the terms left out are estimated by the same fit with one pair of terms less.

*Values.* E_z = (1 + sum over m >= 1 of P(a - b = m) E_{z-m})/P(a > b) as in :mod:`theory.exact.interval`; here P(a - b = m), m =
1, 2, ..., is one product of polynomials for each z, which makes n = 1000 a matter of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any

from theory.errors import InputError

if TYPE_CHECKING:
    from flint import arb


@dataclass(frozen=True)
class Expansion:
    """The coefficients of a fit.

    Attributes
    ----------
    logarithmic, plain : tuple of arb
        a_j of ln n/n^(j-1) and b_j of 1/n^(j-1), for j = 0, 1, ..., J.
    errors : tuple of (float, float)
        Estimates of their errors: the change from the fit with J - 1, an estimate and no bound.
    """

    logarithmic: tuple[arb, ...]
    plain: tuple[arb, ...]
    errors: tuple[tuple[float, float], ...]


def onemax_values(sizes: Sequence[int], c: Any = 1, digits: int = 45) -> dict[int, arb]:
    """Balls around E[T] from a uniform start, for each n, with at least about so many correct digits.

    Parameters
    ----------
    sizes : sequence of int
    c : number
        0 < c < n for every n.
    digits : int

    Returns
    -------
    dict of int to arb

    Examples
    --------
    >>> onemax_values([100])[100].str(40)
    '[1069.538497259755117094163758058618571770 +/- ...]'
    """
    from flint import arb, ctx, fmpq

    from theory.values import exact, number

    rate = exact(number(c, "c"))
    if not sizes or min(sizes) < 2 or not 0 < rate < min(sizes):
        raise InputError(f"sizes: {list(sizes)!r} must be integers above 1 and above c = {c}")
    bits = int(3.33 * digits) + 40
    with ctx.workprec(bits):
        return {n: _uniform(n, arb(fmpq(rate.numerator, rate.denominator * n)), bits) for n in sizes}


def _uniform(n: int, p: arb, bits: int) -> arb:
    from flint import arb, arb_poly

    costs, largest = [arb(0)], arb(1)
    odds = p / (1 - p)
    total = arb(0)
    for z in range(1, n + 1):
        ups = [(1 - p) ** z]
        while True:
            a = len(ups) - 1
            if a == z:
                tail = arb(0)
                break
            ups.append(ups[-1] * odds * (z - a) / (a + 1))
            after = odds * (z - a - 1) / (a + 2)
            if after < 1 and ups[-1] * after * largest < (1 - after) * arb(2) ** -bits:
                tail = ups[-1] * after / (1 - after)  # P(more zero-bits flip): a geometric series
                break
        most = len(ups) - 1
        downs = [(1 - p) ** (n - z)]
        for b in range(min(most, n - z)):
            downs.append(downs[-1] * odds * (n - z - b) / (b + 1))
        shift = len(downs) - 1
        product = (arb_poly(ups) * arb_poly(downs[::-1])).coeffs()
        ahead = product[shift + 1 :]  # P(a - b = m), m = 1, 2, ...
        gain = sum((chance * cost for chance, cost in zip(ahead, costs[::-1])), arb(0))
        omitted = tail * arb(0).union(arb(1))
        costs.append((1 + gain + omitted * largest) / (sum(ahead, arb(0)) + omitted))
        largest = largest.max(costs[-1])
        total += costs[-1] * comb(n, z)
    return total / arb(2) ** n


def fit(values: Mapping[int, arb], known: Sequence[tuple[Any, Any]] = (), bits: int = 600) -> Expansion:
    """Solve for as many pairs of coefficients as there are values for.

    Parameters
    ----------
    values : mapping of n to arb
        An even number of values.
    known : sequence of (a_j, b_j)
        The first pairs, where they are known; they may be None.
    bits : int
        Precision of the linear system.

    Returns
    -------
    Expansion

    Examples
    --------
    >>> from flint import arb, ctx
    >>> with ctx.workprec(200):
    ...     found = fit({n: n * arb(n).log() + 3 * n + 2 + arb(n).log() / n for n in (10, 20, 30, 40, 50, 60)})
    >>> [round(float(x), 9) for x in found.plain[:2]], round(float(found.logarithmic[2]), 9)
    ([3.0, 2.0], 1.0)
    """
    if len(values) % 2 or len(values) < 4:
        raise InputError(f"values: {len(values)} values; give an even number of them, 4 or more")
    sizes = sorted(values)
    best = _solve(values, sizes, known, bits)
    fewer = _solve(values, sizes[2:], known, bits)
    before = [*fewer, *((a * 0, b * 0) for a, b in best[len(fewer) :])]
    errors = tuple((abs(float((a - c).mid())), abs(float((b - d).mid()))) for (a, b), (c, d) in zip(best, before))
    return Expansion(tuple(a for a, _ in best), tuple(b for _, b in best), errors)


def fit_onemax(c: Any = 1, largest: int = 440, points: int = 18, digits: int = 45, known: bool = False) -> Expansion:
    """Fit the expansion on exact values at ``points`` sizes, evenly spaced from about a sixth of the largest up to it.

    Parameters
    ----------
    c : number
    largest : int
        The largest n.
    points : int
        Even, 4 or more. More of them need larger n: at few bits many terms of the expansion are of no use.
    digits : int
        Of the exact values; n = 1000 with 24 points wants 90.
    known : bool
        Put in a_0 = e^c/c and b_0 = C_1(c), for more digits of the others.

    Returns
    -------
    Expansion

    Examples
    --------
    >>> found = fit_onemax(1, largest=240, points=12)
    >>> [round(float(x), 6) for x in (*found.logarithmic[:2], *found.plain[:1])], round(float(found.plain[1]), 3)
    ([2.718282, 1.359141, -1.892542], 0.598)
    """
    from flint import arb, ctx, fmpq

    from theory.constants.onemax import second_order_ball
    from theory.values import exact, number

    step = (largest - largest // 6) // max(1, points - 1)
    if points < 4 or points % 2 or step < 1:
        raise InputError(f"points: {points} must be even, 4 or more, and at most largest = {largest}")
    values = onemax_values([largest - i * step for i in range(points)], c, digits)
    if not known:
        return fit(values)
    rate = exact(number(c, "c"))
    with ctx.workprec(int(3.33 * digits) + 64):
        x = arb(fmpq(rate.numerator, rate.denominator))
        first = (x.exp() / x, second_order_ball(rate, digits))
    return fit(values, [first])


def _solve(values: Mapping[int, arb], sizes: Sequence[int], known: Sequence, bits: int) -> list[tuple[arb, arb]]:
    """The coefficients (a_j, b_j): those that are known are moved to the right side, and the last columns made up for."""
    from flint import arb, arb_mat, ctx

    with ctx.workprec(bits):
        given = {(j, s): x for j, pair in enumerate(known) for s, x in enumerate(pair) if x is not None}
        columns: list[tuple[int, int]] = []
        j = 0
        while len(columns) < len(sizes):
            columns += [(j, s) for s in (0, 1) if (j, s) not in given]
            j += 1
        columns = columns[: len(sizes)]
        matrix, right = arb_mat(len(sizes), len(sizes)), arb_mat(len(sizes), 1)
        for i, n in enumerate(sizes):
            size = arb(n)
            term = {(j, s): (size.log() if s == 0 else arb(1)) * size ** (1 - j) for j, s in (*columns, *given)}
            for at, column in enumerate(columns):
                matrix[i, at] = term[column]
            right[i, 0] = values[n] - sum((term[at] * x for at, x in given.items()), arb(0))
        solution = matrix.solve(right)
        found = {**given, **{column: solution[i, 0] for i, column in enumerate(columns)}}
        return [(found.get((j, 0), arb(0)), found.get((j, 1), arb(0))) for j in range(max(j for j, _ in found) + 1)]
