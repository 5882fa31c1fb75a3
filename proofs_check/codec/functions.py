"""What the codec asks of a function f on {0,1}^n: the sign of f(x with some bits flipped) - f(x), exactly.

Points are in canonical form: arrays of uint8, the optimum is 1^n. f must be strictly monotone: more one-bits, larger value.

Linear functions (OneMax and BinVal are two) need no values of points: the sign of a sum of weights decides. For a swap of a
one-bit i and a zero-bit j that is the sign of w_j - w_i, so that their order, sorted once, answers for all pairs at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, combinations
from math import lcm
from typing import Any

import numpy as np

from theory.errors import InputError, nearest
from theory.problems import BinVal, Linear, OneMax
from theory.problems.base import Problem

EXHAUSTIVE = 8  # up to here strict monotony of a user's function is checked on all neighbours
_PAIRS = 100  # random comparable pairs checked above that
_SMALL = 1 << 62


@dataclass(frozen=True)
class Pairs:
    """What the swaps of a one-bit i and a zero-bit j of a point do to f: counts, and the zero-bits that go with a one-bit.

    Attributes
    ----------
    less, at_most : arrays of int64, shape (ones,)
        For each i the number of j whose swap makes f smaller, and not larger.
    worse, no_better : arrays of int64, shape (zeros,)
        For each j the number of i with the same.
    below : callable
        ``below(k, ties)``: the j, as ascending places in the list of zero-bits, whose swap with the k-th one-bit makes f smaller,
        or, with ties, not larger.
    """

    less: np.ndarray
    at_most: np.ndarray
    worse: np.ndarray
    no_better: np.ndarray
    below: Callable[[int, bool], np.ndarray]


class Oracle:
    """A function by its values, on points of n bits.

    Attributes
    ----------
    n : int
    value : callable
        ``value(x)`` for an array x of n bits; anything that can be compared.
    known : bool
        f is known to be strictly monotone, not only said to be.
    """

    def __init__(self, n: int, value: Callable[[np.ndarray], Any], known: bool = False) -> None:
        self.n, self.value, self.known = n, value, known
        self._point, self._value = b"", None

    def sign(self, x: np.ndarray, flips: Sequence[int] | np.ndarray) -> int:
        """1, 0 or -1: whether x with ``flips`` flipped is better than x, as good, or worse."""
        key = x.tobytes()
        if key != self._point:
            self._point, self._value = key, self.value(x)
        y = x.copy()
        y[flips] ^= 1
        value = self.value(y)
        return int(value > self._value) - int(value < self._value)

    def swaps(self, x: np.ndarray, ones: np.ndarray, zeros: np.ndarray) -> np.ndarray:
        """The signs for swaps of each one-bit with each zero-bit, shape (ones, zeros)."""
        signs = [[self.sign(x, [i, j]) for j in zeros.tolist()] for i in ones.tolist()]
        return np.array(signs, dtype=np.int8).reshape(ones.size, zeros.size)

    def pairs(self, x: np.ndarray, ones: np.ndarray, zeros: np.ndarray) -> Pairs:
        """:meth:`swaps` in numbers."""
        signs = self.swaps(x, ones, zeros)
        smaller, not_larger = signs < 0, signs <= 0

        def below(k: int, ties: bool) -> np.ndarray:
            return np.flatnonzero((not_larger if ties else smaller)[k])

        return Pairs(smaller.sum(1), not_larger.sum(1), smaller.sum(0), not_larger.sum(0), below)

    def signs(self, x: np.ndarray, sets: Sequence[np.ndarray]) -> np.ndarray:
        """:meth:`sign` for many sets of flips."""
        return np.array([self.sign(x, flips) for flips in sets], dtype=np.int8)


class Weighted(Oracle):
    """A linear function by its positive integer weights."""

    def __init__(self, weights: Sequence[int]) -> None:
        super().__init__(len(weights), self._sum, known=True)
        self.weights = [int(w) for w in weights]
        order = {w: r for r, w in enumerate(sorted(set(self.weights)))}
        self.ranks = np.array([order[w] for w in self.weights], dtype=np.int64)
        ascending = sorted(self.weights)
        self.pairs_decide = len(order) == 1  # whether signs follow from those of swaps: OneMax, or the largest weight decides
        if len(order) == self.n:
            self.pairs_decide = all(sums < w for w, sums in zip(ascending, accumulate(ascending, initial=0)))

    def _sum(self, x: np.ndarray) -> int:
        return sum(self.weights[i] for i in np.flatnonzero(x).tolist())

    def sign(self, x, flips):
        gain = sum(-self.weights[i] if x[i] else self.weights[i] for i in map(int, flips))
        return (gain > 0) - (gain < 0)

    def swaps(self, x, ones, zeros):
        return np.sign(self.ranks[zeros][None, :] - self.ranks[ones][:, None]).astype(np.int8)

    def pairs(self, x, ones, zeros):
        up, down = self.ranks[zeros], self.ranks[ones]  # a swap makes f smaller where up < down
        ups, downs = np.sort(up), np.sort(down)

        def below(k: int, ties: bool) -> np.ndarray:
            return np.flatnonzero(up <= down[k] if ties else up < down[k])

        return Pairs(
            np.searchsorted(ups, down, side="left"), np.searchsorted(ups, down, side="right"),
            ones.size - np.searchsorted(downs, up, side="right"), ones.size - np.searchsorted(downs, up, side="left"), below,
        )  # fmt: skip

    def signs(self, x, sets):
        if sum(self.weights) >= _SMALL:
            return super().signs(x, sets)
        gains = np.where(x == 1, -1, 1) * np.array(self.weights, dtype=np.int64)
        ends = np.cumsum([len(flips) for flips in sets])
        sums = np.concatenate([[0], np.cumsum(gains[np.concatenate(sets).astype(np.int64)])])
        return np.sign(sums[ends] - sums[np.concatenate([[0], ends[:-1]])]).astype(np.int8)


def oracle(f: Any, n: int) -> Oracle:
    """The oracle of a problem or of a user's function, checked at the border.

    Parameters
    ----------
    f : Problem, callable, or Oracle
        A strictly monotone problem of :mod:`theory`, or a function of a uint8 array of n bits. What is claimed of a function is
        checked on all pairs of neighbours up to n = 8, on random comparable pairs above. An oracle is taken as it is.
    n : int

    Raises
    ------
    InputError

    Examples
    --------
    >>> from theory import BinVal
    >>> oracle(BinVal(), 3).sign(np.array([0, 1, 1], dtype=np.uint8), [0, 1, 2])
    1
    """
    if isinstance(f, Oracle):
        if f.n != n:
            raise InputError(f"f: is a function of {f.n} bits, not of n = {n}")
        return f
    if isinstance(f, Problem):
        if not f.is_strictly_monotone or f.random_acceptance:
            raise InputError(f"f: {f} isn't a strictly monotone function, which the code needs; take OneMax(), BinVal(), ...")
        f.check(n)
        if isinstance(f, OneMax):
            return Weighted([1] * n)
        if isinstance(f, BinVal):
            return Weighted([1 << (n - 1 - i) for i in range(n)])
        if isinstance(f, Linear):
            exact = [abs(w) for w in f.weights(n)]
            scale = lcm(*(w.denominator for w in exact))
            return Weighted([int(w * scale) for w in exact])
        return Oracle(n, f.value, known=True)
    if not callable(f):
        hint = f"; {nearest(f, ['OneMax', 'BinVal', 'Linear', 'HotTopic'])}" if isinstance(f, str) else ""
        raise InputError(f"f: {f!r} must be a strictly monotone problem or a function of n bits{hint}")
    made = Oracle(n, f)
    _check_monotone(made)
    return made


def _check_monotone(f: Oracle) -> None:
    """Refuse a user's function that is seen not to be strictly monotone."""
    n, rng = f.n, np.random.default_rng(0)
    if n <= EXHAUSTIVE:
        points = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.uint8)
    else:
        points = (rng.random((_PAIRS, n)) < rng.random((_PAIRS, 1))).astype(np.uint8)
    for x in points:
        zeros = np.flatnonzero(x == 0)
        for j in zeros if n <= EXHAUSTIVE else rng.permutation(zeros)[:1]:
            if f.sign(x, [int(j)]) <= 0:
                text = "".join(map(str, x)) if n <= 24 else f"a point with {zeros.size} zero-bits"
                raise InputError(f"f: isn't strictly monotone: flipping zero-bit {j} of {text} doesn't make it larger")


def ranks(f: Oracle) -> np.ndarray:
    """The order of all 2^n points, bit i of a point's number being its position i: equal values have equal ranks."""
    n = f.n
    points = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.uint8)
    values = [f.value(x) for x in points]
    order = {value: r for r, value in enumerate(sorted(set(values)))}
    return np.array([order[value] for value in values], dtype=np.int64)


def random_monotone(n: int, seed: int, ties: int = 0) -> Oracle:
    """A random strictly monotone function: f(x) is the largest value of a point with one one-bit less, plus a random number.

    Parameters
    ----------
    n : int
        At most 14.
    seed : int
    ties : int
        If positive, the random numbers are 1 .. ties, so that many points are as good as each other; otherwise all differ.

    Examples
    --------
    >>> f = random_monotone(3, seed=1)
    >>> f.sign(np.array([0, 1, 0], dtype=np.uint8), [0])
    1
    """
    if not 1 <= n <= 14:
        raise InputError(f"n: {n} must be from 1 to 14; the function is a table of 2^n values")
    rng = np.random.default_rng([seed, n, ties])
    values = np.zeros(2**n, dtype=np.int64)
    steps = rng.integers(1, ties + 1, 2**n) if ties else rng.integers(1, 2**40, 2**n)
    for size in range(1, n + 1):
        for chosen in combinations(range(n), size):
            x = sum(1 << i for i in chosen)
            values[x] = max(values[x ^ 1 << i] for i in chosen) + steps[x]
    powers = 1 << np.arange(n)
    return Oracle(n, lambda x: int(values[int(powers @ x)]), known=True)


def exact_rate(c: Any, n: int) -> Fraction:
    """p = c/n, exactly."""
    from theory.values import exact, number

    value = exact(number(c, "c"))
    if not 0 < value < n:
        raise InputError(f"c: {c!r} must be positive and less than n = {n}, so that 0 < p < 1")
    return value / n
