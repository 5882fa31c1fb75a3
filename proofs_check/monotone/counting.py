"""How many strictly monotone functions there are, up to what acceptance sees of them: counted without listing them.

An order is built from the best point downwards. The points placed so far form a set S that is closed upwards, and the next level
is any non-empty set of points all of whose upper neighbours are in S (a single one, if there are no ties). So the number of ways
to complete S depends on S alone: W(S) = sum over the next levels L of W(S + L), over 2, 5, 19, 167, 7580 sets for n = 1, ..., 5.

Up to symmetry (Burnside): the mean over the n! renamings of the bits of the number of orders that a renaming leaves as they are;
those are built in the same way from levels that are unions of its cycles on points. An order without ties lists the points with
one zero-bit one after the other, so that only the identity leaves it (n >= 2).
"""

from __future__ import annotations

import functools
import itertools
import math

from theory.errors import InputError

LARGEST = 5


def count(n: int, ties: bool = False) -> int:
    """Orders of the points of n bits that agree with the partial order.

    >>> [count(n) for n in (1, 2, 3, 4)], [count(n, ties=True) for n in (1, 2, 3)]
    ([1, 2, 48, 1680384], [1, 3, 223])
    """
    return _fixed(_bits(n), tuple(range(n)), ties)


def count_up_to_symmetry(n: int, ties: bool = False) -> int:
    """The same up to renaming the bits.

    >>> [count_up_to_symmetry(n) for n in (2, 3, 4)], [count_up_to_symmetry(n, ties=True) for n in (2, 3)]
    ([1, 8, 70016], [2, 43])
    """
    renamings = itertools.permutations(range(_bits(n)))
    total = sum(_fixed(n, places, ties) for places in renamings)
    assert total % math.factorial(n) == 0
    return total // math.factorial(n)


def above(n: int) -> list[int]:
    """For each point the set (a bit mask) of its upper neighbours.

    >>> above(2)
    [6, 8, 8, 0]
    """
    return [sum(1 << (x | 1 << i) for i in range(n) if not x >> i & 1) for x in range(2**n)]


def _fixed(n: int, places: tuple[int, ...], ties: bool) -> int:
    """Orders that a renaming of the bits leaves as they are."""
    size, upper = 2**n, above(n)
    moved = [sum(1 << place for i, place in enumerate(places) if x >> i & 1) for x in range(size)]
    cycles, seen = [], set()
    for x in range(size):
        cycle = []
        while x not in seen:
            seen.add(x)
            cycle.append(x)
            x = moved[x]
        if cycle:
            cycles.append(cycle)
    if not ties and len(cycles) < size:
        return 0
    masks = [sum(1 << x for x in cycle) for cycle in cycles]
    needs = [functools.reduce(int.__or__, (upper[x] for x in cycle)) for cycle in cycles]
    full = 2**size - 1

    @functools.cache
    def ways(placed: int) -> int:
        if placed == full:
            return 1
        free = [mask for mask, need in zip(masks, needs) if not placed & mask and not need & ~placed]
        sets = range(1, len(free) + 1) if ties else (1,)
        return sum(ways(placed | sum(level)) for size in sets for level in itertools.combinations(free, size))

    return ways(0)


def _bits(n: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= LARGEST:
        raise InputError(f"n: {n!r} must be an integer from 1 to {LARGEST}")
    return n
