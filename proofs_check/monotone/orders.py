"""What the (1+1) EA sees of a strictly monotone function: an order of the 2^n points, perhaps with ties.

Notation: points are integers whose n binary digits are the bits, x_1 the most significant one; x < y (y has all one-bits of x
and more) implies f(x) < f(y). An order lists its levels from the best, {1^n}, to the worst, {0^n}; the points of one level have
equal fitness and so no two of them are comparable. Two orders are the same up to symmetry if renaming the bits turns one into the
other; their runtimes are then the same.

The expected runtime follows from the best level downwards: with S the points of better levels, L the level of x and
P(x, y) = p^h (1-p)^(n-h), h the number of bits in which x and y differ,

    E(x) = ( 1 + sum over y in S or L, y != x, of P(x, y) E(y) ) / ( sum over the same y of P(x, y) ).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem

LARGEST = 7
"""Bits up to which orders are made."""


@dataclass(frozen=True)
class Order:
    """A strictly monotone function up to what acceptance can see of it.

    Attributes
    ----------
    n : int
    levels : tuple of tuples of int
        From the best to the worst, the points of each ascending.

    Examples
    --------
    >>> print(Order.of([0, 1, 1, 2]))
    11 > 01 = 10 > 00
    >>> binval(2).expected_runtimes(Fraction(1, 2))[0]
    Fraction(4, 1)
    """

    n: int
    levels: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, values: Iterable[Any]) -> Order:
        """The order of a table f(0), f(1), ..., f(2^n - 1), checked to be strictly monotone.

        Raises
        ------
        InputError
        """
        table = list(values)
        n = len(table).bit_length() - 1
        if not 1 <= n <= LARGEST or len(table) != 2**n:
            raise InputError(f"values: {len(table)} values are no table of a function of 1 to {LARGEST} bits; give 2^n of them")
        for x, i in itertools.product(range(2**n), range(n)):
            if not x >> i & 1 and not table[x | 1 << i] > table[x]:
                raise InputError(
                    f"values: f({x | 1 << i:0{n}b}) must be larger than f({x:0{n}b}) in a strictly monotone function"
                )
        groups: dict[Any, list[int]] = {}
        for x, value in enumerate(table):
            groups.setdefault(value, []).append(x)
        return cls(n, tuple(tuple(groups[value]) for value in sorted(groups, reverse=True)))

    @classmethod
    def listed(cls, points: Iterable[int]) -> Order:
        """An order without ties, from the best point to the worst."""
        table = list(points)
        ranks = [0] * len(table)
        for i, x in enumerate(table):
            ranks[x] = -i
        return cls.of(ranks)

    @property
    def ranks(self) -> tuple[int, ...]:
        """For each point the number of levels below its own: the function as a table."""
        ranks = [0] * 2**self.n
        for i, level in enumerate(reversed(self.levels)):
            for x in level:
                ranks[x] = i
        return tuple(ranks)

    @property
    def has_ties(self) -> bool:
        """Whether some level has more than one point."""
        return len(self.levels) < 2**self.n

    def renamed(self, places: Sequence[int]) -> Order:
        """The order with bit i (0 the least significant) moved to ``places[i]``."""
        moved = [_moved(x, places) for x in range(2**self.n)]
        return Order(self.n, tuple(tuple(sorted(moved[x] for x in level)) for level in self.levels))

    def canonical(self) -> Order:
        """The smallest of its images under renaming the bits: equal for orders that are the same up to symmetry.

        >>> Order.of([0, 1, 2, 3]).canonical() == Order.of([0, 2, 1, 3]).canonical()
        True
        """
        return min((self.renamed(places) for places in itertools.permutations(range(self.n))), key=lambda order: order.levels)

    def expected_runtimes(self, p: Fraction) -> list[Fraction]:
        """E from each point at mutation rate p, in fractions."""
        from flint import fmpq, fmpq_mat

        rate = fmpq(Fraction(p).numerator, Fraction(p).denominator)
        law = [rate**h * (1 - rate) ** (self.n - h) for h in range(self.n + 1)]
        known: dict[int, Any] = {self.levels[0][0]: fmpq(0)}
        for level in self.levels[1:]:
            size = len(level)
            matrix, right = fmpq_mat(size, size), fmpq_mat(size, 1)
            for i, x in enumerate(level):
                chances = {y: law[(x ^ y).bit_count()] for y in (*known, *level) if y != x}
                right[i, 0] = 1 + sum((chances[y] * cost for y, cost in known.items()), fmpq(0))
                for j, y in enumerate(level):
                    matrix[i, j] = sum(chances.values(), fmpq(0)) if i == j else -chances[y]
            solution = matrix.solve(right)
            known.update({x: solution[i, 0] for i, x in enumerate(level)})
        return [Fraction(int(known[x].p), int(known[x].q)) for x in range(2**self.n)]

    def expected_runtime(self, p: Fraction, start: str = "uniform") -> Fraction:
        """E[T] in fractions, from a uniform start or from the worst point.

        >>> str(Order.of([0, 1, 1, 2]).expected_runtime(Fraction(1, 2)))
        '3'
        """
        costs = self.expected_runtimes(p)
        return max(costs) if start == "worst" else sum(costs, Fraction(0)) / len(costs)

    def weights(self) -> list[float] | None:
        """Weights of a linear function with this order, x_1 first; None if there is none.

        >>> Order.of([0, 1, 1, 2]).weights(), Order.of([0, 1, 1, 2, 1, 2, 3, 4]).weights()
        ([1.0, 1.0], None)
        """
        from scipy.optimize import linprog

        bits = np.array([[x >> (self.n - 1 - i) & 1 for i in range(self.n)] for x in range(2**self.n)])
        falls = [bits[high[0]] - bits[low[0]] for high, low in itertools.pairwise(self.levels)]
        equal = [bits[level[0]] - bits[x] for level in self.levels for x in level[1:]]
        more = {"A_eq": np.array(equal), "b_eq": np.zeros(len(equal))} if equal else {}
        found = linprog(np.ones(self.n), A_ub=-np.array(falls), b_ub=-np.ones(len(falls)), bounds=(1, None), **more)
        return [round(float(w), 9) for w in found.x] if found.status == 0 else None

    def problem(self) -> Table:
        """The function as a problem for ``algorithm.on``."""
        return Table(self)

    def __str__(self) -> str:
        return " > ".join(" = ".join(f"{x:0{self.n}b}" for x in level) for level in self.levels)


def value(x, data):
    """The table's entry."""
    point = 0
    for i in range(x.size):
        point = 2 * point + x[i]
    return float(data[0, point])


def judge(x, flips, m, ups, k, v, data):
    """Two entries of the table compared."""
    before = 0
    for i in range(x.size):
        before = 2 * before + x[i]
    after = before
    for j in range(m):
        after ^= 1 << (x.size - 1 - flips[j])
    difference = data[0, after] - data[0, before]
    return 1 if difference > 0 else (-1 if difference < 0 else 0), float(data[0, after])


class Table(Problem):
    """A strictly monotone function given by an order of all points.

    Examples
    --------
    >>> Table(binval(3)).value([1, 0, 1])
    5
    """

    strictly_monotone = True
    hooks = {"value": value, "judge": judge}

    def __init__(self, order: Order) -> None:
        self.order = order
        self._ranks = order.ranks

    @property
    def key(self) -> str:
        return f"Table({self.order})"

    def check(self, n: int) -> None:
        if n != self.order.n:
            raise InputError(f"n: the order is one of the points of {self.order.n} bits, not of {n}")

    def data(self, n: int) -> np.ndarray:
        return np.array([self._ranks], dtype=np.int64)

    def value(self, x: Any) -> int:
        return self._ranks[int("".join(str(int(bit)) for bit in x), 2)]


def onemax(n: int) -> Order:
    """The number of one-bits.

    >>> print(onemax(2))
    11 > 01 = 10 > 00
    """
    return Order.of([x.bit_count() for x in range(2**n)])


def binval(n: int) -> Order:
    """The binary number itself."""
    return Order.listed(range(2**n - 1, -1, -1))


def _moved(x: int, places: Sequence[int]) -> int:
    return sum(1 << place for i, place in enumerate(places) if x >> i & 1)
