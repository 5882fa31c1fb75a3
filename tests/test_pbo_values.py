"""The problems have the values of the suite PBO of ``ioh`` where both have them, on random points and at the ends.

To compare one more: a line in PAIRS, from the function's number in the suite to our problem on n bits, and one in
``sim.pbo.problem_of``, by which it is exported under that number.
"""

from __future__ import annotations

import ioh
import networkx
import numpy as np
import pytest

from sim.pbo import identity_of, problem_of
from theory import InputError, LeadingOnes, Linear, MaxCut, OneMax

PAIRS = {
    1: lambda n: OneMax(),
    2: lambda n: LeadingOnes(),
    3: lambda n: Linear(range(1, n + 1)),
    **{identity: lambda n, identity=identity: problem_of(identity, n) for identity in range(4, 18)},  # the W-model
}
POINTS = 200
NEEDS_MORE = {4: 2, 5: 2, 6: 3, 11: 2, 12: 2, 13: 3}  # bits, so that one is left behind the layers


def suite(identity, n, instance=1):
    return ioh.get_problem(identity, instance, n, ioh.ProblemClass.PBO)


def points(n, seed):
    """Both ends, points of any number of ones, and points with long prefixes of ones."""
    rng = np.random.default_rng(seed)
    dense = rng.random((POINTS, n)) < rng.random((POINTS, 1))
    prefix = (rng.random((POINTS, n)) < 0.5) | (np.arange(n) < rng.integers(0, n + 1, (POINTS, 1)))
    return np.vstack([np.zeros((1, n)), np.ones((1, n)), dense, prefix]).astype(int)


def canonical(x, problem):
    """The bits that agree with the problem's optimum."""
    return (x == problem.optimum(len(x))).astype(int).tolist()


@pytest.mark.parametrize("n", [1, 5, 16, 37, 100])
@pytest.mark.parametrize("identity", PAIRS)
def test_the_values_are_those_of_the_suite(identity, n):
    problem, theirs = PAIRS[identity](n), suite(identity, n)
    if identity in NEEDS_MORE and n < NEEDS_MORE[identity]:
        with pytest.raises(InputError, match="none is left"):
            problem.check(n)
        return
    for x in points(n, seed=identity):
        assert float(problem.value(canonical(x, problem))) == theirs(x.tolist())


@pytest.mark.parametrize("identity", PAIRS)
def test_the_optimum_is_that_of_the_suite(identity):
    problem, theirs = PAIRS[identity](24), suite(identity, 24)
    assert float(problem.value([1] * 24)) == theirs.optimum.y
    assert theirs(problem.optimum(24).tolist()) == theirs.optimum.y
    named = list(theirs.optimum.x)  # the suite names no best point of 7 and 14
    if "optimal" not in problem.hooks and theirs(named) == theirs.optimum.y:
        assert problem.optimum(24).tolist() == named


@pytest.mark.parametrize("identity", PAIRS)
def test_it_is_exported_under_its_number_in_the_suite(identity):
    name = suite(identity, 9).meta_data.name
    assert identity_of(PAIRS[identity](9).key, 9) == (identity, name, "PBO")
    assert problem_of(identity, 9).key == PAIRS[identity](9).key


def test_problems_that_only_look_alike_are_not_exported_as_the_suite_s():
    assert identity_of(Linear(range(2, 11)).key, 9)[2] == "driftproof"
    assert identity_of(Linear([3, 2, 1]).key, 3)[2] == "driftproof"


@pytest.mark.parametrize("identity", PAIRS)
def test_another_function_would_be_noticed(identity):
    """Planted bugs: the next function of the table, and the weights in reverse."""
    n = 16
    others = [PAIRS[other](n) for other in PAIRS if other != identity] + [Linear(range(n, 0, -1))]
    for other in others:
        theirs = suite(identity, n)
        assert any(float(other.value(canonical(x, other))) != theirs(x.tolist()) for x in points(n, seed=identity))


def lattice(side, steps):
    """The edges of a torus of side x side points, each joined to those a step away."""
    place = lambda i, j: (i % side) * side + j % side  # noqa: E731
    return [(place(i, j), place(i + di, j + dj)) for i in range(side) for j in range(side) for di, dj in steps]


ISING = {
    19: [(i, (i + 1) % 25) for i in range(25)],
    20: lattice(5, [(0, 1), (1, 0)]),
    21: lattice(5, [(0, 1), (1, 0), (1, 1)]),
}


@pytest.mark.parametrize("identity", ISING)
def test_ising_models_count_the_edges_that_a_cut_leaves(identity):
    edges, theirs = ISING[identity], suite(identity, 25)
    graph = networkx.Graph()
    graph.add_nodes_from(range(25))  # bit i is the side of vertex i
    graph.add_edges_from(edges)
    cut = MaxCut(graph, target=1)
    for x in points(25, seed=identity):
        assert len(edges) - cut.value(x.tolist()) == theirs(x.tolist())
