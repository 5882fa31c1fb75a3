"""LeadingOnes, Needle, Jump, linear functions: premises as data that imply the conclusion, and what refutes wrong ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import comb

import numba
import oracle
import pytest
import sympy

from theory import RLS, BinVal, Custom, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA, c, k, n, v
from theory.balls import number_of
from theory.bounds import leadingones_premises, linear, needle
from theory.bounds.common import p, telescopes
from theory.derivation import Derivation
from theory.facts import Computation, DriftFact, Identity, LimitFact, RuntimeFact

EA = OnePlusOneEA(c / n)
CONSTANTS = (Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(2))


def facts(bound, kind=object):
    return [check.fact for check in bound.derivation.premises() if isinstance(check.fact, kind)]


def by(process, text, start="uniform", direction=None):
    return next(
        b
        for b in process.bounds()
        if text in str(b.source) and b.start == start and b.quantity == "E[T]" and direction in (None, b.direction)
    )


# ---- premises that imply the conclusion


PAIRS = [
    (EA.on(LeadingOnes()), "sum over"), (OnePlusOneEA(c / n, strict=True).on(LeadingOnes()), "sum over"),
    (RLS().on(LeadingOnes()), "sum over"), (OnePlusOneEA(1 / (v + 1)).on(LeadingOnes()), "sum over"),
    (EA.on(Needle()), "eigenvalues"), (RLS().on(Needle()), "eigenvalues"),
    (OnePlusOneEA(c / n, strict=True).on(Needle()), "geometric"), (EA.on(Jump(3)), "geometric"),
]  # fmt: skip


@pytest.mark.parametrize("process, text", PAIRS, ids=str)
def test_a_derivation_rests_on_facts_about_one_step_and_not_only_on_its_conclusion(process, text):
    bound = by(process, text)
    assert [fact for fact in facts(bound) if isinstance(fact, (DriftFact, Computation))]
    found = bound.derivation.replay()
    assert found.holds is True, str(found)
    assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation
    for check in bound.derivation.premises():
        if isinstance(check.fact, RuntimeFact):
            assert check.kind == "conclusion"


@pytest.mark.parametrize("process, text", PAIRS, ids=str)
def test_a_wrong_probability_in_a_premise_is_refuted_by_replaying_it(process, text):
    refuted = 0
    for fact in facts(by(process, text)):
        if isinstance(fact, DriftFact):
            wrong = fact.bound / 2 if fact.sense == "<=" else fact.bound * 2
            assert replace(fact, bound=wrong).replay().holds is False
            refuted += 1
        if isinstance(fact, Computation):
            assert replace(fact, result=False).replay().holds is False
            refuted += 1
    assert refuted


def test_closed_sums_are_proved_for_every_length_and_wrong_ones_refuted():
    q, i, m = sympy.Symbol("q", positive=True), sympy.Symbol("i", integer=True, nonnegative=True), n
    good = telescopes("geometric", q**i, i, (q**m - 1) / (q - 1), m)
    assert [check.fact.replay().level for check in good] == ["symbolic", "symbolic"]
    assert all(check.fact.replay().holds for check in good)
    start, step = telescopes("geometric", q**i, i, (q ** (m + 1) - 1) / (q - 1), m)
    assert start.fact.replay().holds is False and step.fact.replay().holds is False
    for process in (EA.on(LeadingOnes()), EA.on(BinVal())):
        levels = by(process, "fitness levels", "any")
        sums = [fact for fact in facts(levels, Identity)]
        assert len(sums) >= 2 and {fact.replay().level for fact in sums} == {"symbolic"}
        for fact in sums:
            assert replace(fact, left=fact.left + 1).replay().holds is False


# ---- LeadingOnes


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("zeros", [False, True])
def test_the_visits_of_levels_are_those_of_the_oracles_chain(strict, zeros):
    """From E[T] alone: changing the time spent on one level by one round shows how often it is visited."""
    process = OnePlusOneEA(c / n, strict).on(LeadingOnes())
    for size in (1, 2, 3, 4):
        for constant in CONSTANTS:
            p = constant / size
            if p >= 1:
                continue
            visits = leadingones_premises.level_visits(process, {"n": size, "c": constant}, zeros)
            waiting = [1 / (p * (1 - p) ** i) for i in range(size)]
            times = oracle.rational_times(size, oracle.leadingones, lambda x, p=p, size=size: oracle.mutation(size, p), strict)
            truth = times[0] if zeros else sum(times) / 2**size
            assert sum(a * b for a, b in zip(visits, waiting)) == truth
            if not zeros:
                assert set(visits) == {Fraction(1, 2)}
            else:
                assert visits == leadingones_premises.visits_from_zeros(size, p, strict)


@pytest.mark.parametrize("algorithm", [EA, OnePlusOneEA(c / n, strict=True), RLS(), RLS(strict=True)], ids=str)
def test_leadingones_from_all_zeros_is_exact(algorithm):
    process = algorithm.on(LeadingOnes())
    bound = by(process, "sum over", "zeros")
    assert bound.direction == "exact"
    for size in (1, 2, 3, 5):
        for constant in CONSTANTS if "c" in process.needed else (None,):
            if constant is not None and constant >= size:
                continue
            law = oracle.mutation(size, constant / size) if constant is not None else oracle.mutation(size, flips=1)
            truth = oracle.rational_times(size, oracle.leadingones, lambda x, law=law: law, algorithm.strict)[0]
            values = {"n": size} | ({} if constant is None else {"c": constant})
            put = {n: Fraction(size)} | ({} if constant is None else {c: constant})
            assert Fraction(str(number_of(bound.expr, put))) == truth
            assert bound.evaluate(**values) == pytest.approx(float(truth), rel=1e-12)
    assert bound.covers("zeros", 5) and not bound.covers("uniform", 5) and not bound.covers(3, 5)


def test_leadingones_from_all_zeros_has_known_values_and_costs_more_than_a_uniform_start():
    bound, uniform = (by(EA.on(LeadingOnes()), "sum over", start) for start in ("zeros", "uniform"))
    assert bound.evaluate(n=2, c=1) == pytest.approx(4) and uniform.evaluate(n=2, c=1) == 3
    for size in (10, 100, 1000):
        assert 1 < bound.evaluate(n=size, c=1) / uniform.evaluate(n=size, c=1) < 1 + 3 / size


@pytest.mark.parametrize("wrong", ["1/2", "2"])
def test_a_wrong_recursion_for_the_visits_is_found_out(monkeypatch, wrong):
    process = EA.on(LeadingOnes())
    assert leadingones_premises.visited_as_the_recursion_says(process, 3)
    right = leadingones_premises.factor
    monkeypatch.setattr(leadingones_premises, "factor", lambda p, m, strict=False: right(p, m, strict) * Fraction(wrong))
    assert not leadingones_premises.visited_as_the_recursion_says(process, 3)


@numba.njit
def number_of_ones(x):
    return float(x.sum())


def test_levels_of_another_function_are_not_visited_with_one_half():
    assert set(leadingones_premises.level_visits(EA.on(LeadingOnes()), {"n": 4, "c": 1})) == {Fraction(1, 2)}
    assert not leadingones_premises.visited_with_one_half(EA.on(Custom(number_of_ones)), 4)


def test_the_leading_terms_of_leadingones_are_where_exact_values_go():
    for rate, limit in (("1/n", (sympy.E - 1) / 2), ("2/n", (sympy.E**2 - 1) / 8), ("1/(v+1)", sympy.E / 4)):
        process = OnePlusOneEA(rate).on(LeadingOnes())
        (leading,) = (b for b in process.bounds() if b.direction == "asymptotic")
        assert sympy.simplify(leading.expr - limit * n**2) == 0
        errors = [abs(by(process, "sum over").evaluate(n=size) / leading.evaluate(n=size) - 1) for size in (100, 1000, 10_000)]
        assert errors[1] < 0.2 * errors[0] and errors[2] < 0.2 * errors[1]
        for fact in facts(leading, LimitFact):
            assert replace(fact, value=fact.value * 2).replay().holds is False


# ---- Needle


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_the_krawtchouk_numbers_are_sums_of_characters(size):
    for zeros in range(size + 1):
        found = [0] * (size + 1)
        for subset in range(2**size):  # the character of a set is the product of its signs; the first bits are the zero-bits
            found[subset.bit_count()] += (-1) ** (subset & (2**zeros - 1)).bit_count()
        assert needle.krawtchouk_numbers(size, zeros) == found


def test_the_drift_of_the_hitting_time_fails_for_another_process():
    """The potential of the walk on Needle has no drift of 1 where offspring are rejected."""
    gap = 1 - (1 - 2 * p) ** k
    assert needle.drift_is_one(EA.on(Needle()), 4, gap)
    assert not needle.drift_is_one(OnePlusOneEA(c / n, strict=True).on(Needle()), 3, gap)
    assert not needle.drift_is_one(EA.on(OneMax()), 3, gap)
    assert not needle.drift_is_one(EA.on(Needle()), 3, 1 - (1 - p) ** k)


def test_needle_agrees_with_the_oracle_from_every_number_of_zero_bits():
    bound = by(EA.on(Needle()), "eigenvalues", k)
    for size in (1, 2, 4):
        for constant in CONSTANTS:
            if constant < size:
                truth = oracle.symmetric_times(size, oracle.needle, oracle.mutation(size, constant / size))
                for zeros in range(1, size + 1):
                    put = {n: Fraction(size), c: constant, k: Fraction(zeros)}
                    assert Fraction(str(number_of(bound.expr, put))) == truth[zeros]


# ---- linear functions and Jump


def test_levels_of_linear_functions_are_left_by_one_bit_unless_the_order_is_wrong():
    assert linear.one_bit_leaves_the_level()
    assert not linear.one_bit_leaves_the_level(((1, 2, 4),))  # rising weights: the levels of the proof don't exist


def test_jump_has_both_sides_of_its_leading_term():
    for gap in (2, 3):
        process = EA.on(Jump(gap))
        both = [b for b in process.bounds() if b.direction == "asymptotic"]
        assert [(b.side, b.start) for b in both] == [("both", "uniform"), ("upper", "any")]
        assert both[0].expr == sympy.exp(c) * (n / c) ** gap
        from theory.exact import expected_runtime

        ratios = [expected_runtime(process, n=size, c=2) / both[0].evaluate(n=size, c=2) for size in (100, 400, 1600)]
        assert abs(ratios[2] - 1) < 0.5 * abs(ratios[1] - 1) + 1e-3 and abs(ratios[2] - 1) < 0.02


def test_fitness_levels_with_weights_far_apart_and_equal_are_bounded_alike():
    process = EA.on(Linear([8, 1, 1, 1, 0.5]))
    bound = by(process, "fitness levels", "any")
    f = oracle.linear([8, 1, 1, 1, 0.5])
    for constant in CONSTANTS:
        law = oracle.mutation(5, constant / 5)
        assert bound.evaluate(n=5, c=constant) >= float(max(oracle.rational_times(5, f, lambda x, law=law: law)))


def test_every_rate_that_is_not_rational_still_has_premises_that_can_be_replayed():
    for rate in ("log(n+1)/(2*n)", "1/sqrt(4*n)"):
        for problem in (LeadingOnes(), Needle(), Jump(2)):
            for bound in OnePlusOneEA(rate).on(problem).bounds():
                assert bound.derivation.replay().holds is not False
        assert facts(by(OnePlusOneEA(rate).on(LeadingOnes()), "sum over"), DriftFact)[0].replay().holds is True


def test_the_binomial_average_of_the_strict_needle_is_the_mean_over_starts():
    bound = by(OnePlusOneEA(c / n, strict=True).on(Needle()), "geometric")
    for size in (1, 3, 5):
        p = Fraction(1, 2) / size
        mean = sum(comb(size, z) / (p**z * (1 - p) ** (size - z)) for z in range(1, size + 1)) / 2**size
        assert bound.evaluate(n=size, c="1/2") == pytest.approx(float(mean), rel=1e-13)
