"""Families of strictly monotone functions on 5 to 7 bits: which of them is slowest for the (1+1) EA with rate c/n?

Too many to search them all, so each family is searched on its own:

* *linear*: BinVal, and random weights (lognormal with several spreads, powers of several bases);
* *HotTopic*: the functions of Lengler and Steger with few levels, random sets;
* *random*: f(x) = max over the lower neighbours y of f(y), plus an exponential number;
* *reading*: two points are compared bit by bit, the next bit to be read depends on what both had so far (BinVal reads them in one
  order, whatever they are). Hill climbing: one subtree is drawn anew, and kept if that isn't faster;
* *any*: from the best of all of the above, single points moved elsewhere, then neighbours swapped as long as it helps
  (:func:`proofs_check.monotone.recursion.raised`).

On 3, 4 and 5 bits the reading functions hold the slowest of all, as the complete search shows; on more bits what is found is
a lower bound on the slowest, and nothing found exceeds the pessimist.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from proofs_check.monotone.orders import LARGEST, Order, binval, onemax
from proofs_check.monotone.recursion import expected_runtime, raised, value_of_list
from proofs_check.progress import track
from theory.errors import InputError
from theory.values import exact, number

if TYPE_CHECKING:
    import pandas as pd

FAMILIES = ("OneMax", "linear", "HotTopic", "random", "reading", "any")
Tree = tuple[int, Any, Any] | None
"""The bit that is read first, the tree for the points that have it, the tree for those that don't."""


@dataclass(frozen=True)
class Slowest:
    """The slowest function found in each family.

    Attributes
    ----------
    n : int
    c : Fraction
    found : dict of str to (Order, float)
        By family, with E[T] from a uniform start in doubles.
    pessimist : float
        E[T] of the partially ordered EA.
    """

    n: int
    c: Fraction
    found: dict[str, tuple[Order, float]]
    pessimist: float

    @property
    def worst(self) -> Order:
        """The slowest of all that were tried."""
        return max(self.found.values(), key=lambda pair: pair[1])[0]

    @property
    def table(self) -> pd.DataFrame:
        """One row a family, and one for the pessimist: E[T], and its ratio to that of OneMax."""
        import pandas as pd

        values = {name: value for name, (_, value) in self.found.items()} | {"pessimist": self.pessimist}
        least = self.found["OneMax"][1]
        return pd.DataFrame([{"family": name, "E[T]": value, "ratio": value / least} for name, value in values.items()])


def slowest_by_family(n: int, c: Any, *, tries: int = 200, seed: int = 1, progress: bool | None = None) -> Slowest:
    """Search the families for slow functions.

    Parameters
    ----------
    n : int
        2 to 7.
    c : number
        0 < c < n.
    tries : int
        Functions tried in each family.
    seed : int
    progress : bool, optional
        Show a progress bar after two seconds; default: if standard error is a terminal.

    Returns
    -------
    Slowest

    Raises
    ------
    InputError

    Examples
    --------
    >>> found = slowest_by_family(4, 1, tries=100)
    >>> round(found.found["reading"][1], 6), round(found.found["linear"][1], 6), found.pessimist > found.found["any"][1]
    (11.231723, 11.230033, True)
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 2 <= n <= LARGEST:
        raise InputError(f"n: {n!r} must be an integer from 2 to {LARGEST}")
    constant = exact(number(c, "c"))
    if not 0 < constant < n:
        raise InputError(f"c: {c!r} must lie strictly between 0 and n = {n}")
    if isinstance(tries, bool) or not isinstance(tries, int) or tries < 1:
        raise InputError(f"tries: {tries!r} must be a positive integer")
    p, random = float(constant / n), np.random.default_rng(seed)
    found: dict[str, tuple[Order, float]] = {}
    for family in track(FAMILIES, len(FAMILIES), "families", progress):
        if family == "reading":
            found[family] = _climb_trees(n, p, tries, random)
        elif family == "any":
            found[family] = _climb(max(found.values(), key=lambda pair: pair[1])[0], p, tries, random)
        else:
            orders = {"OneMax": lambda: [onemax(n)], "linear": lambda: _linear(n, tries, random),
                      "HotTopic": lambda: _hottopic(n, tries), "random": lambda: _random(n, tries, random)}[family]()  # fmt: skip
            found[family] = max(((order, expected_runtime(order, p)) for order in orders), key=lambda pair: pair[1])
    return Slowest(n, constant, found, pessimist(n, constant))


def pessimist(n: int, c: Fraction) -> float:
    """E[T] of the partially ordered EA (T. Jansen, FOGA 2007).

    No strictly monotone function is slower where that expectation rises with the number of zero-bits of the start, which it
    does for c/n <= 1/2 (tested for the n that are searched here); for larger rates it needn't.
    """
    from theory import OnePlusOneEA, PartiallyOrderedEA
    from theory.exact import expected_runtime as exactly

    return float(exactly(OnePlusOneEA("c/n").on(PartiallyOrderedEA()), n=n, c=c))


def _linear(n: int, tries: int, random: np.random.Generator) -> Iterator[Order]:
    yield binval(n)
    for i in range(tries - 1):
        weights = np.exp(random.normal(size=n) * (0.2, 0.5, 1.0, 2.0)[i % 4]) if i % 2 else (1.05 + i / tries) ** np.arange(n)
        scaled = np.maximum(1, np.rint(weights * 10**6)).astype(np.int64)
        yield Order.of([sum(int(scaled[j]) for j in range(n) if x >> j & 1) for x in range(2**n)])


def _hottopic(n: int, tries: int) -> Iterator[Order]:
    from theory import HotTopic
    from theory.exact.states import points_of

    points = points_of(n)
    shares = [(a, b) for a in range(2, n) for b in range(1, a)]
    for i in range(tries):
        hot, small = shares[i % len(shares)]
        levels = 1 + i % 5
        problem = HotTopic(Fraction(hot, n), Fraction(small, n), Fraction(i % 3, 4), levels, seed=i)
        yield Order.of([problem.value(x) for x in points])


def _random(n: int, tries: int, random: np.random.Generator) -> Iterator[Order]:
    for _ in range(tries):
        values = np.zeros(2**n)
        for x in sorted(range(1, 2**n), key=int.bit_count):
            values[x] = max(values[x ^ 1 << i] for i in range(n) if x >> i & 1) + random.exponential()
        yield Order.of(values.tolist())


def reading_order(tree: Tree) -> list[int]:
    """The points from the best to the worst, of a function that reads bit by bit.

    >>> reading_order((1, (0, None, None), (0, None, None)))
    [3, 2, 1, 0]
    """
    if tree is None:
        return [0]
    bit, upper, lower = tree
    return [1 << bit | x for x in reading_order(upper)] + reading_order(lower)


def _random_tree(bits: tuple[int, ...], random: np.random.Generator) -> Tree:
    if not bits:
        return None
    bit = bits[int(random.integers(len(bits)))]
    rest = tuple(i for i in bits if i != bit)
    return bit, _random_tree(rest, random), _random_tree(rest, random)


def _redrawn(tree: Tree, bits: tuple[int, ...], depth: int, random: np.random.Generator) -> Tree:
    """The tree with a random subtree at that depth drawn anew; half of the time it keeps its own subtrees where it can."""
    if tree is None or depth == 0:
        return _random_tree(bits, random)
    bit, upper, lower = tree
    rest = tuple(i for i in bits if i != bit)
    if random.random() < 0.5:
        return bit, _redrawn(upper, rest, depth - 1, random), lower
    return bit, upper, _redrawn(lower, rest, depth - 1, random)


def _climb_trees(n: int, p: float, tries: int, random: np.random.Generator) -> tuple[Order, float]:
    bits = tuple(range(n))
    tree: Tree = None
    for i in reversed(bits):  # BinVal
        tree = (n - 1 - i, tree, tree)
    best = value_of_list(reading_order(tree), n, p)
    for _ in range(10 * tries):  # a try costs microseconds
        other = _redrawn(tree, bits, int(random.integers(1, n)), random)
        value = value_of_list(reading_order(other), n, p)
        if value >= best * (1 - 1e-13):
            tree, best = other, max(best, value)
    return Order.listed(reading_order(tree)), best


def _climb(order: Order, p: float, tries: int, random: np.random.Generator) -> tuple[Order, float]:
    """Iterated: a few points moved to other places that the partial order allows, then neighbours swapped while it helps."""
    order = raised(order, p)
    best, n = expected_runtime(order, p), order.n
    for _ in range(tries):
        listed = [x for (x,) in order.levels]
        for _ in range(1 + int(random.integers(3))):
            at = int(random.integers(1, len(listed)))
            x = listed.pop(at)
            first = 1 + max(listed.index(y) for y in (x | 1 << i for i in range(n)) if y != x) if x != 2**n - 1 else 0
            last = min([listed.index(x ^ 1 << i) for i in range(n) if x >> i & 1], default=len(listed))
            listed.insert(int(random.integers(first, last + 1)), x)
        other = raised(Order.listed(listed), p)
        value = expected_runtime(other, p)
        if value >= best * (1 - 1e-13):
            order, best = other, max(best, value)
    return order, best


def count_of_readings(n: int) -> int:
    """How many functions read bit by bit: N(n) = n N(n-1)^2.

    >>> [count_of_readings(n) for n in (1, 2, 3, 4, 5)]
    [1, 2, 12, 576, 1658880]
    """
    return math.prod((n - depth) ** (2**depth) for depth in range(n))
