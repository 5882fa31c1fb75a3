"""Headwind, negative and negative multiplicative drift, multiplicative drift from below: exact chains, counter-examples."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from theory import (
    RLS,
    DynamicBinVal,
    InputError,
    Metropolis,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
    PreconditionError,
    c,
    exact,
    n,
)
from theory.derivation import Derivation
from theory.drift import HeadwindDrift, MultiplicativeDriftLower, NegativeDriftHajek, NegativeMultiplicativeDrift

EA = OnePlusOneEA(c / n)


def walk(size: int, up: Fraction) -> list[dict]:
    """A walk on 0, ..., size that stops at 0 and is reflected at size."""
    down = 1 - up
    return [{0: 1}, *({k - 1: down, k + 1: up} for k in range(1, size)), {size - 1: down, size: up}]


def matrix_of(rows: list[dict]) -> np.ndarray:
    matrix = np.zeros((len(rows), len(rows)))
    for i, row in enumerate(rows):
        for j, chance in row.items():
            matrix[i, j] = float(Fraction(chance))
    return matrix


def hit_by(rows: list[dict], goal: set[int], start: int, steps: int) -> float:
    """P(T <= steps), exactly up to rounding."""
    matrix = matrix_of(rows)
    for state in goal:
        matrix[state] = np.eye(len(rows))[state]
    law = np.eye(len(rows))[start]
    for _ in range(steps):
        law = law @ matrix
    return float(law[list(goal)].sum())


def expected(rows: list[dict], goal: set[int], start: int) -> float:
    keep = [i for i in range(len(rows)) if i not in goal]
    matrix = matrix_of(rows)[np.ix_(keep, keep)]
    return float(np.linalg.solve(np.eye(len(keep)) - matrix, np.ones(len(keep)))[keep.index(start)])


# ---- headwind


@pytest.mark.parametrize("up", ["1/4", "1/2", "2/3"])
def test_headwind_is_exact_on_walks_that_fall_by_one(up):
    rows = walk(9, Fraction(up))
    for start in (1, 4, 9):
        assert HeadwindDrift.apply(rows, start=start).evaluate() == pytest.approx(expected(rows, {0}, start), rel=1e-9)


def test_headwind_is_exact_for_metropolis_and_local_search_on_onemax():
    for process in (Metropolis("n").on(OneMax()), Metropolis(2).on(OneMax()), RLS().on(OneMax())):
        for start in (1, 5, 12):
            value = exact.expected_runtime(process, n=12, start=start, rational=True)
            assert HeadwindDrift.apply(process, start=start, n=12).expr == value


def test_headwind_is_an_upper_bound_where_steps_are_longer():
    for problem in (OneMax(), PartiallyOrderedEA(), DynamicBinVal()):
        for constant in ("1/2", "1", "2"):
            for size in (1, 2, 5, 9):
                if Fraction(constant) < size:
                    at = {"n": size, "c": constant}
                    bound = HeadwindDrift.apply(EA.on(problem), **at).expr
                    assert bound >= exact.expected_runtime(EA.on(problem), start="zeros", rational=True, **at)


def test_a_state_that_never_falls_is_named_and_never_ends():
    rows = [{0: 1}, {0: "1/2", 2: "1/2"}, {2: 1}]
    with pytest.raises(PreconditionError, match="k = 2: X never falls"):
        HeadwindDrift.apply(rows)
    assert hit_by(rows, {0}, 2, 1000) == 0  # the conclusion fails: E[T] is infinite


# ---- Hajek


@pytest.mark.parametrize("up", ["3/5", "2/3", "9/10"])
@pytest.mark.parametrize("steps", [1, 10, 100, 3000])
def test_hajek_bounds_the_chance_of_a_walk_to_reach_its_end(up, steps):
    rows = walk(12, Fraction(up))
    bound = NegativeDriftHajek.apply(rows, a=0, b=11)
    for start in (11, 12):
        assert hit_by(rows, {0}, start, steps) <= bound.evaluate(t=steps) * (1 + 1e-9)
    if steps == 3000:  # and it is not far off: the true rate is a constant factor below
        assert bound.evaluate(t=steps) <= 30 * hit_by(rows, {0}, 12, steps)


def test_hajek_finds_the_lambda_of_the_gambler():
    """On a walk with step +-1 the condition holds up to lambda = ln(up/down)."""
    bound = NegativeDriftHajek.apply(walk(12, Fraction(2, 3)), a=0, b=11)
    arguments = dict(next(bound.derivation.premises()).fact.arguments)
    assert float(arguments["rate"]) == pytest.approx(np.log(2), rel=1e-8) and float(arguments["rate"]) <= np.log(2)


def test_hajek_bounds_the_expected_time_from_below():
    rows = walk(12, Fraction(2, 3))
    bound = NegativeDriftHajek.apply(rows, a=0, b=11, expected=True)
    assert bound.direction == "lower" and 1 < bound.evaluate() <= expected(rows, {0}, 11)


def test_hajek_reads_a_process_and_finds_its_interval():
    process = EA.on(PartiallyOrderedEA())
    at = {"n": 40, "c": 3}
    bound = NegativeDriftHajek.apply(process, **at)
    start = int(bound.start.split(">= ")[1])
    matrix = exact.transition_matrix_by_zeros(process, **at)
    law = np.eye(41)[start]
    for steps in range(1, 200):
        law = law @ matrix
        assert law[0] <= bound.evaluate(t=steps, **at)
    low = NegativeDriftHajek.apply(process, expected=True, **at).evaluate(**at)
    assert 10 < low <= exact.expected_runtime(process, start=start, **at)


def test_without_drift_away_hajek_refuses_and_the_conclusion_fails():
    rows = walk(12, Fraction(1, 3))
    with pytest.raises(PreconditionError, match="drift away from a is -"):
        NegativeDriftHajek.apply(rows, a=0, b=11)
    assert hit_by(rows, {0}, 12, 200) > 0.99
    with pytest.raises(PreconditionError, match="fails at X_t = 1"):  # a lambda that is too large
        NegativeDriftHajek.apply(walk(12, Fraction(2, 3)), a=0, b=11, rate="0.7")


def test_jumps_from_above_the_interval_are_counted():
    """The point of the erratum to the simplified drift theorem: inside the drift is upwards, but from the top X jumps to 0."""
    rows = walk(12, Fraction(2, 3))
    rows[12] = {0: "1/2", 12: "1/2"}
    bound = NegativeDriftHajek.apply(rows, a=0, b=11)
    assert bound.evaluate(t=10) >= hit_by(rows, {0}, 12, 10) > 0.9


# ---- negative multiplicative drift


def test_negative_multiplicative_drift_bounds_the_chance_and_the_time():
    rows = [{0: "3/4", 1: "1/4"}, *({k - 1: "5/6", k + 1: "1/6"} for k in range(1, 12)), {12: 1}]
    options = {"potential": "2**k", "delta": "1/4", "D": "1/2", "target": 12}
    bound = NegativeMultiplicativeDrift.apply(rows, **options)
    for steps in (1, 30, 500):
        assert hit_by(rows, {12}, 0, steps) <= bound.evaluate(t=steps)
    low = NegativeMultiplicativeDrift.apply(rows, expected=True, **options).evaluate()
    assert 100 < low <= expected(rows, {12}, 0)


def test_each_necessary_condition_of_negative_multiplicative_drift_is_needed():
    doubling = [{k + 1: 1} for k in range(5)] + [{5: 1}]  # X doubles: the drift condition fails, U is reached at once
    with pytest.raises(PreconditionError, match="state 0"):
        NegativeMultiplicativeDrift.apply(doubling, potential="2**k", delta="1/4", D="1/2", target=5)
    assert hit_by(doubling, {5}, 0, 5) == 1 > 5 * 0.5 / (0.25 * 32)
    still = [{k: 1} for k in range(6)]
    with pytest.raises(PreconditionError, match="X_0 <= D/delta"):  # starts too high: T = 0 already
        NegativeMultiplicativeDrift.apply([{0: 1}] + [{k - 1: 1} for k in range(1, 6)], start=5, potential="k", delta="1/5", D="1/100", target=5)  # fmt: skip # noqa: E501
    with pytest.raises(PreconditionError, match="0 < delta <= 1"):
        NegativeMultiplicativeDrift.apply(still, delta=2, D=1, target=5)


# ---- multiplicative drift from below


@pytest.mark.parametrize("size", [5, 20, 50])
def test_the_multiplicative_lower_bound_is_below_the_exact_value(size):
    for process, at in (
        (RLS().on(OneMax()), {"n": size}),
        (EA.on(OneMax()), {"n": size, "c": 1}),
        (EA.on(OneMax()), {"n": size, "c": 2}),
    ):
        bound = MultiplicativeDriftLower.apply(process, **at)
        value = exact.expected_runtime(process, start="zeros", **at)
        assert 0 < bound.evaluate(**at) <= value


def test_the_multiplicative_lower_bound_comes_nearer_as_n_grows():
    process = RLS().on(OneMax())
    ratios = [
        MultiplicativeDriftLower.apply(process, n=size).evaluate(n=size) / exact.expected_runtime(process, start="zeros", n=size)
        for size in (5, 20, 60)
    ]
    assert ratios == sorted(ratios) and ratios[-1] > 1 / 3


def test_each_necessary_condition_of_the_multiplicative_lower_bound_is_needed():
    """X falls to 0 with probability delta and else stays: (i) holds with equality, (ii) fails, E[T] = 1/delta whatever s_0."""
    rows = [{0: 1}, *({0: "1/10", k: "9/10"} for k in range(1, 60))]
    with pytest.raises(PreconditionError, match="beta"):
        MultiplicativeDriftLower.apply(rows, delta="1/10", beta="1/4", aim=1)
    claimed = 10 * np.log(59) * (3 / 4) / (5 / 4)
    assert expected(rows, {0}, 59) == pytest.approx(10) and claimed > 20
    fall = [{0: 1}, *({0: 1} for _ in range(1, 60))]  # one step: (i) fails for every delta < 1
    with pytest.raises(PreconditionError):
        MultiplicativeDriftLower.apply(fall, delta="1/10", beta="1/4", aim=1)


def test_a_chain_that_rises_is_refused():
    with pytest.raises(PreconditionError, match="may rise"):
        MultiplicativeDriftLower.apply(walk(9, Fraction(1, 4)))


# ---- all


def test_their_derivations_replay_and_survive_json():
    rows = walk(12, Fraction(2, 3))
    for bound in (
        HeadwindDrift.apply(Metropolis("n").on(OneMax()), n=8),
        HeadwindDrift.apply(rows),
        NegativeDriftHajek.apply(rows, b=11),
        NegativeMultiplicativeDrift.apply(walk(6, Fraction(1, 6)), potential="2**k", delta="1/4", D=1, target=6),
        MultiplicativeDriftLower.apply(EA.on(OneMax()), n=9, c=1),
    ):
        again = Derivation.from_json(bound.derivation.to_json())
        assert again == bound.derivation and again.replay().holds is True


@pytest.mark.parametrize(
    "call",
    [
        lambda: HeadwindDrift.apply([{0: 1}, {0: "1/2"}]),
        lambda: HeadwindDrift.apply([{0: 1}, {2: 1}]),
        lambda: HeadwindDrift.apply([]),
        lambda: HeadwindDrift.apply("k"),
        lambda: HeadwindDrift.apply([{0: 1}, {0: 1}], n=3),
        lambda: HeadwindDrift.apply([{0: 1}, {0: 1}], start=2),
        lambda: HeadwindDrift.apply(EA.on(OneMax()), n=4),
        lambda: NegativeDriftHajek.apply(walk(5, Fraction(2, 3)), a=9),
        lambda: NegativeDriftHajek.apply(walk(5, Fraction(2, 3)), b=0),
        lambda: NegativeDriftHajek.apply(walk(5, Fraction(2, 3)), start=4),
        lambda: NegativeDriftHajek.apply(walk(5, Fraction(2, 3)), b=4, rate="-1"),
        lambda: NegativeMultiplicativeDrift.apply(walk(5, Fraction(1, 3))),
        lambda: NegativeMultiplicativeDrift.apply(walk(5, Fraction(1, 3)), delta="1/2", D=1, target=9),
        lambda: NegativeMultiplicativeDrift.apply(walk(5, Fraction(1, 3)), delta="1/2", D=1, target=3, potential="log(k+1)"),
        lambda: MultiplicativeDriftLower.apply(RLS().on(OneMax()), n=5, beta=1),
        lambda: MultiplicativeDriftLower.apply(RLS().on(OneMax()), n=5, aim=9),
        lambda: MultiplicativeDriftLower.apply(RLS().on(OneMax()), n=5, start=0),
    ],
)
def test_wrong_input_is_refused_in_one_line(call):
    with pytest.raises((InputError, PreconditionError)) as error:
        call()
    assert "\n" not in str(error.value)
