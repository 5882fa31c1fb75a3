"""Perfect matchings of the edge ends at each vertex (see :mod:`theory.problems.eulerian_cycle`): a uniform start, one step.

``data``: row 0 where the ends of each vertex begin in row 1, which lists them; row 2 the vertex of each end. ``mate[e]`` is the
partner of end e.
"""

from __future__ import annotations

from sim.kernels.random import below
from theory.jit import kernel


@kernel
def draw_matchings(s, mate, data, ends):
    """Shuffle the ends of each vertex (Fisher, Yates) and pair neighbours; ``ends`` is room for them."""
    first = 0
    while first < mate.size:
        u = data[2, data[1, first]]
        degree = data[0, u + 1] - first
        for i in range(degree):
            ends[i] = data[1, first + i]
        for i in range(degree - 1, 0, -1):
            j = below(s, i + 1)
            ends[i], ends[j] = ends[j], ends[i]
        for i in range(0, degree, 2):
            mate[ends[i]], mate[ends[i + 1]] = ends[i + 1], ends[i]
        first += degree


@kernel
def pair(mate, e, f):
    """Make e and f partners, and their old partners, too."""
    old_e, old_f = mate[e], mate[f]
    mate[e], mate[f] = f, e
    mate[old_e], mate[old_f] = old_f, old_e


@kernel
def step(s, mate, data):
    """One elementary step; returns an end and the partner that it had, equal where the vertex has only two ends."""
    e = below(s, mate.size)
    u = data[2, e]
    first, degree = data[0, u], data[0, u + 1] - data[0, u]
    if degree == 2:
        return e, e
    old = mate[e]
    f = e
    while f == e or f == old:
        f = data[1, first + below(s, degree)]
    pair(mate, e, f)
    return e, old
