"""Values and rates are checked at the border: what can be proved wrong is refused there, by name."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from theory import RLS, InputError, Jump, LeadingOnes, OneMax, OnePlusOneEA, c, n
from theory.parse import expression
from theory.rates import check_rate

PROCESS = OnePlusOneEA(c / n).on(OneMax())


def test_numbers_are_read_exactly():
    assert PROCESS.values(n="1e3", c="1/3") == {"n": 1000, "c": Fraction(1, 3)}
    assert PROCESS.values(n=np.int32(10), c=np.float64(0.5))["c"] == 0.5
    assert PROCESS.rational_rate(PROCESS.values(n=10, c=0.1)) == Fraction(1, 100)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"c": 1}, "n: no value given"),
        ({"n": 10}, "c: no value given"),
        ({"n": 0, "c": 1}, "n: 0 must be a positive integer"),
        ({"n": -3, "c": 1}, "n: -3"),
        ({"n": 2.5, "c": 1}, "n: 2.5 must be a positive integer"),
        ({"n": True, "c": 1}, "n: True is not a number"),
        ({"n": "ten", "c": 1}, "n: 'ten' is not a number"),
        ({"n": float("nan"), "c": 1}, "n: nan must be finite"),
        ({"n": 10, "c": float("inf")}, "c: inf must be finite"),
        ({"n": 10, "c": 0}, "c: 0 must be positive"),
        ({"n": 10**30, "c": 1}, "n: .* is too large"),
        ({"n": 10, "c": 1, "m": 2}, "m: unknown value"),
        ({"n": 10, "c": 11}, "rate: c/n is 1.1 at n = 10, c = 11; a mutation rate must lie in"),
    ],
)
def test_bad_values_are_refused_by_name(values, says):
    with pytest.raises(InputError, match=f"^{says}"):
        PROCESS.values(**values)


def test_parameters_larger_than_n_are_refused():
    with pytest.raises(InputError, match="^flips: 4 must be at most n = 3"):
        RLS(4).on(OneMax()).values(n=3)
    with pytest.raises(InputError, match="^gap: 4"):
        RLS(1).on(Jump(4)).values(n=3)


def test_a_value_that_is_not_needed_is_dropped():
    assert RLS().on(OneMax()).values(n=5, c=1) == {"n": 5}


def test_rates_in_t_k_v_are_proved_left_to_the_kernel_or_refused():
    at = {"n": 10, "c": 1}
    assert check_rate(expression("1/(2*v+3)", "rate"), at, 10, (0.0, 10.0)) is True
    assert check_rate(expression("Min(1/2, log(t)/t)", "rate"), at, 10, (0.0, 10.0)) in (True, False)
    assert check_rate(expression("1/v", "rate"), at, 10, (0.0, 10.0)) is False
    with pytest.raises(InputError, match="lies outside"):
        check_rate(expression("k+2", "rate"), at, 10, (0.0, 10.0))
    with pytest.raises(InputError, match="lies outside"):
        check_rate(expression("-1/(t+1)", "rate"), at, 10, (0.0, 10.0))


def test_a_rate_that_is_wrong_only_where_a_run_may_never_come_is_left_to_the_kernel():
    at = {"n": 10, "c": 1}
    for text in ("1 - t/10**12", "1 - k/8", "k*(k-1)/90 - (k-1)*(k-2)/50"):
        assert check_rate(expression(text, "rate"), at, 10, (0.0, 10.0)) is False


def test_a_proved_rate_is_a_probability_on_a_dense_sample_of_its_box():
    for text in ("1/(2*v+3)", "Min(1/2, 1/(t+1))", "k/(2*n)", "exp(-t/n)/2", "sqrt(k)/(n+1)"):
        expr = expression(text, "rate")
        if check_rate(expr, {"n": 10, "c": 1}, 10, (0.0, 10.0)):
            for k in range(1, 11):
                for t in (1, 2, 10, 10**6, 2**62):
                    p = float(
                        expr.subs({"n": 10}).subs({s: {"k": k, "t": t, "v": 10 - k, "n": 10}[str(s)] for s in expr.free_symbols})
                    )
                    assert 0 <= p <= 1


def test_a_class_in_place_of_a_problem_is_refused_with_the_right_spelling():
    with pytest.raises(InputError, match=r"write LeadingOnes\(...\)"):
        OnePlusOneEA(c / n).on(LeadingOnes)
    with pytest.raises(InputError, match="is not a problem"):
        OnePlusOneEA(c / n).on("onemax")
