"""The partially ordered EA: the pessimist who bounds every strictly monotone function, and its drift at p = 1/n for every n.

T. Jansen, *On the brittleness of evolutionary algorithms*, FOGA 2007; S. Colin, B. Doerr, G. Férey, GECCO 2014. The potential and
the proof below are this file's own.

Notation: z zero-bits, q = 1 - p, A ~ Bin(z, p) of them flip and B ~ Bin(n - z, p) of the one-bits. The offspring has z - A + B
zero-bits. It is accepted if B = 0, rejected if A = 0 < B, and of the others (which the order leaves open) those are accepted that
have no fewer zero-bits than the parent, B >= A.

*Potential.* g(z) = w_1 + ... + w_z with w_k >= 0 non-increasing, so that g is concave. For A = 1 nothing is rejected, and

    E[g(z) - g(z-1+B)] = w_z (1 - E[B]) + sum over j >= 1 of P(B > j) (w_z - w_{z+j}).

For A = a >= 2, g(z) - g(z-a) >= a w_z and g(z+i) - g(z) <= i w_z: the drift is at least w_z (a P(B=0) - E[(B-a)^+]), which rises
with a and is w_z (1 - E[B]) at a = 1. With E[(B-2)^+] for E[(B-a)^+] the drift is at least

    L(n, z) = P(A=1) [ w_z (1 - E[B]) + sum_{j<=J} P(B>j) (w_z - w_{z+j}) ] + w_z (E[A; A>=2] P(B=0) - P(A>=2) E[(B-2)^+]).

*At p = 1/n* E[B] = 1 - z/n, and w_k = n ln(1 + n/(k-1/2)^2) makes L(n, z) at least a constant for all n and all z: the first
term acts where z is large against sqrt(n), the second (the curvature of g) where it is small. :func:`drift_is_at_least` proves it
in balls: n below ``first`` one by one, all larger n at once, on boxes of

    z <= 24:                          the number 1/n in (0, 1/first], for each z;
    z > 24, x = z/sqrt(n) <= 2:       x and rho = 1/z (then 1/n = x^2 rho^2 and z/n = x^2 rho);
    x >= 2:                           t = n/z^2 <= 1/4 and y = z/n (then 1/n = t y^2 and 1/z = t y).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from theory.errors import InputError
from theory.values import exact, number

TERMS = 6
"""J, the number of terms of the curvature that are kept."""
SMALL = 24
"""Numbers of zero-bits that are treated one by one for large n."""
LARGEST_FIRST = 10_000
TURN = 2
"""x = z/sqrt(n) at which the boxes change their coordinates."""
_DEPTH = 24


def step_law(zeros: int, n: int, p: Fraction, pessimism: Fraction = Fraction(1)) -> dict[int, Fraction]:
    """Law of the number of zero-bits after one step, in fractions.

    Parameters
    ----------
    zeros, n : int
    p : Fraction
        Mutation rate.
    pessimism : Fraction
        With this probability offspring that are not comparable are accepted iff B >= A, otherwise iff A >= B.

    Returns
    -------
    dict of int to Fraction

    Examples
    --------
    >>> {z: str(x) for z, x in sorted(step_law(1, 2, Fraction(1, 2)).items())}
    {0: '1/4', 1: '3/4'}
    """
    from math import comb

    law: dict[int, Fraction] = {}
    for a in range(zeros + 1):
        for b in range(n - zeros + 1):
            chance = comb(zeros, a) * comb(n - zeros, b) * p ** (a + b) * (1 - p) ** (n - a - b)
            if a == 0 or b == 0:
                accepted = Fraction(b == 0)
            else:
                accepted = pessimism * (b >= a) + (1 - pessimism) * (a >= b)
            for to, weight in ((zeros - a + b, accepted), (zeros, 1 - accepted)):
                if weight and chance:
                    law[to] = law.get(to, Fraction(0)) + chance * weight
    return law


def exact_drift(zeros: int, n: int, p: Fraction, potential: list[Fraction]) -> Fraction:
    """E[g(z) - g(z')] of the pessimistic process in fractions; ``potential`` lists g(0), ..., g(n).

    >>> str(exact_drift(1, 2, Fraction(1, 2), [Fraction(0), Fraction(1), Fraction(2)]))
    '1/4'
    """
    return sum((x * (potential[zeros] - potential[to]) for to, x in step_law(zeros, n, p).items()), Fraction(0))


def weight(k: int, n: int, constant: Fraction = Fraction(1)) -> arb:
    """w_k / n = ln(1 + n/(k-1/2)^2), with ``constant`` times n under the logarithm."""
    return (1 + _ball(4 * n * constant / Fraction(2 * k - 1) ** 2)).log()


def lower_drift(zeros: int, n: int) -> arb:
    """L(n, z) at p = 1/n, a ball.

    >>> bool(lower_drift(1, 1000) > 0.93), bool(lower_drift(1, 1000) < 0.94)
    (True, True)
    """
    z, p = zeros, _ball(Fraction(1, n))
    q, m = 1 - p, n - zeros
    chances = _binomial(m, p)
    w = [weight(z + j, n) for j in range(TERMS + 1)]
    one = z * p * q ** (z - 1)
    curvature, tail = arb(0), arb(1)
    for j in range(TERMS + 1):
        tail -= chances[j]  # P(B > j)
        if j:
            curvature += tail * (w[0] - w[j])
    several = (z * p - one) * chances[0] - (1 - q**z - one) * (m * p - 2 + 2 * chances[0] + chances[1])
    return n * (one * (w[0] * z * p + curvature) + w[0] * several)


def _binomial(m: int, p: arb) -> list[arb]:
    """P(Bin(m, p) = i) for i = 0, ..., J."""
    chances = []
    for i in range(TERMS + 1):
        choose = arb(1)
        for l in range(i):  # noqa: E741 (the field's index)
            choose *= arb(m - l) / (l + 1)
        chances.append(choose * p**i * (1 - p) ** max(m - i, 0) if i <= m else arb(0))
    return chances


def drift_is_at_least(delta: Fraction = Fraction(11, 12), first: int = 60) -> bool:
    """Prove L(n, z) >= delta at p = 1/n for every n >= 2 and every 1 <= z <= n.

    Parameters
    ----------
    delta : Fraction
    first : int
        From this n on the boxes take over; at least 25, so that z <= 24 is smaller than n.

    Returns
    -------
    bool
        True: proved. False: a ball below delta was met, or boxes of the smallest size stayed open.

    Examples
    --------
    >>> drift_is_at_least(Fraction(2))
    False
    """
    if isinstance(first, bool) or not isinstance(first, int) or not SMALL < first <= LARGEST_FIRST:
        raise InputError(f"first: {first!r} must be larger than {SMALL} and at most {LARGEST_FIRST}, an integer")
    limit = _ball(Fraction(exact(number(delta, "delta"))))
    with ctx.workprec(64):
        small = all(lower_drift(z, n) > limit for n in range(2, first) for z in range(1, n + 1))
        return small and all(region(limit, first) for region in (_few, _middle, _many))


def _few(limit: arb, first: int) -> bool:
    """z = 1, ..., 24 and all n >= first."""

    def box(z: int) -> Callable[..., bool]:
        def holds(eta: arb) -> bool:
            rho, y = arb(1) / z, z * eta
            return bool(_box(rho, eta, y, z * y, None) > limit)

        return holds

    return all(_covered([(Fraction(0), Fraction(1, first))], box(z)) for z in range(1, SMALL + 1))


def _middle(limit: arb, first: int) -> bool:
    """z >= 24 and z <= 2 sqrt(n), n >= first."""
    largest = _ball(Fraction(1, first))

    def holds(x: arb, rho: arb) -> bool:
        square = x * x
        eta = square * rho * rho
        if eta > largest:
            return True
        return bool(_box(rho, _cut(eta, largest), square * rho, square, None) > limit)

    return _covered([(Fraction(0), Fraction(TURN)), (Fraction(0), Fraction(1, SMALL))], holds)


def _many(limit: arb, first: int) -> bool:
    """z >= 2 sqrt(n), n >= first."""
    largest = _ball(Fraction(1, first))

    def holds(t: arb, y: arb) -> bool:
        eta = t * y * y
        if eta > largest:
            return True
        return bool(_box(t * y, _cut(eta, largest), y, None, t) > limit)

    return _covered([(Fraction(0), Fraction(1, TURN**2)), (Fraction(0), Fraction(1))], holds)


def _box(rho: arb, eta: arb, y: arb, square: arb | None, t: arb | None) -> arb:
    """A lower bound on L over a box of rho = 1/z, eta = 1/n, y = z/n and x^2 = z^2/n (``square``) or t = 1/x^2.

    The quotients that are 0/0 at an end of the range are monotone functions there, taken at the other end.
    """
    slope = -_interval(1 + eta.lower() / 2, 1 + eta.upper() / 2 / (1 - eta.upper()))  # ln(1 - eta)/eta
    none = (y * (1 - rho) * slope).exp()  # q^(z-1): P(A = 1) = y q^(z-1)
    chances = []
    for i in range(TERMS + 1):  # P(B = i); m p = 1 - y
        choose = arb(1)
        for l in range(i):  # noqa: E741
            choose *= (1 - y - l * eta) / (l + 1)
        chances.append(choose * ((1 - y - i * eta) * slope).exp())
    logarithm = _log_term(square, t)  # z^2/n w_z/n
    curvature, tail = arb(0), arb(1)
    for j in range(TERMS + 1):
        tail -= chances[j]
        if j:
            curvature += tail.lower().max(arb(0)) * _bend(j, rho, square, t).max(arb(0))
    exponent = -(y * (1 - rho) * slope).lower()  # q^(z-1) = e^-u with u at most this, and (1 - e^-u)/u falls with u
    share = (1 - (-exponent).exp()) / exponent if exponent > 0 else arb(1)
    beyond = -1 - y + 2 * chances[0] + chances[1]  # E[(B-2)^+]
    several = chances[0] * (1 - rho) * -slope * share.lower() - beyond.max(arb(0)) * (1 - rho) / 2
    return (none * (logarithm + curvature) + logarithm * several.lower().max(arb(0))).lower()  # several >= 0: see the head


def _log_term(square: arb | None, t: arb | None) -> arb:
    """At least x^2 ln(1 + 1/x^2) (1/2 in k - 1/2 only adds to it): rising in x^2, falling in t."""
    if t is not None:
        top = t.upper()
        return (1 + top).log() / top if top > 0 else arb(1)
    assert square is not None
    low = square.lower()
    return low * (1 + 1 / low).log() if low > 0 else arb(0)


def _bend(j: int, rho: arb, square: arb | None, t: arb | None) -> arb:
    """At least z (w_z - w_{z+j})/n = 2 z ln(1 + j/r) - z ln(1 + (2 r j + j^2)/(r^2 + n)) with r = z - 1/2."""
    half = 1 - rho / 2
    top = (j * rho / half).upper()  # ln(1+u)/u falls with u
    first = 2 * j / half * ((1 + top).log() / top if top > 0 else arb(1))
    linear = 2 * j * half + j * j * rho
    second = linear / (half * half + t) if t is not None else _second(linear, half, square)
    return (first - second).lower()


def _second(linear: arb, half: arb, square: Any) -> arb:
    """x^2 linear / (x^2 half^2 + 1), rising in x^2."""
    low, high = square.lower(), square.upper()
    return _interval((low * linear / (low * half * half + 1)).lower(), (high * linear / (high * half * half + 1)).upper())


# ---- boxes


def _covered(sides: list[tuple[Fraction, Fraction]], holds: Callable[..., bool]) -> bool:
    """Cut a box in halves, the relatively longest side first, until ``holds`` is true on every piece."""
    lengths = [b - a for a, b in sides]
    todo = [(tuple(sides), 0)]
    while todo:
        piece, depth = todo.pop()
        if holds(*(_interval(_ball(a), _ball(b)) for a, b in piece)):
            continue
        if depth >= _DEPTH:
            return False
        i = max(range(len(piece)), key=lambda i: (piece[i][1] - piece[i][0]) / lengths[i])
        a, b = piece[i]
        middle = (a + b) / 2
        todo += [((*piece[:i], part, *piece[i + 1 :]), depth + 1) for part in ((a, middle), (middle, b))]
    return True


def _cut(value: arb, largest: arb) -> arb:
    """An interval without what is above the largest value."""
    return _interval(value.lower().max(arb(0)), value.upper().min(largest.upper()))


def _interval(a: arb, b: arb) -> arb:
    return a.union(b)


def _ball(x: Fraction | int) -> arb:
    x = Fraction(x)
    return arb(fmpq(x.numerator, x.denominator))
