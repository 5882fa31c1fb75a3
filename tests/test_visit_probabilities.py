"""Fitness levels with visit probabilities: exact where both are exact, refused where a condition fails."""

from __future__ import annotations

import pytest
import sympy

from theory import (
    RLS,
    BinVal,
    InputError,
    Jump,
    LeadingOnes,
    Metropolis,
    OneMax,
    OnePlusOneEA,
    Plateau,
    PreconditionError,
    c,
    exact,
    k,
    n,
)
from theory.derivation import Derivation
from theory.drift import VisitProbabilities

EA = OnePlusOneEA(c / n)
P = c / n


@pytest.mark.parametrize("process", [EA.on(OneMax()), RLS().on(OneMax()), EA.on(Jump(3))], ids=str)
@pytest.mark.parametrize("start", ["uniform", 5, 7])
def test_with_exact_probabilities_the_bound_is_the_expected_runtime(process, start):
    at = {"n": 7} | ({"c": "3/2"} if "c" in process.needed else {})
    bound = VisitProbabilities.apply(process, start, **at)
    assert bound.expr == exact.expected_runtime(process, start=start, rational=True, **at)
    again = Derivation.from_json(bound.derivation.to_json())
    assert again == bound.derivation and again.replay().holds is True


def test_leadingones_with_one_half_is_the_closed_form():
    bound = VisitProbabilities.apply(P * (1 - P) ** (n - k), visits="1/2", start=n, where=(c < n,))
    for size, constant in ((5, 1), (40, 2), (100, "1/2")):
        value = exact.expected_runtime(EA.on(LeadingOnes()), n=size, c=constant)
        assert bound.evaluate(n=size, c=constant) == pytest.approx(value, rel=1e-12)


def test_what_is_declared_is_not_vouched_for_and_impossible_values_are_refused():
    wrong = VisitProbabilities.apply(P * (1 - P) ** n, visits="1/2", start=n, where=(c < n,))
    assert wrong.evaluate(n=9, c=1) > exact.expected_runtime(EA.on(LeadingOnes()), n=9, c=1)  # what is declared was false
    assert wrong.derivation.replay().holds is None  # and a replay does not vouch for it
    with pytest.raises(PreconditionError, match="v_k >= 0"):
        VisitProbabilities.apply(k / n, visits=-1, start=n)
    with pytest.raises(PreconditionError, match="u_k > 0"):
        VisitProbabilities.apply((k - 1) / n, visits=1, start=n)


def test_jumping_over_levels_makes_visits_necessary():
    """One step to the optimum from everywhere: with v_k = 1 the sum would be n, and E[T] = 1."""
    assert VisitProbabilities.apply(sympy.Integer(1), visits=1, start=n).evaluate(n=20) == 20


@pytest.mark.parametrize(
    "call",
    [
        lambda: VisitProbabilities.apply(k / n, start=n),
        lambda: VisitProbabilities.apply(k / n, visits=1, start=n, direction="below"),
        lambda: VisitProbabilities.apply(k / n, visits=1, start=n, n=4),
        lambda: VisitProbabilities.apply(EA.on(OneMax()), visits=1, n=4, c=1),
        lambda: VisitProbabilities.apply(EA.on(Plateau(2)), n=4, c=1),
        lambda: VisitProbabilities.apply(EA.on(BinVal()), n=4, c=1),
        lambda: VisitProbabilities.apply(EA.on(OneMax()), "worst", n=4, c=1),
        lambda: VisitProbabilities.apply(Metropolis(2).on(OneMax()), n=4),
    ],
)
def test_wrong_input_is_refused_in_one_line(call):
    with pytest.raises((InputError, PreconditionError)) as error:
        call()
    assert "\n" not in str(error.value)
