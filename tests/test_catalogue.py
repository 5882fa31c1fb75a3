"""The catalogue: known values, what is hidden, what follows as n grows, and what it has for each pair."""

from __future__ import annotations

import math
from fractions import Fraction

import numba
import numpy as np
import oracle
import pytest
import sympy

from theory import RLS, BinVal, Chain, Custom, InputError, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA, Trap, c, k, n
from theory.bounds.onemax_easiest import E_OneMax
from theory.catalogue import coverage
from theory.drift.linear_functions import _b, alpha

EA = OnePlusOneEA(c / n)


def value(process, direction, start, **values):
    found = [b for b in process.bounds() if (b.direction, b.start, b.quantity) == (direction, start, "E[T]")]
    assert len(found) == 1
    return found[0].evaluate(**values)


@pytest.mark.parametrize(
    "size, values",
    [
        (10, (127.3346883, 84.05873959, 83.13225746)),
        (100, (12950.72826, 8573.395181, 8011.94844)),
        (1000, (1297205.957, 858961.2871, 798882.6294)),
    ],
)
def test_leadingones_has_its_known_expected_runtimes(size, values):
    for constant, expected in zip((0.5, 1, 2), values):
        assert value(EA.on(LeadingOnes()), "exact", "uniform", n=size, c=constant) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("size, expected", [(10, 67.64781173), (100, 6795.264948), (1000, 679569.8871)])
def test_leadingones_with_the_optimal_fitness_dependent_rate(size, expected):
    process = OnePlusOneEA("1/(v+1)").on(LeadingOnes())
    assert value(process, "exact", "uniform", n=size) == pytest.approx(expected, rel=1e-9)
    bound = process.bounds()[0]
    assert bound.conditions_text == "0 < p < 1 at every v (or 1 where that surely improves)" and bound.holds_for(n=10**5)
    assert not OnePlusOneEA("1/v").on(LeadingOnes()).bounds()[0].holds_for(n=3)  # no value at v = 0
    assert not OnePlusOneEA("3/(v+2)").on(LeadingOnes()).bounds()[0].holds_for(n=3)  # 3/2 at v = 0


def test_needle_has_its_known_expected_runtimes():
    process = OnePlusOneEA("1/n").on(Needle())
    assert value(process, "exact", "uniform", n=5) == pytest.approx(47.7089037818)
    assert value(process, "exact", "uniform", n=10) == pytest.approx(1654.60885157)
    assert value(process, "exact", "uniform", n=5000) == math.inf
    for bound in process.bounds():  # the fast sum and the printed formula are the same number
        if bound.direction == "exact":
            assert bound.evaluate(n=9, k=4) == pytest.approx(bound.with_(exact_function=None).evaluate(n=9, k=4), rel=1e-12)


@pytest.mark.parametrize("size, expected", [(10, 22.359033978174605), (100, 449.4230337079673), (1000, 6792.323679990396)])
@pytest.mark.parametrize("problem", [OneMax(), BinVal(), Linear([1.5] * 1000)])
def test_rls_collects_coupons_on_every_linear_function(problem, size, expected):
    assert value(RLS().on(problem), "exact", "uniform", n=size) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("size, expected", [(10, 75.60179), (100, 1403.01912), (1000, 20337.44476)])
def test_fitness_levels_on_onemax_have_their_known_values(size, expected):
    bound = next(b for b in EA.on(OneMax()).bounds() if b.source.text.startswith("fitness levels"))
    assert bound.evaluate(n=size, c=1) == pytest.approx(expected, abs=1e-5)


def test_variable_drift_improves_on_fitness_levels_and_fast_sums_are_the_printed_ones():
    for process in (EA.on(OneMax()), EA.on(BinVal()), OnePlusOneEA("1/(k+1)").on(OneMax())):
        for bound in process.bounds():
            if bound.exact_function is not None and not bound.expr.has(sympy.core.function.AppliedUndef, E_OneMax):
                put = {"n": 30, "c": 0.75, "k": 7}
                assert bound.evaluate(**put) == pytest.approx(bound.with_(exact_function=None).evaluate(**put), rel=1e-11)
    bounds = [b for b in EA.on(OneMax()).bounds() if b.start == "any" and b.quantity == "E[T]"]
    by_name = {
        b.source.text.split(" (")[0]: b.evaluate(n=1000, c=1) for b in bounds if b.direction == "upper" and not b.minimise_over
    }
    assert by_name["variable drift"] < by_name["fitness levels"]


@pytest.mark.parametrize("rate", ["1/(k+1)", "1/k", "k/(2*n)", "1/(n-v)", "(k+n)/(3*n)"])
def test_onemax_with_a_rate_in_the_fitness_is_bounded_from_every_start(rate):
    process = OnePlusOneEA(rate).on(OneMax())
    (bound,) = process.bounds()
    made = 0
    for size in range(1, 6):

        def laws(x, size=size):
            p = process.rate.subs({n: size, k: size - sum(x), sympy.Symbol("v", real=True): sum(x)})
            return oracle.mutation(size, Fraction(str(p)))

        if bound.holds_for(n=size):
            worst = max(oracle.rational_times(size, oracle.onemax, lambda x: laws(x) if sum(x) < len(x) else [0] * (len(x) + 1)))
            assert bound.evaluate(n=size) >= float(worst) * (1 - 1e-12)
            made += 1
    assert made >= (4 if rate not in ("1/k", "1/(n-v)") else 1)


# ---- strictly monotone functions of the user


@numba.njit
def rugged(x):
    """Strictly monotone and far from linear: the first bits decide which of the others weigh more."""
    total = 0.0
    for i in range(x.size):
        total += x[i] * (1.0 + (i % 3)) + 20.0 * x[0] * x[i] * (i > 0)
    return total + 3.0 * x[x.size - 1] * (x[0] + 1)


@pytest.mark.parametrize("strict", [False, True])
def test_bounds_on_strictly_monotone_functions_hold_on_one_that_is_not_linear(strict):
    problem = Custom(rugged, strictly_monotone=True)
    f = lambda x: rugged.py_func(np.array(x))  # noqa: E731
    made = 0
    for size in range(1, 7):
        for constant in (Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(6, 5)):
            if constant >= size:
                continue
            law = oracle.mutation(size, constant / size)
            worst = float(max(oracle.rational_times(size, f, lambda x: law, strict)))
            for bound in OnePlusOneEA(c / n, strict).on(problem).bounds():
                if bound.status == "derived" and bound.quantity == "E[T]" and bound.holds_for(n=size, c=constant):
                    assert bound.direction == "upper" and bound.evaluate(n=size, c=constant) >= worst
                    made += 1
        truth = oracle.rational_times(size, f, lambda x: oracle.mutation(size, flips=1), strict)
        assert value(RLS(strict=strict).on(problem), "exact", "uniform", n=size) == pytest.approx(float(sum(truth)) / 2**size)
    assert made > 20
    assert Custom(rugged).is_strictly_monotone is False and OnePlusOneEA(c / n).on(Custom(rugged)).bounds() == []


def test_a_target_below_the_maximum_turns_exact_values_into_upper_bounds():
    process = RLS().on(Custom(rugged, strictly_monotone=True, target=5))
    assert process.bounds() and {b.direction for b in process.bounds()} == {"upper"}


# ---- as n grows


def test_witts_bound_with_alpha_ln_ln_n_is_asymptotically_the_leading_term():
    """Each factor of b(1) / (e^c/c n ln n), with L = ln n and alpha = ln L, tends to 1 or 0 (symbolic limits, c = 1/2, 1, 3)."""
    x, logarithm = sympy.Symbol("x", positive=True), sympy.Symbol("L", positive=True)
    a = sympy.log(logarithm)
    assert sympy.limit(a / (a - 1), logarithm, sympy.oo) == 1
    assert sympy.limit(a / logarithm, logarithm, sympy.oo) == 0
    for constant in (sympy.Rational(1, 2), sympy.Integer(1), sympy.Integer(3)):
        power = (1 - constant / x) ** (1 - x)
        assert sympy.limit(power, x, sympy.oo) == sympy.exp(constant)
        assert sympy.limit((x - 1) * sympy.log(1 - constant / x), x, sympy.oo) == -constant
        # b(1) is put together from exactly these parts
        p, q = constant / n, (1 - constant / n) ** (1 - n)
        parts = q * alpha / (alpha - 1) / p * (n * alpha * p * q + sympy.log(1 / p) + (n - 1) * sympy.log(1 - p) + 1)
        put = {n: 1000, alpha: 2}
        assert float(_b(p).subs(put).evalf(20)) == pytest.approx(float(parts.subs(put).evalf(20)), rel=1e-15)


def test_asymptotic_statements_say_which_side_is_derived():
    for problem in (OneMax(), BinVal(), Linear([1, 2, 3])):
        derived = [b for b in EA.on(problem).bounds() if b.direction == "asymptotic"]
        leading = [b for b in derived if b.expr == sympy.exp(c) * n * sympy.log(n) / c]
        assert [(b.side, b.start) for b in leading] == [("both", "uniform"), ("upper", "any")]
        assert str(leading[0]).startswith("E[T] = (1 + o(1)) * n*exp(c)*log(n)/c   asymptotic")
        assert str(leading[1]).startswith("E[T] <= (1 + o(1)) * n*exp(c)*log(n)/c   asymptotic")
        assert "Lower side" in str(leading[0].derivation) and "Lower side" not in str(leading[1].derivation)
    (leading,) = (b for b in EA.on(LeadingOnes()).bounds() if b.direction == "asymptotic")
    assert leading.side == "both" and leading.evaluate(n=1, c="1/2") == pytest.approx(2 * (math.sqrt(math.e) - 1))
    assert not [b for b in OnePlusOneEA("1/2").on(OneMax()).bounds() if b.direction == "asymptotic"]


# ---- what is hidden, what is there


def test_recalled_bounds_are_hidden_unless_asked_for(monkeypatch):
    from theory import catalogue

    process = OnePlusOneEA("(c+1)/n").on(BinVal())
    assert all(b.status == "derived" and b.derivation is not None for b in process.bounds())
    assert process.bounds("cited") == process.bounds("recalled") == []
    known = catalogue.ENTRIES[1]
    planted = lambda process: [b.with_(status="recalled", derivation=None) for b in known(process)]  # noqa: E731
    monkeypatch.setattr(catalogue, "ENTRIES", (planted,))
    catalogue._all.cache_clear()
    recalled = process.bounds("recalled")
    assert recalled and all(b.status == "recalled" and "recalled" in str(b) for b in recalled)
    assert process.bounds() == []
    catalogue._all.cache_clear()
    with pytest.raises(InputError, match="status: 'derivd' is not known; did you mean derived"):
        process.bounds("derivd")


def test_onemax_is_the_easiest_function_for_rates_up_to_one_half():
    (bound,) = (b for b in EA.on(BinVal()).bounds("derived") if b.expr.has(E_OneMax))
    law = oracle.mutation(8, Fraction(1, 8))
    truth = oracle.float_times(8, oracle.binval, law).mean()
    assert 0.9 * truth < bound.evaluate(n=8, c=1) <= truth and bound.covers("uniform", 8)
    assert bound.holds_for(n=8, c=4) and not bound.holds_for(n=8, c=4.01)


@pytest.mark.parametrize(
    "process",
    [
        OnePlusOneEA(1).on(OneMax()), OnePlusOneEA(0).on(BinVal()), OnePlusOneEA("1/t").on(OneMax()),
        RLS(2).on(OneMax()), RLS(strict=True).on(Needle()), RLS().on(Jump(2)),
    ],
    ids=str,
)  # fmt: skip
def test_where_nothing_is_known_or_true_nothing_is_said(process):
    assert process.bounds() == []


def test_rates_of_every_form_get_the_conditions_that_make_them_probabilities():
    text = lambda rate, problem=None: OnePlusOneEA(rate).on(problem or OneMax()).bounds()[0].conditions_text  # noqa: E731
    assert text("c/n") == "0 < c < n"
    assert text("1/n") == "n >= 2"
    assert text("3/(2*n)") == "n >= 2"
    assert text("1/3") == ""
    assert text("c/n", Linear([1, 2, 3])) == "0 < c < n, n <= 3, every alpha > 1"
    assert text("c/n", Jump(4)) == "0 < c < n, n >= 4"
    process = OnePlusOneEA("Min(1/2, log(n)/n)").on(OneMax())
    assert not process.bounds()[0].holds_for(n=1) and process.bounds()[0].holds_for(n=2)
    truth = oracle.symmetric_times(8, oracle.onemax, oracle.mutation(8, Fraction(math.log(8) / 8)))
    assert process.bounds()[0].evaluate(n=8) >= float(truth[8])


def test_the_coverage_table_lists_every_pair_with_text_in_every_column():
    rows = coverage()
    assert all(
        set(row) == {"algorithm", "problem", "quantity", "direction", "expr", "conditions", "start", "status", "source", "unit"}
        for row in rows
    )
    assert all(isinstance(cell, str) for row in rows for cell in row.values())
    pairs = {(row["algorithm"].split("(")[0], row["problem"].split("(")[0]) for row in rows}
    assert {("OnePlusOneEA", x) for x in ("OneMax", "LeadingOnes", "BinVal", "Linear", "Needle", "Jump")} <= pairs
    assert {("RLS", x) for x in ("OneMax", "LeadingOnes", "BinVal", "Linear", "Needle")} <= pairs
    assert {"derived", "cited", "recalled"} <= {row["status"] for row in rows}


@pytest.mark.parametrize("problem", [OneMax(), LeadingOnes(), BinVal(), Linear([1, 2, 3]), Needle(), Jump(2)], ids=str)
def test_every_derivation_names_its_theorem_and_gives_reasons(problem):
    for algorithm in (EA, RLS()):
        for bound in algorithm.on(problem).bounds():
            text = str(bound.derivation)
            assert text.startswith("By ") and ("  - " in text)


def test_needle_stays_a_number_at_extreme_rates():
    bounds = [b for b in OnePlusOneEA(c / n).on(Needle()).bounds() if b.direction == "exact" and b.start == "uniform"]
    for constant, power in (("1e-40", 40), ("1e-100", 100)):
        # p -> 0: the sum of C(n, j)/(2 j p), n = 3: (3/1 + 3/2 + 1/3)/(2p) with p = c/3
        assert bounds[0].evaluate(n=3, c=constant) == pytest.approx((3 + 1.5 + 1 / 3) * 1.5 * 10.0**power, rel=1e-12)


def test_a_random_start_of_a_chain_gives_no_bound():
    rng = np.random.default_rng(1)
    step = numba.njit(lambda state, rng: state - 1)
    assert Chain(lambda: int(rng.integers(1, 100)), step, drift=1).bounds() == []
    assert Chain(lambda: 5, step, drift=1).bounds() != []


def test_a_bound_at_the_prompt_is_one_line():
    text = repr(OnePlusOneEA(c / n).on(OneMax()).bounds()[0])
    assert text.startswith("Bound(E[T] <= ") and len(text) < 300


# ---- the tightest


@pytest.mark.parametrize("problem", [OneMax(), LeadingOnes(), BinVal(), Needle(), Jump(2)], ids=str)
@pytest.mark.parametrize("start", ["uniform", "zeros", "worst", 2])
def test_the_tightest_bounds_enclose_the_truth_and_no_other_bound_lies_between(problem, start):
    from theory.exact import expected_runtime

    process, at = EA.on(problem), {"n": 6, "c": Fraction(1)}
    truth = expected_runtime(process, start=start, **at)
    lower, upper = process.best_bounds(start, **at)

    def value(bound):
        return bound.evaluate(**at, **({} if bound.start in ("any", "uniform", "zeros") else bound.start_values(start, 6)))

    assert (upper is None and (start, str(problem)) == ("worst", "Needle()")) or truth <= value(upper) * (1 + 1e-12)
    assert lower is None or value(lower) * (1 - 1e-12) <= truth
    for bound in process.bounds("derived"):
        if upper and bound.quantity == "E[T]" and bound.direction == "upper" and bound.start == "any" and bound.holds_for(**at):
            assert value(upper) <= value(bound)
        if (
            bound.quantity == "E[T]"
            and bound.direction == "lower"
            and bound.start == start == "uniform"
            and bound.holds_for(**at)
        ):
            assert value(lower) >= value(bound)


def test_the_tightest_bounds_are_those_of_the_start_that_was_asked_for():
    from_k = EA.on(OneMax()).best_bounds(3, n=50, c=1)[1]
    assert from_k.evaluate(n=50, c=1, k=3) < EA.on(OneMax()).best_bounds("uniform", n=50, c=1)[0].evaluate(n=50, c=1)
    assert EA.on(LeadingOnes()).best_bounds(n=50, c=1)[0].direction == "exact"
    assert RLS().on(Trap()).best_bounds(n=5)[1] is None
    with pytest.raises(InputError, match="c"):
        EA.on(OneMax()).best_bounds(n=50)
    with pytest.raises(InputError, match="start: unknown start 'unifrm'; did you mean uniform?"):
        EA.on(OneMax()).best_bounds("unifrm", n=50, c=1)
