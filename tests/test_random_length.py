"""LeadingOnes with a geometric number of bits: the closed form, its best rate, and derivations that replay."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import sympy

from theory import InitialSegment, LeadingOnes, OnePlusOneEA
from theory.bounds import random_length
from theory.derivation import Derivation
from theory.exact import expected_runtime


def test_a_geometric_number_of_bits_has_its_closed_form():
    exact = random_length.bounds()[0]
    for p, q in (("1/20", "1/10"), ("1/7", "1/2"), ("2/5", "9/10")):
        mean, weight = 0.0, float(Fraction(q))
        for size in range(1, 1200):
            mean += weight * expected_runtime(OnePlusOneEA("c").on(InitialSegment(LeadingOnes())), n=size, c=p)
            weight *= 1 - float(Fraction(q))
            if weight == 0 or size > 60 / (float(Fraction(q)) - float(Fraction(p))):
                break
        assert exact.evaluate(p=p, q=q) == pytest.approx(mean, rel=1e-9)
    assert exact.evaluate(p="1/20", q="1/10") == 190
    assert not exact.holds_for(p="1/10", q="1/10")


def test_the_best_rate_for_a_geometric_number_of_bits():
    exact, best = random_length.bounds()
    for q in (0.01, 0.1, 0.5, 0.99):
        with mpmath.workdps(30):
            mean = sympy.lambdify(random_length.p, random_length.MEAN.subs(random_length.q, str(q)), "mpmath")
            root = mpmath.findroot(lambda p, mean=mean: mpmath.diff(mean, p), (0.4 * q, 0.999 * q), solver="bisect", tol=1e-18)
        rate = float(random_length.BEST_RATE.subs(random_length.q, q))
        assert rate == pytest.approx(float(root), rel=1e-9)
        assert best.evaluate(q=q) == pytest.approx(exact.evaluate(p=Fraction(rate), q=q), rel=1e-12)
        for factor in (0.5, 0.9, 1.1, 1.5):
            if factor * rate < q:
                assert exact.evaluate(p=factor * rate, q=q) > best.evaluate(q=q)
        assert best.evaluate(q=q) == pytest.approx(1 / (2 * rate**2), rel=1e-12)


def test_derivations_of_a_random_number_of_bits_are_replayed():
    for bound in random_length.bounds():
        assert bound.derivation.replay().holds is True
        assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation
