"""What a referee checked of the engines: the law of every offspring, walked forward over all points, from the definitions alone.

Nothing is taken from kernels, hooks or theory.exact. A walk knows the law of the algorithm's whole state before offspring t (the
points, what the algorithm adapts, the unfinished generation) and gives the laws of T, of the generations, of the hits of a target
and of what is observed after so many offspring, in the midst of a generation too.

Error rate: each p-value is held against 1e-3 / 100, and there are fewer than 100 of them.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from scipy import stats
from sympy import Eq, Piecewise

from sim import simulate
from theory import (
    BinVal,
    DynamicBinVal,
    LeadingOnes,
    OneCommaLambdaEA,
    OneMax,
    OnePlusLambdaEA,
    OnePlusLambdaLambdaGA,
    OnePlusOneEA,
    SelfAdjustingEA,
    c,
    k,
    n,
    t,
)

LEVEL = 1e-3 / 100
RUNS = 20_000
LEAST = 20  # expected runs of a class
BITS = 3
POINTS = list(itertools.product((0, 1), repeat=BITS))
VALUES = {
    "OneMax": sum,
    "LeadingOnes": lambda x: ([*x, 0]).index(0),
    "BinVal": lambda x: int("".join(map(str, x)), 2),
    "DynamicBinVal": lambda x: 0,
}


def zeros(x):
    return BITS - sum(x)


def mutants(x, p):
    """All offspring of standard bit mutation, with their probabilities."""
    for y in POINTS:
        apart = sum(a != b for a, b in zip(x, y))
        yield y, p**apart * (1 - p) ** (BITS - apart)


def flipped(x, flips):
    """All offspring with so many flips."""
    found = [y for y in POINTS if sum(a != b for a, b in zip(x, y)) == flips]
    return [(y, 1 / len(found)) for y in found]


def best_of(points, f):
    top = max(map(f, points))
    return [y for y in points if f(y) == top]


def uniform():
    return {x: 1 / len(POINTS) for x in POINTS}


class OneParent:
    """One offspring a generation. A state is the parent, what is adapted, and the generation."""

    def __init__(self, rate, accepts, first=None, adapt=None):
        self.rate, self.accepts, self.first, self.adapt = rate, accepts, first, adapt

    def start(self, law):
        return [(w, (x, self.first), [x]) for x, w in law.items()]

    def step(self, state, time, f):
        x, p = state
        rate = p if self.rate is None else self.rate(zeros(x), time)
        for y, w in mutants(x, rate):
            after = p if self.adapt is None else self.adapt(p, f(y) - f(x))
            yes = self.accepts(x, y, f)
            yield w * yes, (y, after), y
            yield w * (1 - yes), (x, after), y

    def seen(self, state):
        return state

    def generation(self, state, time):
        return time


class Generations:
    """Lambda offspring of one parent; a state is the parent, the offspring so far, lambda and the generation."""

    def __init__(self, lam, rate, plus, factors=None):
        self.lam, self.rate, self.plus, self.factors = lam, rate, plus, factors

    def start(self, law):
        return [(w, (x, (), float(self.lam), 1), [x]) for x, w in law.items()]

    def step(self, state, time, f):
        x, made, lam, generation = state
        for y, w in mutants(x, self.rate(zeros(x), time)):
            now = tuple(sorted((*made, y)))
            if len(now) < math.floor(lam + 0.5):
                yield w, (x, now, lam, generation), y
                continue
            best = best_of(now, f)
            after = lam
            if self.factors is not None:
                after = max(lam / self.factors[0], 1.0) if f(best[0]) > f(x) else lam * self.factors[1]
            for z in best:
                parent = z if not self.plus or f(z) >= f(x) else x
                yield w / len(best), (parent, (), round(after, 10), generation + 1), y

    def seen(self, state):
        return state[0], state[2]

    def generation(self, state, time):
        return state[3]


class Crossovers:
    """The (1+(lambda,lambda)) GA that adjusts lambda by F."""

    def __init__(self, factor):
        self.factor = factor

    def start(self, law):
        return [(w, (x, None, None, (), 1.0, 1), [x]) for x, w in law.items()]

    def step(self, state, time, f):
        x, flips, other, made, lam, generation = state
        many = math.floor(lam + 0.5 + 1e-9)
        if other is None:
            drawn = [(flips, 1.0)] if made else [(j, stats.binom.pmf(j, BITS, lam / BITS)) for j in range(BITS + 1)]
            for j, u in drawn:
                for y, w in flipped(x, j):
                    now = tuple(sorted((*made, y)))
                    if len(now) < many:
                        yield u * w, (x, j, None, now, lam, generation), y
                        continue
                    best = best_of(now, f)
                    for z in best:
                        yield u * w / len(best), (x, None, z, (), lam, generation), y
            return
        for y in POINTS:
            w = math.prod(
                (1.0 if bit == a else 0.0) if a == b else (1 / lam if bit == b else 1 - 1 / lam) for bit, a, b in zip(y, x, other)
            )
            now = tuple(sorted((*made, y)))
            if len(now) < many:
                yield w, (x, None, other, now, lam, generation), y
                continue
            best = best_of(now, f)
            after = max(lam / self.factor, 1.0) if f(best[0]) > f(x) else min(lam * self.factor**0.25, BITS)
            for z in best:
                yield w / len(best), (z if f(z) >= f(x) else x, None, None, (), round(after, 10), generation + 1), y

    def seen(self, state):
        return state[0], state[4]

    def generation(self, state, time):
        return state[5]


def walk(model, f, budget, times, ends):
    """The laws of T (None: later), of the generations of the runs that end, and of (k, p) at some times; p is None at the end."""
    now, length, generations, seen, over = defaultdict(float), defaultdict(float), defaultdict(float), {}, 0.0
    for w, state, points in model.start(uniform()):
        if any(map(ends, points)):
            over += w
        else:
            now[state] += w
    length[0] = generations[0] = over
    for time in range(budget + 1):
        if time > 0:
            after = defaultdict(float)
            for state, w in now.items():
                for q, then, y in model.step(state, time, f):
                    if ends(y):
                        length[time] += w * q
                        generations[model.generation(state, time)] += w * q
                        over += w * q
                    elif q > 0:
                        after[then] += w * q
            now = after
        if time in times:
            seen[time] = defaultdict(float)
            for state, w in now.items():
                x, p = model.seen(state)
                seen[time][zeros(x), p] += w
            seen[time][0, None] += over
    length[None] = sum(now.values())
    return length, generations, seen


def p_value(found, law):
    """Chi-square of counts; rare classes are one, and where it is rare it is tested by itself."""
    runs, total = sum(found.values()), sum(law.values())
    assert all(law.get(value, 0) > 0 for value in found), "an impossible value"
    law = {value: w / total for value, w in law.items()}
    common = [value for value, w in law.items() if w * runs >= LEAST]
    observed = np.array([found.get(value, 0) for value in common], float)
    expected = np.array([law[value] for value in common]) * runs
    rest, share = runs - observed.sum(), max(0.0, 1 - expected.sum() / runs)
    p = [stats.binomtest(int(rest), runs, min(1.0, share)).pvalue] if share > 1e-12 else []
    if len(common) > 1:
        p.append(stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue)
    return min(1.0, len(p) * min(p, default=1.0))


WAITING = Piecewise((1 / (k + 1), Eq(t, 17) | (t < 3)), (0, t < 12), (k / 40, True))  # pauses, and a single high round


def not_worse(x, y, f):
    return float(f(y) >= f(x))


def by_order(x, y, f):
    ups, downs = (sum((a, b) == pair for a, b in zip(x, y)) for pair in ((0, 1), (1, 0)))
    return ups / (ups + downs) if ups + downs else 1.0


def rule_c(p, change):
    return round(min(0.5, 1.5 * p) if change == 0 else p / 1.5 ** (math.e - 1), 12)


def waiting(zeros_now, time):
    return 1 / (zeros_now + 1) if time == 17 or time < 3 else 0.0 if time < 12 else zeros_now / 40


def by_zeros(zeros_now, time):
    return (zeros_now + 1.3) / (2 * BITS)


def constant(zeros_now, time):
    return 1.3 / BITS


CASES = {  # process, c, model, engines, budget
    "waiting": (OnePlusOneEA(WAITING).on(OneMax()), None, OneParent(waiting, not_worse), ("lumped", "event"), 40),
    "order": (OnePlusOneEA(c / n).on(DynamicBinVal()), 1.3, OneParent(constant, by_order), ("event",), 30),
    "plus": (OnePlusLambdaEA(3, (k + c) / (2 * n)).on(BinVal()), 1.3, Generations(3, by_zeros, True), ("event",), 23),
    "comma": (
        OneCommaLambdaEA(2, c / n, s=2).on(OneMax()), 1.3, Generations(2, constant, False, (1.5, 1.5**0.5)), ("sparse",), 12,
    ),
    "crossovers": (OnePlusLambdaLambdaGA().on(OneMax()), None, Crossovers(1.5), ("lumped",), 15),
    "rule": (SelfAdjustingEA("C", F="3/2").on(LeadingOnes()), None, OneParent(None, not_worse, 0.5, rule_c), ("sparse",), 14),
}  # fmt: skip


@pytest.mark.parametrize(("case", "engine"), [(case, engine) for case, row in CASES.items() for engine in row[3]])
def test_laws_of_every_offspring(case, engine):
    process, constant_c, model, _, budget = CASES[case]
    adapts = case in ("comma", "crossovers", "rule")
    f = VALUES[process.problem.name]
    values = {"n": BITS} if constant_c is None else {"n": BITS, "c": constant_c}
    times = [0, 1, 2, 4, budget]
    target = None if case == "order" else 2
    watch = {"at": [*times, budget + 9], "potentials": {"k": "k", "p": "p"} if adapts else {"k": "k"}}
    watch |= {} if target is None else {"targets": [target]}
    runs = simulate(process, replicates=RUNS, seed=11, engine=engine, budget=budget, observe=watch, **values)
    length, generations, seen = walk(model, f, budget, times, lambda x: all(x))

    p = [p_value(Counter(T if hit else None for T, hit in zip(runs.evaluations.tolist(), runs.hit)), length)]
    p.append(p_value(Counter(runs.generations[runs.hit].tolist()), generations))
    if target is not None:
        hits, _, _ = walk(model, f, budget, [], lambda x: f(x) >= target)
        found = runs.observed["hits"][:, 0]
        p.append(p_value(Counter(None if hit < 0 else hit for hit in found.tolist()), hits))
        assert (found[runs.hit] <= runs.evaluations[runs.hit]).all()
    potentials = runs.observed["potentials"]
    for j, time in enumerate(times):
        zeros_now, over = potentials["k"][:, j], runs.hit & (runs.evaluations <= time)
        adapted = potentials["p"][:, j] if adapts else np.zeros(RUNS)
        found = Counter((int(z), None if end else round(q, 6)) for z, q, end in zip(zeros_now, adapted, over))
        law = defaultdict(float)
        for (z, q), w in seen[time].items():
            law[z, None if (z, q) == (0, None) else round(q, 6) if adapts else 0.0] += w
        p.append(p_value(found, {value: w for value, w in law.items() if w > 0}))
    assert np.isnan(potentials["k"][~runs.hit, -1]).all() and (potentials["k"][runs.hit, -1] == 0).all()
    assert min(p) > LEVEL, (p, case, engine)
