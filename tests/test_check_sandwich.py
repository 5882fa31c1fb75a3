"""Bounds against rational values: what is true holds everywhere, what is wrong by any amount is found."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Sum, Symbol, binomial, exp

from proofs_check.progress import track
from proofs_check.sandwich import sandwiches
from theory import RLS, LeadingOnes, OneMax, OnePlusOneEA, Process, c, k, n
from theory.balls import number_of

EA = OnePlusOneEA(c / n)
HALVES = (Fraction(1, 2), Fraction(1), Fraction(3))


def plant(monkeypatch, bound):
    monkeypatch.setattr(Process, "bounds", lambda self, status=None: [bound])


def test_true_bounds_hold_and_every_direction_is_among_them():
    found = [s for process in (EA.on(OneMax()), RLS().on(OneMax())) for s in sandwiches(process, range(1, 5), HALVES)]
    assert {s.bound.direction for s in found} == {"upper", "lower", "exact"}
    assert all(s.holds for s in found)


def test_a_formula_that_is_wrong_in_the_twelfth_digit_is_not_exact(monkeypatch):
    true = next(b for b in EA.on(LeadingOnes()).bounds() if b.direction == "exact")
    plant(monkeypatch, true.with_(expr=true.expr * (1 + Fraction(1, 10**12)), exact_function=None))
    assert {s.holds for s in sandwiches(EA.on(LeadingOnes()), range(2, 4), HALVES)} == {False}


def test_a_bound_without_its_condition_fails(monkeypatch):
    """e^c/c n (ln n + 1) bounds OneMax for c <= 1; for larger c it is false at small n."""
    true = next(b for b in EA.on(OneMax()).bounds() if b.expr.has(exp) and b.direction == "upper")
    assert all(s.holds for s in sandwiches(EA.on(OneMax()), range(1, 5), HALVES))
    plant(monkeypatch, true.with_(conditions=(c < n,)))
    assert False in {s.holds for s in sandwiches(EA.on(OneMax()), range(1, 5), (Fraction(5, 2), Fraction(7, 2)))}


def test_sums_are_written_out_also_inside_each_other():
    i, j = Symbol("i", integer=True), Symbol("j", integer=True)
    nested = Sum(binomial(n, j) * Sum(binomial(k, i) / 3**i, (i, 0, j)), (j, 1, n))
    wanted = sum(
        Fraction([1, 4, 6, 4, 1][b]) * sum(Fraction([1, 2, 1, 0, 0][a], 3**a) for a in range(b + 1)) for b in range(1, 5)
    )
    assert number_of(nested, {n: Fraction(4), k: Fraction(2)}) == wanted


@pytest.mark.parametrize("patience", [0.0, 60.0])
def test_the_progress_bar_passes_everything_on(monkeypatch, patience):
    monkeypatch.setattr("proofs_check.progress.PATIENCE", patience)
    assert list(track(iter(range(5)), 5, "cells", show=True)) == [0, 1, 2, 3, 4]
