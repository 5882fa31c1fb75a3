"""Concentration of hitting times, against the exact law of walks; counter-examples."""

from __future__ import annotations

from fractions import Fraction

import pytest
from test_negative_drift import hit_by

from theory import RLS, InputError, OneMax, PreconditionError
from theory.derivation import Derivation
from theory.drift import Concentration


def walk(size: int, down: Fraction) -> list[dict]:
    return [{0: 1}, *({k - 1: down, k + 1: 1 - down} for k in range(1, size)), {size - 1: down, size: 1 - down}]


@pytest.mark.parametrize("down", ["3/5", "3/4", "19/20"])
def test_late_and_early_runs_are_as_rare_as_the_theorem_says(down):
    rows = walk(30, Fraction(down))
    late, early = Concentration.apply(rows, start=15), Concentration.apply(rows, start=15, early=True)
    tried = [0, 0]
    for steps in (1, 3, 8, 15, 40, 80, 160, 320):
        done = hit_by(rows, {0}, 15, steps)
        if late.holds_for(t=steps):
            assert 1 - done <= late.evaluate(t=steps) + 1e-12
            tried[0] += 1
        if early.holds_for(t=steps):
            assert hit_by(rows, {0}, 15, steps - 1) <= early.evaluate(t=steps)
            tried[1] += 1
    assert min(tried) >= 1


def test_without_bounded_steps_the_conclusion_fails():
    """X = 20 jumps to 0 with probability 1/40: drift 1/2, but T is geometric with mean 40; K = 1 would promise much more."""
    rows = [{0: 1}, *({0: Fraction(1, 2 * k), k: 1 - Fraction(1, 2 * k)} for k in range(1, 21))]
    with pytest.raises(PreconditionError, match="a step of 20 against K = 1"):
        Concentration.apply(rows, start=20, steps=1)
    import math

    assert 1 - hit_by(rows, {0}, 20, 200) > math.exp(-200 * 0.25 / 8)


def test_without_drift_the_late_bound_is_refused_and_would_be_false():
    rows = walk(10, Fraction(1, 2))
    with pytest.raises(PreconditionError, match="smallest drift"):
        Concentration.apply([{0: 1}, *({k: 1} for k in range(1, 5))])
    assert hit_by([{0: 1}, {1: 1}], {0}, 1, 100) == 0
    with pytest.raises(PreconditionError, match="eps > 0"):
        Concentration.apply(rows)


def test_a_process_is_read_and_the_derivation_replays():
    bound = Concentration.apply(RLS().on(OneMax()), n=9)
    assert bound.holds_for(n=9, t=162) and not bound.holds_for(n=9, t=161)  # eps = 1/9
    again = Derivation.from_json(bound.derivation.to_json())
    assert again == bound.derivation and again.replay().holds is True
    with pytest.raises(InputError):
        Concentration.apply(RLS().on(OneMax()), start=99, n=9)
