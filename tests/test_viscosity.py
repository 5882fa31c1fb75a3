"""Fitness levels with viscosity: tight on LeadingOnes, on both sides of exact chains, each condition with a counter-example."""

from __future__ import annotations

from fractions import Fraction

import oracle
import pytest
import sympy
from test_negative_drift import expected

from theory import (
    RLS,
    BinVal,
    InputError,
    Jump,
    LeadingOnes,
    Metropolis,
    OneMax,
    OnePlusOneEA,
    PreconditionError,
    c,
    exact,
    k,
    n,
)
from theory.derivation import Derivation
from theory.drift import FitnessLevels, Viscosity

EA = OnePlusOneEA(c / n)
P = c / n
LEAVE = P * (1 - P) ** (n - k)  # LeadingOnes, k levels still to go


def leadingones_levels(size: int, p: Fraction) -> list[dict]:
    """The chain on the levels of LeadingOnes: p (1-p)^i to leave, then one level more with probability 1/2 each."""
    rows: list[dict] = [{0: 1}]
    for level in range(1, size + 1):
        leave = p * (1 - p) ** (size - level)
        row = {level - 1 - free: leave / 2 ** (free + 1) for free in range(level - 1)}
        row[0] = leave / 2 ** (level - 1)
        rows.append({**row, level: 1 - leave})
    return rows


@pytest.mark.parametrize("size, p", [(1, "1/2"), (4, "1/4"), (7, "2/7")])
def test_leadingones_is_tight_from_both_sides(size, p):
    """From level n: the first bit is zero, the others are uniform; the oracle averages over these points."""
    rate = Fraction(p)
    times = oracle.rational_times(size, oracle.leadingones, lambda x: oracle.mutation(size, rate)) if size <= 4 else None
    rows = leadingones_levels(size, rate)
    lower, upper = (Viscosity.apply(rows, direction=side).expr for side in ("lower", "upper"))
    said = {"start": n, "chi": "1/2", "where": (c < n,)}
    constant = rate * size
    assert lower == upper
    if times is not None:
        first_zero = [t for x, t in zip(oracle.points(size), times) if x[0] == 0]
        assert lower == sum(first_zero) / len(first_zero)
    for side in ("lower", "upper"):
        assert Viscosity.apply(LEAVE, direction=side, **said).evaluate(n=size, c=constant) == pytest.approx(float(lower))


def test_leadingones_from_a_uniform_start_is_exact():
    size = 8
    law = {level: Fraction(1, 2 ** (size - level + 1)) for level in range(1, size + 1)} | {0: Fraction(1, 2**size)}
    rows = leadingones_levels(size, Fraction(1, size))
    truth = exact.expected_runtime(EA.on(LeadingOnes()), n=size, c=1)
    assert Viscosity.apply(rows, law).evaluate() == pytest.approx(truth, rel=1e-12)
    named = {x: sympy.Rational(q.numerator, q.denominator) for x, q in law.items()}
    bound = Viscosity.apply(LEAVE.subs({n: size, c: 1}), named, chi="1/2")
    assert bound.evaluate() == pytest.approx(truth, rel=1e-12)


@pytest.mark.parametrize(
    "problem, f, size",
    [
        (OneMax(), oracle.onemax, 5),
        (BinVal(), oracle.binval, 4),
        (LeadingOnes(), oracle.leadingones, 4),
        (Jump(2), oracle.jump(2), 5),
    ],
    ids=["OneMax", "BinVal", "LeadingOnes", "Jump"],
)
@pytest.mark.parametrize("p", ["1/5", "1/2"])
def test_a_process_lies_between_its_two_bounds(problem, f, size, p):
    times = oracle.rational_times(size, f, lambda x: oracle.mutation(size, Fraction(p)))
    process = OnePlusOneEA(p).on(problem)
    by_zeros = {z: [t for x, t in zip(oracle.points(size), times) if size - sum(x) == z] for z in range(size + 1)}
    starts = {"uniform": sum(times) / len(times), **{z: sum(ts) / len(ts) for z, ts in by_zeros.items() if z}}
    for start, truth in starts.items():
        lower = Viscosity.apply(process, start, n=size).expr
        upper = Viscosity.apply(process, start, direction="upper", n=size).expr
        assert 0 < lower <= truth <= upper


def test_viscosity_is_sharper_than_plain_levels_where_levels_are_jumped_over():
    process = OnePlusOneEA("1/2").on(OneMax())
    upper = Viscosity.apply(process, 6, direction="upper", n=6).evaluate(n=6)
    assert exact.expected_runtime(process, start=6, n=6) <= upper < FitnessLevels.apply(process, n=6).evaluate(n=6)


def test_local_search_on_onemax_visits_every_level():
    for start in ("uniform", 3, 9):
        value = exact.expected_runtime(RLS().on(OneMax()), n=9, start=start, rational=True)
        assert Viscosity.apply(RLS().on(OneMax()), start, n=9).expr == value
        assert Viscosity.apply(RLS().on(OneMax()), start, direction="upper", n=9).expr == value


# ---- each necessary condition is needed


def test_products_of_bounds_are_not_enough_from_below():
    """P(2 -> j) <= u_2 gamma_2j with gamma = 1/2, 1/2 and u_2 = 1 would give 1 + (1/2)/u_1 = 501; E[T] = 2."""
    rows = [{0: 1}, {0: "1/1000", 1: "999/1000"}, {0: "1/2", 2: "1/2"}]
    gamma, u = {0: Fraction(1, 2), 1: Fraction(1, 2)}, 1
    assert all(Fraction(rows[2].get(j, 0)) <= u * gamma[j] for j in (0, 1)) and gamma[1] >= Fraction(1, 2) * sum(gamma.values())
    assert expected(rows, {0}, 2) == pytest.approx(2) and 1 + Fraction(1, 2) * 1000 == 501
    assert Viscosity.apply(rows).expr == 2  # read exactly: chi = 0


def test_a_level_that_is_left_faster_than_declared_breaks_it():
    rows = [{0: 1}, {0: 1}, {1: 1}]
    assert expected(rows, {0}, 2) == 2 < Viscosity.apply("1/10", 2, chi=1).evaluate() == 20
    slow = [{0: 1}, {0: "1/10", 1: "9/10"}]
    assert expected(slow, {0}, 1) == pytest.approx(10) and Viscosity.apply("1/2", 1, chi=1, direction="upper").evaluate() == 2


def test_jumping_over_levels_breaks_a_chi_that_is_too_large():
    rows = [{0: 1}, *({0: 1} for _ in range(9))]
    assert expected(rows, {0}, 9) == 1 < Viscosity.apply(1, 9, chi=1).evaluate() == 9
    assert Viscosity.apply(rows).expr == 1
    walk = [{0: 1}, *({level - 1: 1} for level in range(1, 9))]  # visits all levels: chi = 0 is too small from above
    assert expected(walk, {0}, 8) == 8 > Viscosity.apply(1, 8, chi=0, direction="upper").evaluate() == 1


def test_a_fitness_that_falls_breaks_the_upper_bound_but_not_the_lower_one():
    """From level 1 to the optimum with probability 1/10, else down to level 3; u_k and chi alone would give 1 + 1 + 1 <= 3."""
    rows = [{0: 1}, {0: "1/10", 3: "9/10"}, {1: 1}, {2: 1}]
    with pytest.raises(PreconditionError, match="the fitness never falls' fails at from level 1 to level 3"):
        Viscosity.apply(rows, 3, direction="upper")
    truth = expected(rows, {0}, 3)
    assert truth == pytest.approx(30) and 1 + 1 + 10 < truth
    assert Viscosity.apply(rows, 3).expr == 12 <= truth  # nothing superfluous is demanded


def test_technical_conditions_are_refused():
    with pytest.raises(PreconditionError, match="u_k > 0' fails at k = 1"):
        Viscosity.apply((k - 1) / n, n, chi=1)
    with pytest.raises(PreconditionError, match="level 1 is never left upwards"):
        Viscosity.apply([{0: 1}, {1: 1}])
    with pytest.raises(PreconditionError, match="chi <= 1"):
        Viscosity.apply(k / n, n, chi=2)
    with pytest.raises(PreconditionError, match="chi >= 0"):
        Viscosity.apply(k / n, n, chi=-1)


def test_derivations_replay_and_survive_json_and_do_not_vouch_for_declarations():
    for bound in (
        Viscosity.apply(EA.on(OneMax()), n=6, c=1),
        Viscosity.apply(EA.on(BinVal()), direction="upper", n=3, c=1),
        Viscosity.apply([{0: 1}, {0: 1}, {1: "1/2", 0: "1/2"}], {1: "1/2", 2: "1/2"}),
    ):
        again = Derivation.from_json(bound.derivation.to_json())
        assert again == bound.derivation and again.replay().holds is True
    assert Viscosity.apply(LEAVE, n, chi="1/2", where=(c < n,)).derivation.replay().holds is None


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: Viscosity.apply(k / n, n), "chi="),
        (lambda: Viscosity.apply(k / n, n, chi=1, direction="both"), "direction"),
        (lambda: Viscosity.apply(k / n, n, chi=1, n=4), "n: values belong"),
        (lambda: Viscosity.apply(k / n, {1: "1/2"}, chi=1), "add up to 1"),
        (lambda: Viscosity.apply(k / n, sympy.Rational(1, 2), chi=1), "a level is an integer"),
        (lambda: Viscosity.apply(EA.on(OneMax()), chi=1, n=4, c=1), "chi"),
        (lambda: Viscosity.apply(EA.on(OneMax()), "worst", n=4, c=1), "start"),
        (lambda: Viscosity.apply([{0: 1}, {0: 1}], 2), "start"),
        (lambda: Viscosity.apply([{0: 1}, {0: 1}], {1: "1/2"}), "start"),
        (lambda: Viscosity.apply(Metropolis(2).on(OneMax()), n=4), "rows of a chain"),
    ],
)
def test_wrong_input_is_one_line(call, names):
    with pytest.raises((InputError, PreconditionError), match=names) as error:
        call()
    assert "\n" not in str(error.value)
