"""The backward code in its exact form, for up to 14 bits: the law Q_y of what happened in the round that ended in y.

A RECONSTRUCTION of the argument of J. Lengler, A. Martinsson, A. Steger, *When does hillclimbing fail on monotone functions: an
entropy compression argument*, ANALCO 2019; the paper's own encoding may differ.

Notation: z(x) zero-bits; a round flips the set F with probability P(F) = p^|F| (1-p)^(n-|F|); rho(y) is the probability of an
*accepted change* from y (accepted, F not empty; strict monotony makes it flip a zero-bit). With a number tau > 0 let

    g(x) = tau^-z / (z C(n, z)),       z = z(x) >= 1.

Q_y is a law on symbols (type, F), given the point y AFTER the round:

* type 0, nothing changed: F is empty or f(y + F) < f(y):               Q_y = P(F);                      together 1 - rho(y)
* type 1, an accepted change from x = y + F, f(x) <= f(y), F not empty:  Q_y = rho(y) P(F) g(x) / sum of P g;   together rho(y)

(+ flips; if only better offspring are accepted, read <= for < and < for <=.) One set may belong to two symbols. A point without
predecessors wastes rho(y). So a rejected round costs what it is worth, and an accepted change from x to y saves

    log2 Q_y/P = log2 R(y) + log2 g(x) - log2 g(y),      R(y) = rho(y) g(y) / sum over predecessors x of P(x + y) g(x):

if most swaps "one zero-bit up, one one-bit down" improve y, then, since f is one fixed function, most swaps backwards are
impossible, few points can have led to y, and R(y) > 1. The final point is coded with mu(x) = 1/((n+1) C(n, z(x))).
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np

from proofs_check.codec.coders import Stack, boundaries, pop_symbol, push_symbol
from proofs_check.codec.functions import Oracle, ranks
from theory.errors import InputError

LARGEST = 14


class ExactCode:
    """Q_y for every y, from a table of f.

    Parameters
    ----------
    f : Oracle
    p, tau : Fraction
    strict : bool
    over_z : bool
        Keep the factor 1/z in g; without it R depends on z at small z where it needn't.

    Examples
    --------
    >>> from proofs_check.codec.functions import Weighted
    >>> code = ExactCode(Weighted([1, 1, 1]), Fraction(1, 3), Fraction(1), strict=False)
    >>> code.gain(0b011), sum(code.law(0b011).values())
    (Fraction(16, 21), Fraction(1, 1))
    """

    def __init__(self, f: Oracle, p: Fraction, tau: Fraction, strict: bool, over_z: bool = True) -> None:
        if f.n > LARGEST:
            raise InputError(f"n: {f.n} is too large for the exact code, at most {LARGEST}; take mode='pair'")
        self.n, self.p, self.strict = f.n, p, strict
        self.ranks = ranks(f)
        self.optimum = 2**self.n - 1
        points = np.arange(2**self.n)
        self.sizes = np.bitwise_count(points).astype(np.int64)  # of sets; n - z of points
        self.choice = [p**k * (1 - p) ** (self.n - k) for k in range(self.n + 1)]
        self.level = [Fraction(0)] + [
            1 / (tau**z * (z if over_z else 1) * math.comb(self.n, z)) for z in range(1, self.n + 1)
        ]  # g
        scale = p.denominator**self.n
        self._choice = np.array([int(w * scale) for w in self.choice], dtype=object)
        common = math.lcm(*(w.denominator for w in self.level))
        self._level = np.array([int(w * common) for w in self.level], dtype=object)
        self.shares = lru_cache(maxsize=256)(self._shares)

    def symbols(self, y: int) -> tuple[np.ndarray, np.ndarray]:
        """The sets of type 0 and those of type 1, ascending."""
        other = self.ranks[np.arange(2**self.n) ^ y]
        worse = other <= self.ranks[y] if self.strict else other < self.ranks[y]
        before = other < self.ranks[y] if self.strict else other <= self.ranks[y]
        worse[0], before[0] = True, False
        return np.flatnonzero(worse), np.flatnonzero(before)

    def change(self, y: int) -> np.ndarray:
        """The sets whose flipping is an accepted change from y."""
        return np.setdiff1d(np.arange(2**self.n), self.symbols(y)[0], assume_unique=True)

    def zeros(self, y: int) -> int:
        """z(y)."""
        return self.n - int(self.sizes[y])

    def rho(self, y: int) -> Fraction:
        """Probability of an accepted change from y."""
        counts = np.bincount(self.sizes[self.change(y)], minlength=self.n + 1)
        return sum((int(k) * w for k, w in zip(counts, self.choice)), Fraction(0))

    def arrivals(self, y: int) -> Fraction:
        """Sum of P g over the predecessors of y."""
        sets = self.symbols(y)[1]
        pairs = self.sizes[sets] * (self.n + 1) + self.n - self.sizes[sets ^ y]
        total = Fraction(0)
        for pair, count in zip(*np.unique(pairs, return_counts=True)):
            size, z = divmod(int(pair), self.n + 1)
            total += int(count) * self.choice[size] * self.level[z]
        return total

    def gain(self, y: int) -> Fraction | None:
        """R(y), None for a point without predecessors."""
        arrivals = self.arrivals(y)
        return self.rho(y) * self.level[self.zeros(y)] / arrivals if arrivals else None

    def law(self, y: int) -> dict[tuple[int, int], Fraction]:
        """Q_y as (type, F): probability."""
        still, before = self.symbols(y)
        law = {(0, int(F)): self.choice[self.sizes[F]] for F in still}
        factor = self.rho(y) / self.arrivals(y) if before.size else Fraction(0)
        law |= {(1, int(F)): factor * self.choice[self.sizes[F]] * self.level[self.zeros(int(F) ^ y)] for F in before}
        return law

    def final(self, y: int) -> Fraction:
        """mu(y)."""
        return Fraction(1, (self.n + 1) * math.comb(self.n, self.zeros(y)))

    def _shares(self, y: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """The symbols at y and their boundaries; integer weights, a common multiple of those of :meth:`law`."""
        still, before = self.symbols(y)
        come = self._choice[self.sizes[before]] * self._level[self.n - self.sizes[before ^ y]]
        arrivals = int(come.sum()) if before.size else 1
        stay = self._choice[self.sizes[still]] * arrivals
        moves = int(self._choice[self.sizes[self.change(y)]].sum()) if y != self.optimum else 0
        whole = self.p.denominator**self.n * arrivals
        return still, before, boundaries([*stay.tolist(), *(come * moves).tolist()], whole)

    def push(self, stack: Stack, y: int, changed: bool, F: int) -> None:
        """Push what happened in the round that ended in y."""
        still, before, bounds = self.shares(y)
        sets = before if changed else still
        index = int(np.searchsorted(sets, F))
        if index == sets.size or sets[index] != F:
            raise InputError("f: a round of the run isn't possible on it; it must be the static function of the run")
        push_symbol(stack, index + (still.size if changed else 0), bounds)

    def pop(self, stack: Stack, y: int) -> tuple[bool, int]:
        """Undo :meth:`push`."""
        still, before, bounds = self.shares(y)
        symbol = pop_symbol(stack, bounds)
        if symbol == len(bounds) - 1:
            raise InputError("code: isn't one of a run on f; it must be decoded with the f it was encoded with")
        return symbol >= still.size, int(still[symbol] if symbol < still.size else before[symbol - still.size])
