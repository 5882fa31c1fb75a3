"""The weights of pair mode that depend on the number z of zero-bits alone; see :mod:`proofs_check.codec.pair_code`.

Integers: exact fractions in units of 2^-64, rounded down. Made once for each (n, p, tau, z).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from proofs_check.codec.coders import boundaries

UNIT = 1 << 64
MOST_DOWNS = 12  # of the classes
_WIDE = 1 << 62


@dataclass(frozen=True)
class Level:
    """What depends on the number of zero-bits alone.

    Attributes
    ----------
    quiet : list of int
        Weights of b = 0 .. cap downs, and of more, in units of 2^-64.
    active : int
        Weight of a round with an up.
    ups, downs : list of int
        Boundaries of the numbers 1 .. cap of ups in such a round, and 0 .. cap of downs, the last symbol being "more".
    ratios : list of int
        (p/q)^b g(x)/g(y) of the classes.
    binomials : array, shape (z + 1, classes)
        C(s, b).
    """

    quiet: list[int]
    active: int
    ups: list[int]
    downs: list[int]
    ratios: list[int]
    binomials: np.ndarray


class Levels:
    """All levels of n bits at the rate p.

    Attributes
    ----------
    cap : int
        Numbers of flips beyond it have hardly any probability and share a symbol.
    powers : list of int
        (1 - p)^k, k = 0 .. n.
    table : array of int64
        C(i, k) for i = 0 .. n, a row for each k for which all of them are small enough.
    """

    def __init__(self, n: int, p: Fraction, tau: Fraction) -> None:
        self.n, self.p, self.tau = n, p, tau
        self.cap = 24 + 4 * math.ceil(p * n)
        u, w = p.numerator, p.denominator
        self._flip, self._keep, self._all = _powers(u, n), _powers(w - u, n), _powers(w, n)
        self.powers = [UNIT * keep // whole for keep, whole in zip(self._keep, self._all)]
        largest = next((k for k in range(n + 1) if math.comb(n, k) >= _WIDE), n + 1) - 1
        rows = range(min(largest, self.cap) + 1)
        self.table = np.array([[math.comb(i, k) for i in range(n + 1)] for k in rows], dtype=np.int64)
        self._made: dict[int, Level] = {}

    def at(self, z: int) -> Level:
        """The weights at z zero-bits."""
        if z not in self._made:
            m, none = self.n - z, self.powers[z]
            quiet = [self._binomial(m, b, z) for b in range(min(m, self.cap) + 1)]
            ups = [self._binomial(z, a, 0) for a in range(1, min(z, self.cap) + 1)]
            downs = [self._binomial(m, b, 0) for b in range(min(m, self.cap) + 1)]
            here = self._weight(z)
            classes = min(z, MOST_DOWNS) + 1 if m else 0
            odds = self.p / (1 - self.p)
            ratios = [math.floor(UNIT * odds**b * self._weight(z + 1 - b) / here) for b in range(classes)]
            narrow = math.comb(z, min(MOST_DOWNS, z // 2)) * self.n < _WIDE
            table = [[math.comb(s, b) for b in range(classes)] for s in range(z + 1)]
            self._made[z] = Level(
                [*quiet, max(none - sum(quiet), 0)], UNIT - none, boundaries([*ups, max(UNIT - none - sum(ups), 1)]),
                boundaries([*downs, max(UNIT - sum(downs), 0)]), ratios, np.array(table, dtype=np.int64 if narrow else object),
            )  # fmt: skip
        return self._made[z]

    def _binomial(self, size: int, k: int, still: int) -> int:
        """Probability that k of ``size`` bits flip and none of ``still`` others."""
        every = size + still
        return UNIT * math.comb(size, k) * self._flip[k] * self._keep[every - k] // self._all[every]

    def _weight(self, z: int) -> Fraction:
        """g."""
        return 1 / (self.tau**z * z * math.comb(self.n, z))


@lru_cache(maxsize=4)
def levels(n: int, p: Fraction, tau: Fraction) -> Levels:
    """The levels, kept for the next run."""
    return Levels(n, p, tau)


def _powers(base: int, n: int) -> list[int]:
    powers = [1]
    for _ in range(n):
        powers.append(powers[-1] * base)
    return powers
