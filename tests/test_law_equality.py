"""All engines have one law: two-sample tests between every pair that ``auto`` can choose and the reference.

Error rate: each p-value is held against 1e-3 / 400, and there are fewer than 400 of them: the whole file fails by chance with
probability below 1e-3 (the seeds are fixed, so it does so always or never). Power: tests/test_engines_planted_bugs.py shows
what samples of this size detect.
"""

from __future__ import annotations

import numba
import pytest
from laws import has_law, same_law
from scipy import stats

from sim import Observe, engines_for, simulate
from theory import RLS, BinVal, Custom, Jump, LeadingOnes, Linear, OneMax, OnePlusOneEA
from theory.exact import runtime_distribution

LEVEL = 1e-3 / 400
RUNS = 20_000


@numba.njit
def increasing(x):
    """Strictly monotone, neither linear nor symmetric, with ties."""
    total = 0
    for i in range(x.size):
        total += (i // 2 + 1) * x[i]
    return total * total


LINEAR = OnePlusOneEA("1/(k+1)**2").on(Linear([0.1, 0.2, 0.3, 0.3, 0.1, 0.6]))
CUSTOM = Custom(increasing, strictly_monotone=True)
ZEROS = Observe(at=[1, 4, 12])
FITNESS = Observe(at=[1, 4, 12], potentials={"fitness": "v"})
BOTH = Observe(at=[1, 4, 12], potentials={"zeros": "k", "fitness": "v"})

CASES = {
    "one-max": (OnePlusOneEA("c/n").on(OneMax()), {"n": 9, "c": 1.5}, "uniform", 10**6, BOTH),
    "linear with ties, rate in k": (LINEAR, {"n": 6}, "zeros", 10**6, ZEROS),
    "bin-val, rate in t": (OnePlusOneEA("Min(1/2, 4/(t+3) + 1/n)").on(BinVal()), {"n": 7}, "uniform", 10**6, BOTH),
    "leading-ones, rate in v": (OnePlusOneEA("1/(v+1)").on(LeadingOnes()), {"n": 7}, "uniform", 10**6, FITNESS),
    "leading-ones from zeros": (OnePlusOneEA("1/(v+1)").on(LeadingOnes()), {"n": 7}, "zeros", 10**6, FITNESS),
    "jump": (OnePlusOneEA("c/n").on(Jump(2)), {"n": 6, "c": 1}, 4, 10**6, BOTH),
    "rls with three flips on bin-val": (RLS(3).on(BinVal()), {"n": 8}, "uniform", 60, BOTH),
    "custom, strict": (OnePlusOneEA("c/n", strict=True).on(CUSTOM), {"n": 8, "c": 1}, "uniform", 10**6, BOTH),
}  # fmt: skip
WITHOUT_EXACT_LAW = ("bin-val, rate in t", "rls with three flips on bin-val")
LEFT_OUT = {  # a kernel costs seconds to compile
    "bin-val, rate in t": "event",  # held to the chain of all points in test_schedules_event.py
    "jump": "reference",  # the other engines are held to the exact law here and to each other on the way
    "custom, strict": "reference",
}


@pytest.mark.parametrize("name", CASES)
def test_engines_have_one_law_of_the_runtime_and_of_states_on_the_way(name):
    process, values, start, budget, observe = CASES[name]
    able = [engine for engine, reason in engines_for(process, start, values, observe).items() if reason is None]
    able = [engine for engine in able if engine != LEFT_OUT.get(name)]
    how = {"replicates": RUNS, "seed": 1, "start": start, "budget": budget, "observe": observe, **values}
    runs = {engine: simulate(process, engine=engine, **how) for engine in able}
    p = {}
    if name not in WITHOUT_EXACT_LAW:
        law = runtime_distribution(process, start=start, **values)
        p = {f"{engine}: T, exact": [has_law(sample.evaluations, law.pmf)] for engine, sample in runs.items()}
    for i, engine in enumerate(able):
        for other in able[i + 1 :]:
            one, two = runs[engine], runs[other]
            p[f"{engine} and {other}: T"] = same_law(one.evaluations, two.evaluations)
            for potential in one.observed["potentials"]:
                a, b = one.observed["potentials"][potential], two.observed["potentials"][potential]
                for j, t in enumerate(observe.at):
                    p[f"{engine} and {other}: {potential} at {t}"] = same_law(a[:, j], b[:, j])
    assert {what: values for what, values in p.items() if min(values, default=1.0) < LEVEL} == {}


def test_the_cases_cover_every_engine_that_auto_can_choose():
    answers = [engines_for(process, start, values) for process, values, start, _, _ in CASES.values()]
    assert {next(name for name, reason in row.items() if reason is None) for row in answers} == {"lumped", "event", "sparse"}


def test_weights_of_one_two_and_three_tenths_tie_exactly_in_every_engine():
    start = [1, 1, 0]  # at rate 1/4 the first offspring is [0, 0, 1], the only other point of this fitness, with probability 1/64
    for engine in ("event", "sparse", "reference"):
        moved = {}
        for last in (0.3, 0.2999999):
            process = OnePlusOneEA("1/(k+1)**2").on(Linear([0.1, 0.2, last]))
            sample = simulate(process, engine=engine, replicates=RUNS, seed=2, budget=10**6, observe=ZEROS, n=3, start=start)
            moved[last] = int((sample.observed["potentials"]["k"][:, 0] == 2).sum())
        assert stats.binomtest(moved[0.3], RUNS, 1 / 64).pvalue > LEVEL
        assert moved[0.2999999] == 0


def test_weights_beyond_62_bits_obey_the_exact_law():
    weights = [*(10**25 * w for w in (1, 2, 3, 3, 1)), "60000000000000000000000000.0000001"]
    process = OnePlusOneEA("1/(k+1)**2").on(Linear(weights))
    assert process.problem.data(6).shape[1] > 1
    law = runtime_distribution(process, n=6, start="zeros")
    for engine in ("event", "sparse", "reference"):
        sample = simulate(process, engine=engine, replicates=RUNS, seed=3, budget=10**6, n=6, start="zeros", observe=ZEROS)
        assert has_law(sample.evaluations, law.pmf) > LEVEL
