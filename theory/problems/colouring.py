"""Graph colouring: give the vertices q colours so that many edges have ends of two colours.

A point is a word of letters 0, ..., q - 1, one a vertex. Mutation is that of the bits with "flip" replaced by "take another
letter, uniformly": with q = 2 it is the same. On bipartite graphs two colours are those of the Ising model (Fischer, Wegener,
*The one-dimensional Ising model: mutation versus recombination*, TCS 344, 2005), with one side's turned around.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.errors import InputError
from theory.problems.base import positive_integer
from theory.problems.graphs import GraphProblem, one_parent_only, whole_number
from theory.problems.max_cut import optimal

MOST = 255
"""Colours: a letter is a byte."""


def value(x, data):
    """Each edge stands twice in the lists of neighbours."""
    twice = 0
    for u in range(x.size):
        for e in range(data[0, u], data[0, u + 1]):
            twice += x[u] != x[data[1, e]]
    return twice // 2


def judge(x, flips, m, letters, k, v, data):
    """Recolour one vertex after the other; ``letters`` holds the new colours, and the old ones meanwhile."""
    gain = 0
    for j in range(m):
        u = np.uint64(flips[j])  # unsigned, as in the judge of MaxCut
        old, new = x[u], letters[j]
        for e in range(np.uint64(data[0, u]), np.uint64(data[0, u + np.uint64(1)])):
            colour = x[np.uint64(data[1, e])]
            gain += colour == old
            gain -= colour == new
        x[u] = new
        letters[j] = old
    for j in range(m):
        u = np.uint64(flips[j])
        old = letters[j]
        letters[j] = x[u]
        x[u] = old
    return (gain > 0) - (gain < 0), v + gain


class GraphColouring(GraphProblem):
    """The number of edges whose ends have different colours.

    Parameters
    ----------
    graph : networkx.Graph, list of edges, or text
        See :mod:`theory.problems.graphs`.
    colours : int
        q, from 2 to 255.
    target : int, optional
        A run ends when so many edges are properly coloured. Default: all. Whether that is possible isn't checked: give a budget.

    Examples
    --------
    >>> GraphColouring("cycle(5)", colours=3).value([0, 1, 0, 1, 2])
    5
    """

    space = "colours"
    hooks = {"value": value, "judge": judge, "optimal": optimal}

    def __init__(self, graph: Any, colours: int, target: int | None = None) -> None:
        super().__init__(graph)
        self.letters = positive_integer(colours, "colours")
        if not 2 <= self.letters <= MOST:
            raise InputError(f"colours: {colours} must be from 2 to {MOST}")
        edges = len(self.graph.edges)
        self._given = None if target is None else whole_number(target, "target", edges, f"the graph has {edges} edges")

    @property
    def given(self):
        return {"colours": self.letters, "target": self._given}

    def check_algorithm(self, algorithm):
        one_parent_only(self, algorithm)

    def target(self, n):
        return len(self.graph.edges) if self._given is None else self._given

    def value(self, x):
        return int(sum(int(x[u]) != int(x[v]) for u, v in self.graph.edges.tolist()))

    def value_range(self, n):
        return (0.0, float(len(self.graph.edges)))
