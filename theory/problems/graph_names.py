"""Graphs by name, made by networkx; the text is taken apart, nothing of it is ever evaluated.

==================================  =========================================================================
``cycle(20)``, ``path(20)``         so many vertices
``complete(10)``, ``star(5)``       so many vertices; so many leaves, vertex 0 is the centre
``complete_bipartite(3, 4)``        3 and 4 vertices
``grid(4, 5)``, ``torus(4, 5)``     4 rows and 5 columns
``hypercube(4)``                    2^4 vertices
``tree(20, seed)``                  uniform among the labelled trees on 20 vertices
``random(20, probability, seed)``   each edge with that probability
``regular(degree, 20, seed)``       random with equal degrees
==================================  =========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from theory.errors import InputError, nearest

LARGEST = 10**7
"""About how many edges are made at most."""

Edges = Callable[..., float]

GENERATORS: dict[str, tuple[str, str, Edges]] = {  # our parameters; networkx's function; about how many edges
    "cycle": ("vertices", "cycle_graph", lambda n: n),
    "path": ("vertices", "path_graph", lambda n: n),
    "complete": ("vertices", "complete_graph", lambda n: n * n / 2),
    "star": ("leaves", "star_graph", lambda n: n),
    "complete_bipartite": ("left, right", "complete_bipartite_graph", lambda a, b: a * b),
    "grid": ("rows, columns", "grid_2d_graph", lambda a, b: 2 * a * b),
    "torus": ("rows, columns", "grid_2d_graph", lambda a, b: 2 * a * b),
    "hypercube": ("dimension", "hypercube_graph", lambda d: d * 2.0 ** min(d, 100)),
    "tree": ("vertices, seed", "random_labeled_tree", lambda n, seed: n),
    "random": ("vertices, probability, seed", "fast_gnp_random_graph", lambda n, p, seed: n + n * n * p / 2),
    "regular": ("degree, vertices, seed", "random_regular_graph", lambda d, n, seed: d * n / 2),
}


def named_graph(text: str) -> tuple[list, list]:
    """The vertices and the edges of a graph that is given by its name.

    >>> named_graph("cycle(3)")
    ([0, 1, 2], [(0, 1), (0, 2), (1, 2)])
    """
    match = re.fullmatch(r"\s*([\w -]+?)\s*(?:\(([^()]*)\))?\s*", text)
    name = re.sub(r"[ -]", "_", match[1]).lower() if match else ""
    if match is None or name not in GENERATORS:
        hint = nearest(name, GENERATORS) if name else "write it like 'cycle(20)'"
        raise InputError(f"graph: unknown graph {text[:60]!r}; {hint}, or @edges.csv on a command line")
    names, function, edges = GENERATORS[name]
    texts = [part.strip() for part in (match[2] or "").split(",")]
    if len(texts) != len(names.split(", ")) or not all(texts):
        raise InputError(f"graph: {text[:60]!r} must be {name}({names})")
    numbers = {what: _number(part, what, text) for what, part in zip(names.split(", "), texts)}
    if not edges(*map(float, numbers.values())) <= LARGEST:
        raise InputError(f"graph: {text[:60]!r} has too many edges; up to {LARGEST} are made by name")
    import networkx as nx

    arguments: list[Any] = [value for what, value in numbers.items() if what != "seed"]
    keywords: dict[str, Any] = {"seed": numbers["seed"]} if "seed" in numbers else {}
    if name == "torus":
        keywords["periodic"] = True
    try:
        graph = getattr(nx, function)(*arguments, **keywords)
    except nx.NetworkXException as error:
        raise InputError(f"graph: there is no {text[:60]!r}: {str(error).splitlines()[0]}") from None
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))  # of a torus with a single row, or the cycle of one vertex
    return list(graph), list(graph.edges())


def _number(text: str, what: str, whole: str) -> int | float:
    if what == "probability":
        right = "a probability, from 0 to 1"
        if re.fullmatch(r"[01]|[01]?\.\d{1,30}|\d{1,12}/[1-9]\d{0,11}", text) and 0 <= Fraction(text) <= 1:
            return float(Fraction(text))
    else:
        least = 0 if what == "seed" else 1
        right = f"an integer from {least}"
        if re.fullmatch(r"\d{1,12}", text) and int(text) >= least:
            return int(text)
    raise InputError(f"graph: the {what} {text[:40]!r} in {whole[:60]!r} must be {right}")
