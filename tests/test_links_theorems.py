"""Bounds that users get from the drift theorems follow from the last steps of their derivations; altered ones don't."""

from fractions import Fraction

import pytest
import sympy

from proofs_check.link import link
from theory import RLS, LeadingOnes, Metropolis, OneMax, OnePlusOneEA, c, k, n, v
from theory.drift import (
    Concentration,
    HeadwindDrift,
    MultiplicativeDriftLower,
    NegativeDriftHajek,
    NegativeDriftScaling,
    NegativeMultiplicativeDrift,
    SimplifiedNegativeDrift,
    VariableDriftLower,
    Viscosity,
    VisitProbabilities,
)

P = c / n
LEAVE = P * (1 - P) ** (n - k)
AWAY = [{0: 1}] + [{x - 1: "1/4", x + 1: "3/4"} for x in range(1, 20)] + [{19: "1/4", 20: "3/4"}]
DOWN = [{0: 1}] + [{x - 1: "3/4", min(x + 1, 20): "1/4"} for x in range(1, 21)]


def made():
    """The theorems at work: on declared drifts and on chains, each way round."""
    yield VisitProbabilities.apply(LEAVE, visits="1/2", start=n, where=(c < n,))
    yield VisitProbabilities.apply(LEAVE, visits="1/2", start=n, direction="upper", where=(c < n,))
    yield VisitProbabilities.apply(RLS().on(OneMax()), n=3)
    yield Viscosity.apply(LEAVE, start=n, chi="1/2", where=(c < n,))
    yield Viscosity.apply(LEAVE, start=n, chi="1/2", direction="upper", where=(c < n,))
    yield Viscosity.apply(OnePlusOneEA(P).on(LeadingOnes()), n=3, c=1)
    yield VariableDriftLower.apply(k / n, start=n, xi=k - 1)
    yield VariableDriftLower.apply(k / n, start=n, xi=k - 1, aim=2, n=9)
    yield VariableDriftLower.apply(v / 2, start=8, xi=v / 2, h=v, aim=1)
    yield VariableDriftLower.apply(RLS().on(OneMax()), n=4)
    yield MultiplicativeDriftLower.apply(OnePlusOneEA(P).on(OneMax()), n=20, c=1)
    yield HeadwindDrift.apply(Metropolis("n").on(OneMax()), start=4, n=5)
    yield Concentration.apply(DOWN, start=10)
    yield Concentration.apply(DOWN, start=10, early=True)
    for expected in (False, True):
        yield NegativeDriftHajek.apply(AWAY, b=19, expected=expected)
        yield SimplifiedNegativeDrift.apply(AWAY, b=19, expected=expected)
        yield SimplifiedNegativeDrift.apply(1 / n, length=n**2, r=2, delta=c, expected=expected)
        yield NegativeDriftScaling.apply(AWAY, b=19, expected=expected)
        yield NegativeDriftScaling.apply(1 / n, length=n**2, r=c, expected=expected)
        yield NegativeMultiplicativeDrift.apply(
            [{0: 1}, {0: Fraction(3, 4), 2: Fraction(1, 4)}, {1: 1}], delta="1/4", D="1/2", target=2, expected=expected
        )


@pytest.mark.parametrize("number", range(26))
def test_the_bound_follows_and_altered_ones_do_not(number):
    bound = list(made())[number]
    found = link(bound)
    assert found.holds is True, found.how
    other = {"upper": "lower", "lower": "upper"}[bound.direction]
    altered = [
        bound.with_(expr=bound.expr * sympy.Rational(11, 10)),
        bound.with_(expr=bound.expr + 1),
        bound.with_(direction=other),
    ]
    altered.append(bound.with_(conditions=(*bound.conditions, sympy.Ge(n, 7, evaluate=False))))
    altered += [bound.with_(conditions=bound.conditions[:-1])] if bound.conditions else []
    assert [link(x).holds for x in altered] == [False] * len(altered)
