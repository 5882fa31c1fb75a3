"""Vertex cover: choose few vertices so that each edge has a chosen end.

Friedrich, He, Hebbinghaus, Neumann, Witt, *Approximating covering problems by randomized search heuristics using multi-objective
models*, Evolutionary Computation 18 (2010): uncovered edges count first, then the number of chosen vertices.

As one number: with N vertices and M edges, v = (N + 1) (covered edges) + (vertices not chosen), an integer below 2^53 for every
graph that fits into memory, so that comparisons are exact. A flip costs the vertex's degree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.errors import InputError
from theory.problems.graphs import Graph, GraphProblem, whole_number
from theory.problems.max_cut import optimal

EXHAUSTIVE = 20
"""Vertices of a connected component up to which all covers are tried."""


def value(x, data):
    """Covered edges, and vertices that aren't chosen."""
    twice, left = 0, 0
    for u in range(x.size):
        left += 1 - x[u]
        for e in range(data[0, u], data[0, u + 1]):
            twice += x[u] | x[data[1, e]]
    return (x.size + 1) * (twice // 2) + left


def judge(x, flips, m, ups, k, v, data):
    """Flip one vertex after the other: what changes are its edges to vertices that aren't chosen."""
    gain = 0
    for j in range(m):
        u = np.uint64(flips[j])  # unsigned, as in the judge of MaxCut
        alone = 0
        for e in range(np.uint64(data[0, u]), np.uint64(data[0, u + np.uint64(1)])):
            alone += 1 - x[np.uint64(data[1, e])]
        change = (x.size + 1) * alone - 1
        gain += change if x[u] == 0 else -change
        x[u] ^= 1
    for j in range(m):
        x[np.uint64(flips[j])] ^= 1
    return (gain > 0) - (gain < 0), v + gain


class VertexCover(GraphProblem):
    """Fewest uncovered edges, then fewest vertices (the bits that are 1).

    Parameters
    ----------
    graph : networkx.Graph, list of edges, or text
        See :mod:`theory.problems.graphs`.
    target : int, optional
        A run ends at a cover of so many vertices (or fewer). Default: the size of the smallest cover, where it is known: each
        component of the graph is bipartite (König's theorem), or has at most 20 vertices.

    Examples
    --------
    >>> star = VertexCover("star(3)")  # vertex 0 is the centre
    >>> [star.value(x) for x in ([0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0])], star.target(4)
    ([4, 18, 17], 18)
    >>> from theory import OnePlusOneEA, exact
    >>> round(exact.expected_runtime(OnePlusOneEA("1/n").on(star)), 6)
    13.040063
    """

    hooks = {"value": value, "judge": judge, "optimal": optimal}

    def __init__(self, graph: Any, target: int | None = None) -> None:
        super().__init__(graph)
        size, best = self.fixed_n, smallest_cover(self.graph)
        self._given = None if target is None else whole_number(target, "target", size, f"the graph has {size} vertices")
        if self._given is None and best is None:
            raise InputError("target: the smallest cover of this graph is not known; give target=, the size of one to reach")
        if self._given is not None and best is not None and self._given < best:
            raise InputError(f"target: {self._given} vertices cover this graph never; the smallest cover has {best}")
        chosen = best if self._given is None else self._given
        assert chosen is not None
        self._target = (size + 1) * len(self.graph.edges) + size - chosen

    @property
    def given(self):
        return {"target": self._given}

    def target(self, n):
        return self._target

    def value(self, x):
        covered = sum(1 for u, v in self.graph.edges.tolist() if x[u] or x[v])
        return (self.fixed_n + 1) * covered + self.fixed_n - int(sum(int(bit) for bit in x))

    def value_range(self, n):
        return (0.0, float((n + 1) * len(self.graph.edges) + n))


def smallest_cover(graph: Graph) -> int | None:
    """The size of the smallest vertex cover, or None where finding it takes too long."""
    import networkx as nx

    whole, total = graph.networkx(), 0
    for component in nx.connected_components(whole):
        part = whole.subgraph(component)
        if nx.is_bipartite(part):  # König: as large as the largest matching
            total += len(nx.bipartite.hopcroft_karp_matching(part)) // 2
        elif len(component) <= EXHAUSTIVE:
            number = {u: i for i, u in enumerate(component)}
            total += _by_trial([(number[u], number[v]) for u, v in part.edges], len(component))
        else:
            return None
    return total


def _by_trial(edges: list[tuple[int, int]], vertices: int) -> int:
    points = np.arange(2**vertices, dtype=np.uint32)
    covers = np.ones(len(points), dtype=bool)
    for u, v in edges:
        covers &= (((points >> u) | (points >> v)) & 1).astype(bool)
    return int(np.bitwise_count(points[covers]).min())
