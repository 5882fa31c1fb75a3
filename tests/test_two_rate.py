"""The two-rate (1+lambda) EA: every engine against the joint chain of (state, strength), enumerated here from the definition.

The state is the number of zero-bits (OneMax), or the point (a linear function with ties). Two offspring are enumerated pair by
pair, ties by their two outcomes, and the strength's law in its three cases. Error rate: each p-value is held against 1e-3 / 100.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from itertools import product
from math import comb

import numpy as np
import pytest
from laws import has_law
from oracle import leadingones, linear
from planting import FIRST, with_choices

from sim import Observe, simulate
from sim.families import choice
from theory import HiddenSubset, InputError, LeadingOnes, Linear, OneMax, SelfAdjustingEA

LEVEL = 1e-3 / 100
RUNS = 20_000
N, LAM, START = 14, 4, 7  # strengths from 2 to 3.5
SEEN = (3, 4, 11, 40)
HOW = {"n": N, "replicates": RUNS, "seed": 3, "budget": 10**6}
WATCH = Observe(targets=[N - 2], at=SEEN, potentials={"k": "k", "p": "p"}, drift={"zeros": "k"})
"""Drift is looked at in test_adaptive_observed.py, with the same kernels."""
ENGINES = ("lumped", "sparse", "reference")


def offspring_law(k, p):
    """P(the offspring has that many zero-bits)."""
    law = np.zeros(N + 1)
    for a in range(k + 1):
        for b in range(N - k + 1):
            law[k - a + b] += comb(k, a) * comb(N - k, b) * p ** (a + b) * (1 - p) ** (N - a - b)
    return law


def best_law(k, strength):
    """{(zero-bits of the best, made at the high rate): probability}, none optimal, and P(the first optimum is the j-th)."""
    laws = [offspring_law(k, rate / N) for rate in (strength / 2, 2 * strength)]
    half = LAM // 2
    low, high = (law[1:] for law in laws)  # no optimum: one to n zero-bits
    worse_low, worse_high = (np.append(np.cumsum(law[::-1])[::-1], 0.0) for law in (low, high))  # at least as many, from the top
    best = defaultdict(float)
    for y in range(N):
        for i in range(half + 1):
            for j in range(half + 1):
                chance = comb(half, i) * low[y] ** i * worse_low[y + 1] ** (half - i)
                chance *= comb(half, j) * high[y] ** j * worse_high[y + 1] ** (half - j)
                if i + j:
                    best[y + 1, False] += chance * i / (i + j)
                    best[y + 1, True] += chance * j / (i + j)
    found, alive = [], 1.0
    for j in range(LAM):
        optimal = laws[j >= half][0]
        found.append(alive * optimal)
        alive *= 1 - optimal
    return best, found


def strengths_after(strength, high):
    """{next strength: probability}."""
    law = defaultdict(float)
    for twice, chance in ((high, 0.5), (True, 0.25), (False, 0.25)):
        law[min(max(2.0, 2 * strength if twice else strength / 2), N / 4)] += chance
    return law


def enumerate_chain(generations):
    """P(T = t) for t = 0..lambda * generations, and the laws of (k, r) of the current point when those times have passed."""
    pmf, mass, ended, laws = [0.0], {(START, 2.0): 1.0}, defaultdict(float), {}
    for g in range(generations):
        after, hits = defaultdict(float), [defaultdict(float) for _ in range(LAM)]
        for (k, strength), weight in mass.items():
            best, found = best_law(k, strength)
            for j, chance in enumerate(found):
                hits[j][strength] += weight * chance
            for (y, high), chance in best.items():
                for following, q in strengths_after(strength, high).items():
                    after[min(y, k), following] += weight * chance * q
        left = sum(mass.values())
        for j in range(LAM):  # the point changes at the end of a generation, or at the optimum
            pmf.append(sum(hits[j].values()))
            left -= pmf[-1]
            for strength, chance in hits[j].items():
                ended[0, strength] += chance
            t = g * LAM + j + 1
            if t in SEEN and j < LAM - 1:
                still = {state: m for state, m in mass.items()}
                for i in range(j + 1):
                    for k, strength in mass:
                        still[k, strength] -= mass[k, strength] * best_law(k, strength)[1][i]
                laws[t] = {**still, **ended}
        mass = after
        if (g + 1) * LAM in SEEN:
            laws[(g + 1) * LAM] = {**after, **ended}
    return np.array(pmf), laws


@pytest.fixture(scope="module")
def law():
    return enumerate_chain(max(SEEN) // LAM + 20)


def p_values(sample, law):
    pmf, laws = law
    found = {"T": has_law(sample.evaluations, pmf)}
    for i, t in enumerate(SEEN):
        states = sorted(state for state, mass in laws[t].items() if mass > 0)
        index = {(k, round(strength, 9)): j for j, (k, strength) in enumerate(states)}
        seen = [sample.observed["potentials"][potential][:, i] for potential in ("k", "p")]
        where = np.array([index[int(k), round(p * N, 9)] for k, p in zip(*seen)])
        found[f"state at {t}"] = has_law(where, np.array([laws[t][state] for state in states]))
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_has_the_law_of_the_joint_chain_of_state_and_strength(engine, law):
    sample = simulate(SelfAdjustingEA("two-rate", lam=LAM).on(OneMax()), engine=engine, start=START, observe=WATCH, **HOW)
    assert {what: p for what, p in p_values(sample, law).items() if p < LEVEL} == {}
    assert (sample.generations == -(-sample.evaluations // LAM)).all()
    hits = sample.observed["hits"][:, 0]
    assert (0 < hits).all() and (hits <= sample.evaluations).all() and (hits < sample.evaluations).any()


MISTAKES = {
    "the first of the best is taken": ("if below(s, ties) == 0:", "if ties == 0:"),
    "the rate is always that of the best": (
        "p = next_rate(s, p, high, n)",
        "p = min(max(2.0 * p if high else 0.5 * p, 2.0 / n), 0.25)",
    ),
}  # fmt: skip


def test_planted_mistakes_are_caught(law, tmp_path, monkeypatch):
    text = (choice.KERNELS / "lumped_two_rate.py").read_text(encoding="utf-8")
    assert all(text.count(right) == 1 for right, _ in MISTAKES.values()), "the template has changed: plant the mistakes anew"
    (tmp_path / "lumped_two_rate.py").write_text(with_choices(text, list(MISTAKES.values())), encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", tmp_path)
    process, unmeasured = SelfAdjustingEA("two-rate", lam=LAM).on(OneMax()), dataclasses.replace(WATCH, drift={})
    for i, mistake in enumerate(MISTAKES):
        sample = simulate(process, engine="lumped", start=START, observe=unmeasured, **{**HOW, "budget": FIRST + i})
        assert min(p_values(sample, law).values()) < 1e-9, mistake


def enumerate_points(fitness, n, generations):
    """lambda = 2 on any function: P(T = t), and the law of k after each generation, from a uniform start with r = 2."""
    points = np.array(list(product((0, 1), repeat=n)))
    values = [fitness(tuple(map(int, x))) for x in points]
    rank = np.array([sorted(set(values)).index(v) for v in values])
    distance = (points[:, None, :] != points[None, :, :]).sum(axis=2)
    less, ties = (rank[:, None] < rank[None, :]).astype(float), (rank[:, None] == rank[None, :]).astype(float)
    kept = rank[None, :] >= rank[:, None]
    mass = {2.0: np.full(2**n, 0.5**n)}
    pmf, laws = [0.5**n], []
    mass[2.0][-1] = 0.0
    steps = {}
    for _ in range(generations):
        after, one, two = defaultdict(lambda: np.zeros(2**n)), 0.0, 0.0
        for strength, weight in mass.items():
            if strength not in steps:
                low, high = (q**distance * (1 - q) ** (n - distance) for q in (strength / 2 / n, 2 * strength / n))
                first, second = low[:, -1].copy(), high[:, -1] * (1 - low[:, -1])
                low[:, -1] = high[:, -1] = 0.0
                best = [low * (high @ (less + ties / 2)), high * (low @ (less + ties / 2))]
                moves = [np.where(kept, b, 0.0) + np.diag(np.where(kept, 0.0, b).sum(axis=1)) for b in best]
                steps[strength] = first, second, moves
            first, second, moves = steps[strength]
            one, two = one + weight @ first, two + weight @ second
            for high, matrix in enumerate(moves):
                for twice, chance in ((high, 0.5), (1, 0.25), (0, 0.25)):
                    after[min(max(2.0, 2 * strength if twice else strength / 2), n / 4)] += chance * (weight @ matrix)
        pmf += [one, two]
        mass = after
        zeros = np.zeros(n + 1)
        for weight in mass.values():
            np.add.at(zeros, n - points.sum(axis=1), weight)
        zeros[0] = 1 - zeros.sum()
        laws.append(zeros)
    return np.array(pmf), laws


@pytest.mark.parametrize(
    ("problem", "fitness", "engine"),
    [
        (Linear(["0.1", "0.2", "0.3", "0.3", "0.1", "0.6", "0.2", "0.2", "1"]), linear([1, 2, 3, 3, 1, 6, 2, 2, 10]), "sparse"),
        (LeadingOnes(), leadingones, "sparse"),
        (LeadingOnes(), leadingones, "reference"),
    ],
    ids=["linear with ties", "leading-ones", "leading-ones, reference"],
)
def test_offspring_are_compared_exactly_on_functions_of_the_positions(problem, fitness, engine):
    pmf, laws = enumerate_points(fitness, 9, 30)
    watch = Observe(targets=[1], at=(2, 10, 30), potentials=WATCH.potentials, drift=WATCH.drift)
    process = SelfAdjustingEA("two-rate", lam=2).on(problem)
    sample = simulate(process, n=9, engine=engine, observe=watch, replicates=RUNS, seed=4, budget=10**6)
    assert has_law(sample.evaluations, pmf) > LEVEL
    for i, t in enumerate(watch.at):
        assert has_law(sample.observed["potentials"]["k"][:, i].astype(int), laws[t // 2 - 1]) > LEVEL


def test_a_budget_may_end_within_a_generation():
    sample = simulate(
        SelfAdjustingEA("two-rate", lam=LAM).on(OneMax()), engine="lumped", start=START, observe=WATCH, **HOW | {"budget": 6}
    )
    assert not sample.hit.all() and (sample.evaluations <= 6).all()
    assert np.isnan(sample.observed["potentials"]["k"][~sample.hit][:, 2:]).all()
    assert np.isfinite(sample.observed["potentials"]["k"][:, :2]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SelfAdjustingEA("two-rate", lam=3), "lam: 3 must be even"),
        (lambda: SelfAdjustingEA("two-rate", lam=2, F=2), "F: rule 'two-rate' has no such parameter; it takes lam, r0"),
        (lambda: SelfAdjustingEA("two-rate", lam=2).on(HiddenSubset()), "flips positions of the whole string"),
        (lambda: run(n=7), "n: the two-rate rule clips r to .2, n/4., so n must be at least 8, not 7"),
        (lambda: run(lam="log(n)"), "lam: log.n. is 3 at these values, but must be even"),
        (lambda: run(r0=4), "r0: 4 is 4 at these values, but must be at most n/4 = 3.5"),
        (lambda: run(engine="event"), "the rate changes on rejected rounds"),
        (lambda: simulate(SelfAdjustingEA("two-rate", lam=2).on(LeadingOnes()), engine="lumped", **HOW), "does not collapse"),
    ],
)  # fmt: skip
def test_wrong_input_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


def run(n=N, engine="auto", **parameters):
    return simulate(SelfAdjustingEA("two-rate", **{"lam": 2, **parameters}).on(OneMax()), engine=engine, **HOW | {"n": n})
