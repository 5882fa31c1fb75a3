"""The backward code in polynomial time, for any strictly monotone function that can be compared: pair mode.

A RECONSTRUCTION of the argument of J. Lengler, A. Martinsson, A. Steger, *When does hillclimbing fail on monotone functions: an
entropy compression argument*, ANALCO 2019; the paper's own encoding may differ. :mod:`proofs_check.codec.exact_code` has the idea
in its pure form; here its laws are replaced by what comparisons of pairs can tell.

Notation: y is the point AFTER the round, with z zero-bits and m = n - z one-bits; p = c/n, q = 1 - p. The symbols at y:

* *quiet*: no zero-bit flipped, b one-bits did. Such a round never changes anything. Probability q^z C(m, b) p^b q^(m - b), then
  the set of downs, all alike. This is what the round is worth.
* R, an up but rejected: probability (1 - q^z)(1 - r), then the numbers of ups and downs by their binomial laws, then the sets.
* A, an accepted change: probability (1 - q^z) r, where r is the mean over the zero-bits j of q^(number of one-bits i such that
  swapping i and j isn't acceptable), kept within [0.02, 0.98]. Then what led to y, a predecessor x:

  - class b = 0 .. 12: one up, b downs. The up is a ONE-bit i of y, the downs are ZERO-bits of y: B. By strict monotony each
    j in B must have f(y with i and j swapped) < f(y) if b >= 2, and <= if b = 1 (< if only better offspring are accepted). Let
    J_i be those j. So (i, B) is one of N_b = sum over i of C(|J_i|, b) candidates; it is coded as its rank among them. The class
    has the weight N_b p^(1+b) q^(n-1-b) g(x)/g(y), with g(x) = tau^-z / (z C(n, z)).
  - *escape*, of relative weight 0.03 + cz/n: two and more ups, or more downs; numbers and sets without any cleverness.

All weights are integers, exact fractions rounded down to multiples of 2^-64, so that decoder and encoder agree on any machine.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property

import numpy as np

from proofs_check.codec.coders import Stack, boundaries, pop_number, pop_symbol, push_number, push_symbol, rank, unrank
from proofs_check.codec.functions import Oracle, Pairs
from proofs_check.codec.levels import MOST_DOWNS, UNIT, levels
from theory.errors import InputError

_LOWEST, _HIGHEST = UNIT // 50, UNIT - UNIT // 50  # of r
WRONG_CODE = "code: isn't one of a run on f; it must be decoded with the f it was encoded with"
_WRONG_RUN = "f: a round of the run isn't possible on it; it must be the static, strictly monotone function of the run"


class State:
    """A point y and the shares of the symbols there."""

    def __init__(self, code: PairCode, x: np.ndarray) -> None:
        self.x = x.copy()
        self.zeros, self.ones = np.flatnonzero(x == 0), np.flatnonzero(x)
        if not self.zeros.size:
            raise InputError(WRONG_CODE)
        self.place = np.cumsum(x, dtype=np.int64) - 1  # of a one-bit among the one-bits
        self.strict, self.level = code.strict, code.levels.at(self.zeros.size)
        self.pairs: Pairs = code.f.pairs(x, self.ones, self.zeros)
        bad = self.pairs.no_better if self.strict else self.pairs.worse
        share = min(max(sum(map(code.levels.powers.__getitem__, bad.tolist())) // self.zeros.size, _LOWEST), _HIGHEST)
        change = self.level.active * share // UNIT
        self.kinds = boundaries([*self.level.quiet, change, self.level.active - change])
        self.change = len(self.level.quiet)  # the symbol A; R is the next one
        self._escape = Fraction(3, 100) + code.levels.p * self.zeros.size

    def sizes(self, downs: int) -> np.ndarray:
        """|J_i| for each one-bit."""
        return self.pairs.at_most if downs == 1 and not self.strict else self.pairs.less

    @cached_property
    def candidates(self) -> list[int]:
        """N_b of the classes."""
        table, classes = self.level.binomials, len(self.level.ratios)
        counts = [self.ones.size] if classes else []
        if classes > 1:
            counts.append(int(self.sizes(1).sum()))
        if classes > 2:
            histogram = np.bincount(self.pairs.less, minlength=self.zeros.size + 1).astype(table.dtype)
            counts += [int(k) for k in (histogram @ table)[2:]]
        return counts

    @cached_property
    def classes(self) -> list[int]:
        """Boundaries of the classes; the last symbol is the escape."""
        weights = [count * ratio for count, ratio in zip(self.candidates, self.level.ratios)]
        return boundaries([*weights, math.floor(sum(weights) * self._escape) + 1])


class PairCode:
    """The symbols of pair mode on a stack.

    Parameters
    ----------
    f : Oracle
    p, tau : Fraction
    strict : bool

    Examples
    --------
    >>> from proofs_check.codec.coders import Integers
    >>> from proofs_check.codec.functions import Weighted
    >>> code, stack = PairCode(Weighted([4, 2, 1]), Fraction(1, 3), Fraction(1), strict=False), Integers()
    >>> y = code.state(np.array([1, 0, 0], dtype=np.uint8))
    >>> y.candidates  # from 000, from 010 and 001, from 011
    [1, 2, 1]
    >>> code.push(stack, y, np.array([0, 1, 2]), changed=True)
    >>> code.pop(stack, y)
    (array([0, 1, 2]), True)
    """

    def __init__(self, f: Oracle, p: Fraction, tau: Fraction, strict: bool) -> None:
        self.f, self.n, self.strict = f, f.n, strict
        self.levels = levels(f.n, p, tau)

    def state(self, x: np.ndarray) -> State:
        """The point and its shares."""
        return State(self, x)

    def push(self, stack: Stack, y: State, flips: np.ndarray, changed: bool) -> None:
        """Push what happened in the round that ended in y: what flipped, and whether the offspring was accepted."""
        at_one = y.x[flips] == 1
        places, others = y.place[flips[at_one]], np.searchsorted(y.zeros, flips[~at_one])
        m, z = y.ones.size, y.zeros.size
        if changed:
            self._push_change(stack, y, places, others)
            push_symbol(stack, y.change, y.kinds)
            return
        b, a = places.size, others.size
        push_number(stack, rank(places), math.comb(m, b))
        if a:
            push_number(stack, rank(others), math.comb(z, a))
            self._push_size(stack, b, m, 0, y.level.downs)
            self._push_size(stack, a, z, 1, y.level.ups)
            push_symbol(stack, y.change + 1, y.kinds)
        else:
            self._push_size(stack, b, m, 0, y.kinds)

    def pop(self, stack: Stack, y: State) -> tuple[np.ndarray, bool]:
        """Undo :meth:`push`."""
        m, z = y.ones.size, y.zeros.size
        kind = pop_symbol(stack, y.kinds)
        if kind == y.change:
            places, others = self._pop_change(stack, y)
        else:
            a = 0
            if kind == y.change + 1:
                a = self._pop_size(stack, pop_symbol(stack, y.level.ups), z, 1)
                b = self._pop_size(stack, pop_symbol(stack, y.level.downs), m, 0)
            else:
                b = self._pop_size(stack, kind, m, 0)
            others = unrank(pop_number(stack, math.comb(z, a)), a, z) if a else []
            places = unrank(pop_number(stack, math.comb(m, b)), b, m)
        flips = np.concatenate([y.ones[np.array(places, dtype=np.int64)], y.zeros[np.array(others, dtype=np.int64)]])
        return np.sort(flips), kind == y.change

    def _push_size(self, stack: Stack, size: int, most: int, least: int, bounds: list[int]) -> None:
        """A number of flips: itself, or "more" and then which, all alike."""
        if size > self.levels.cap:
            push_number(stack, size - self.levels.cap - 1, most - self.levels.cap)
        push_symbol(stack, min(size, self.levels.cap + 1, most + 1) - least, bounds)

    def _pop_size(self, stack: Stack, symbol: int, most: int, least: int) -> int:
        size = symbol + least
        if size <= min(self.levels.cap, most):
            return size
        if most <= self.levels.cap:
            raise InputError(WRONG_CODE)
        return self.levels.cap + 1 + pop_number(stack, most - self.levels.cap)

    def _push_change(self, stack: Stack, y: State, ups: np.ndarray, downs: np.ndarray) -> None:
        b = downs.size
        if not ups.size:
            raise InputError(_WRONG_RUN)
        if ups.size > 1 or b > MOST_DOWNS:
            m, z = y.ones.size, y.zeros.size
            push_number(stack, rank(ups), math.comb(m, ups.size))
            push_number(stack, rank(downs), math.comb(z, b))
            push_number(stack, b, z + 1)
            push_number(stack, ups.size - 1, m)
            push_symbol(stack, len(y.candidates), y.classes)
            return
        i = int(ups[0])
        fit = y.pairs.below(i, b == 1 and not self.strict)
        where = np.searchsorted(fit, downs)
        if b and (where[-1] >= fit.size or (fit[where] != downs).any()):
            raise InputError(_WRONG_RUN)
        before = int(y.level.binomials[y.sizes(b)[:i], b].sum())
        push_number(stack, before + rank(where), y.candidates[b])
        push_symbol(stack, b, y.classes)

    def _pop_change(self, stack: Stack, y: State) -> tuple[list[int], list[int]]:
        b = pop_symbol(stack, y.classes)
        if b == len(y.candidates):
            m, z = y.ones.size, y.zeros.size
            if not m:
                raise InputError(WRONG_CODE)
            a = pop_number(stack, m) + 1
            b = pop_number(stack, z + 1)
            downs = unrank(pop_number(stack, math.comb(z, b)), b, z)
            return unrank(pop_number(stack, math.comb(m, a)), a, m), downs
        if not y.candidates[b]:
            raise InputError(WRONG_CODE)
        index = pop_number(stack, y.candidates[b])
        ends = np.cumsum(y.level.binomials[y.sizes(b), b])
        i = int(np.searchsorted(ends, index, side="right"))
        fit = y.pairs.below(i, b == 1 and not self.strict)
        where = unrank(index - (int(ends[i - 1]) if i else 0), b, fit.size)
        return [i], fit[np.array(where, dtype=np.int64)].tolist()
