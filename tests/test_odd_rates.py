"""Rates of odd forms: a clear refusal, no bound, or bounds that hold on the chain at every n that their conditions admit."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy

from theory import (
    BinVal,
    DynamicBinVal,
    InputError,
    Jump,
    LeadingOnes,
    Linear,
    Needle,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
    Plateau,
    Trap,
    c,
    n,
)
from theory.balls import at
from theory.exact import expected_runtime, worst_start

RATES = [
    "1/2", "c/n**2", "log(n)/n", "Min(1/2, c/n)", "Piecewise((1/n, n < 5), (1/2, True))", "c*n", "1/(k+1)", "floor(n/2)/n",
    "ceiling(n/3)/n", "1/(n-1)", "c/log(n)", "1-1/n", "Abs(c-1)/n", "(2+(-1)**n)/(4*n)", "floor(c)/n", "1/(2*v+1)", "2**(-n)",
    "0", "1", "v/n",
]  # fmt: skip
PROBLEMS = [
    OneMax(), LeadingOnes(), BinVal(), Linear([3, 1, 2, 2, 5, 1, 1, 4]), Needle(), Jump(2), Plateau(2), Trap(),
    PartiallyOrderedEA(), DynamicBinVal(),
]  # fmt: skip
STARTS = {"any": "worst", "uniform": "uniform", "zeros": "zeros"}


def cases(process):
    for size in (1, 2, 3, 5):
        for constant in (Fraction(1, 2), Fraction(1), Fraction(size)) if "c" in process.needed else (None,):
            yield {"n": size} | ({} if constant is None else {"c": constant})


@pytest.mark.parametrize("rate", RATES)
def test_every_bound_for_a_rate_of_odd_form_holds_on_the_chain(rate):
    for problem in PROBLEMS:
        process = OnePlusOneEA(rate).on(problem)
        bounds = [b for b in process.bounds() if b.quantity == "E[T]" and b.direction in ("upper", "lower", "exact")]
        for values in cases(process):
            truth = {}
            for bound in bounds:
                for zeros in (1, values["n"]) if "k" in bound.needed else (None,):
                    put = values if zeros is None else {**values, "k": zeros}
                    if not bound.holds_for(**put):
                        continue
                    said, start = bound.evaluate(**put), STARTS[bound.start] if isinstance(bound.start, str) else zeros
                    if start not in truth:
                        worst = start == "worst"
                        truth[start] = (
                            worst_start(process, **values)[1] if worst else expected_runtime(process, start=start, **values)
                        )
                    if bound.direction in ("upper", "exact"):
                        assert said >= float(truth[start]) * (1 - 1e-9), (str(bound), put)
                    if bound.direction in ("lower", "exact") and start != "worst":
                        assert said <= float(truth[start]) * (1 + 1e-9), (str(bound), put)


@pytest.mark.parametrize("rate", ["0", "c-c", "-1/n"])
@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_a_rate_that_never_flips_a_bit_has_no_bounds(rate, problem):
    process = OnePlusOneEA(rate).on(problem)
    assert [b for b in process.bounds() if b.quantity == "E[T]" and b.direction != "threshold"] == []


@pytest.mark.parametrize(
    "rate", ["log(n)/n", "Piecewise((1/n, n < 5), (1/2, True))", "(2+(-1)**n)/(4*n)", "floor(n/2)/n", "c/n**2"]
)
def test_where_n_times_the_rate_has_no_limit_or_none_is_known_nothing_is_said_of_large_n(rate):
    for problem in PROBLEMS:
        assert not [b for b in OnePlusOneEA(rate).on(problem).bounds() if b.direction in ("asymptotic", "threshold")]


@pytest.mark.parametrize(
    "rate, message",
    [
        ("sin(n)**2", "unknown function 'sin'"), ("x/n", "unknown symbol 'x'"), ("n/0", "division by zero"),
        ("(", "not a formula"), ("", "not a formula"),
    ],
)  # fmt: skip
def test_what_is_no_rate_is_refused_in_one_line(rate, message):
    with pytest.raises(InputError, match=message) as refused:
        OnePlusOneEA(rate)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("rate", ["2", 2, -1, "3/2", "1 - sqrt(5)"])
def test_a_number_outside_zero_and_one_is_no_rate(rate):
    with pytest.raises(InputError, match="must lie in \\[0, 1\\]"):
        OnePlusOneEA(rate)


@pytest.mark.parametrize("rate", ["c*n", "c/n"])
def test_a_rate_outside_zero_and_one_is_refused_at_the_values_where_it_is(rate):
    process = OnePlusOneEA(rate).on(OneMax())
    with pytest.raises(InputError, match="must lie in \\[0, 1\\]"):
        process.values(n=4, c=9)
    for bound in process.bounds():
        assert bound.direction == "threshold" or not bound.holds_for(n=4, c=9, k=2, t=1)


def test_a_condition_without_a_value_is_not_fulfilled():
    for bound in OnePlusOneEA("c/log(n)").on(OneMax()).bounds():
        assert not bound.holds_for(n=1, c=1, k=1)
        with pytest.raises(InputError, match="it holds only for"):
            bound.evaluate(n=1, c=1, k=1, t=1)


def test_floor_and_ceiling_are_exact_at_rational_points_and_at_the_terms_of_a_sum():
    i = sympy.Symbol("i", integer=True, positive=True)
    for size in range(1, 10):
        for constant in (Fraction(1, 3), Fraction(2, 3), Fraction(1, 7)):
            put = {n: Fraction(size), c: constant}
            for expr in (
                sympy.ceiling(n * c),
                sympy.floor(n * c),
                sympy.Sum(sympy.floor(i / 3) + sympy.ceiling(i / 3), (i, 1, n)),
            ):
                expected = expr.subs({n: size, c: sympy.Rational(constant.numerator, constant.denominator)}).doit()
                assert at(expr, put) == int(expected)


def test_a_jump_that_balls_cannot_tell_is_refused_and_not_guessed():
    """log_n(n^3) is 3, but no ball around it says on which side of 3 it is."""
    three = sympy.log(n**3, evaluate=False) / sympy.log(n)
    with pytest.raises(ValueError, match="no value"):
        at(sympy.Piecewise((1, three < 3), (2, True)) + 1, {n: Fraction(7)})
    assert at(sympy.floor(three), {n: Fraction(7)}) == 3  # exactly, by sympy


def test_a_problem_with_a_radius_or_gap_exists_only_from_there_on():
    for problem, smallest in ((Plateau(3), 3), (Jump(3), 3)):
        for bound in OnePlusOneEA(c / n).on(problem).bounds():
            if bound.direction in ("upper", "lower", "exact"):
                assert not bound.holds_for(n=smallest - 1, c="1/2", k=1), str(bound)


BAD_VALUES = [
    {"n": 10**30, "c": 1, "k": 1, "t": 1}, {"n": 0, "c": 1}, {"n": 1.5, "c": 1}, {"n": 5, "c": -1}, {"n": 5, "c": 1, "k": 9},
    {"n": "abc", "c": 1}, {"n": 5, "c": float("nan")}, {"n": None, "c": 1}, {"n": 5, "c": 1, "x": 2}, {},
]  # fmt: skip


@pytest.mark.parametrize("problem", [OneMax(), BinVal(), Plateau(3), Trap(), Jump(3)], ids=str)
def test_a_bound_gives_a_number_or_one_line_at_any_values(problem):
    """Also at n = 10^30, where closed forms have values, sums over levels are too long and powers must not be written out."""
    for bound in OnePlusOneEA(c / n).on(problem).bounds():
        for values in BAD_VALUES:
            try:
                assert bound.evaluate(**values) >= 0
            except InputError as error:
                assert "\n" not in str(error)
