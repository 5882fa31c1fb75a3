"""Initial segment uncertainty on LeadingOnes: closed forms and bounds against enumeration of all flips."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from positional_oracle import BASES, RATES, enumerated, fractions_of, process_of, uniform_mean

from theory import LeadingOnes, n
from theory.bounds.initial_segment import harmonic_lemma
from theory.exact import expected_runtime


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_leadingones_is_exact_and_below_its_fitness_levels(rate, strict):
    process = process_of(rate, LeadingOnes(), strict)
    exact, upper = process.bounds("derived")[:2]
    assert (exact.direction, exact.start, upper.direction, upper.start) == ("exact", "uniform", "upper", "any")
    for size in range(1, 6):
        times = enumerated(tuple(fractions_of(rate, size)), "LeadingOnes", strict)
        assert exact.evaluate(n=size) == pytest.approx(float(uniform_mean(times)), rel=1e-12)
        assert exact.with_(exact_function=None).evaluate(n=size) == pytest.approx(exact.evaluate(n=size), rel=1e-12)
        assert upper.evaluate(n=size) >= float(max(times)) and upper.evaluate(n=size) == pytest.approx(2 * exact.evaluate(n=size))


def test_the_rates_of_cathabard_lehre_and_yao_have_their_closed_form():
    exact = process_of("1/(i+1)", LeadingOnes()).bounds()[0]
    assert exact.expr == n * (n + 1) * (n + 2) / 6 and exact.conditions_text == ""
    assert (exact.evaluate(n=10), exact.evaluate(n=50)) == (220, 22100)
    for a in ("2", "1/3", "7/2"):
        bound = process_of(f"1/(i + {a})", LeadingOnes()).bounds()[0]
        assert not bound.expr.has(sympy.Sum)
        for size in (1, 4, 5):
            times = enumerated(tuple(fractions_of(f"1/(i + {a})", size)), "LeadingOnes")
            assert Fraction(str(bound.expr.subs(n, size))) == uniform_mean(times)
    with_c = process_of("1/(i+c)", LeadingOnes()).bounds()[0]
    assert with_c.evaluate(n=4, c=2) == pytest.approx(expected_runtime(process_of("1/(i+c)", LeadingOnes()), n=4, c=2))
    assert process_of("1/(i - 1 + c)", LeadingOnes()).bounds()[0].conditions_text == "c - 1 > 0"


def test_rates_outside_of_0_and_1_have_no_bound():
    for base in BASES:
        for bound in process_of("2/i", base).bounds():
            assert not bound.holds_for(n=3)
        for bound in process_of("c/i", base).bounds():
            assert bound.holds_for(n=30, c="0.9") and not bound.holds_for(n=30, c=1)


def test_no_rates_for_leadingones_spend_more_than_4_on_all_lengths():
    """The sum over m of m/E[T(m)]; 3 for p_i = 1/(i+1), where the bound tends to 4, and random rates are within it."""
    bound = process_of("1/(i+1)", LeadingOnes()).bounds()[-1]
    spent = sum(Fraction(6, (m + 1) * (m + 2)) for m in range(1, 2001))
    assert 2.99 < spent < 3 and spent < bound.evaluate(n=2000) < 4
    rng = np.random.default_rng(5)
    for _ in range(200):
        p = rng.uniform(0, 1, 40) ** rng.integers(1, 9) * 0.999
        q = p * np.concatenate([[1], np.cumprod(1 - p[:-1])])
        expected = np.cumsum(1 / q) / 2
        assert (np.arange(1, 41) / expected).sum() <= 4 * (1 - np.prod(1 - p)) * (1 + 1e-12)


def test_the_constant_2_of_the_lemma_is_the_best():
    """For a_i = 1/i the quotient is 2 - 2/H_N nearly: 1.86 at N = 10^6."""
    a = 1 / np.arange(1, 10**6 + 1.0)
    quotient = (np.arange(1, 10**6 + 1) / np.cumsum(1 / a)).sum() / a.sum()
    assert 1.85 < quotient < 2
    assert harmonic_lemma().replay().holds is True
