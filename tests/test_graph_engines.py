"""Runs on graphs against the whole chain, written here from the definitions, in fractions: all points, colourings or matchings.

Error rate: each p-value is held against 1e-3 / 40, and there are fewer than 40 of them. Power: the planted mistakes at the end
fall below 1e-9 in tests of the same size.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb

import networkx as nx
import numba
import numpy as np
import pytest
from flint import fmpq, fmpq_mat
from laws import has_law, same_law
from planting import FIRST, with_choices
from scipy import stats

from sim import Observe, engines_for, simulate
from sim.families import choice
from theory import (
    RLS,
    EulerianCycle,
    GraphColouring,
    InputError,
    MaxCut,
    MinimumSpanningTree,
    OnePlusLambdaEA,
    OnePlusOneEA,
    VertexCover,
    exact,
)

LEVEL = 1e-3 / 40
RUNS = 20_000
KITE = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4)]  # a triangle with a tail
WEIGHTED = [(0, 1, 0.1), (1, 2, 0.2), (0, 2, 0.3), (2, 3, 0.4), (0, 3, 0.4)]
FLOWER = [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (1, 2), (1, 7), (1, 8), (3, 4), (5, 6), (7, 8)]  # degrees 6, 4 and 2


# ---- what the problems are


def cut(x):
    return sum(x[u] != x[v] for u, v in KITE)


def cover(x):
    return -sum(not (x[u] or x[v]) for u, v in KITE), -sum(x)


def tree(x):
    edges = sorted(WEIGHTED)
    graph = nx.Graph([edge[:2] for edge, bit in zip(edges, x) if bit])
    graph.add_nodes_from(range(4))
    return -nx.number_connected_components(graph), -sum(Fraction(str(w)) for (_, _, w), bit in zip(edges, x) if bit)


def matchings(ends):
    """All perfect matchings of a list, as lists of pairs."""
    if not ends:
        yield []
    for other in ends[1:]:
        rest = [end for end in ends[1:] if end != other]
        for pairs in matchings(rest):
            yield [(ends[0], other), *pairs]


def vertex(end):
    return FLOWER[end // 2][end % 2]


def walks(state):
    graph = nx.Graph(tuple(pair) for pair in state)
    graph.add_edges_from((2 * i, 2 * i + 1) for i in range(len(FLOWER)))
    return -nx.number_connected_components(graph)


# ---- what the algorithms do: the law of the offspring of each state


def standard(states, p, letters=2):
    """Each letter becomes another one with probability p, uniformly."""
    distance = [[sum(a != b for a, b in zip(x, y)) for y in states] for x in states]
    n = len(states[0])
    law = [(p / (letters - 1)) ** d * (1 - p) ** (n - d) for d in range(n + 1)]
    return [[law[d] for d in row] for row in distance]


def exactly(states, flips, letters=2):
    distance = [[sum(a != b for a, b in zip(x, y)) for y in states] for x in states]
    each = Fraction(1, comb(len(states[0]), flips) * (letters - 1) ** flips)
    return [[each if d == flips else Fraction(0) for d in row] for row in distance]


def one_step(states):
    """A uniform end gets a uniform new partner at its vertex, and the old partners are paired."""
    index = {state: i for i, state in enumerate(states)}
    matrix = fmpq_mat(len(states), len(states))
    ends = range(2 * len(FLOWER))
    for i, state in enumerate(states):
        partner = {a: b for pair in state for a, b in itertools.permutations(pair)}
        for e in ends:
            others = [f for f in ends if vertex(f) == vertex(e) and f not in (e, partner[e])]
            for f in others or [None]:
                new = set(state)
                if f is not None:
                    new -= {frozenset((e, partner[e])), frozenset((f, partner[f]))}
                    new |= {frozenset((e, f)), frozenset((partner[e], partner[f]))}
                matrix[i, index[frozenset(new)]] += fmpq(1, len(ends) * len(others or [None]))
    return matrix


def steps(states, weights):
    """A random number of steps."""
    one, size = one_step(states), len(states)
    power = fmpq_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
    total = fmpq_mat(size, size)
    for weight in weights:
        total += fmpq(weight.numerator, weight.denominator) * power
        power = power * one
    return [[Fraction(int(total[i, j].p), int(total[i, j].q)) for j in range(size)] for i in range(size)]


# ---- the chain


class Chain:
    """From a uniform start: accept what isn't worse (``strict``: what is better) until a state of the best fitness."""

    def __init__(self, fitness, law, strict=False):
        size, best, self.fitness = len(fitness), max(fitness), fitness
        self.ends = np.array([value == best for value in fitness])
        self.rows = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
        for i in range(size):
            if not self.ends[i]:
                accepted = [fitness[j] > fitness[i] or (fitness[j] == fitness[i] and not strict) for j in range(size)]
                row = [q if ok and j != i else Fraction(0) for j, (q, ok) in enumerate(zip(law[i], accepted))]
                row[i] = 1 - sum(row)
                self.rows[i] = row

    def mean(self):
        """E[T] as a fraction."""
        alive = np.flatnonzero(~self.ends).tolist()
        a = fmpq_mat(len(alive), len(alive))
        for r, i in enumerate(alive):
            for s, j in enumerate(alive):
                q = int(i == j) - self.rows[i][j]
                a[r, s] = fmpq(q.numerator, q.denominator)
        times = a.solve(fmpq_mat(len(alive), 1, [1] * len(alive)))
        total = sum((times[r, 0] for r in range(len(alive))), fmpq(0)) / len(self.ends)
        return Fraction(int(total.p), int(total.q))

    def pmf(self, least=None):
        """P(T = t), t = 0, 1, ..., of the time to the best fitness, or to at least another one."""
        matrix = np.array([[float(q) for q in row] for row in self.rows])
        ends = self.ends if least is None else np.array(self.fitness) >= least
        now, pmf = np.full(len(ends), 1 / len(ends)), []
        while sum(pmf) < 1 - 1e-9:
            assert len(pmf) < 10**4
            pmf.append(now[ends].sum() - sum(pmf))
            now = now @ matrix
        return np.array(pmf)


BITS = list(itertools.product((0, 1), repeat=5))
WORDS = list(itertools.product((0, 1, 2), repeat=4))
BY_VERTEX = [[end for end in range(2 * len(FLOWER)) if vertex(end) == u] for u in range(9)]
PAIRINGS = [
    frozenset(map(frozenset, itertools.chain(*each))) for each in itertools.product(*map(list, map(matchings, BY_VERTEX)))
]
DIAMOND = [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)]


def proper(x):
    return sum(x[u] != x[v] for u, v in DIAMOND)


EA = OnePlusOneEA("1/n")
WILD = OnePlusOneEA("1/3")
COLOURS, CYCLE = GraphColouring(DIAMOND, 3), EulerianCycle(FLOWER)
BINOMIAL = [comb(12, j) * Fraction(1, 3) ** j * Fraction(2, 3) ** (12 - j) for j in range(13)]

CASES = {
    "cut": (EA.on(MaxCut(KITE)), lambda: Chain([*map(cut, BITS)], standard(BITS, Fraction(1, 5)))),
    "cover, strict": (
        OnePlusOneEA("1/n", strict=True).on(VertexCover(KITE)),
        lambda: Chain([*map(cover, BITS)], standard(BITS, Fraction(1, 5)), True),
    ),
    "tree": (EA.on(MinimumSpanningTree(WEIGHTED)), lambda: Chain([*map(tree, BITS)], standard(BITS, Fraction(1, 5)))),
    "colours": (WILD.on(COLOURS), lambda: Chain([*map(proper, WORDS)], standard(WORDS, Fraction(1, 3), 3))),
    "two colours": (RLS(2).on(COLOURS), lambda: Chain([*map(proper, WORDS)], exactly(WORDS, 2, 3))),
    "matchings": (WILD.on(CYCLE), lambda: Chain([*map(walks, PAIRINGS)], steps(PAIRINGS, BINOMIAL))),
    "one step": (RLS().on(CYCLE), lambda: Chain([*map(walks, PAIRINGS)], steps(PAIRINGS, [Fraction(0), Fraction(1)]))),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "engine"),
    [("cut", "sparse"), ("cover, strict", "reference"), ("tree", "sparse"), ("tree", "reference"), ("two colours", "sparse"),
     ("one step", "sparse")],
)  # fmt: skip
def test_engines_obey_the_law_of_the_whole_chain(name, engine):
    process, make = CASES[name]
    chain = make()
    if process.problem.space == "bits":
        assert exact.expected_runtime(process, rational=True) == chain.mean()
    pmf = chain.pmf()
    assert float(chain.mean()) == pytest.approx(np.arange(len(pmf)) @ pmf, rel=1e-5)
    runs = simulate(process, replicates=RUNS, seed=7, engine=engine, budget=10**6, threads=1)
    assert runs.hit.all() and has_law(runs.evaluations, pmf) > LEVEL


@numba.njit
def code(x):
    """Tells the points of these small problems apart."""
    total = 0
    for i in range(x.size):
        total = (total * 31 + x[i]) % 1000003
    return float(total)


def on_the_way(name, engine, budget=10**6):
    """p-values of T, the time to the last fitness but one, the point after two offspring, and whether it is the first one."""
    process, make = CASES[name]
    chain = make()
    drift = "v" if name == "colours" else {}  # looked at below, with the same kernel
    watch = Observe(targets=[max(chain.fitness) - 1], at=[0, 2], potentials={"point": code, "v": "v"}, drift=drift)
    runs = simulate(process, replicates=RUNS, seed=9, engine=engine, budget=budget, observe=watch, threads=1)
    codes = np.array([code(x) for x in (np.array(WORDS) if name == "colours" else map(mates, PAIRINGS))])
    assert len(set(codes)) == len(codes)
    first, second = runs.observed["potentials"]["point"].T
    two = np.linalg.matrix_power(np.array([[float(q) for q in row] for row in chain.rows]), 2)
    order = np.argsort(codes)
    point = has_law(np.searchsorted(codes[order], second), two.mean(axis=0)[order])
    same = stats.binomtest(int((first == second).sum()), RUNS, float(np.trace(two)) / len(codes)).pvalue
    fitness = np.array(chain.fitness)[order][np.searchsorted(codes[order], second)]
    known = float((fitness == runs.observed["potentials"]["v"][:, 1]).all())
    almost = has_law(runs.observed["hits"][:, 0], chain.pmf(max(chain.fitness) - 1))
    return has_law(runs.evaluations, chain.pmf()), almost, point, same, known


def mates(state):
    partner = np.zeros(2 * len(FLOWER), np.int64)
    for pair in state:
        a, b = pair
        partner[a], partner[b] = b, a
    return partner


@pytest.mark.parametrize("engine", ["sparse", "reference"])
@pytest.mark.parametrize("name", ["colours", "matchings"])
def test_points_on_the_way_obey_the_law_of_the_whole_chain(name, engine):
    assert min(on_the_way(name, engine)) > LEVEL


def test_several_offspring_compare_the_last_digit_of_long_weights():
    heavy = [(u, v, 10**25 + round(10 * w)) for u, v, w in WEIGHTED]
    process = OnePlusLambdaEA(3, "1/n").on(MinimumSpanningTree(heavy))
    assert process.problem.data(5).shape[0] > 3  # several limbs a weight
    one, two = (simulate(process, replicates=RUNS, seed=6, engine=e, budget=10**5, threads=1) for e in ("sparse", "reference"))
    assert one.hit.all() and min(same_law(one.evaluations, two.evaluations)) > LEVEL
    assert min(same_law(one.generations, two.generations)) > LEVEL


def test_spanning_trees_of_the_wrong_parity_are_never_reached():
    process = RLS(2).on(MinimumSpanningTree(WEIGHTED))  # two flips keep the parity, and a tree has three edges
    assert exact.expected_runtime(process) == np.inf
    with pytest.raises(InputError, match=r"^budget: E\[T\] is infinite"):
        simulate(process, replicates=5, seed=1)


@pytest.mark.parametrize("rate", ["1/(t+2)", "1/(v+1)"])
def test_rates_that_change_obey_the_exact_law_on_colourings(rate):
    fitness = np.array([*map(proper, WORDS)])
    ends = fitness == fitness.max()
    distance = np.array([[sum(a != b for a, b in zip(x, y)) for y in WORDS] for x in WORDS])

    def matrix_at(t):
        p = np.full(len(WORDS), 1 / (t + 2)) if "t" in rate else 1 / (fitness + 1)
        law = (p[:, None] / 2) ** distance * (1 - p[:, None]) ** (4 - distance)
        matrix = np.where(fitness[None, :] >= fitness[:, None], law, 0.0)
        matrix[ends] = 0
        np.fill_diagonal(matrix, 0)
        np.fill_diagonal(matrix, 1 - matrix.sum(axis=1))
        return matrix

    process, budget = OnePlusOneEA(rate).on(COLOURS), 30
    now, pmf = np.full(len(WORDS), 1 / len(WORDS)), []
    for t in range(budget + 1):
        pmf.append(now[ends].sum() - sum(pmf))
        now = now @ matrix_at(t + 1)
    runs = simulate(process, replicates=RUNS, seed=5, engine="sparse", budget=budget, threads=1)
    reached = np.where(runs.hit, runs.evaluations, budget + 1)
    assert has_law(reached, np.array(pmf)) > LEVEL
    assert 0 < runs.hit.mean() < 1


def test_runs_start_from_a_given_colouring_and_their_drift_is_conditioned_on_the_fitness():
    observe = {"at": [0], "potentials": {"point": code, "v": "v"}, "drift": "v"}
    how = {"replicates": RUNS, "seed": 4, "budget": 10**6, "observe": observe, "threads": 1}
    runs = simulate(WILD.on(COLOURS), start=[2, 2, 2, 2], **how)
    assert (runs.observed["potentials"]["point"] == code(np.full(4, 2))).all() and not runs.observed["potentials"]["v"].any()
    fitness = np.array([*map(proper, WORDS)])
    law = np.array([[float(q) for q in row] for row in standard(WORDS, Fraction(1, 3), 3)])
    gain = (law * np.maximum(fitness[None, :] - fitness[:, None], 0)).sum(axis=1)[fitness == 0]
    leaves = 1 - law[fitness == 0][:, fitness == 0].sum(axis=1)  # all vertices equal: three points with one drift
    assert np.ptp(gain) < 1e-12
    rounds, moved = runs.observed["rounds"][:, 0], runs.observed["moved"]["v"][:, 0]
    assert rounds.mean() == pytest.approx(1 / leaves[0], rel=0.02)
    assert -moved.sum() / rounds.sum() == pytest.approx(gain[0], rel=0.02)
    done = simulate(WILD.on(COLOURS), start=[0, 1, 2, 1], **how)
    assert not done.evaluations.any() and done.hit.all()


def test_results_do_not_depend_on_threads():
    for process in (RLS(2).on(COLOURS), RLS().on(CYCLE)):
        one, two = (simulate(process, replicates=300, seed=3, budget=10**6, threads=j) for j in (1, 2))
        assert np.array_equal(one.evaluations, two.evaluations)


def test_what_engines_refuse_has_a_reason():
    for problem in (COLOURS, CYCLE):
        answers = engines_for(EA.on(problem))
        assert [name for name, reason in answers.items() if reason is None] == ["sparse", "reference"]
        assert problem.space in answers["event"] and problem.space in answers["lumped"]
        assert all("start='zeros' is none" in reason for reason in engines_for(EA.on(problem), "zeros").values())
        with pytest.raises(InputError, match="no number k of zero-bits"):
            simulate(EA.on(problem), replicates=1, seed=1, budget=5, observe={"at": [1]})
        with pytest.raises(InputError, match="^budget: no upper bound"):
            simulate(EA.on(problem), replicates=1, seed=1)
        with pytest.raises(InputError, match="^engine: 'event' can't run"):
            simulate(EA.on(problem), replicates=1, seed=1, budget=5, engine="event")
    with pytest.raises(InputError, match="^targets: 6 is above 5, where a run on GraphColouring ends"):
        simulate(EA.on(COLOURS), replicates=1, seed=1, budget=5, observe={"targets": [6]})
    with pytest.raises(InputError, match="^targets: 5 is above 4, where a run on MaxCut ends"):
        simulate(EA.on(MaxCut(KITE)), replicates=1, seed=1, observe={"targets": [5]})


# ---- planted mistakes

MISTAKES = {
    "the new colour is always the next one": (
        "sparse_colours", "colours", "other_letter(s, x[flips[j]], LETTERS)", "(x[flips[j]] + 1) % LETTERS",
    ),
    "a generation is counted twice": ("sparse_colours", "colours", "t += place // n", "t += place // n + (t == 1)"),
    "ties are rejected": ("sparse_matchings", "matchings", "(after == v and STRICT)", "after == v"),
    "steps are taken back in the wrong order": (
        "sparse_matchings", "matchings", "range(count - 1, -1, -1)", "range(count)",
    ),
}  # fmt: skip


TOGETHER = [list(MISTAKES)[:2], list(MISTAKES)[2:3], list(MISTAKES)[3:]]
"""In one kernel; the last is made in a function that knows no budget."""


@pytest.mark.parametrize("mistakes", TOGETHER, ids=", ".join)
def test_planted_mistakes_are_caught(mistakes, tmp_path, monkeypatch):
    template, name = MISTAKES[mistakes[0]][:2]
    pairs = [MISTAKES[mistake][2:] for mistake in mistakes]
    text = (choice.KERNELS / f"{template}.py").read_text(encoding="utf-8")
    assert all(text.count(right) == 1 for right, _ in pairs), "the template has changed: plant the mistakes anew"
    mistaken = with_choices(text, pairs) if len(pairs) > 1 else text.replace(*pairs[0])
    (tmp_path / f"{template}.py").write_text(mistaken, encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", tmp_path)
    for i, mistake in enumerate(mistakes):
        assert min(on_the_way(name, "sparse", FIRST + i)) < 1e-9, mistake
