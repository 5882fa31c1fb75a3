"""Random starts, what X is, drifts whose integral has no closed form, and drifts of which too little is known."""

from __future__ import annotations

import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from theory import RLS, BinVal, InputError, LeadingOnes, OneMax, OnePlusOneEA, PreconditionError, c, exact, k, n, v
from theory.balls import at
from theory.derivation import Derivation
from theory.drift import AdditiveDriftLower, AdditiveDriftUpper, FitnessLevels, MultiplicativeDrift, VariableDrift
from theory.drift.monotone import show_monotone, trend
from theory.drift.prover import Region
from theory.facts import Monotone

P = c / n
EA = OnePlusOneEA(P)
NO_LOSS = k * P * (1 - P) ** (n - k)
HALF = sympy.Rational(1, 2)


# ---- starts in distribution


def test_variable_drift_averaged_over_a_uniform_start_is_exact_for_local_search():
    bound = VariableDrift.apply(k / n, start="uniform")
    assert bound.start == "uniform"
    for size in (1, 2, 7, 30):
        value = exact.expected_runtime(RLS().on(OneMax()), n=size)
        assert bound.evaluate(n=size) == pytest.approx(value, rel=1e-12)


def test_averaged_bounds_stay_above_the_truth_and_below_those_of_the_mean():
    """1 + ln x is concave: averaging gains over putting in the mean (Jensen)."""
    average = MultiplicativeDrift.apply(k * P * (1 - P) ** (n - 1), start="uniform", where=(c < n,))
    mean = MultiplicativeDrift.apply(k * P * (1 - P) ** (n - 1), mean=n / 2, where=(c < n, sympy.Ge(n, 2)))
    summed = VariableDrift.apply(NO_LOSS, start="uniform", where=(c < n,))
    for size in (2, 5, 12):
        for constant in (Fraction(1, 2), 1):
            at_values = {"n": size, "c": constant}
            truth = exact.expected_runtime(EA.on(OneMax()), **at_values)
            assert truth <= summed.evaluate(**at_values) <= average.evaluate(**at_values) < mean.evaluate(**at_values)


def test_the_one_pass_value_of_an_averaged_sum_is_that_of_its_formula():
    bound = VariableDrift.apply(NO_LOSS, start="uniform", where=(c < n,))
    assert bound.exact_function is not None
    for size, constant in ((1, Fraction(1, 2)), (9, 1), (9, 3)):
        formula = at(bound.expr, {n: Fraction(size), c: Fraction(constant)})
        assert bound.evaluate(n=size, c=constant) == pytest.approx(float(formula.mid()), rel=1e-14)


@pytest.mark.parametrize("theorem", [AdditiveDriftUpper, MultiplicativeDrift, VariableDrift])
def test_a_law_is_the_average_of_the_bounds_from_its_values(theorem):
    law = {0: "1/4", 2: "1/4", 5: HALF}
    options = {"delta": 1 / n} if theorem is AdditiveDriftUpper else {}
    mixed = theorem.apply(k / n, start=law, n=9, **options)
    parts = {x: theorem.apply(k / n, start=x, n=9, **options).evaluate(n=9) for x in (2, 5)}
    assert mixed.evaluate(n=9) == pytest.approx(parts[2] / 4 + parts[5] / 2, rel=1e-14)
    assert mixed.start == "X_0 = 0 with probability 1/4, 2 with probability 1/4, 5 with probability 1/2"


@pytest.mark.parametrize("theorem", [AdditiveDriftUpper, MultiplicativeDrift, VariableDrift])
@pytest.mark.parametrize("problem", [OneMax(), LeadingOnes(), BinVal()], ids=str)
def test_a_process_from_a_uniform_start(theorem, problem):
    """The potential of a uniform point: Bin(n, 1/2) on OneMax, geometric on LeadingOnes."""
    process = EA.on(problem)
    bound = theorem.apply(process, start="uniform", n=4, c=1)
    truth = exact.expected_runtime(process, n=4, c=1)
    assert truth <= bound.evaluate(n=4, c=1) < theorem.apply(process, n=4, c=1).evaluate(n=4, c=1)
    assert bound.covers("uniform", 4) and not bound.covers("zeros", 4)


def test_additive_lower_drift_averages_too_and_meets_the_upper_bound_on_a_clock():
    law = {1: HALF, 4: HALF}
    upper, lower = AdditiveDriftUpper.apply(c, start=law), AdditiveDriftLower.apply(c, start=law, step_bound=1)
    assert upper.expr == lower.expr == sympy.Rational(5, 2) / c
    uniform = AdditiveDriftLower.apply(EA.on(OneMax()), start="uniform", n=6, c=1)
    assert 0 < uniform.evaluate(n=6, c=1) <= exact.expected_runtime(EA.on(OneMax()), n=6, c=1)


def test_overshoot_is_paid_for_only_by_starts_before_the_goal():
    bound = AdditiveDriftUpper.apply(1, start={0: HALF, 3: HALF}, lowest=-1)
    assert bound.expr == 2  # (3 + 1)/2, and nothing from X_0 = 0


def test_the_tail_takes_the_mean_of_the_start():
    tail = MultiplicativeDrift.apply(k / n, start="uniform", tail=True)
    for size, steps in ((3, 5), (8, 20)):
        chain = np.array([[comb_step(size, i, j) for j in range(size + 1)] for i in range(size + 1)])
        law = np.array([float(sympy.binomial(size, z)) for z in range(size + 1)]) / 2**size
        alive = (law @ np.linalg.matrix_power(chain, steps))[1:].sum()
        assert alive <= tail.evaluate(n=size, t=steps)


def comb_step(size: int, i: int, j: int) -> float:
    """Local search on OneMax: from i zero-bits to i - 1 with probability i/n."""
    return i / size if j == i - 1 else 1 - i / size if j == i else 0.0


def test_lengler_and_stegers_tail_follows_from_the_exact_one():
    tail = MultiplicativeDrift.apply(k / 10, start=8, tail=True)
    for r in (0.5, 2, 7):
        steps = int(np.ceil((r + np.log(8)) * 10))
        assert tail.evaluate(t=steps) <= np.exp(-r)


def test_lengler_and_stegers_integral_is_an_option_of_variable_drift():
    bound = VariableDrift.apply(k / n, start=n, form="integral")
    assert bound.expr == n + n * sympy.log(n)


@pytest.mark.parametrize(
    "start, names",
    [
        ({}, "empty law"),
        ({1: HALF}, "add up to 1/2"),
        ({1: 2, 2: -1}, "probability -1"),
        ({-1: 1}, "negative"),
        ({HALF: 1}, "no integer"),
        ("worst", "start"),
    ],
)
def test_what_is_no_law_is_refused(start, names):
    with pytest.raises(InputError, match="^mean: "):
        MultiplicativeDrift.apply(k / n, mean="uniform")
    with pytest.raises(InputError, match=names):
        VariableDrift.apply(k / n, start=start)


def test_a_law_beyond_the_range_and_a_uniform_start_of_another_potential_are_refused():
    with pytest.raises(PreconditionError, match="X_0 <= 5"):
        AdditiveDriftUpper.apply(k, delta=1, start={7: 1}, largest=5)
    for drift, options in ((1, {}), (v / 2, {"smallest": 1}), (k / n, {"potential": "the number of misplaced items"})):
        with pytest.raises(InputError, match="'uniform' speaks of X = k"):
            VariableDrift.apply(drift, start="uniform", **options)
    with pytest.raises(InputError, match="needs smallest = 1"):
        MultiplicativeDrift.apply(k / n, start="uniform", smallest=2)


# ---- what X is


def test_a_start_speaks_of_zero_bits_only_where_x_counts_them():
    assert AdditiveDriftUpper.apply(k / n, delta=1 / n, start=n / 2).start_text == "start with n/2 zero-bits"
    assert AdditiveDriftUpper.apply(1, start=7).start_text == "X_0 = 7"  # nothing ties X to bits
    queue = AdditiveDriftUpper.apply(k / n, delta=1 / n, start=7, potential="the length of the queue")
    assert queue.start_text == "X_0 = 7" and "X_t = k, the length of the queue" in str(queue.derivation)
    assert FitnessLevels.apply(k / n, start=3).start_text == "start at level 3"
    assert AdditiveDriftLower.apply(EA.on(LeadingOnes()), start=3, n=4, c=1).start_text == "X_0 = 3"


def test_that_k_is_at_most_n_is_said_and_not_silently_assumed():
    said = str(MultiplicativeDrift.apply(k / n, start=n).derivation)
    assert "X_t <= n (technical): k is the number of zero-bits; give largest= for another X" in said
    falling = NO_LOSS  # non-decreasing drift only because k <= n: (1 - p)^(n - k) <= 1
    assert MultiplicativeDrift.apply(falling, delta=P * (1 - P) ** (n - 1), start=n, where=(c < n,)).direction == "upper"
    unbounded = {"start": 3, "potential": "a counter", "where": (c < n,)}
    with pytest.raises(PreconditionError):  # n - k may be negative: k/(1 - p)^(k - n) is no bound any more
        MultiplicativeDrift.apply(n - k, delta=HALF, **unbounded)


# ---- monotone drifts and integrals


@pytest.mark.parametrize(
    "h, sense",
    [
        (sympy.sqrt(k) / n, 1),
        (NO_LOSS, 1),
        (sympy.Min(k, 3) / n, 1),
        (1 / k, -1),
        ((n - k) / n, -1),
        (k * (n - k), None),
        (k - k**2, None),
        (c, 0),
        ((1 - P) ** k, -1),
    ],
)
def test_trends_are_read_off_the_form(h, sense):
    assert trend(h, Region(k, sympy.Integer(1), n, True, (c < n,))) == sense


def test_no_trend_is_claimed_that_is_false():
    rng = np.random.default_rng(3)
    region = Region(v, sympy.Integer(0), sympy.Integer(4), False)
    atoms = (v, 2 - v, sympy.sqrt(v), sympy.exp(-v), v**2, 1 / (1 + v), v - 3, sympy.Integer(-2), sympy.log(1 + v))
    claimed = 0
    for _ in range(300):
        a, b, d = (atoms[i] for i in rng.integers(0, len(atoms), size=3))
        h = a * b + d if rng.random() < 0.5 else sympy.Max(a + b, d)
        found = trend(h, region)
        if found:
            claimed += 1
            heights = [float(h.subs(v, sympy.Rational(i, 8)).evalf()) for i in range(33)]
            assert all(found * (y - x) >= -1e-12 for x, y in itertools.pairwise(heights)), h
    assert claimed >= 40


def test_a_monotone_fact_replays_and_a_false_one_is_refuted():
    fact = Monotone(sympy.sqrt(k) / n, k, sympy.Integer(1), n, True)
    assert fact.replay().holds is True
    assert Monotone(k * (n - k), k, sympy.Integer(1), n, True).replay().holds is False
    bound = VariableDrift.apply(sympy.sqrt(k) / n, start=n)
    assert any(isinstance(check.fact, Monotone) for check in bound.derivation.premises())
    again = Derivation.from_json(bound.derivation.to_json())
    assert again == bound.derivation and again.replay().holds is True


def test_a_square_root_drift_is_summed_and_integrated():
    assert VariableDrift.apply(sympy.sqrt(k) / n, start=n).evaluate(n=10) == pytest.approx(
        10 * sum(j**-0.5 for j in range(1, 11)), rel=1e-14
    )
    assert VariableDrift.apply(sympy.sqrt(k) / n, start=n, form="integral").expr == 2 * n ** sympy.Rational(3, 2) - n


def test_an_integral_without_closed_form_is_enclosed_in_balls():
    bound = VariableDrift.apply(v / (1 + sympy.log(1 + v)), start=5, smallest=1, largest=5)
    value = 1 + mpmath.log(2) + mpmath.quad(lambda x: (1 + mpmath.log(1 + x)) / x, [1, 5])
    assert bound.expr.has(sympy.Integral) and bound.evaluate() == pytest.approx(float(value), rel=1e-13)
    ea = VariableDrift.apply(NO_LOSS, start=n, where=(c < n,), form="integral")
    q = mpmath.mpf(3) / 4
    value = 4 * q**-7 + mpmath.quad(lambda x: 1 / (x / 4 * q ** (8 - x)), [1, 4, 8])
    assert ea.evaluate(n=8, c=2) == pytest.approx(float(value), rel=1e-12)
    again = Derivation.from_json(ea.derivation.to_json())
    assert again == ea.derivation


def test_an_integral_that_diverges_or_has_no_balls_is_no_number():
    x = sympy.Symbol("x", positive=True)
    for expr in (sympy.Integral(1 / x, (x, 0, 1)), sympy.Integral(sympy.floor(x), (x, 0, 3)), sympy.Integral(1 / x, x)):
        with pytest.raises(ValueError):
            at(expr, {})


# ---- too little is known


def test_symbols_must_say_what_they_are():
    bare, signed = sympy.Symbol("d"), sympy.Symbol("d", real=True)
    for theorem in (AdditiveDriftUpper, MultiplicativeDrift, VariableDrift, FitnessLevels):
        with pytest.raises(InputError, match=r"nothing is assumed of the symbol d; write it as Symbol\('d', positive=True\)"):
            theorem.apply(bare * k, start=n)
    with pytest.raises(PreconditionError, match="'delta > 0' can't be decided; assume more of d"):
        AdditiveDriftUpper.apply(signed, start=n)
    assert AdditiveDriftUpper.apply(sympy.Symbol("d", positive=True), start=n).own_symbols
    assert AdditiveDriftUpper.apply(1 / sympy.Symbol("n"), start=n).expr == n**2  # the user's own n is n


def test_what_can_not_be_decided_asks_for_the_values_that_are_missing():
    claim = {"drift": k * P * (1 - P) ** (n - 1), "delta": P * sympy.exp(-c), "start": n, "where": (c < n, sympy.Le(c, 1))}
    with pytest.raises(PreconditionError, match=r"can't be decided; give values: c=..., n=..."):
        MultiplicativeDrift.apply(**claim)
    d = sympy.Symbol("d", positive=True)
    claim |= {"delta": P * sympy.exp(-c) * d, "where": (*claim["where"], sympy.Le(d, 1))}
    with pytest.raises(PreconditionError, match="give values: c=..., n=...; assume more of d"):
        MultiplicativeDrift.apply(**claim)


@pytest.mark.parametrize(
    "h, names",
    [
        (sympy.Abs(v - 2) + v, "no derivative everywhere"),
        (sympy.Piecewise((1, v < 2), (2, True)), "jumps"),
    ],
)
def test_a_drift_without_a_derivative_is_named(h, names):
    with pytest.raises(PreconditionError, match=names):
        VariableDrift.apply(h, start=5, smallest=1, largest=5)


def test_trigonometric_drifts_are_enclosed():
    bound = VariableDrift.apply(v * (2 + sympy.sin(v) / 9), start=8, smallest=1, largest=8)
    value = 1 / (2 + mpmath.sin(1) / 9) + mpmath.quad(lambda x: 1 / (x * (2 + mpmath.sin(x) / 9)), [1, 4, 8])
    assert bound.evaluate() == pytest.approx(float(value), rel=1e-12)
    with pytest.raises(PreconditionError, match=r"non-decreasing' fails at v = "):
        VariableDrift.apply(2 + sympy.cos(v), start=3, smallest=1, largest=3)
    with pytest.raises(PreconditionError, match=r"'h\(s\) > 0' (fails|can't be decided)"):
        VariableDrift.apply(sympy.tan(v), start=3, smallest=1, largest=3)


def test_a_rate_without_a_limit_gives_bounds_for_each_n_and_an_unknown_one_is_refused():
    process = OnePlusOneEA((2 + sympy.sin(n)) / n).on(OneMax())
    truth = exact.expected_runtime(process, n=9, start="zeros")
    upper = [b for b in process.bounds() if b.direction == "upper" and b.quantity == "E[T]" and b.start == "any"]
    assert upper and all(b.evaluate(n=9) >= truth for b in upper if b.holds_for(n=9))
    with pytest.raises(InputError, match=r"rate: nothing is known of the function f\(n\)"):
        OnePlusOneEA(sympy.Function("f")(n) / n)


def test_a_drift_that_is_no_formula_is_named():
    with pytest.raises(InputError, match=r"nothing is known of the function f\(v\)"):
        VariableDrift.apply(sympy.Function("f")(v), start=5, smallest=1)
    for wrong in (sympy.oo, sympy.nan, sympy.I * k):
        with pytest.raises(InputError, match="not a finite real expression"):
            AdditiveDriftUpper.apply(wrong, start=n)


def test_an_envelope_is_taken_of_tables_only():
    with pytest.raises(InputError, match="^envelope: "):
        VariableDrift.apply(1 / k, start=n, envelope=True)


def test_show_monotone_names_the_witness():
    with pytest.raises(PreconditionError, match=r"'h\(s\) is non-decreasing' fails at k = "):
        show_monotone("t", k * (n - k), Region(k, sympy.Integer(1), n, True))
