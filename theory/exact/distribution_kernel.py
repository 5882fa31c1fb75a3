"""Runtime distributions, compiled: powers of a chain, and sums of independent geometric times."""

from __future__ import annotations

from theory.jit import kernel


@kernel
def absorb(matrix, first, last, end, mass, pmf, tail):
    """Advance the law ``mass`` of a chain, writing the probability that reaches an end at each step into ``pmf``.

    Row x of the matrix is used in the columns first[x] .. last[x]. Returns (steps made, probability that is left); stops
    early when no more than ``tail`` is left.
    """
    size = mass.size
    after = mass.copy()
    left = 0.0
    for step in range(pmf.size):
        after[:] = 0.0
        for x in range(size):
            if mass[x] > 0.0:
                share = mass[x]
                for y in range(first[x], last[x] + 1):
                    after[y] += share * matrix[x, y]
        done, left = 0.0, 0.0
        for x in range(size):
            if end[x]:
                done += after[x]
                mass[x] = 0.0
            else:
                left += after[x]
                mass[x] = after[x]
        pmf[step] = done
        if left <= tail:
            return step + 1, left
    return pmf.size, left


@kernel
def add_half_geometric(pmf, chance):
    """Replace the law of X by that of X + B G, B ~ Ber(1/2), G ~ Geo(chance) on 1, 2, ..., cut at the end of the array."""
    waiting = 0.0
    before = 0.0
    for t in range(pmf.size):
        waiting = (1.0 - chance) * waiting + chance * before
        before = pmf[t]
        pmf[t] = 0.5 * (before + waiting)
