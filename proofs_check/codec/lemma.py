"""The pair lemma: what one fixed strictly monotone function can't do, and dynamic functions can.

A RECONSTRUCTION of the argument of J. Lengler, A. Martinsson, A. Steger, ANALCO 2019; see :mod:`proofs_check.codec`.

At a point y, and for changes with one up: phi is the fraction of pairs (zero-bit j, one-bit i) such that y with both flipped is
better than y; alpha_b the fraction of (j, B), B of b one-bits, that y accepts; beta_b the fraction of (one-bit i, B), B of b
zero-bits, such that y with them flipped would accept the step to y. Then, for b <= the number of bits there are,

    (ii) alpha_b falls in b;  (iii) beta_1 = 1 - phi;  (iv) alpha_b <= phi for b >= 2;  (v) beta_b <= 1 - phi for b >= 2.

(ii), (iv) and (v) are strict monotony. (iii) is that a swap forwards and the same swap backwards are ONE comparison, used with
both signs. Where f changes from round to round they are two, which may both come out in favour of the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np

Sign = Callable[[np.ndarray, list[int]], int]


@dataclass(frozen=True)
class PairFractions:
    """phi, alpha_b and beta_b (b = 0, 1, ...) at a point."""

    phi: Fraction
    alpha: tuple[Fraction, ...]
    beta: tuple[Fraction, ...]

    def violations(self) -> list[str]:
        """What of the lemma doesn't hold here.

        >>> half = Fraction(1, 2)
        >>> PairFractions(half, (Fraction(1), half), (Fraction(1), Fraction(1))).violations()
        ['(iii) beta_1 = 1, but 1 - phi = 1/2']
        """
        alpha, beta, phi = self.alpha, self.beta, self.phi
        found = [
            f"(ii) alpha_{b} = {alpha[b]} > alpha_{b - 1} = {alpha[b - 1]}"
            for b in range(1, len(alpha))
            if alpha[b] > alpha[b - 1]
        ]
        if len(beta) > 1 and len(alpha) > 1 and beta[1] != 1 - phi:
            found.append(f"(iii) beta_1 = {beta[1]}, but 1 - phi = {1 - phi}")
        found += [f"(iv) alpha_{b} = {alpha[b]} > phi = {phi}" for b in range(2, len(alpha)) if alpha[b] > phi]
        found += [f"(v) beta_{b} = {beta[b]} > 1 - phi = {1 - phi}" for b in range(2, len(beta)) if beta[b] > 1 - phi]
        return found


def pair_fractions(sign: Sign, y: np.ndarray, most: int = 4) -> PairFractions:
    """Count them all.

    Parameters
    ----------
    sign : callable
        ``sign(x, flips)``: the sign of f(x with flips flipped) - f(x), as a round that starts in x sees it.
    y : array of uint8
        With a zero-bit and a one-bit.
    most : int
        The largest b.

    Examples
    --------
    >>> from proofs_check.codec.functions import Weighted
    >>> f = pair_fractions(Weighted([4, 2, 1]).sign, np.array([0, 1, 1], dtype=np.uint8))
    >>> f.phi, f.alpha, f.beta[:2], f.violations()
    (Fraction(1, 1), (Fraction(1, 1), Fraction(1, 1), Fraction(1, 1)), (Fraction(1, 1), Fraction(0, 1)), [])
    """
    zeros, ones = np.flatnonzero(y == 0).tolist(), np.flatnonzero(y).tolist()
    assert zeros and ones

    def forwards(j: int, downs: tuple[int, ...]) -> bool:
        return sign(y, [j, *downs]) >= 0

    def backwards(i: int, ups: tuple[int, ...]) -> bool:
        flips = [i, *ups]
        x = y.copy()
        x[flips] ^= 1
        return sign(x, flips) >= 0

    def share(hits: Iterable[bool]) -> Fraction:
        found = list(hits)
        return Fraction(sum(found), len(found))

    phi = share(sign(y, [j, i]) > 0 for j in zeros for i in ones)
    alpha = [share(forwards(j, B) for j in zeros for B in combinations(ones, b)) for b in range(min(most, len(ones)) + 1)]
    beta = [share(backwards(i, B) for i in ones for B in combinations(zeros, b)) for b in range(min(most, len(zeros)) + 1)]
    return PairFractions(phi, tuple(alpha), tuple(beta))


def violations(sign: Sign, n: int, most: int = 4) -> list[str]:
    """The lemma at every point of n bits that has both kinds of bits.

    >>> from proofs_check.codec.functions import random_monotone
    >>> violations(random_monotone(4, seed=1).sign, 4)
    []
    >>> len(violations(lambda x, flips: 1, 4)) > 0  # a rule that likes every swap, in both directions
    True
    """
    found = []
    for number in range(1, 2**n - 1):
        y = ((number >> np.arange(n)) & 1).astype(np.uint8)
        found += [f"at {''.join(map(str, y))}: {text}" for text in pair_fractions(sign, y, most).violations()]
    return found
