"""Closed forms for fixed budgets against the exact chain."""

from __future__ import annotations

import pytest

from theory import RLS, OneMax
from theory.exact import fixed_budget
from theory.literature import literature

PROCESS = RLS().on(OneMax())
BOUNDS = [b for b in PROCESS.bounds() if b.quantity == "E[f(x_t)]"]


def test_the_expected_fitness_of_rls_is_that_of_the_chain():
    from_k, uniform = BOUNDS
    for n in (1, 2, 7, 30):
        for budget in (0, 1, 5, 200):
            assert uniform.evaluate(n=n, t=budget) == pytest.approx(fixed_budget(PROCESS, budget, n=n), rel=1e-12)
            for k in (0, 1, n):
                exact = fixed_budget(PROCESS, budget, n=n, start=k)
                assert from_k.evaluate(n=n, t=budget, k=k) == pytest.approx(exact, rel=1e-12)


def test_its_premises_replay():
    assert all(bound.derivation.replay().holds for bound in BOUNDS)


def test_leaving_out_idle_steps_is_exact_and_tends_to_local_search():
    entry = next(e for e in literature(problem="leadingones") if e.bound.direction == "exact")
    assert entry.bound.derivation.replay().holds is True
    assert entry.bound.evaluate(n=50, c="1e-9") == pytest.approx(50**2 / 2, rel=1e-6)
    # n = 2, p = 1/2: one of the three flips is drawn, and from each of the three other points exactly one of them ends: E = 3
    assert entry.bound.evaluate(n=2, c=1) == pytest.approx(9 / 4)
