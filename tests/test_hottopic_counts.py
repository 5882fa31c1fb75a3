"""HotTopic's remembered counts against its definition, move by move, on random points and flips."""

from __future__ import annotations

import numpy as np
import pytest

from theory import HotTopic
from theory.problems.hottopic import judge, moved, remembered

BITS = 30


def disagreements(problem, moves, forget=False, seed=1):
    """How many judgements of random offspring differ from the exact values; accepted ones are moved to."""
    draw = np.random.default_rng(seed)
    x = draw.integers(0, 2, BITS).astype(np.uint8)
    known = remembered(x, problem.data(BITS))
    wrong = rises = losses = 0
    for step in range(moves):
        if step % 40 == 0:  # a new run in the same room
            x = (draw.random(BITS) < draw.random()).astype(np.uint8)
            known = remembered(x, known)
        m = int(draw.integers(1, 7))
        flips = draw.permutation(BITS)[:m]
        y = x.copy()
        y[flips] ^= 1
        before, after = problem.value(x), problem.value(y)
        sign, found = judge(x, flips, m, int((1 - x[flips].astype(int)).sum()), 0, float(before), known)
        right = sign == (after > before) - (after < before) and (found == after if after >= before else found < before)
        wrong += not right
        rises += problem.level(y) > problem.level(x)
        losses += problem.level(y) < problem.level(x)
        if after >= before:
            x[flips] ^= 1
            if not forget:
                moved(x, flips, m, known)
    return wrong, rises, losses


@pytest.mark.parametrize("eps", ["0", "1/4", "1/2"])
def test_judgements_by_counts_are_the_definition(eps):
    wrong, rises, losses = disagreements(HotTopic("1/2", "1/4", eps, 12, 3), 3000)
    assert wrong == 0
    assert rises > 20 and losses > 20  # such moves were among them


def test_counts_that_are_not_kept_up_to_date_are_noticed():
    assert disagreements(HotTopic("1/2", "1/4", "1/4", 12, 3), 1000, forget=True)[0] > 10


def test_the_problem_itself_stays_as_it_is():
    problem = HotTopic("1/2", "1/4", "1/4", 12, 3)
    before = problem.data(BITS).copy()
    x = np.zeros(BITS, np.uint8)
    assert remembered(x, problem.data(BITS)) is not problem.data(BITS)
    assert (problem.data(BITS) == before).all()
