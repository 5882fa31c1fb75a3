"""The (mu+1) EA against full enumeration at n = 3, mu = 2, and where it is the (1+1) EA.

Error rate: each p-value is held against 1e-3 / 200, and there are fewer than 200 of them: the whole file fails by chance with
probability below 1e-3 (the seeds are fixed, so it does so always or never). Planted mistakes fall below 1e-9 in the same tests.
"""

from __future__ import annotations

import functools
import itertools
from fractions import Fraction
from pathlib import Path

import pytest
from generations import Law, champion, mu_generation, points
from laws import has_law, same_law
from oracle import jump, leadingones, linear, onemax, plateau
from planting import FIRST, with_choices

from sim import Observe, engines, engines_for, simulate
from sim.families import choice
from theory import BinVal, InputError, Jump, LeadingOnes, Linear, MuPlusOneEA, OneMax, OnePlusOneEA, PartiallyOrderedEA, Plateau
from theory.exact import runtime_distribution

LEVEL = 1e-3 / 200
RUNS = 40_000
N = 3
AT = [0, 1, 2, 3, 5, 8, 13]
KERNELS = Path(engines.__file__).parent / "kernels"
DRIFT = {"k": "k"}  # looked at in test_population_drift.py, with the same kernels
TIES = [1, 1, 2]  # 110 and 001 are equally good


def third(x, t):
    return Fraction(1, 3)


def by_prefix_and_time(x, t):
    return Fraction(1, leadingones(x) + 2) + Fraction(1, t + 3)


CASES = {
    "linear with ties": (Linear(TIES), linear(TIES), "1/3", third, "sparse reference"),
    "one-max": (OneMax(), onemax, "1/3", third, "lumped"),
    "jump": (Jump(2), jump(2), "1/3", third, "lumped"),
    "plateau": (Plateau(2), plateau(2), "1/3", third, "lumped"),
    "leading-ones, rate in v and t": (LeadingOnes(), leadingones, "1/(v+2) + 1/(t+3)", by_prefix_and_time, "sparse reference"),
}


@functools.cache
def laws(name):
    """The law of runs, and that of runs that end at the second best fitness, the target."""
    _, f, _, rate, _ = CASES[name]
    target = sorted(set(map(f, points(N))))[-2]
    start = dict.fromkeys(itertools.product(points(N), repeat=2), Fraction(1, 4**N))
    how = {"horizon": 150, "timed": rate is by_prefix_and_time, "look": champion(f), "evaluated": lambda state: state}
    return (
        target,
        Law(start, mu_generation(f, rate), all, **how),
        Law(start, mu_generation(f, rate), lambda x: f(x) >= target, **how),
    )


def p_values(name, engine, budget=10**6, drift=DRIFT):
    """One for T, for the target and for k of the best point at each of the times AT."""
    problem, _, rate, _, _ = CASES[name]
    target, whole, first = laws(name)
    process = MuPlusOneEA(2, rate).on(problem)
    observe = Observe(targets=[target], at=AT, drift=drift)
    runs = simulate(process, n=N, replicates=RUNS, seed=1, engine=engine, budget=budget, observe=observe)
    assert runs.hit.all()
    found = {"T": has_law(runs.evaluations, whole.pmf), "target": has_law(runs.observed["hits"][:, 0], first.pmf)}
    for j, t in enumerate(AT):
        found[f"k at {t}"] = has_law(runs.observed["potentials"]["k"][:, j].astype(int), whole.zeros_at(t, N))
    return found


@pytest.mark.parametrize(("name", "engine"), [(name, engine) for name, case in CASES.items() for engine in case[4].split()])
def test_runs_have_the_law_of_the_enumerated_chain(name, engine):
    assert {what: p for what, p in p_values(name, engine).items() if not p > LEVEL} == {}


MISTAKES = {
    "an offspring as good as the worst leaves": (
        "plateau", "lumped", "lumped_mu",
        "if fitness < low:\n                continue", "if fitness <= low:\n                continue",
    ),
    "the parent is always the best point": ("linear with ties", "sparse", "sparse_mu", "a = below(s, mu)", "a = champion"),
    "offspring better than their parent are not ranked among the others": (
        "linear with ties", "sparse", "sparse_mu",
        "place, known = look_up(x, bits, slot, rank, mu, above, under, data)", "place, known = above, False",
    ),
}  # fmt: skip


@pytest.mark.parametrize("file", ["lumped_mu", "sparse_mu"])
def test_planted_mistakes_are_caught(file, tmp_path, monkeypatch):
    mistakes = {what: row for what, row in MISTAKES.items() if row[2] == file}
    text = (KERNELS / f"{file}.py").read_text(encoding="utf-8")
    assert all(text.count(row[3]) == 1 for row in mistakes.values()), "the template has changed: plant the mistakes anew"
    (tmp_path / f"{file}.py").write_text(with_choices(text, [row[3:] for row in mistakes.values()]), encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", tmp_path)
    for i, (what, row) in enumerate(mistakes.items()):
        assert min(p_values(row[0], row[1], FIRST + i, drift={}).values()) < 1e-9, what


def test_a_population_of_one_point_is_the_one_plus_one_ea():
    for problem, engine in ((Jump(2), "lumped"), (Linear([1, 1, 2, 3, 3]), "sparse")):
        law = runtime_distribution(OnePlusOneEA("1/3").on(problem), n=5, start="zeros")
        runs = simulate(
            MuPlusOneEA(1, "1/3").on(problem), n=5, start="zeros", replicates=RUNS, seed=2, engine=engine, budget=10**6,
            observe=Observe(targets=[1], at=[1], drift=DRIFT),
        )  # fmt: skip
        assert has_law(runs.evaluations, law.pmf) > LEVEL


def test_engines_agree_on_longer_strings():
    weights = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    process = MuPlusOneEA("n/2", "c/n").on(Linear(weights))
    how = {
        "n": 10,
        "c": 1.3,
        "replicates": 10_000,
        "seed": 3,
        "budget": 10**6,
        "observe": Observe(targets=[30], at=[5, 30, 100], drift=DRIFT),
    }
    right, other = simulate(process, engine="reference", **how), simulate(process, engine="sparse", **how)
    p = same_law(right.evaluations, other.evaluations) + same_law(right.observed["hits"][:, 0], other.observed["hits"][:, 0])
    for j in range(3):
        p += same_law(right.observed["potentials"]["k"][:, j], other.observed["potentials"]["k"][:, j])
    assert len(p) > 8
    assert min(p) > LEVEL
    algorithm = MuPlusOneEA("n/2", "c/n")
    how["observe"] = Observe(targets=[8], at=[5, 30, 100], drift=DRIFT)
    right = simulate(algorithm.on(OneMax()), engine="lumped", **how)
    other = simulate(algorithm.on(Linear([1] * 10)), engine="sparse", **how)
    assert min(same_law(right.evaluations, other.evaluations)) > LEVEL


def test_what_cannot_be_is_refused_in_one_line():
    for call, words in {
        lambda: MuPlusOneEA(0, "c/n"): "mu: 0 must be at least 1",
        lambda: MuPlusOneEA("c - 1", "1/n").on(OneMax()).values(n=3, c=1): "mu: c - 1 is 0",
        lambda: simulate(
            MuPlusOneEA(2, "1/n").on(PartiallyOrderedEA()), n=3, replicates=1, seed=1, budget=9
        ): "PartiallyOrderedEA",
        lambda: simulate(
            MuPlusOneEA(2, "1/n").on(BinVal()), n=3, replicates=1, seed=1, engine="event", budget=9
        ): "copies of the",
    }.items():
        with pytest.raises(InputError, match=words) as caught:
            call()
        assert "\n" not in str(caught.value)
    answers = engines_for(MuPlusOneEA(2, "c/n").on(OneMax()))
    assert [name for name, reason in answers.items() if reason is None] == ["lumped", "sparse", "reference"]
