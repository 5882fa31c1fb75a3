"""Eulerian cycle: how to go on at each vertex, so that one closed walk uses every edge once.

B. Doerr, D. Johannsen, *Adjacency list matchings: an ideal genotype for cycle covers*, GECCO 2007. A point says for each edge end
at which other end of the same vertex a walk goes on: at each vertex a perfect matching of the ends there. Every such point is a
cover of the edges by closed walks, and an Eulerian cycle is one of a single walk.

The paper's mutation is reconstructed here, not copied. Elementary step: a uniform edge end e gets a uniform new partner f among
the other ends of its vertex, and their old partners e', f' are paired; at a vertex of degree 2 nothing can change. Each pair of
pairs {e, e'}, {f, f'} of a vertex of degree d is so replaced by {e, f}, {e', f'} with probability 4 / (2m (d - 2)), like in the
other direction: steps are symmetric, and connect all points. RLS(flips=r) makes r steps; the (1+1) EA at rate p makes a binomial
number of them, Bin(m, p), one after the other. n = m, the number of edges, which is the number of pairs, too.

Ends: edge i from u to v, u < v, has the ends 2i at u and 2i + 1 at v. A walk that comes along an edge to its end e goes on from
the partner of e, along that end's edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.errors import InputError
from theory.problems.graphs import GraphProblem, one_parent_only
from theory.problems.max_cut import optimal


def value(x, data):
    """Less the number of closed walks: go along each that has an edge not yet seen."""
    seen = np.zeros(x.size // 2, np.uint8)
    walks = 0
    for i in range(seen.size):
        if seen[i] == 0:
            walks += 1
            end = 2 * i
            while seen[end >> 1] == 0:
                seen[end >> 1] = 1
                end = x[end ^ 1]
    return -walks


class EulerianCycle(GraphProblem):
    """Fewest closed walks; the fitness is less their number, at best -1.

    Parameters
    ----------
    graph : networkx.Graph, list of edges, or text
        See :mod:`theory.problems.graphs`. Connected, and all degrees even.

    Examples
    --------
    >>> bow_tie = EulerianCycle([(0, 1), (1, 2), (0, 2), (0, 3), (3, 4), (0, 4)])
    >>> bow_tie.graph.edges.tolist()
    [[0, 1], [0, 2], [0, 3], [0, 4], [1, 2], [3, 4]]
    >>> bow_tie.value([2, 8, 0, 9, 6, 10, 4, 11, 1, 3, 5, 7])  # at vertex 0 go on within each triangle
    -2
    >>> bow_tie.value([4, 8, 6, 9, 0, 10, 2, 11, 1, 3, 5, 7])
    -1
    """

    space = "matchings"
    hooks = {"value": value, "optimal": optimal}

    def __init__(self, graph: Any) -> None:
        import networkx as nx

        super().__init__(graph)
        whole = self.graph.networkx()
        odd = [u for u, degree in whole.degree if degree % 2]
        if odd:
            label = self.graph.vertices[odd[0]]
            raise InputError(f"graph: vertex {label!r} has the degree {whole.degree[odd[0]]}; an Eulerian cycle needs even ones")
        if not nx.is_connected(whole):
            raise InputError("graph: is not connected, so that no cycle has all its edges; give one component")

    @property
    def fixed_n(self) -> int:
        return len(self.graph.edges)

    def check_algorithm(self, algorithm):
        one_parent_only(self, algorithm)

    def matrix(self):
        """Row 0: where the ends at each vertex begin in row 1, which lists them; row 2: the vertex of each end."""
        size, vertex = len(self.graph.vertices), self.graph.edges.ravel()
        matrix = np.zeros((3, max(size + 1, len(vertex))), dtype=np.int64)
        matrix[0, 1 : size + 1] = np.cumsum(np.bincount(vertex, minlength=size))
        matrix[1, : len(vertex)] = np.argsort(vertex, kind="stable")
        matrix[2, : len(vertex)] = vertex
        return matrix

    def target(self, n):
        return -1

    def value(self, x):
        partner = [int(end) for end in x]
        left = set(range(len(self.graph.edges)))
        walks = 0
        while left:
            walks += 1
            end = 2 * min(left)
            while end // 2 in left:
                left.remove(end // 2)
                end = partner[end ^ 1]
        return -walks

    def value_range(self, n):
        return (-float(n), -1.0)
