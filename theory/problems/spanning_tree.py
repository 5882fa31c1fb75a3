"""Minimum spanning tree: choose edges, with few components first and little weight after.

Neumann, Wegener, *Randomized local search, evolutionary algorithms, and the minimum spanning tree problem*, TCS 378 (2007). A bit
is an edge; they are numbered in the order of their ends. A disconnected graph has a minimum spanning forest: fewest components.

Notation: C(x) components of the graph with the chosen edges, C* those of the whole graph, w(x) the chosen weight, w* that of a
minimum spanning forest, B a power of two above four times the weight of all edges. The fitness is

    v = -w(x) - B (C(x) - C*),

the best one -w*. Weights are exact (0.1 means one tenth): they are scaled to integers, cut into limbs of 40 bits, and compared as
such. Kernels measure v + w* in scaled units, so that an optimum is exactly 0 however many digits the weights have. An offspring
costs a union-find over its edges; paths are halved, and the larger number becomes the root.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from theory.compile import function_source
from theory.errors import InputError
from theory.problems.graphs import GraphProblem
from theory.problems.linear import LIMB
from theory.problems.max_cut import optimal


def components(x, data):
    """Components with the chosen edges, less those of the whole graph."""
    parent = np.arange(data[0, 0]).astype(np.uint64)  # unsigned, as in the judge of MaxCut
    found = data[0, 0] - data[1, 0]
    for i in range(x.size):
        if x[i] == 1:
            u, w = np.uint64(data[0, i + 2]), np.uint64(data[1, i + 2])
            while parent[u] != u:
                parent[u] = parent[parent[u]]
                u = parent[u]
            while parent[w] != w:
                parent[w] = parent[parent[w]]
                w = parent[w]
            if u != w:
                if u < w:
                    parent[u] = w
                else:
                    parent[w] = u
                found -= 1
                if found == 0:
                    return found
    return found


def settle(limbs):
    """Carry, so that all limbs but the first lie in [0, 2^40); the sign of the number."""
    low = False
    for j in range(limbs.size - 1, 0, -1):
        limbs[j - 1] += limbs[j] >> 40
        limbs[j] &= 1099511627775
        low = low or limbs[j] != 0
    if limbs[0] == 0:
        return 1 if low else 0
    return 1 if limbs[0] > 0 else -1


def above(x, data):
    """w(x) - w*. After carrying, each sum of Horner's scheme is small or can't cancel: it is 0 for equal weights alone."""
    limbs = -data[2:, 0]
    for i in range(x.size):
        if x[i] == 1:
            for j in range(limbs.size):
                limbs[j] += data[j + 2, i + 2]
    settle(limbs)
    total = 0.0
    for j in range(limbs.size):
        total = total * 1099511627776.0 + limbs[j]
    return total


def value(x, data):
    """v + w* in scaled units."""
    return -above(x, data) - components(x, data) * 2.0 ** data[0, 1]


def compare(y, x, data):
    """Components first, then the exact difference of the weights."""
    more = components(y, data) - components(x, data)
    if more != 0:
        return -1 if more > 0 else 1
    limbs = np.zeros(data.shape[0] - 2, np.int64)
    for i in range(x.size):
        for j in range(limbs.size):
            limbs[j] += (np.int64(y[i]) - np.int64(x[i])) * data[j + 2, i + 2]
    return -settle(limbs)


def judge(x, flips, m, ups, k, v, data):
    """Weights of the flips, components of the offspring; v tells those of x, since all weights add up to at most B/4."""
    limbs = np.zeros(data.shape[0] - 2, np.int64)
    for f in range(m):
        i = flips[f]
        for j in range(limbs.size):
            limbs[j] += data[j + 2, i + 2] if x[i] == 0 else -data[j + 2, i + 2]
        x[i] ^= 1
    penalty = 2.0 ** data[0, 1]
    surplus = components(x, data)
    more = surplus - math.floor(0.5 - v / penalty)
    if limbs.size == 1 and penalty * data[0, 0] < 9007199254740992.0:  # every fitness is an exact float
        after = v - limbs[0] - more * penalty
    else:
        after = -above(x, data) - surplus * penalty
    for f in range(m):
        x[flips[f]] ^= 1
    if more != 0:
        return -1 if more > 0 else 1, after
    return -settle(limbs), after


def with_helpers(function, *helpers):
    """Source of a hook that calls functions of its own."""
    return "\n\n@hook\n".join(map(function_source, (*helpers, function)))


class MinimumSpanningTree(GraphProblem):
    """Fewest components, then least weight of the chosen edges (the bits that are 1).

    Parameters
    ----------
    graph : networkx.Graph, list of edges, or text
        See :mod:`theory.problems.graphs`.
    weight : str
        The edges' attribute that holds their weights, which must be positive; an edge without it weighs 1.

    Examples
    --------
    >>> triangle = MinimumSpanningTree([("a", "b", 0.1), ("b", "c", 0.2), ("a", "c", 0.3)])
    >>> triangle.graph.edges.tolist(), triangle.target(3)
    ([[0, 1], [0, 2], [1, 2]], Fraction(-3, 10))
    >>> [str(triangle.value(x)) for x in ([1, 0, 1], [1, 1, 0], [1, 0, 0])]  # a missing connection costs 3.2
    ['-3/10', '-2/5', '-33/10']
    >>> from theory import RLS, exact
    >>> exact.expected_runtime(RLS(2).on(triangle), start=[0, 1, 1])
    3.0
    """

    hooks = {
        "value": with_helpers(value, components, settle, above),
        "compare": compare,
        "judge": judge,
        "optimal": optimal,
    }

    def __init__(self, graph: Any, weight: str = "weight") -> None:
        import networkx as nx

        if not isinstance(weight, str) or not weight:
            raise InputError(f"weight: {weight!r} must be the name of the edges' attribute that holds their weights")
        super().__init__(graph, weight)
        total = sum(self.graph.weights)
        self._penalty = 1 << (4 * total).bit_length()
        if self._penalty.bit_length() > 900:
            raise InputError("graph: the weights span too many magnitudes for the fitness to fit a float")
        whole = nx.Graph()
        whole.add_nodes_from(range(len(self.graph.vertices)))
        whole.add_weighted_edges_from((u, v, w) for (u, v), w in zip(self.graph.edges.tolist(), self.graph.weights))
        self._fewest = nx.number_connected_components(whole)
        self._least = sum(w for _, _, w in nx.minimum_spanning_tree(whole).edges(data="weight"))

    @property
    def fixed_n(self) -> int:
        return len(self.graph.edges)

    def matrix(self):
        """In columns: (vertices, C*, limbs of w*), (B's exponent, 0, ...), then each edge's (tail, head, limbs of its weight)."""
        weights = [self._least, *self.graph.weights]
        bits = LIMB if sum(weights) >= 1 << 62 else 62
        limbs = -(-max(weights).bit_length() // bits)
        least, *cut = [[(w >> (bits * (limbs - 1 - j))) & ((1 << bits) - 1) for j in range(limbs)] for w in weights]
        columns = [[len(self.graph.vertices), self._fewest, *least], [self._penalty.bit_length() - 1, 0, *[0] * limbs]]
        columns += [[u, v, *parts] for (u, v), parts in zip(self.graph.edges.tolist(), cut)]
        return np.ascontiguousarray(np.array(columns, dtype=np.int64).T)

    def target(self, n):
        return -self._least / self.graph.scale

    def value_scale(self, n):
        return self.graph.scale, -self._least / self.graph.scale

    def value(self, x):
        """Exact fitness, a fraction."""
        group = list(range(len(self.graph.vertices)))

        def find(u: int) -> int:
            while group[u] != u:
                u = group[u]
            return u

        chosen = [i for i, bit in enumerate(x) if bit]
        left = len(group)
        for u, v in (self.graph.edges[i].tolist() for i in chosen):
            first, second = find(u), find(v)
            group[first] = second
            left -= first != second
        weight = sum(self.graph.weights[i] for i in chosen)
        return -Fraction(weight + self._penalty * (left - self._fewest)) / self.graph.scale

    def value_range(self, n):
        worst = sum(self.graph.weights) + self._penalty * (len(self.graph.vertices) - self._fewest)
        return (float(-worst / self.graph.scale), float(-self._least / self.graph.scale))
