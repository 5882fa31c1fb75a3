"""Every derived upper, lower and exact bound of the catalogue, and every tail, between the values of the exact chain.

n = 1..12, c from 0.1 up to n - 0.1 and n itself, wherever the bound says that it holds; where only the chain of all points will
do, n = 1..6, 8, 10 and 12, and at 12 the smallest c, 1 and the largest. The same checker must catch bounds whose condition was
left out, or whose constant is wrong.
"""

from __future__ import annotations

import functools
from fractions import Fraction

import numpy as np
import oracle
import pytest
import sympy

from theory import RLS, BinVal, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA, Plateau, Trap, c, k, n, v
from theory.bound import Bound
from theory.exact import fullchain
from theory.values import exact

WEIGHTS = [3, 1, 7, 0.5, 2, 11, 1, 5, 0.25, 4, 1.5, 9]
SYMMETRIC = {
    "OneMax()": oracle.onemax, "Needle()": oracle.needle, "Trap()": oracle.trap,
    **{f"Jump(gap={m})": oracle.jump(m) for m in (1, 2, 3)},
    **{f"Plateau(radius={m})": oracle.plateau(m) for m in (1, 2, 3)},
}  # fmt: skip
TOLERANCE = 1e-9


def rates_of(size, process=None):
    if process is not None and size == 12 and process.problem.key not in SYMMETRIC:  # each takes half a second
        return [0.1, 1, size]
    grid = {0.1, 0.5, 1, 1.5, 2, size / 2, round(size - 0.1, 1), size}
    return sorted(x for x in grid if 0 < x <= size)


class Exact:
    """Expected runtimes of one process at one n and c, from the oracle."""

    def __init__(self, size, by_zeros=None, by_point=None, optimum=None):
        self.size, self.by_point = size, by_point
        zeros = np.array([size - sum(x) for x in oracle.points(size)])
        if by_zeros is not None:
            weights = [Fraction(oracle.comb(size, z), 2**size) for z in range(size + 1)]
            self.uniform = float(sum(w * e for w, e in zip(weights, by_zeros)))
            self.from_k = [float(e) for e in by_zeros]
            self.worst, self.best_start = max(self.from_k), 0.0
        else:
            values = np.array([float(e) for e in by_point])
            self.uniform, self.worst = values.mean(), values.max()
            self.from_k = [values[zeros == z].mean() for z in range(size + 1)]


@functools.cache
def exact_values(process, size, constant):
    """The oracle's answer, or where that takes too long the chain of theory.exact, which other tests hold to it."""
    algorithm, problem = process.algorithm, process.problem
    if problem.key in SYMMETRIC:
        law = law_of(process, size, constant)
        return Exact(size, by_zeros=oracle.symmetric_times(size, SYMMETRIC[problem.key], law, algorithm.strict))
    f = {BinVal: oracle.binval, LeadingOnes: oracle.leadingones, Linear: oracle.linear(WEIGHTS[:size])}[type(problem)]
    if not process.is_static:
        if size > 5:
            return full_chain(process, size, constant)
        laws = lambda x: oracle.mutation(size, Fraction(1, f(x) + 1))  # noqa: E731
        return Exact(size, by_point=oracle.rational_times(size, f, laws, algorithm.strict))
    law = law_of(process, size, constant)
    if size <= 5:
        return Exact(size, by_point=oracle.rational_times(size, f, lambda x: law, algorithm.strict))
    if isinstance(problem, LeadingOnes) and not algorithm.strict and constant is not None and (size > 9 or constant > size / 2):
        return full_chain(process, size, constant)  # blocks of equal fitness: the oracle's floats lose how rarely they are left
    if size >= 11:
        return full_chain(process, size, constant)  # the oracle would take minutes
    return Exact(size, by_point=oracle.float_times(size, f, law, algorithm.strict))


def full_chain(process, size, constant):
    values = process.values(n=size, **({} if constant is None else {"c": constant}))
    return Exact(size, by_point=fullchain.by_point(process, values)[0])


def law_of(process, size, constant):
    if process.rate is None:
        return oracle.mutation(size, flips=process.algorithm.flips)
    p = process.rate.subs({n: size, **({c: sympy.Rational(str(exact(constant)))} if constant is not None else {})})
    return oracle.mutation(size, Fraction(int(p.p), int(p.q)))


def claims(bound, truth, size):
    """(measured, values of k) for every start that the bound speaks of."""
    if bound.start == "any":
        return [(truth.worst if bound.direction == "upper" else min(truth.from_k[1:]), {})]
    if bound.start == "uniform":
        return [(truth.uniform, {})]
    if bound.start == "zeros":
        return [(truth.from_k[size], {})]
    assert bound.start == k
    return [(truth.from_k[z], {"k": z}) for z in sorted({0, 1, 2, size // 2, size} & set(range(size + 1)))]


def violations(process, bound, sizes=range(1, 13)):
    """Where a bound on E[T] is wrong: a list of texts; and how many comparisons were made."""
    found, made = [], 0
    for size in sizes:
        if getattr(process.problem, "gap", 1) > size or getattr(process.problem, "radius", 1) > size:
            continue
        if process.algorithm.flips > size or (size in (7, 9, 11) and process.problem.key not in SYMMETRIC):
            continue
        for constant in rates_of(size, process) if "c" in process.needed else [None]:
            values = {"n": size} if constant is None else {"n": size, "c": constant}
            if "k" in bound.needed and not bound.holds_for(**values, k=size):
                continue
            if "k" not in bound.needed and not bound.holds_for(**values):
                continue
            truth = exact_values(process, size, constant)
            for measured, at_k in claims(bound, truth, size):
                if not bound.holds_for(**values, **at_k):
                    continue
                made += 1
                said = bound.evaluate(**values, **at_k)
                slack = TOLERANCE * max(abs(measured), 1e-300)
                if bound.direction in ("upper", "exact") and measured > said + slack:
                    found.append(f"{values} {at_k}: {measured} > {said}")
                if bound.direction in ("lower", "exact") and measured < said - slack:
                    found.append(f"{values} {at_k}: {measured} < {said}")
    return found, made


EA = [OnePlusOneEA(c / n), OnePlusOneEA(c / n, strict=True)]
PLATEAUS = (Plateau(1), Plateau(2), Plateau(3))
PROCESSES = [
    *(a.on(problem) for a in EA for problem in (OneMax(), Needle(), Jump(1), Jump(2), Jump(3), Trap(), *PLATEAUS)),
    *(a.on(problem) for a in EA for problem in (LeadingOnes(), BinVal(), Linear(WEIGHTS))),
    *(RLS().on(problem) for problem in (OneMax(), LeadingOnes(), BinVal(), Linear(WEIGHTS), Needle())),
    *(RLS().on(problem) for problem in PLATEAUS),
    *(RLS(strict=True).on(problem) for problem in (OneMax(), LeadingOnes(), BinVal())),
    *(OnePlusOneEA(rate).on(problem) for rate in ("1/3", "1/n", "3/(2*n)") for problem in (OneMax(), LeadingOnes())),
    OnePlusOneEA(1 / (v + 1)).on(LeadingOnes()),
    OnePlusOneEA(1 / (v + 1), strict=True).on(LeadingOnes()),
]  # fmt: skip


@pytest.mark.parametrize("process", PROCESSES, ids=str)
def test_every_derived_bound_on_the_expected_runtime_holds_at_every_n_that_its_conditions_admit(process):
    bounds = [b for b in process.bounds("derived") if b.quantity == "E[T]" and b.direction in ("upper", "lower", "exact")]
    assert bounds
    for bound in bounds:
        found, made = violations(process, bound)
        assert not found, (str(bound), found[:5])
        assert made >= (4 if process.is_static else 3), str(bound)


ONEMAX, BINVAL, LEADING = (OnePlusOneEA(c / n).on(problem) for problem in (OneMax(), BinVal(), LeadingOnes()))
PLAIN = (sympy.Gt(c, 0, evaluate=False), c < n)
first = lambda process, text: next(b for b in process.bounds() if text in str(b.source) and b.quantity == "E[T]")  # noqa: E731
PLANTED = {
    "e^c/c n (ln n + 1) without c <= 1": (ONEMAX, Bound("E[T]", "upper", sympy.exp(c) / c * n * (sympy.log(n) + 1), PLAIN)),
    "fitness levels with e^c": (ONEMAX, Bound("E[T]", "upper", sympy.exp(c) / c * n * sympy.harmonic(n), PLAIN)),
    "the uniform start's logarithm at n = 1": (
        ONEMAX, Bound("E[T]", "upper", n / c * (1 - c / n) ** (1 - n) * (sympy.log(n / 2) + 1), PLAIN, start="uniform")
    ),
    # at n <= 12 the worst ratio of truth to b(1) is 0.40: half of b(1) still holds there, a third doesn't
    "a third of Witt's b(1)": (BINVAL, first(BINVAL, "Witt").with_(expr=first(BINVAL, "Witt").expr / 3)),
    "LeadingOnes with exponent -n": (
        LEADING, Bound("E[T]", "exact", ((1 - c / n) ** (-n) - (1 - c / n)) / (2 * c**2 / n**2), PLAIN, start="uniform")
    ),
    "LeadingOnes exact without its factor 1/2": (
        LEADING, first(LEADING, "sum over").with_(expr=2 * first(LEADING, "sum over").expr)
    ),
    "LeadingOnes half the upper bound for any start": (LEADING, first(LEADING, "sum over").with_(start="any", direction="upper")),
    "OneMax's multiplicative drift on LeadingOnes": (LEADING, first(ONEMAX, "multiplicative")),
    "the coupon collector's lower bound, twice": (ONEMAX, Bound("E[T]", "lower", 2 * sympy.harmonic(k) * n / c, PLAIN, start=k)),
    "Jump without its valley": (
        OnePlusOneEA(c / n).on(Jump(3)), Bound("E[T]", "upper", (n / c) ** 3 * (1 - c / n) ** (3 - n), (*PLAIN, n >= 3))
    ),
    "Jump's lower bound for p > 1/2": (
        OnePlusOneEA(c / n).on(Jump(1)), first(OnePlusOneEA(c / n).on(Jump(1)), "geometric").with_(conditions=PLAIN)
    ),
    "Needle's strict value where ties are accepted": (
        OnePlusOneEA(c / n).on(Needle()), first(OnePlusOneEA(c / n, strict=True).on(Needle()), "geometric")
    ),
    "Needle's walk where ties are rejected": (
        OnePlusOneEA(c / n, strict=True).on(Needle()), first(OnePlusOneEA(c / n).on(Needle()), "eigenvalues")
    ),
    "RLS on OneMax from the worst start, said of a uniform one": (
        RLS().on(OneMax()), Bound("E[T]", "exact", n * sympy.harmonic(n), start="uniform")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_the_checker_catches_a_bound_without_its_condition_or_with_a_wrong_constant(name):
    process, bound = PLANTED[name]
    found, made = violations(process, bound)
    assert made > 3 and found


TAIL_TIMES = [0, 1, 3, 10, 40, 150, 600]


def tail_violations(process, bound, sizes=(1, 2, 3, 5)):
    found, made = [], 0
    f = {OneMax: oracle.onemax, BinVal: oracle.binval, Linear: oracle.linear(WEIGHTS)}[type(process.problem)]
    for size in sizes:
        for constant in rates_of(size) if "c" in process.needed else [None]:
            values = {"n": size} if constant is None else {"n": size, "c": constant}
            if not bound.holds_for(**values):
                continue
            truth = tail_values(process, f, size, constant)
            for t, row in zip(TAIL_TIMES, truth):
                measured = row.max() if bound.start == "any" else row.mean()
                made += 1
                said = bound.evaluate(**values, t=t)
                if measured > said * (1 + TOLERANCE) + 1e-300:
                    found.append(f"{values} t={t}: {measured} > {said}")
    return found, made


@functools.cache
def tail_values(process, f, size, constant):
    return oracle.tails(size, f, law_of(process, size, constant), TAIL_TIMES, process.algorithm.strict)


@pytest.mark.parametrize("process", [p for p in PROCESSES if any(b.quantity == "P[T > t]" for b in p.bounds())], ids=str)
def test_every_tail_bound_holds_at_every_time(process):
    for bound in process.bounds("derived"):
        if bound.quantity == "P[T > t]":
            found, made = tail_violations(process, bound)
            assert not found, (str(bound), found[:5])
            assert made > 20


def test_the_checker_catches_a_tail_with_a_wrong_rate_or_a_wrong_factor():
    tail = next(b for b in ONEMAX.bounds() if b.quantity == "P[T > t]" and b.start == "any")
    uniform = next(b for b in ONEMAX.bounds() if b.quantity == "P[T > t]" and b.start == "uniform")
    for wrong in (
        tail.with_(expr=tail.expr / n),
        uniform.with_(start="any"),
        tail.with_(expr=n * (1 - c / n) ** sympy.Symbol("t", integer=True, positive=True)),
    ):
        assert tail_violations(ONEMAX, wrong)[0]


def test_the_oracle_agrees_with_itself_and_with_two_hand_computed_values():
    law = oracle.mutation(2, Fraction(1, 2))
    assert set(oracle.rational_times(2, oracle.binval, lambda x: law)[:3]) == {Fraction(4)}
    assert oracle.symmetric_times(3, oracle.onemax, oracle.mutation(3, Fraction(1, 3)))[3] == Fraction(189, 22)
    for f in (oracle.onemax, oracle.leadingones, oracle.binval):
        law = oracle.mutation(5, Fraction(1, 5))
        assert np.allclose(
            [float(e) for e in oracle.rational_times(5, f, lambda x: law)], oracle.float_times(5, f, law), rtol=1e-12
        )
