"""The compact genetic algorithm and UMDA, against the Markov chain of their frequency vectors, enumerated in fractions.

Error rate: each p-value of a right engine is held against 1e-3 / 250, and there are fewer than 250 of them: the file fails by
chance with probability below 1e-3 (the seeds are fixed, so it does so always or never). Planted mistakes fall below 1e-9.
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from laws import has_law, same_law
from test_engines_planted_bugs import plant

from sim import engines_for, simulate
from theory import RLS, UMDA, CompactGA, InputError, LeadingOnes, Linear, OneMax, registry
from theory.exact import NoExactMethod, expected_runtime

LEVEL = 1e-3 / 250
RUNS = 20_000
ENGINES = ("sparse", "reference")
WATCH = {"potentials": {"k": "k", "p": "p"}, "drift": "k"}  # the same everywhere, as are targets: each kernel is compiled once

HALF = Fraction(1, 2)


class Frequencies:
    """The chain of the frequency vectors of an algorithm that samples ``lam`` points and then moves the frequencies.

    ``selections(points)`` yields (probability, new frequencies by position given the old ones, current point). Canonical bits:
    the optimum is all ones.
    """

    def __init__(self, n, lam, selections, borders):
        self.n, self.lam, self.selections = n, lam, selections
        self.low = Fraction(1, n) if borders else Fraction(0)
        self.points = list(itertools.product((0, 1), repeat=n))
        self.best = (1,) * n
        self.moves = {}

    def sample(self, q):
        """Probability of each point."""
        return {x: np.prod([p if bit else 1 - p for p, bit in zip(q, x)]) for x in self.points}

    def move(self, q):
        """Joint law of the new frequencies and of the current point's k, where no sample is optimal (the rest is missing)."""
        if q not in self.moves:
            law, found, current = self.sample(q), defaultdict(Fraction), defaultdict(Fraction)
            for points in itertools.product([x for x in self.points if x != self.best and law[x]], repeat=self.lam):
                together = Fraction(1)
                for x in points:
                    together *= law[x]
                for weight, change, x in self.selections(points):
                    new = tuple(min(max(p, self.low), 1 - self.low) for p in change(q))
                    found[new] += together * weight
                    current[self.n - sum(x)] += together * weight
            self.moves[q] = {a: float(w) for a, w in found.items()}, {a: float(w) for a, w in current.items()}
        return self.moves[q]

    @functools.cache  # noqa: B019 (the chains live as long as this file)
    def laws(self, generations):
        """(law of T; laws of k after each generation; laws of the sum of 1 - p_i after each, while the optimum isn't found)."""
        mass = {(HALF,) * self.n: 1.0}
        pmf, zeros, distances = np.zeros(1), [], []
        for _ in range(generations):
            block, k_law, after = np.zeros(self.lam), np.zeros(self.n + 1), defaultdict(float)
            for q, w in mass.items():
                a = float(self.sample(q)[self.best])
                block += w * a * (1 - a) ** np.arange(self.lam)
                found, current = self.move(q)
                for new, p in found.items():
                    after[new] += w * p
                for k, p in current.items():
                    k_law[k] += w * p
            pmf = np.append(pmf, block)
            k_law[0] = pmf.sum()
            mass = dict(after)
            zeros.append(k_law)
            far = defaultdict(float)
            for q, w in mass.items():
                far[sum(1 - p for p in q)] += w
            distances.append(far)
        return pmf, zeros, distances


def compact_ga(n, K, f, borders=True):
    def selections(points):
        x, y = points if f(points[0]) >= f(points[1]) else points[::-1]
        yield Fraction(1), lambda q: [p + Fraction(a - b, K) for p, a, b in zip(q, x, y)], x

    return Frequencies(n, 2, selections, borders)


def umda(n, mu, lam, f, borders=True):
    def selections(points):
        values = sorted(map(f, points), reverse=True)
        sure = [x for x in points if f(x) > values[mu - 1]]
        tied = [x for x in points if f(x) == values[mu - 1]]
        top = [x for x in points if f(x) == values[0]]
        choices = list(itertools.combinations(tied, mu - len(sure)))
        for chosen, x in itertools.product(choices, top):
            selected = [*sure, *chosen]
            share = [Fraction(sum(bits), mu) for bits in zip(*selected)]
            yield Fraction(1, len(choices) * len(top)), lambda q, share=share: share, x

    return Frequencies(n, lam, selections, borders)


def linear(weights):
    """In canonical bits a weight counts by its size."""
    return lambda x: sum(abs(w) * bit for w, bit in zip(weights, x))


def leading_ones(x):
    return len(list(itertools.takewhile(bool, x)))


TIED, LARGE = [1, 1, -2], [3, -1, 2, 2]
CASES = {
    "cga, borders off the lattice": (CompactGA(4), Linear(TIED), compact_ga(3, 4, linear(TIED)), 60),
    "cga, well-behaved frequencies": (CompactGA(4), Linear(LARGE), compact_ga(4, 4, linear(LARGE)), 60),
    "cga without borders": (CompactGA(3, borders=False), Linear(TIED), compact_ga(3, 3, linear(TIED), False), 15),
    "cga on leading-ones": (CompactGA(3), LeadingOnes(), compact_ga(3, 3, leading_ones), 60),
    "umda": (UMDA(2, 3), Linear(TIED), umda(3, 2, 3, linear(TIED)), 40),
    "umda, three of four": (UMDA(3, 4), Linear(TIED), umda(3, 3, 4, linear(TIED)), 30),
    "umda without borders": (UMDA(2, 4, borders=False), Linear([1, 1]), umda(2, 2, 4, linear([1, 1]), False), 8),
    "umda on leading-ones": (UMDA(1, 3), LeadingOnes(), umda(3, 1, 3, leading_ones), 40),
}
AFTER = (1, 2, 4, 7)  # generations after which the state is looked at


def p_values(engine, algorithm, problem, chain, generations, seed=1):
    pmf, zeros, distances = chain.laws(generations)
    at = [g * chain.lam for g in AFTER]
    how = {"replicates": RUNS, "seed": seed, "n": chain.n, "engine": engine, "budget": generations * chain.lam}
    runs = simulate(algorithm.on(problem), observe={"at": at, "targets": [1], **WATCH}, **how)
    p = {"T": has_law(runs.evaluations, pmf[:-1])}
    for j, g in enumerate(AFTER):
        p[f"k after {g}"] = has_law(runs.observed["potentials"]["k"][:, j].astype(int), zeros[g - 1])
        far = sorted(distances[g - 1])
        if len(far) > 1:
            seen = runs.observed["potentials"]["p"][runs.evaluations > at[j], j]
            which = np.searchsorted([float(x) - 1e-9 for x in far], seen, side="right") - 1
            possible = np.allclose(seen, np.array([float(x) for x in far])[which])
            law = np.array([distances[g - 1][x] for x in far])
            p[f"distance after {g}"] = has_law(which, law / law.sum()) if possible else 0.0
    return p


@pytest.mark.parametrize("name", CASES)
def test_the_law_of_the_runtime_and_of_the_states_is_that_of_the_chain_of_frequencies(name):
    algorithm, problem, chain, generations = CASES[name]
    for engine in ENGINES if isinstance(problem, Linear) else ENGINES[:1]:
        p = p_values(engine, algorithm, problem, chain, generations)
        assert {what: value for what, value in p.items() if value < LEVEL} == {}, engine


MISTAKES = {
    "the frequencies move towards the worse sample": (
        "reference_compact", "cga, well-behaved frequencies",
        "q[i] += step * (np.int64(x[i]) - np.int64(pair[1 - best, i]))",
        "q[i] -= step * (np.int64(x[i]) - np.int64(pair[1 - best, i]))",
    ),
    "there are no borders": (
        "sparse_compact", "cga, well-behaved frequencies",
        "    low = 2 * size if settings[1] > 0.0 else 0\n",
        "    low = 0\n",
    ),
    "the worst samples are selected": ("reference_umda", "umda", "        if sign > 0:\n", "        if sign < 0:\n"),
    "nothing is selected": ("sparse_umda", "umda", "ones += samples[ranks[j]]", "ones += samples[j]"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_caught(mistake, tmp_path, monkeypatch):
    template, name, right, wrong = MISTAKES[mistake]
    plant(template, right, wrong, tmp_path, monkeypatch)
    assert min(p_values(template.split("_")[0], *CASES[name]).values()) < 1e-9


LARGER = {
    "cga": (CompactGA("sqrt(n)*log(n)"), Linear([i % 5 + 1 for i in range(24)]), 24),
    "cga with a small K": (CompactGA(4), Linear([i % 5 - 7 for i in range(24)]), 24),
    "umda": (UMDA("4*log(n)", "7*log(n)"), Linear([i % 5 + 1 for i in range(24)]), 24),
}


@pytest.mark.parametrize("name", LARGER)
def test_both_engines_have_one_law_on_more_bits(name):
    algorithm, problem, n = LARGER[name]
    top = sum(abs(w) for w in problem.weights(n))
    low = sum(w for w in problem.weights(n) if w < 0)
    observe = {"at": [20, 101, 400], "targets": [low + top * 3 / 4, low + top - 1], **WATCH}
    how = {"replicates": 2000, "seed": 5, "n": n, "budget": 10**5, "observe": observe}
    one, two = (simulate(algorithm.on(problem), engine=engine, **how) for engine in ENGINES)
    p = {"T": same_law(one.evaluations, two.evaluations), "generations": same_law(one.generations, two.generations)}
    for j in range(2):
        p[f"target {j}"] = same_law(one.observed["hits"][:, j], two.observed["hits"][:, j])
    for potential, a in one.observed["potentials"].items():
        for j in range(3):
            p[f"{potential} at {observe['at'][j]}"] = same_law(a[:, j], two.observed["potentials"][potential][:, j])
    p["drift"] = same_law(one.observed["moved"]["k"][:, 4], two.observed["moved"]["k"][:, 4])
    assert {what: values for what, values in p.items() if min(values, default=1.0) < LEVEL} == {}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("algorithm", [CompactGA(4), UMDA(2, 3)], ids=str)
def test_what_is_recorded_fits_together(algorithm, engine):
    process, n, lam = algorithm.on(Linear(LARGE)), 4, 2 if isinstance(algorithm, CompactGA) else 3
    times = list(range(40))
    observe = {"at": times, "targets": [2, 5, 7], **WATCH}
    how = {"replicates": 500, "seed": 3, "n": n, "engine": engine, "observe": observe}
    runs = simulate(process, budget=10**5, threads=1, **how)
    T, k, p = runs.evaluations, *(runs.observed["potentials"][name] for name in "kp")
    assert runs.hit.all() and (runs.generations == -(-T // lam)).all()
    for row in range(len(runs)):
        first = min(T[row], lam)
        assert np.isnan(k[row, :first]).all() and not np.isnan(k[row, first:]).any()
        assert (k[row, T[row] :] == 0).all() and (k[row, first : T[row]] > 0).all()
        inside = [t for t in times[lam : T[row]] if t % lam]
        assert all(k[row, t] == k[row, t - t % lam] and p[row, t] == p[row, t - t % lam] for t in inside)
    rounds, moved = runs.observed["rounds"].sum(axis=1), runs.observed["moved"]["k"].sum(axis=1)
    assert (rounds == runs.generations - 1).all()
    several = runs.generations > 1
    assert (moved[several] == k[several, lam]).all() and (moved[~several] == 0).all()
    hits = runs.observed["hits"]
    assert (hits[:, 2] == T).all() and (np.diff(hits, axis=1) >= 0).all() and (hits[:, 0] >= 1).all()

    again = simulate(process, budget=10**5, threads=2, **how)
    assert (again.evaluations == T).all() and np.array_equal(again.observed["potentials"]["p"], p, equal_nan=True)
    cut = simulate(process, budget=7, threads=1, **how)  # within a generation
    assert (cut.evaluations == np.minimum(T, 7)).all() and (cut.hit == (T <= 7)).all()
    late = ~cut.hit
    assert np.isnan(cut.observed["potentials"]["k"][late, 8:]).all()
    assert np.array_equal(cut.observed["potentials"]["k"][:, :8], k[:, :8], equal_nan=True)
    seen = (hits <= 7) & (hits > 0)
    assert (cut.observed["hits"] == np.where(seen, hits, -1)).all()


def test_a_frequency_of_one_without_borders_is_never_left():
    runs = simulate(CompactGA(1, borders=False).on(Linear(TIED)), n=3, replicates=2000, seed=1, budget=1000, engine="sparse",
                    observe={"at": [4, 1000], "targets": [1], **WATCH})  # fmt: skip
    p = runs.observed["potentials"]["p"]
    stuck = ~runs.hit
    assert 200 < stuck.sum() < 1800 and np.isin(2 * p[stuck, 0], range(7)).all()
    assert (runs.evaluations[runs.hit] < 100).all() and np.isin(p[stuck, 1], [1, 2, 3]).all()


def test_parameters_are_numbers_or_expressions_rounded_up():
    assert str(CompactGA("sqrt(n)*log(n)")) == "CompactGA(K=sqrt(n)*log(n))"
    assert CompactGA("n/4", borders=False).settings({"n": 10}) == [3.0, 0.0]
    assert UMDA("log(n)", "2*n").settings({"n": 10}) == [3.0, 20.0, 1.0]
    assert UMDA("c", 5).on(OneMax()).values(n=9, c=2) == {"n": 9, "c": 2}
    assert registry.algorithm("compact-ga(K=sqrt(n))").key == "CompactGA(K=sqrt(n))"
    assert registry.algorithm("umda(mu=2, lam=4, borders=false)").key == "UMDA(mu=2, lam=4, borders=False)"


ONE_MAX = CompactGA(4).on(OneMax())
REFUSED = {
    "K: 0 must be at least 1": lambda: CompactGA(0),
    "K: n/8 is 0.500000 at these values, but must be at least 1": lambda: CompactGA("n/8").on(OneMax()).values(n=4),
    "K: 2000000000 is too large for n = 10000000;": lambda: CompactGA(2 * 10**9).on(OneMax()).values(n=10**7),
    "borders: 1 must be True or False": lambda: CompactGA(4, borders=1),
    "mu: 4 of 3 samples can't be selected": lambda: UMDA(4, 3),
    "mu: n is 9 at these values, more than lam = 3": lambda: UMDA("n", "sqrt(n)").on(OneMax()).values(n=9),
    "n: with one bit there is no frequency between the borders": lambda: ONE_MAX.values(n=1),
    "start: CompactGA can't start in zeros: every frequency begins at 1/2": lambda: run(start="zeros"),
    "start: CompactGA can't start in worst": lambda: run(start="worst"),
    r"start: CompactGA can't start in \[1, 1, 0\]": lambda: run(start=[1, 1, 0]),
    "engine: 'event' can't run .*no round can be skipped; use sparse, reference or auto": lambda: run(engine="event"),
    "engine: 'lumped' can't run .*the state is no counter": lambda: run(engine="lumped"),
    "process: CompactGA is not a chain of single points": lambda: ONE_MAX.drift(),
}


def run(**how):
    simulate(ONE_MAX, **{"n": 3, "replicates": 2, "seed": 1, "budget": 100, **how})


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_impossible_is_named(message):
    with pytest.raises(InputError, match="^" + message):
        REFUSED[message]()


def test_theory_says_nothing_of_them_and_says_so():
    assert ONE_MAX.bounds(status="derived") == []
    with pytest.raises(NoExactMethod, match="CompactGA is not a chain of single points"):
        expected_runtime(ONE_MAX, n=3)
    assert [name for name, reason in engines_for(ONE_MAX).items() if reason is None] == ["sparse", "reference"]
    assert engines_for(ONE_MAX, "zeros") != engines_for(RLS().on(OneMax()), "zeros")
