"""Kraft's inequality for the exact code, and what follows from it, in fractions.

A RECONSTRUCTION of the argument of J. Lengler, A. Martinsson, A. Steger, ANALCO 2019; see :mod:`proofs_check.codec`.

A code that can be decoded has sum 2^-l(w) <= 1 over the runs w = (x_0, F_1, ..., F_K) that end elsewhere than at the optimum.
With P(w) = P(x_0) P(F_1) ... P(F_K) and the saving S(w) = -log2 P(w) - l(w) this says

    E[2^S; x_K is not the optimum] <= 1,      so       P(S >= s; x_K is not the optimum) <= 2^-s        (Markov).

Here l is the length under the exact laws Q_y, before their quantisation. Since 2^S = mu(x_K)/P(x_0) times the product of Q/P over
the accepted changes, and Q/P = R(y) g(x)/g(y), the product telescopes: for a given start and tau = 1

    S = sum over accepted changes of log2 R(y)  -  log2[(n + 1) C(n, z_0)]  +  log2(z_K / z_0).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs_check.codec.exact_code import ExactCode
from proofs_check.codec.functions import exact_rate, oracle
from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.values import exact, number


def exact_code(f: Any, n: int, c: Any = 1, tau: Any = 1, strict: bool = False, over_z: bool = True) -> ExactCode:
    """The exact code of the (1+1) EA with rate c/n on f, checked at the border."""
    base = exact(number(tau, "tau"))
    if base <= 0:
        raise InputError(f"tau: {tau!r} must be positive")
    return ExactCode(oracle(f, n), exact_rate(c, n), base, bool(strict), over_z)


def transfer(code: ExactCode) -> list[dict[int, Fraction]]:
    """For each point x what the symbols of one round that leads from x to y have together: {y: sum of Q_y}, y not the optimum."""
    rows: list[dict[int, Fraction]] = [{} for _ in range(2**code.n)]
    for y in range(code.optimum):
        for (changed, chosen), share in code.law(y).items():
            x = y ^ chosen if changed else y
            rows[x][y] = rows[x].get(y, Fraction(0)) + share
    return rows


@plain_arguments
def kraft_sum(
    f: Any, *, n: int, rounds: int, c: Any = 1, tau: Any = 1, strict: bool = False, start: int | None = None, over_z: bool = True
) -> Fraction:
    """Sum of 2^-l over all runs of that many rounds that end elsewhere than at the optimum, exactly.

    By a transfer matrix: a round ending in y has the law Q_y, so that the sum over all runs is a product of matrices. It is also
    E[2^S; x_K is not the optimum], for a uniform start, and for a given one.

    Parameters
    ----------
    f : Problem or callable
    n, rounds : int
        Small: 2^n points, and fractions that grow with every round.
    c, tau : numbers
    strict : bool
    start : int, optional
        Only runs from this point; bit i of the number is position i.
    over_z : bool
        Keep the factor 1/z in g.

    Returns
    -------
    Fraction

    Examples
    --------
    >>> from theory import OneMax
    >>> [round(float(kraft_sum(OneMax(), n=3, rounds=3, c=c)), 4) for c in ("0.6", 1)]
    [0.4437, 0.3518]
    """
    code = exact_code(f, n, c, tau, strict, over_z)
    if rounds < 0:
        raise InputError(f"rounds: {rounds} must not be negative")
    if start is not None and not 0 <= start < code.optimum:
        raise InputError(f"start: {start} must be a point from 0 to 2^n - 2 = {code.optimum - 1}; the last one is the optimum")
    rows = transfer(code)
    ahead = [code.final(y) if y != code.optimum else Fraction(0) for y in range(2**n)]
    for _ in range(rounds):
        ahead = [sum((share * ahead[y] for y, share in row.items()), Fraction(0)) for row in rows]
    return sum(ahead[:-1], Fraction(0)) if start is None else ahead[start]


@dataclass(frozen=True)
class Case:
    """One run among all of them: probability, 2^-l, and the points after each round; the probability is that given its start."""

    probability: Fraction
    weight: Fraction
    points: tuple[int, ...]
    gains: tuple[Fraction, ...]

    @property
    def power(self) -> Fraction:
        """2^S for the given start."""
        return self.weight / self.probability


def every_run(code: ExactCode, rounds: int) -> Iterator[Case]:
    """All runs from all starts that end elsewhere than at the optimum: one after the other, flip set by flip set."""
    laws = [code.law(y) for y in range(code.optimum)]
    gains = [code.gain(y) for y in range(code.optimum)]
    final = [code.final(y) for y in range(code.optimum)]

    def go(x: int, t: int, probability: Fraction, weight: Fraction, points: tuple, passed: tuple) -> Iterator[Case]:
        if t == rounds:
            yield Case(probability, weight * final[x], points, passed)
            return
        for chosen in range(2**code.n):
            y = x ^ chosen
            better = code.ranks[y] > code.ranks[x] or (code.ranks[y] == code.ranks[x] and not code.strict)
            changed = bool(chosen) and bool(better)
            after = y if changed else x
            if after != code.optimum:
                share = laws[after][int(changed), chosen]
                more = (*passed, gains[after]) if changed else passed
                here = code.choice[chosen.bit_count()]
                yield from go(after, t + 1, probability * here, weight * share, (*points, after), more)

    for x in range(code.optimum):
        yield from go(x, 0, Fraction(1), Fraction(1), (x,), ())


def saving_law(code: ExactCode, rounds: int, start: int) -> dict[Fraction, Fraction]:
    """{2^S: probability} of the runs from a point that end elsewhere than at the optimum, exactly.

    By the telescoped form, state by state; so it doesn't share the laws Q_y with :func:`kraft_sum`, only R.

    Examples
    --------
    >>> from theory import BinVal
    >>> law = saving_law(exact_code(BinVal(), 3), 4, start=0b100)
    >>> sum(power * probability for power, probability in law.items()) == kraft_sum(BinVal(), n=3, rounds=4, start=0b100)
    True
    """
    gains = {y: code.gain(y) for y in range(code.optimum)}
    moves = {y: code.change(y).tolist() for y in range(code.optimum)}
    here: dict[tuple[int, Fraction], Fraction] = {(start, Fraction(1)): Fraction(1)}
    for _ in range(rounds):
        after: defaultdict[tuple[int, Fraction], Fraction] = defaultdict(Fraction)
        for (x, power), probability in here.items():
            leave = Fraction(0)
            for chosen in moves[x]:
                y, share = x ^ chosen, code.choice[chosen.bit_count()]
                leave += share
                gain = gains.get(y)
                if gain is not None:
                    after[y, power * gain] += probability * share
            after[x, power] += probability * (1 - leave)
        here = after
    law: defaultdict[Fraction, Fraction] = defaultdict(Fraction)
    before = code.level[code.zeros(start)]
    for (x, power), probability in here.items():
        law[power * before / code.level[code.zeros(x)] * code.final(x)] += probability
    return dict(law)


def largest_tail(law: dict[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
    """(v, v P(2^S >= v)) where the latter is largest; it is at most 1 if P(S >= s) <= 2^-s for every s.

    >>> largest_tail({Fraction(1, 2): Fraction(1, 2), Fraction(2): Fraction(1, 4)})
    (Fraction(2, 1), Fraction(1, 2))
    """
    total, worst = Fraction(0), (Fraction(0), Fraction(0))
    for power in sorted(law, reverse=True):
        total += law[power]
        worst = max(worst, (power, power * total), key=lambda pair: pair[1])
    return worst


def telescoped(code: ExactCode, case: Case) -> float:
    """S of a run from a given start by the telescoped sum of log2 R, for tau = 1 and g with the factor 1/z."""
    first, last = code.zeros(case.points[0]), code.zeros(case.points[-1])
    overhead = math.log2((code.n + 1) * math.comb(code.n, first))
    return math.fsum(math.log2(gain) for gain in case.gains) - overhead + math.log2(last / first)
