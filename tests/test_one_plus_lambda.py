"""The (1+lambda) and the (1,lambda) EA against full enumeration at n = 3, lambda = 2 and 3, and where they are the (1+1) EA.

Error rate: each p-value is held against 1e-3 / 400, and there are fewer than 400 of them: the whole file fails by chance with
probability below 1e-3 (the seeds are fixed, so it does so always or never). Planted mistakes fall below 1e-9 in the same tests.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from generations import Law, lambda_generation, uniform_start
from laws import has_law, same_law
from oracle import binval, jump, leadingones, linear, onemax
from planting import FIRST, with_choices
from scipy import stats

from sim import Observe, engines, engines_for, simulate
from sim.families import choice
from theory import (
    BinVal,
    DynamicBinVal,
    InputError,
    Jump,
    LeadingOnes,
    Linear,
    OneCommaLambdaEA,
    OneMax,
    OnePlusLambdaEA,
    OnePlusOneEA,
)
from theory.exact import NoExactMethod, expected_runtime, runtime_distribution

LEVEL = 1e-3 / 400
RUNS = 40_000
N = 3
HORIZON = 150
AT = [1, 2, 3, 4, 6, 7, 12]
DRIFT = {"k": "k"}  # looked at in test_population_drift.py, with the same kernels
KERNELS = Path(engines.__file__).parent / "kernels"
TIES = [1, 1, 2]  # 110 and 001 are equally good; runs with these weights start in 110


def third(x, t):
    return Fraction(1, 3)


def two_fifths(x, t):
    return Fraction(2, 5)


def by_prefix(x, t):
    return Fraction(1, leadingones(x) + 1)


def by_time(x, t):
    return Fraction(1, 2) - Fraction(1, t + 3)


CASES = {
    "linear with ties": (OnePlusLambdaEA(3, "2/5"), Linear(TIES), linear(TIES), {}, two_fifths, "event sparse reference"),
    "one-max": (OnePlusLambdaEA(2, "1/3"), OneMax(), onemax, {}, third, "lumped"),
    "jump": (OnePlusLambdaEA(2, "1/3"), Jump(2), jump(2), {}, third, "lumped"),
    "leading-ones, rate in v": (OnePlusLambdaEA(2, "1/(v+1)"), LeadingOnes(), leadingones, {}, by_prefix, "sparse"),
    "bin-val, strict, rate in t": (
        OnePlusLambdaEA(2, "1/2 - 1/(t+3)", strict=True), BinVal(), binval, {"strict": True}, by_time, "sparse reference",
    ),
    "comma, linear with ties": (
        OneCommaLambdaEA(2, "2/5"), Linear(TIES), linear(TIES), {"comma": True}, two_fifths, "sparse reference",
    ),
    "comma, one-max": (OneCommaLambdaEA(3, "1/3"), OneMax(), onemax, {"comma": True}, third, "lumped"),
    "comma, jump": (OneCommaLambdaEA(2, "1/3"), Jump(2), jump(2), {"comma": True}, third, "lumped"),
}  # fmt: skip


@functools.cache
def laws(name):
    """The law of runs, and that of runs that end at the second best fitness, the target."""
    algorithm, _, f, options, rate, _ = CASES[name]
    lam = int(algorithm.lam)
    target = sorted({f(x) for x in uniform_start(N)})[-2]
    how = {"horizon": HORIZON, "timed": rate is by_time}
    generation = lambda_generation(f, lam, rate, **options)
    start = {(1, 1, 0): Fraction(1)} if rate is two_fifths else uniform_start(N)
    whole = Law(start, generation, all, **how)
    first = Law(start, generation, lambda x: f(x) >= target, **how)
    return lam, target, whole, first


def p_values(name, engine, drift=DRIFT, budget=10**5):
    """One for T, for the target and for k at each of the times AT."""
    algorithm, problem, _, _, rate, _ = CASES[name]
    lam, target, whole, first = laws(name)
    how = {
        "start": [1, 1, 0] if rate is two_fifths else "uniform",
        "budget": budget,
        "observe": Observe(targets=[target], at=AT, drift=drift),
    }
    runs = simulate(algorithm.on(problem), n=N, replicates=RUNS, seed=1, engine=engine, **how)
    assert runs.hit.all()
    found = {"T": has_law(runs.evaluations, whole.pmf), "target": has_law(runs.observed["hits"][:, 0], first.pmf)}
    for j, t in enumerate(AT):
        found[f"k at {t}"] = has_law(runs.observed["potentials"]["k"][:, j].astype(int), whole.zeros_at(t, N))
    assert np.array_equal(runs.generations, -(-runs.evaluations // lam))
    return found


@pytest.mark.parametrize(("name", "engine"), [(name, engine) for name, case in CASES.items() for engine in case[5].split()])
def test_runs_have_the_law_of_the_enumerated_chain(name, engine):
    assert {what: p for what, p in p_values(name, engine).items() if not p > LEVEL} == {}


MISTAKES = {
    "offspring that are all worse than their parent count as equally good": (
        "comma, linear with ties", "sparse", "sparse_lambda", "if sign != sign_other or sign == 0:", "if True:",
    ),
    "copies of the parent take no part in ties": (
        "linear with ties", "event", "event_lambda", "if copies > 0 and below(s, ties + copies) >= ties:", "if False:",
    ),
    "the generation of the optimum is counted whole": (
        "comma, one-max", "lumped", "lumped_lambda", "t = begin + number + 1", "t = begin + lam",
    ),
    "comma accepts only what is not worse": (
        "comma, linear with ties", "reference", "reference_lambda", "if done or COMMA or sign > 0", "if done or sign > 0",
    ),
    "a generation without an up never makes the comma strategy worse": (
        "comma, one-max", "lumped", "lumped_lambda", "if wait < idle:", "if wait < 0:",
    ),
}  # fmt: skip


KERNEL_OF = {mistake: case[:3] for mistake, case in MISTAKES.items()}


@pytest.mark.parametrize("kernel", dict.fromkeys(KERNEL_OF.values()), ids=", ".join)
def test_planted_mistakes_are_caught(kernel, tmp_path, monkeypatch):
    (name, engine, file), mistakes = kernel, [mistake for mistake in MISTAKES if KERNEL_OF[mistake] == kernel]
    pairs = [MISTAKES[mistake][3:] for mistake in mistakes]
    text = (KERNELS / f"{file}.py").read_text(encoding="utf-8")
    assert all(text.count(right) == 1 for right, _ in pairs), "the template has changed: plant the mistakes anew"
    mistaken = with_choices(text, pairs) if len(pairs) > 1 else text.replace(*pairs[0])
    (tmp_path / f"{file}.py").write_text(mistaken, encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", tmp_path)
    for i, mistake in enumerate(mistakes):
        assert min(p_values(name, engine, drift={}, budget=FIRST + i).values()) < 1e-9, mistake


def test_with_one_offspring_a_generation_it_is_the_one_plus_one_ea():
    for problem, engine in ((OneMax(), "lumped"), (Linear([1, 1, 2, 3, 3]), "sparse")):
        law = runtime_distribution(OnePlusOneEA("1/3").on(problem), n=5, start="zeros")
        runs = simulate(
            OnePlusLambdaEA(1, "1/3").on(problem), n=5, start="zeros", replicates=RUNS, seed=2, engine=engine, budget=10**6,
            observe=Observe(targets=[1], at=[1], drift=DRIFT),
        )  # fmt: skip
        assert has_law(runs.evaluations, law.pmf) > LEVEL
        assert np.array_equal(runs.generations, runs.evaluations)


def test_engines_agree_on_longer_strings_also_where_the_budget_cuts_a_generation_off():
    weights = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    process = OnePlusLambdaEA("n/2", "c/n").on(Linear(weights))
    observe = Observe(targets=[20, 34], at=[1, 5, 12, 23], drift=DRIFT)
    for budget in (23, 10**6):  # the fifth generation of 5 ends with offspring 25
        how = {"n": 10, "c": 1.3, "replicates": 8_000, "seed": 3, "budget": budget, "observe": observe}
        right = simulate(process, engine="reference", **how)
        for engine in ("event", "sparse"):
            other = simulate(process, engine=engine, **how)
            p = same_law(right.evaluations, other.evaluations) + same_law(right.generations, other.generations)
            for j in range(2):
                p += same_law(right.observed["hits"][:, j], other.observed["hits"][:, j])
            for j in range(4):
                p += same_law(right.observed["potentials"]["k"][:, j], other.observed["potentials"]["k"][:, j])
            assert len(p) > 8
            assert min(p) > LEVEL
        assert budget > 23 or (right.generations[~right.hit] == 5).all()


def test_the_counter_has_the_law_of_the_bits_under_the_comma_strategy_on_longer_strings():
    algorithm = OneCommaLambdaEA(12, "1/n")
    how = {"n": 20, "replicates": 4000, "budget": 10**6, "observe": Observe(targets=[1], at=[24], drift=DRIFT)}
    lumped = simulate(algorithm.on(OneMax()), engine="lumped", seed=4, **how)
    sparse = simulate(algorithm.on(Linear([1] * 20)), engine="sparse", seed=5, **how)
    assert min(same_law(lumped.evaluations, sparse.evaluations)) > LEVEL
    assert stats.ttest_ind(lumped.generations, sparse.generations).pvalue > LEVEL


def test_what_cannot_be_is_refused_in_one_line():
    for call, words in {
        lambda: OnePlusLambdaEA(0, "c/n"): "lam: 0 must be at least 1",
        lambda: OneCommaLambdaEA("-n", 0.1).on(OneMax()).values(n=3): "lam: -n is",
        lambda: OnePlusLambdaEA(2, 1.5): "rate: 1.5 must lie in",
        lambda: OnePlusLambdaEA(2, "c/n", strict=3): "strict: 3 must be",
        lambda: OnePlusLambdaEA(2**31, "1/n").on(OneMax()).values(n=2**30): "lam: 2147483648 offspring of 1073741824 bits",
        lambda: simulate(OnePlusLambdaEA(2, "1/n").on(DynamicBinVal()), n=3, replicates=1, seed=1, budget=9): "DynamicBinVal",
        lambda: simulate(
            OneCommaLambdaEA(2, "1/n").on(OneMax()), n=3, replicates=1, seed=1, engine="event", budget=9
        ): "may be worse",
        lambda: simulate(
            OnePlusLambdaEA(2, "1/(t+1)").on(OneMax()), n=3, replicates=1, seed=1, engine="event", budget=9
        ): "rate depends on t",
    }.items():
        with pytest.raises(InputError, match=words.replace("(", r"\(")) as caught:
            call()
        assert "\n" not in str(caught.value)
    with pytest.raises(NoExactMethod):
        expected_runtime(OnePlusLambdaEA(2, "1/n").on(OneMax()), n=3)
    assert OnePlusLambdaEA(2, "1/n").on(OneMax()).bounds() == []


def test_lambda_may_be_an_expression_and_engines_are_chosen_from_the_fastest():
    process = OnePlusLambdaEA("log(n)", "c/n").on(OneMax())
    assert process.algorithm.settings(process.values(n=100, c=1)) == [5.0]
    answers = engines_for(process, "uniform", {"n": 100, "c": 1})
    assert [name for name, reason in answers.items() if reason is None] == ["lumped", "event", "sparse", "reference"]
