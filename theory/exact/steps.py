"""One step of a chain over the number k of zero-bits, in balls: how many bits flip, where that leads, what was left out.

Notation: a ~ Bin(k, p) zero-bits and b ~ Bin(n - k, p) one-bits flip. Pairs with a + b > F are left out; as a + b ~ Bin(n, p),
their probability is bounded by a geometric series beyond F. Rates may differ from state to state.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from flint import arb, arb_poly, fmpq

from theory.exact.balls import ball
from theory.exact.errors import NoExactMethod
from theory.exact.states import require_one_rate, require_timeless
from theory.process import Process
from theory.symbols import k, v
from theory.values import Number


def rate_balls(process: Process, values: dict[str, Number], states: list[tuple[int, int]]) -> list[arb]:
    """Balls around the rate at each (k, v).

    Raises
    ------
    NoExactMethod
        If it isn't strictly between 0 and 1, or depends on t.
    """
    require_timeless(process)
    require_one_rate(process)
    expr = process.rate_at(values)
    if process.is_static:
        balls = [ball(expr)] * len(states)
    else:
        balls = [ball(expr.subs({k: zeros, v: fitness})) for zeros, fitness in states]
    for p, at in zip(balls, states):
        if not (p > 0 and p < 1):
            raise NoExactMethod(f"rate: balls need a rate strictly between 0 and 1; {process.rate} is {p.str(6)} at k, v = {at}")
        if process.is_static:
            break
    return balls


@dataclass(frozen=True)
class Flips:
    """The law of one mutation at k zero-bits.

    Attributes
    ----------
    ups, downs : list of arb
        P(a zero-bits flip) and P(b one-bits flip) for a, b = 0, 1, ..., cut.
    most : int
        F: pairs with a + b <= F are there, up to the numbers of zero-bits and one-bits.
    omitted : arb
        A bound on the probability of all other pairs.
    whole : arb
        P(all zero-bits flip and no one-bit).
    """

    ups: list[arb]
    downs: list[arb]
    most: int
    omitted: arb
    whole: arb


def mutations(n: int, least: arb) -> Callable[[int, arb], Flips]:
    """The laws of mutation by (k, p); at most about ``least`` is left out of each."""
    last: list = [None, 0, arb(0)]  # a static rate is one object

    def at(zeros: int, p: arb) -> Flips:
        if last[0] is not p:
            last[:] = [p, *flips_beyond(n, p, least)]
        most, omitted = last[1:]
        q = 1 - p
        return Flips(binomial_law(zeros, p, most), binomial_law(n - zeros, p, most), most, omitted, p**zeros * q ** (n - zeros))

    return at


def flips_beyond(n: int, p: arb, least: arb) -> tuple[int, arb]:
    """F and a bound, at most ``least``, on the probability that more than F of n bits flip.

    >>> most, tail = flips_beyond(100, arb(1) / 100, arb(2) ** -60)
    >>> most, bool(tail < arb(2) ** -60)
    (18, True)
    """
    odds = p / (1 - p)
    now = (1 - p) ** n
    for i in range(n):
        now = now * odds * (n - i) / (i + 1)  # P(i + 1 bits flip)
        after = odds * (n - i - 1) / (i + 2)
        if after < 1:
            tail = (now * (1 + after / (1 - after))).upper()
            if tail <= least:
                return i, tail
    return n, arb(0)


def binomial_law(m: int, p: arb, most: int) -> list[arb]:
    """P(X = i), X ~ Bin(m, p), for i = 0..min(m, most)."""
    odds = p / (1 - p)
    law = [(1 - p) ** m]
    for i in range(min(m, most)):
        law.append(law[-1] * odds * (m - i) / (i + 1))
    return law


def changes(flips: Flips) -> tuple[int, list[arb]]:
    """P(a - b = first), P(a - b = first + 1), ... of what the law holds, as (first, probabilities)."""
    coefficients = (arb_poly(flips.ups) * arb_poly(flips.downs[::-1])).coeffs()
    return 1 - len(flips.downs), coefficients


class Weights:
    """P(accepted | a = b + m, b) for b = max(0, -m), ..., made once for all states.

    Parameters
    ----------
    accept : function
        Acceptance probability of (a, b), as a fraction.
    most : int
        Pairs with a + b <= most are wanted.
    """

    def __init__(self, accept: Callable[[int, int], Fraction], most: int) -> None:
        self.accept, self.most = accept, most
        self._known: dict[int, tuple[list[arb], int, bool]] = {}

    def at(self, m: int) -> tuple[list[arb], int, bool]:
        """(the weights, how many of them up to the last positive one, whether all of these are 1)."""
        if m not in self._known:
            found = [self.accept(b + m, b) for b in range(max(0, -m), max(0, (self.most - m) // 2 + 1))]
            some = max((i + 1 for i, x in enumerate(found) if x), default=0)
            balls = [arb(fmpq(x.numerator, x.denominator)) for x in found]
            self._known[m] = balls, some, all(x == 1 for x in found[:some])
        return self._known[m]


def accepted_changes(flips: Flips, weights: Weights) -> dict[int, arb]:
    """P(a - b = m and the offspring is accepted) for m != 0, from the pairs with a + b <= F."""
    ups, downs = flips.ups, flips.downs
    result: dict[int, arb] = {}
    for m in range(1 - len(downs), len(ups)):
        if m:
            accept, count, sure = weights.at(m)
            first = max(0, -m)  # of b + m = a and b
            last = min(len(downs), len(ups) - m, first + count)
            if last > first:
                pairs = map(operator.mul, ups[first + m : last + m], downs[first:last])
                result[m] = sum(pairs if sure else map(operator.mul, pairs, accept), arb(0))
    return result


def few_flips(n: int, flips: int, zeros: int) -> dict[int, fmpq]:
    """P(a - b = m) for m != 0 when ``flips`` uniform positions flip."""
    result = {}
    for a in range(max(0, flips - (n - zeros)), min(zeros, flips) + 1):
        if 2 * a != flips:
            result[2 * a - flips] = fmpq(comb(zeros, a) * comb(n - zeros, flips - a), comb(n, flips))
    return result
