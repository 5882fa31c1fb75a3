"""The best constant c as n grows: from derivatives, and where the best rates of exact chains at given n go."""

from __future__ import annotations

import math
from dataclasses import replace

import mpmath
import pytest
import sympy

from theory import BinVal, Jump, LeadingOnes, Linear, OneMax, OnePlusOneEA, Plateau, c, constants, n, v
from theory.bounds import optimal_rates, plateau
from theory.catalogue import coverage
from theory.exact import expected_runtime, optimal_rate
from theory.facts import Identity, Inequality

EA = OnePlusOneEA(c / n)


def best(problem):
    (found,) = (b for b in EA.on(problem).bounds() if b.quantity == optimal_rates.QUANTITY)
    assert (found.direction, found.status) == ("threshold", "derived")
    return found


@pytest.mark.parametrize("problem", [OneMax(), BinVal(), Linear([3, 1, 2])], ids=str)
def test_the_best_rate_for_linear_functions_is_one_over_n(problem):
    found = best(problem)
    assert found.expr == 1 and found.derivation.replay().holds is True


def test_the_best_constants_are_minima_of_the_leading_terms_by_other_means():
    """Golden sections on the leading terms themselves, in mpmath."""
    terms = {
        OneMax(): lambda x: mpmath.exp(x) / x,
        Jump(2): lambda x: mpmath.exp(x) / x**2,
        Jump(5): lambda x: mpmath.exp(x) / x**5,
        LeadingOnes(): lambda x: mpmath.expm1(x) / x**2,
        Plateau(2): lambda x: 1 / mpmath.gammainc(3, x, regularized=True).__sub__(mpmath.exp(-x)),
        Plateau(4): lambda x: 1 / (mpmath.gammainc(5, x, regularized=True) - mpmath.exp(-x)),
    }
    for problem, term in terms.items():
        with mpmath.workdps(40):
            found = mpmath.findroot(lambda x, term=term: mpmath.diff(term, x), mpmath.mpf(float(best(problem).expr)) * 1.02)
            assert abs(found - mpmath.mpf(str(best(problem).expr.evalf(30)))) < mpmath.mpf(10) ** -12
            assert all(term(found) < term(found * factor) for factor in (0.9, 1.1))


def test_the_digits_of_leadingones_are_those_of_the_constant():
    with mpmath.workdps(40):
        assert abs(mpmath.mpf(str(best(LeadingOnes()).expr.evalf(35))) - constants.leadingones_optimal_rate(35)) < 1e-33


def test_the_best_rate_of_onemax_at_n_bits_tends_to_one_like_one_over_the_logarithm():
    """e^c/c n ln n + C_1(c) n is smallest at c = 1 - C_1'(1)/(e ln n) + ..., by Taylor; the chain's best rates go there."""
    with mpmath.workdps(30):
        slope = (constants.onemax_second_order("1.0001", 25) - constants.onemax_second_order("0.9999", 25)) / mpmath.mpf("0.0002")
    limit = float(-slope / mpmath.e)
    found = [(optimal_rate(EA.on(OneMax()), n=size).c - 1) * math.log(size) for size in (100, 1000, 10_000)]
    errors = [abs(x - limit) for x in found]
    assert errors[0] > errors[1] > errors[2] and errors[2] < 0.1 * abs(limit) + 0.15


@pytest.mark.parametrize("problem, sizes", [(Jump(2), (50, 400)), (Jump(3), (50, 200)), (Plateau(2), (50, 200))], ids=str)
def test_the_best_rates_of_exact_chains_approach_the_best_constant(problem, sizes):
    limit = float(best(problem).expr)
    errors = [abs(optimal_rate(EA.on(problem), n=size).c - limit) for size in sizes]
    assert errors[1] < 0.7 * errors[0] and errors[1] < 0.2


@pytest.mark.parametrize("gap", [2, 3])
def test_every_other_constant_costs_the_factor_that_the_leading_terms_say(gap):
    for other in (gap / 2, gap * 1.5):
        ratio = math.exp(other - gap) * (gap / other) ** gap
        values = [expected_runtime(EA.on(Jump(gap)), n=400, c=x) for x in (other, gap)]
        assert ratio > 1.1 and values[0] / values[1] == pytest.approx(ratio, rel=0.05)


def test_poisson_share_is_the_chance_of_one_to_r_flips_in_the_limit():
    for radius in (1, 2, 7):
        share = plateau.poisson_share(radius, sympy.Integer(2)).doit()
        assert float(share) == pytest.approx(sum(2.0**i / math.factorial(i) for i in range(1, radius + 1)) * math.exp(-2))


def test_no_other_rate_at_a_level_of_leadingones_is_better_on_the_chain():
    process = OnePlusOneEA("1/(v+1)").on(LeadingOnes())
    (found,) = (b for b in process.bounds() if b.quantity == "best p")
    assert found.expr == 1 / (v + 1) and found.derivation.replay().holds is True
    for size in (1, 2, 4):
        best_time = expected_runtime(process, n=size)
        for level in range(1, size):
            for factor in ("9/10", "11/10"):
                pieces = f"(1/(v+1), v < {level}), ({factor}/(v+1), v < {level + 1}), (1/(v+1), True)"
                changed = OnePlusOneEA(f"Piecewise({pieces})")
                assert expected_runtime(changed.on(LeadingOnes()), n=size) > best_time


def test_one_over_n_is_compared_with_every_choice_of_rates():
    text = str(best(BinVal()).derivation)
    assert "not even an adaptive one" in text and "e n ln n" in text


def test_a_wrong_optimum_is_refuted_by_its_own_signs():
    """(c - 2) e^c/c^2 isn't the derivative of e^c/c: planted, the identity fails; so do signs on the wrong side."""
    refuted = 0
    for problem in (BinVal(), Jump(3), Plateau(2), LeadingOnes()):
        for check in best(problem).derivation.checks:
            if isinstance(check.fact, Identity) and check.fact.left.free_symbols:
                assert replace(check.fact, right=check.fact.right * 2 + 1).replay().holds is False
                refuted += 1
            if isinstance(check.fact, Inequality) and check.fact.where:
                flipped = replace(check.fact, left=-check.fact.left)
                assert flipped.replay().holds is not True
    assert refuted >= 4


def test_other_rates_get_no_best_constant_and_the_table_lists_those_there_are():
    for rate in ("2*c/n", "1/n", "c/n**2"):
        assert not [b for b in OnePlusOneEA(rate).on(BinVal()).bounds() if b.quantity == optimal_rates.QUANTITY]
    rows = {(row["problem"], row["expr"]) for row in coverage("derived") if row["quantity"] == optimal_rates.QUANTITY}
    assert {("OneMax()", "1"), ("BinVal()", "1"), ("Jump(gap=2)", "2"), ("Plateau(radius=2)", "sqrt(2)")} <= rows


def test_a_threshold_has_a_sentence_in_latex_and_a_value():
    found = best(OneMax())
    assert found.latex() == r"\mathrm{best}\;c = 1"
    assert found.evaluate() == 1 and best(LeadingOnes()).evaluate() == pytest.approx(1.59362426)
