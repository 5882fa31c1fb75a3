"""Bounds for Plateau and for Metropolis on OneMax, against exact chains."""

from __future__ import annotations

from fractions import Fraction

import pytest

from theory import Metropolis, OneMax, OnePlusOneEA, Plateau, c, exact, n
from theory.balls import number_of
from theory.symbols import SYMBOLS


@pytest.mark.parametrize("alpha", ["n", "2", "c*n", "1"])
def test_the_closed_sum_of_metropolis_is_the_expectation_of_the_chain(alpha):
    process = Metropolis(alpha).on(OneMax())
    from_k, anywhere = process.bounds()
    for size in (1, 2, 5, 9):
        values = {"n": size} | ({"c": Fraction(3, 2)} if "c" in process.needed else {})
        put = {SYMBOLS[x]: Fraction(y) for x, y in values.items()}
        for zeros in range(1, size + 1):
            value = exact.expected_runtime(process, start=zeros, rational=True, **values)
            assert Fraction(str(number_of(from_k.expr, {**put, SYMBOLS["k"]: Fraction(zeros)}))) == value
            assert from_k.evaluate(k=zeros, **values) == pytest.approx(float(value), rel=1e-12)
        assert anywhere.evaluate(**values) == pytest.approx(float(value), rel=1e-12)
    assert from_k.derivation.replay().holds is True


def test_large_n_is_taken_from_the_chain():
    bound = Metropolis("n").on(OneMax()).bounds()[0]
    assert bound.evaluate(n=300, k=150) == pytest.approx(exact.expected_runtime(Metropolis("n").on(OneMax()), n=300, start=150))


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_the_plateau_bound_holds_from_every_start(radius):
    process = OnePlusOneEA(c / n).on(Plateau(radius))
    (bound,) = [b for b in process.bounds() if "fitness levels" in str(b.source)]
    tried = 0
    for size in range(1, 10):
        for constant in (Fraction(1, 3), Fraction(1), Fraction(2), Fraction(9, 2)):
            if bound.holds_for(n=size, c=constant):
                value = exact.worst_start(process, n=size, c=constant)[1]
                assert value <= bound.evaluate(n=size, c=constant) * (1 + 1e-12)
                tried += 1
    assert tried > 10 and bound.derivation.replay().holds is True
