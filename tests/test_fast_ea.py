"""The fast (1+1) EA: its exact chains against enumeration in fractions, every engine against the exact law.

Error rate: each p-value is held against 1e-3 / 100 and there are fewer than 100 of them.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from laws import has_law
from oracle import binval, jump, leadingones, onemax, points, rational_times, symmetric_times
from scipy import stats
from test_engines_planted_bugs import plant

from sim import Observe, engines_for, simulate
from theory import BinVal, FastEA, HiddenSubset, InputError, Jump, LeadingOnes, Needle, OneMax, exact
from theory.drift import AdditiveDriftUpper

LEVEL = 1e-3 / 100
RUNS = 20_000
WATCH = Observe(at=(0, 1, 7), potentials={"v": "v", "p": "p"}, drift={"ones": "v"})  # drift: see test_adaptive_observed.py
UNMEASURED = dataclasses.replace(WATCH, drift={})


def law_of_sets(n, beta=2):
    """P(one given set of h positions is what flips), in fractions."""
    weights = [Fraction(1, i**beta) for i in range(1, n // 2 + 1)]
    rates = [Fraction(i, n) for i in range(1, n // 2 + 1)]
    return [sum(w * p**h * (1 - p) ** (n - h) for w, p in zip(weights, rates)) / sum(weights) for h in range(n + 1)]


@pytest.mark.parametrize(
    ("problem", "fitness"),
    [(OneMax(), onemax), (LeadingOnes(), leadingones), (BinVal(), binval), (Jump(2), jump(2))],
    ids=["OneMax", "LeadingOnes", "BinVal", "Jump"],
)
def test_expected_runtimes_are_those_of_the_chain_over_all_points(problem, fitness):
    n = 5
    law = law_of_sets(n)
    times = rational_times(n, fitness, lambda x: law)
    process = FastEA(2).on(problem)
    average = sum(times) / len(times)
    assert exact.expected_runtime(process, n=n) == pytest.approx(float(average), rel=1e-12)
    assert exact.expected_runtime(process, n=n, start="zeros") == pytest.approx(float(times[0]), rel=1e-12)
    assert exact.worst_start(process, n=n)[1] == pytest.approx(float(max(times)), rel=1e-12)
    mean, _ = exact.runtime_moments(process, n=n)
    assert exact.runtime_distribution(process, n=n).mean == pytest.approx(mean, rel=1e-12)
    assert mean == pytest.approx(float(average), rel=1e-12)
    some = points(n)[3]
    assert exact.expected_runtime(process, n=n, start=some) == pytest.approx(float(times[3]), rel=1e-12)


def test_chains_over_zero_bits_and_over_levels_hold_at_larger_n():
    n = 16
    law = law_of_sets(n)
    for problem, fitness in ((OneMax(), onemax), (Needle(), lambda x: int(all(x))), (Jump(3), jump(3))):
        times = symmetric_times(n, fitness, law)
        got = exact.expected_runtimes_by_zeros(FastEA(2).on(problem), n=n)
        assert got == pytest.approx([float(time) for time in times], rel=1e-11)
    chances = [sum(law[1 + j] * ways for j, ways in enumerate(binomials(n - 1 - i))) for i in range(n)]
    expected = float(sum(1 / chance for chance in chances) / 2)
    assert exact.expected_runtime(FastEA(2).on(LeadingOnes()), n=n) == pytest.approx(expected, rel=1e-12)


def binomials(m):
    row = [1]
    for j in range(m):
        row.append(row[-1] * (m - j) // (j + 1))
    return row


@pytest.mark.parametrize("beta", ["3/2", 3])
def test_the_drawn_rates_obey_the_power_law(beta):
    n = 4000
    at = tuple(range(0, 40, 4))
    process = FastEA(beta).on(OneMax())
    observe = Observe(at=at, potentials=WATCH.potentials, drift=WATCH.drift)
    runs = simulate(process, n=n, replicates=2000, seed=2, budget=40, observe=observe, engine="lumped")
    alpha = np.rint(runs.observed["potentials"]["p"].ravel() * n).astype(int)
    law = np.arange(1.0, n // 2 + 1) ** -float(Fraction(beta))
    law /= law.sum()
    assert alpha.min() == 1 and alpha.max() <= n // 2
    assert has_law(alpha - 1, law) > LEVEL
    shifted = law[:-1] / law[:-1].sum()
    assert stats.binomtest(int((alpha == 2).sum()), alpha.size, shifted[0]).pvalue < 1e-9  # not one too many


CASES = {
    "OneMax": (OneMax(), 8, "uniform", ("lumped", "sparse", "reference")),
    "LeadingOnes": (LeadingOnes(), 6, "uniform", ("lumped", "sparse")),
    "BinVal": (BinVal(), 7, 5, ("sparse",)),
    "Jump": (Jump(2), 6, "zeros", ("lumped",)),
}


def sample_of(name, engine, observe=WATCH):
    problem, n, start, _ = CASES[name]
    how = {"replicates": RUNS, "seed": 6, "start": start, "budget": 10**6, "observe": observe, "n": n}
    return simulate(FastEA().on(problem), engine=engine, **how)


def law_of(name):
    problem, n, start, _ = CASES[name]
    return exact.runtime_distribution(FastEA().on(problem), n=n, start=start).pmf


@pytest.mark.parametrize("name", CASES)
def test_every_engine_has_the_exact_law(name):
    problem, n, start, engines = CASES[name]
    process = FastEA().on(problem)
    mean = {t: exact.fixed_budget(process, t, n=n, start=start) for t in WATCH.at}
    for engine in engines:
        assert engines_for(process, start, {"n": n}, WATCH)[engine] is None
        runs = sample_of(name, engine)
        assert has_law(runs.evaluations, law_of(name)) > LEVEL
        for i, t in enumerate(WATCH.at):
            fitness = runs.observed["potentials"]["v"][:, i]
            error = fitness.std() / RUNS**0.5
            assert abs(fitness.mean() - mean[t]) <= 4.5 * error + 1e-12  # two-sided 7e-6
        first = np.rint(runs.observed["potentials"]["p"][:, 0] * n).astype(int)
        weights = np.arange(1.0, n // 2 + 1) ** -1.5
        assert has_law(first - 1, weights / weights.sum()) > LEVEL
        assert (runs.generations == runs.evaluations).all()


MISTAKES = {
    "a round without ups pays for the one-bits, too": (
        "lumped_adaptive_counter",
        "                account -= width * hazard\n",
        "                account -= n * hazard\n",
    ),
    "the rate is drawn once": (
        "sparse_adaptive",
        "p = adapt(p, sign, uniform(s) if RANDOM_RATE else 0.0, n, c, t, settings, memory)",
        "p = adapt(p, sign, uniform(s) if RANDOM_RATE else 0.0, n, c, t, settings, memory) if t < 2 else p",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_caught(mistake, tmp_path, monkeypatch):
    template, right, wrong = MISTAKES[mistake]
    plant(template, right, wrong, tmp_path, monkeypatch)
    assert has_law(sample_of("OneMax", template.split("_")[0], UNMEASURED).evaluations, law_of("OneMax")) < 1e-9


def test_another_exponent_is_told_apart():
    process = FastEA().on(OneMax())
    runs = simulate(process, n=20, replicates=RUNS, seed=6, budget=10**6, observe=WATCH, engine="lumped").evaluations
    assert has_law(runs, exact.runtime_distribution(process, n=20).pmf) > LEVEL
    for beta in ("5/4", 2):
        assert has_law(runs, exact.runtime_distribution(FastEA(beta).on(OneMax()), n=20).pmf) < 1e-9


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FastEA(1), "beta: 1 must be more than 1"),
        (lambda: FastEA("1/2"), "beta: '1/2' must be at least 1"),
        (lambda: simulate(FastEA("n/2").on(OneMax()), n=2, replicates=1, seed=1), "beta: n/2 is 1 at these values"),
        (lambda: simulate(FastEA().on(OneMax()), n=1, replicates=1, seed=1), "n: alpha is drawn from 1..n/2 by a table"),
        (lambda: simulate(FastEA().on(OneMax()), n=8, replicates=1, seed=1, engine="event"), "the rate is drawn in each round"),
        (lambda: FastEA().on(HiddenSubset()), "flips positions of the whole string"),
        (lambda: exact.expected_runtime(FastEA().on(OneMax()), n=5, rational=True), "rational: the rates of FastEA are drawn"),
        (lambda: exact.expected_runtime_interval(FastEA().on(OneMax()), n=5), "no ball is computed for FastEA"),
        (lambda: exact.expected_runtime(FastEA().on(OneMax()), n=1001), "up to n = 1000"),
        (lambda: exact.expected_runtime(FastEA().on(LeadingOnes()), n=30, start="zeros"), "needs a uniform start"),
        (lambda: FastEA().on(OneMax()).drift(n=4), "not a chain of single points"),
        (lambda: FastEA().on(OneMax()).transition(n=4), "not a chain of single points"),
        (lambda: AdditiveDriftUpper.apply(FastEA().on(OneMax()), n=4), "not a chain of single points"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_without_a_budget_the_exact_expectation_gives_one():
    assert simulate(FastEA().on(OneMax()), n=20, replicates=2, seed=1).budget >= 100 * 150
    assert FastEA().on(OneMax()).bounds() == []
