"""Variable drift from below: tight on local search, below exact chains, each condition with a counter-example."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import sympy
from test_negative_drift import expected

from theory import RLS, InputError, LeadingOnes, Metropolis, OneMax, OnePlusOneEA, PreconditionError, c, exact, k, n, v
from theory.derivation import Derivation
from theory.drift import MultiplicativeDriftLower, VariableDrift, VariableDriftLower

EA = OnePlusOneEA(c / n)
HALF = sympy.Rational(1, 2)


def test_both_variable_drift_theorems_meet_on_local_search():
    lower, upper = VariableDriftLower.apply(k / n, start=n, xi=k - 1), VariableDrift.apply(k / n, start=n)
    assert lower.expr == upper.expr == n * sympy.harmonic(n)
    for size in (1, 5, 20):
        assert VariableDriftLower.apply(RLS().on(OneMax()), n=size).expr == exact.expected_runtime(
            RLS().on(OneMax()), n=size, start="zeros", rational=True
        )


@pytest.mark.parametrize("size", [3, 10, 40])
@pytest.mark.parametrize("constant", ["1/2", 1, 3])
def test_it_is_below_the_exact_chain_of_the_ea(size, constant):
    if Fraction(constant) >= size:
        return
    at = {"n": size, "c": constant}
    bound = VariableDriftLower.apply(EA.on(OneMax()), **at)
    value = exact.expected_runtime(EA.on(OneMax()), start="zeros", **at)
    assert 1 < bound.evaluate(**at) <= value
    for start, aim in ((size, 1), (size - 1, 0)):
        part = VariableDriftLower.apply(EA.on(OneMax()), start, aim=aim, **at).evaluate(**at)
        assert part <= exact.expected_runtime(EA.on(OneMax()), start=start, **at)


def test_it_comes_nearer_than_multiplicative_drift_and_nearer_as_n_grows():
    ratios = []
    for size in (10, 30, 60):
        at = {"n": size, "c": 1}
        value = exact.expected_runtime(EA.on(OneMax()), start="zeros", **at)
        bound = VariableDriftLower.apply(EA.on(OneMax()), **at).evaluate(**at)
        assert bound > MultiplicativeDriftLower.apply(EA.on(OneMax()), **at).evaluate(**at)
        ratios.append(bound / value)
    assert ratios[-1] > 0.5


@pytest.mark.parametrize("failure", [0, "1/100", "1/10", "1/8"])
def test_every_allowed_probability_of_failure_gives_a_true_bound(failure):
    rows = [{0: 1}, {0: "2/5", 1: "3/5"}, {0: "1/50", 1: "2/5", 2: "29/50"}, {0: "1/50", 2: "2/5", 3: "29/50"}]
    rows += [{s - 1: "3/10", s // 2: "1/10", 0: "1/50", s: "29/50"} for s in range(4, 30)]
    bound = VariableDriftLower.apply(rows, failure=failure)
    assert 0 < bound.evaluate() <= expected(rows, {0}, len(rows) - 1)
    assert failure != 0 or bound.evaluate() <= VariableDriftLower.apply(rows).evaluate()


def test_a_random_start_is_averaged_over():
    """On local search G is E[T] itself, so the average is exact; on the EA it stays below."""
    symbolic, read = (
        VariableDriftLower.apply(k / n, "uniform", xi=k - 1),
        VariableDriftLower.apply(RLS().on(OneMax()), "uniform", n=8),
    )
    truth = exact.expected_runtime(RLS().on(OneMax()), n=8, rational=True)
    assert read.expr == truth and symbolic.evaluate(n=8) == pytest.approx(float(truth), rel=1e-12)
    assert symbolic.start == read.start == "uniform"
    ea = VariableDriftLower.apply(EA.on(OneMax()), "uniform", n=12, c=1)
    assert 1 < ea.evaluate(n=12, c=1) <= exact.expected_runtime(EA.on(OneMax()), n=12, c=1)
    two = VariableDriftLower.apply(k / n, {0: HALF, 3: HALF}, xi=k - 1)
    assert two.expr == n * sympy.Rational(11, 12)
    rows = [{0: 1}, {0: "1/2", 1: "1/2"}, {1: 1}]
    assert VariableDriftLower.apply(rows, {1: "1/2", 2: "1/2"}).expr <= (expected(rows, {0}, 1) + expected(rows, {0}, 2)) / 2
    for wrong in ({0: 1}, {1: "1/2"}, {9: 1}, {}):
        with pytest.raises(InputError, match="^start: "):
            VariableDriftLower.apply(rows, wrong)
    with pytest.raises(InputError, match="^aim: must be 0"):
        VariableDriftLower.apply(k / n, "uniform", xi=k - 1, aim=1)


def test_a_real_potential_and_an_aim():
    bound = VariableDriftLower.apply(v / 4, start=8, xi=v / 2, h=v / 2, aim=1)
    assert bound.expr == sympy.log(8) * 2 and bound.start == "X_0 = 8"
    hard = VariableDriftLower.apply(v / 4, start=8, xi=v / 2, h=v / 2 + sympy.log(1 + v) / 10, aim=1)
    value = mpmath.quad(lambda x: 1 / (x / 2 + mpmath.log(1 + x) / 10), [1, 8])
    assert hard.evaluate() == pytest.approx(float(value), rel=1e-12) and hard.evaluate() < bound.evaluate()


def test_halving_with_probability_one_half_is_above_the_real_bound():
    """X = 8 to X/2 with probability 1/2: drift X/4, the aim 1 is reached after 3 halvings, E[T] = 6 >= 2 ln 8 = 4.2."""
    rows = [{0: 1}, {1: 1}, {1: "1/2", 2: "1/2"}, {3: 1}, {2: "1/2", 4: "1/2"}, {5: 1}, {6: 1}, {7: 1}, {4: "1/2", 8: "1/2"}]
    truth = expected(rows, {0, 1, 3, 5, 6, 7}, 8)
    assert truth == pytest.approx(6)
    assert VariableDriftLower.apply(v / 4, start=8, xi=v / 2, h=v / 2, aim=1).evaluate() <= truth
    assert VariableDriftLower.apply(rows, aim=1).evaluate() <= truth


# ---- each necessary condition is needed


def test_a_chain_that_rises_breaks_it():
    """From 1 to 0 or 9, drift 0; from 9 back to 1, drift 8 <= h(1). If h(0) = 1/100 the sum from 1 is 100; E[T] = 2.125."""
    rows = [{0: 1}, {0: "1/2", 1: "7/16", 9: "1/16"}, *({s: 1} for s in range(2, 9)), {1: 1}]
    with pytest.raises(PreconditionError, match="X_t = 1 may rise to 9"):
        VariableDriftLower.apply(rows)
    h = {0: Fraction(1, 100), 1: Fraction(8)}  # non-decreasing, at the values of xi(1) = 0 and xi(9) = 1
    drifts = {s: sum(Fraction(p) * (s - to) for to, p in rows[s].items()) for s in (1, 9)}
    assert drifts[1] <= h[0] and drifts[9] <= h[1]
    assert expected(rows, set(range(2, 9)) | {0}, 1) == pytest.approx(2.125) and 1 / h[0] == 100


def test_steps_below_xi_break_it():
    """X to 0 with probability 1/10: drift s/10 = h(s) with xi(s) = s, as if X fell slowly. E[T] = 10, the sum is over 20."""
    rows = [{0: 1}, *({0: "1/10", s: "9/10"} for s in range(1, 40))]
    claimed = sum(Fraction(10, s) for s in range(1, 39))
    assert expected(rows, {0}, 39) == pytest.approx(10) and claimed > 20
    assert VariableDriftLower.apply(rows).evaluate() <= 10  # read exactly, the failures are paid for
    with pytest.raises(PreconditionError, match="h > 0' fails at no step that is allowed"):
        VariableDriftLower.apply(rows, failure="1/10")


def test_too_much_drift_breaks_it():
    with pytest.raises(PreconditionError, match=r"'drift <= h\(xi\(s\)\)' fails at k = "):
        VariableDriftLower.apply(k, start=n, xi=sympy.Max(k - n, 0), h=(k + 1) / n)
    rows = [{0: 1}, *({0: 1} for _ in range(9))]  # one step: E[T] = 1
    assert VariableDriftLower.apply(rows).evaluate() <= 1 < sum(Fraction(10, s) for s in range(1, 10))


def test_a_drift_that_decreases_breaks_it():
    """One step to 0: drift s <= h(0) = 9, xi = 0, h(s) = 1/100 for s > 0: the sum is over 800, E[T] = 1."""
    h = sympy.Piecewise((9, k < 1), (sympy.Rational(1, 100), True))
    with pytest.raises(PreconditionError, match=r"'h\(s\) is non-decreasing' fails at k = 0"):
        VariableDriftLower.apply(k, start=9, xi=sympy.Max(k - 9, 0), h=h)
    assert expected([{0: 1}, *({0: 1} for _ in range(9))], {0}, 9) == 1 < sum(100 for _ in range(1, 9))


def test_technical_conditions_are_refused():
    with pytest.raises(PreconditionError, match="h > 0"):
        VariableDriftLower.apply(k - 1, start=n, xi=k - 1)
    with pytest.raises(PreconditionError, match=r"xi\(s\) >= 0"):
        VariableDriftLower.apply(k / n, start=n, xi=k - 2)
    with pytest.raises(PreconditionError, match="h > 0"):
        VariableDriftLower.apply([{0: 1}, {1: 1}])


def test_xi_need_not_be_monotone():
    """Nothing superfluous: xi falls at 3, and the bound stands."""
    rows = [{0: 1}, {0: "1/2", 1: "1/2"}, {1: "1/2", 2: "1/2"}, {0: "1/4", 3: "3/4"}]
    assert 0 < VariableDriftLower.apply(rows, failure=0).evaluate() <= expected(rows, {0}, 3)


def test_derivations_replay_and_survive_json():
    for bound in (VariableDriftLower.apply(EA.on(OneMax()), n=9, c=1), VariableDriftLower.apply([{0: 1}, {0: 1}, {1: 1}])):
        again = Derivation.from_json(bound.derivation.to_json())
        assert again == bound.derivation and again.replay().holds is True
    declared = VariableDriftLower.apply(k / n, start=n, xi=k - 1).derivation.replay()
    assert declared.holds is None and all(outcome.holds is not False for _, outcome in declared.outcomes)


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: VariableDriftLower.apply(k / n, start=n), "xi="),
        (lambda: VariableDriftLower.apply(k / n, start=n, xi=k / 2), "^h: "),
        (lambda: VariableDriftLower.apply(k / n, start=HALF, xi=k - 1), "integers"),
        (lambda: VariableDriftLower.apply(k / n, start=n, xi=k - 1, aim=-1), "aim"),
        (lambda: VariableDriftLower.apply(k / n, start=n, xi=k - 1, failure=0), "failure"),
        (lambda: VariableDriftLower.apply(EA.on(OneMax()), xi=k - 1, n=4, c=1), "xi"),
        (lambda: VariableDriftLower.apply(EA.on(OneMax()), 9, n=4, c=1), "start"),
        (lambda: VariableDriftLower.apply(EA.on(OneMax()), aim=4, n=4, c=1), "aim"),
        (lambda: VariableDriftLower.apply(EA.on(OneMax()), failure=2, n=4, c=1), "failure"),
        (lambda: VariableDriftLower.apply(EA.on(LeadingOnes()), n=4, c=1), "not the number of zero-bits"),
        (lambda: VariableDriftLower.apply(Metropolis(2).on(OneMax()), n=4), "may rise"),
    ],
)
def test_wrong_input_is_one_line(call, names):
    with pytest.raises((InputError, PreconditionError), match=names) as error:
        call()
    assert "\n" not in str(error.value)
