"""Graphs: as users give them, as kernels want them, and what all problems on them share.

A graph is given as a networkx graph, as a list of edges ``(u, v)`` or ``(u, v, weight)``, or as the name of one, like
``"cycle(20)"`` (:mod:`theory.problems.graph_names`). On a command line it is a name, or ``@edges.csv``, a file with two columns
and perhaps a third one for the weights (:func:`theory.registry.read_edges`). Vertices are numbered 0, 1, ... in the order in
which they first appear (networkx: in the order of ``list(graph)``), edges by the numbers of their ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem
from theory.problems.graph_names import named_graph
from theory.problems.linear import exact_weight

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected graph without loops and multiple edges.

    Attributes
    ----------
    vertices : tuple
        Labels, by the vertex's number.
    edges : int64 array, shape (m, 2)
        Numbers u < v of the ends; sorted.
    weights : tuple of int
        Scaled to integers without a common factor, positive.
    scale : Fraction
        By how much.
    """

    vertices: tuple[Hashable, ...]
    edges: np.ndarray
    weights: tuple[int, ...]
    scale: Fraction

    @property
    def key(self) -> str:
        """Tells graphs apart: their vertices' number, edges and weights."""
        digest = hashlib.sha256(f"{len(self.vertices)};{self.scale}".encode())
        digest.update(self.edges.tobytes())
        digest.update(",".join(map(str, self.weights)).encode())
        return f"<{len(self.vertices)} vertices, {len(self.edges)} edges, sha256 {digest.hexdigest()[:16]}>"

    def __repr__(self) -> str:
        return self.key

    def networkx(self, weights: bool = False) -> networkx.Graph:
        """The same in networkx, on the vertices' numbers; if asked for, with the exact weights as the attribute "weight"."""
        import networkx as nx

        graph = nx.Graph()
        graph.add_nodes_from(range(len(self.vertices)))
        if weights:
            graph.add_weighted_edges_from((u, v, w / self.scale) for (u, v), w in zip(self.edges.tolist(), self.weights))
        else:
            graph.add_edges_from(self.edges.tolist())
        return graph

    def adjacency(self) -> np.ndarray:
        """Row 0 where each vertex's neighbours begin in row 1; int64, padded with zeros.

        >>> read_graph("path(3)").adjacency().tolist()
        [[0, 1, 3, 4], [1, 0, 2, 1]]
        """
        size, ends = len(self.vertices), 2 * len(self.edges)
        matrix = np.zeros((2, max(size + 1, ends)), dtype=np.int64)
        tails, heads = self.edges.T.ravel(), self.edges[:, ::-1].T.ravel()
        order = np.lexsort((heads, tails))
        matrix[0, 1 : size + 1] = np.cumsum(np.bincount(tails, minlength=size))
        matrix[1, :ends] = heads[order]
        return matrix


class GraphProblem(Problem):
    """A problem on a graph; the graph fixes the number n of positions."""

    def __init__(self, graph: Any, weight: str | None = None) -> None:
        self.graph = read_graph(graph, weight)
        self._data: np.ndarray | None = None

    @property
    def fixed_n(self) -> int:
        return len(self.graph.vertices)

    @property
    def key(self) -> str:
        given = "".join(f", {name}={value}" for name, value in self.given.items() if value is not None)
        return f"{self.name}(graph={self.graph.key}{given})"

    @property
    def given(self) -> dict[str, Any]:
        """The parameters besides the graph."""
        return {}

    def parameters(self) -> dict[str, Any]:
        """What the constructor was given; the graph in networkx, on the vertices' numbers."""
        return {"graph": self.graph.networkx(weights=True), **self.given}

    def check(self, n):
        if n != self.fixed_n:
            raise InputError(f"n: {n} is not what the graph of {self.name} fixes, n = {self.fixed_n}; leave n out")

    def matrix(self) -> np.ndarray:
        """What the hooks receive."""
        return self.graph.adjacency()

    def data(self, n):
        if self._data is None:
            self._data = self.matrix()
        return self._data


def read_graph(graph: Any, weight: str | None = None) -> Graph:
    """Read a graph as the user gives it.

    Parameters
    ----------
    graph : networkx.Graph, list of edges, or text
    weight : str, optional
        The edges' attribute that holds their weights (an edge without it weighs 1, as in networkx); default: no weights.

    Raises
    ------
    InputError

    Examples
    --------
    >>> read_graph([("a", "b"), ("b", "c")]).edges.tolist()
    [[0, 1], [1, 2]]
    >>> read_graph("tree(5)")
    Traceback (most recent call last):
    ...
    theory.errors.InputError: graph: 'tree(5)' must be tree(vertices, seed)
    """
    if isinstance(graph, str):
        vertices, pairs = named_graph(graph)
        given = [(u, v, 1) for u, v in pairs]
    elif hasattr(graph, "is_directed") and hasattr(graph, "edges"):
        vertices, given = _from_networkx(graph, weight)
    else:
        vertices, given = _from_rows(graph, weight is not None)
    if not vertices:
        raise InputError("graph: has no vertices; give at least one edge")
    if not given:
        raise InputError("graph: has no edges; give at least one")
    number = {label: i for i, label in enumerate(vertices)}
    found: dict[tuple[int, int], int | Fraction] = {}
    for u, v, value in given:
        if u == v:
            raise InputError(f"graph: has a loop at {u!r}; leave it out")
        edge = (min(number[u], number[v]), max(number[u], number[v]))
        if edge in found:
            raise InputError(f"graph: has the edge {u!r}, {v!r} twice; give it once")
        found[edge] = 1 if weight is None else _positive(value, u, v)
    order = sorted(found)
    exact = [found[edge] for edge in order]
    denominator = lcm(*(w.denominator for w in exact))
    integers = [w.numerator * (denominator // w.denominator) for w in exact]
    common = gcd(*integers)
    edges = np.array(order, dtype=np.int64).reshape(-1, 2)
    return Graph(tuple(vertices), edges, tuple(w // common for w in integers), Fraction(denominator, common))


def _positive(value: object, u: object, v: object) -> int | Fraction:
    try:
        weight = exact_weight(value)
    except InputError:
        weight = Fraction(0)
    if weight <= 0:
        raise InputError(f"graph: edge {u!r}, {v!r} has the weight {value!r}, but weights must be positive finite numbers")
    return weight


def _from_networkx(graph: Any, weight: str | None) -> tuple[list, list]:
    if graph.is_directed():
        raise InputError("graph: is directed; give an undirected one, e.g. graph.to_undirected()")
    if graph.is_multigraph():
        raise InputError("graph: is a multigraph; give networkx.Graph(graph), which has each edge once")
    if weight is None:
        return list(graph), [(u, v, 1) for u, v in graph.edges()]
    return list(graph), list(graph.edges(data=weight, default=1))


def _from_rows(rows: Any, weighted: bool) -> tuple[list, list]:
    right = "must be a networkx graph, a list of edges (u, v), a name like 'cycle(20)' or, on a command line, @edges.csv"
    if isinstance(rows, (bytes, dict)) or not isinstance(rows, Iterable):
        raise InputError(f"graph: {str(rows)[:60]} {right}")
    vertices: dict[Hashable, None] = {}
    given = []
    for row in rows:
        if isinstance(row, (str, bytes)) or not isinstance(row, Iterable):
            raise InputError(f"graph: {row!r} is not an edge; it {right}")
        cells = list(row)
        if len(cells) not in (2, 3) or not all(isinstance(cell, Hashable) for cell in cells):
            raise InputError(f"graph: {row!r} is not an edge (u, v) or (u, v, weight)")
        vertices |= dict.fromkeys(cells[:2])
        given.append((cells[0], cells[1], cells[2] if len(cells) == 3 and weighted else 1))
    return list(vertices), given


def one_parent_only(problem: Problem, algorithm: Any) -> None:
    """Refuse what can't run a problem whose points aren't bit strings."""
    from theory.algorithms import RLS, OnePlusOneEA

    if type(algorithm) not in (OnePlusOneEA, RLS):
        raise InputError(f"algorithm: {algorithm} works on bits; on {problem.name} use OnePlusOneEA or RLS")
    if algorithm.rate is not None and "k" in map(str, algorithm.rate.free_symbols):
        raise InputError(f"rate: {algorithm.rate} depends on k, the number of zero-bits; {problem.name} has none, use n, c, t, v")


def whole_number(value: object, argument: str, largest: int, because: str) -> int:
    """Check that a parameter is an integer from 0 to ``largest``."""
    try:
        number = int(value)  # type: ignore[call-overload]
        if isinstance(value, bool) or number != value or not 0 <= number <= largest:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{argument}: {value!r} must be an integer from 0 to {largest}; {because}") from None
    return number
