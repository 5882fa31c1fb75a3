"""Maximum cut: put each vertex on one of two sides so that many edges run between the sides.

Neumann, Witt, *Bioinspired Computation in Combinatorial Optimization*, Springer (2010), treat such problems on graphs. The bits
are the sides of the vertices, so a solution and its complement are equally good and no optimum is "all ones": ``k`` counts the
vertices on side 0, and a run ends at a known size of the cut. A flip costs the vertex's degree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.errors import InputError
from theory.problems.graphs import Graph, GraphProblem, whole_number

EXHAUSTIVE = 20
"""Vertices of a block (a part without cut vertices) up to which all cuts are tried."""


def value(x, data):
    """Each edge stands twice in the lists of neighbours."""
    twice = 0
    for u in range(x.size):
        for e in range(data[0, u], data[0, u + 1]):
            twice += x[u] ^ x[data[1, e]]
    return twice // 2


def judge(x, flips, m, ups, k, v, data):
    """Flip one vertex after the other: its cut edges are lost, the others won."""
    gain = 0
    for j in range(m):
        u = np.uint64(flips[j])  # indices are unsigned here: of others numba looks whether they are negative
        ones, degree = 0, 0
        for e in range(np.uint64(data[0, u]), np.uint64(data[0, u + np.uint64(1)])):
            ones += x[np.uint64(data[1, e])]
            degree += 1
        gain += 2 * ones - degree if x[u] == 1 else degree - 2 * ones
        x[u] ^= 1
    for j in range(m):
        x[np.uint64(flips[j])] ^= 1
    return (gain > 0) - (gain < 0), v + gain


def optimal(k, v, target):
    """A run ends at a fitness that is known, not at a point."""
    return v >= target


class MaxCut(GraphProblem):
    """The number of edges between the vertices with bit 1 and those with bit 0.

    Parameters
    ----------
    graph : networkx.Graph, list of edges, or text
        See :mod:`theory.problems.graphs`.
    target : int, optional
        A run ends when so many edges are cut. Default: the size of the largest cut, where it is known: each block of the graph
        is bipartite, an odd cycle, or has at most 20 vertices.

    Examples
    --------
    >>> MaxCut("complete(4)").target(4), MaxCut("cycle(5)").value([1, 0, 1, 0, 1])
    (4, 4)
    >>> from theory import OnePlusOneEA, exact
    >>> exact.expected_runtime(OnePlusOneEA("1/n").on(MaxCut("path(3)")), rational=True)
    Fraction(27, 8)
    """

    hooks = {"value": value, "judge": judge, "optimal": optimal}

    def __init__(self, graph: Any, target: int | None = None) -> None:
        super().__init__(graph)
        best = largest_cut(self.graph)
        edges = len(self.graph.edges)
        self._given = None if target is None else whole_number(target, "target", edges, f"the graph has {edges} edges")
        if self._given is None and best is None:
            raise InputError("target: the largest cut of this graph is not known; give target=, the number of cut edges to reach")
        if self._given is not None and best is not None and self._given > best:
            raise InputError(f"target: no cut has {self._given} edges; the largest has {best}")
        self._target = best if self._given is None else self._given

    @property
    def given(self):
        return {"target": self._given}

    def target(self, n):
        return self._target

    def value(self, x):
        return int(sum(int(x[u]) != int(x[v]) for u, v in self.graph.edges.tolist()))

    def value_range(self, n):
        return (0.0, float(len(self.graph.edges)))


def largest_cut(graph: Graph) -> int | None:
    """The largest number of edges that can be cut, or None where finding it takes too long.

    Sides can be swapped on either side of a cut vertex, so the blocks of a graph are cut independently.
    """
    import networkx as nx

    whole, total = graph.networkx(), 0
    for block in nx.biconnected_components(whole):
        part = whole.subgraph(block)
        edges = part.number_of_edges()
        if nx.is_bipartite(part):
            total += edges
        elif edges == len(block):  # a cycle, and an odd one
            total += edges - 1
        elif len(block) <= EXHAUSTIVE:
            number = {u: i for i, u in enumerate(block)}
            total += _by_trial([(number[u], number[v]) for u, v in part.edges], len(block))
        else:
            return None
    return total


def _by_trial(edges: list[tuple[int, int]], vertices: int) -> int:
    """The last vertex stays on side 0."""
    points = np.arange(2 ** (vertices - 1), dtype=np.uint32)
    cut = np.zeros(len(points), dtype=np.int16)
    for u, v in edges:
        cut += (((points >> u) ^ (points >> v)) & 1).astype(np.int16)
    return int(cut.max())
