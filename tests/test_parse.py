"""User text becomes an expression or a one-line error, and nothing in it is ever run."""

from __future__ import annotations

import pytest
import sympy

from theory import InputError, OnePlusOneEA, c, k, n, t
from theory.parse import expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c/n", c / n),
        ("Min(1/2, log(t)/t)", sympy.Min(sympy.Rational(1, 2), sympy.log(t) / t)),
        ("1/(k+1)", 1 / (k + 1)),
        ("0.1", sympy.Rational(1, 10)),
        (1.5 / n, sympy.Rational(3, 2) / n),
        ("1e-3", sympy.Rational(1, 1000)),
        ("n^2", n**2),
        ("c/n^2", c / n**2),
        ("2*n^-2", 2 / n**2),
        ("-n^2/n^3", -1 / n),
        ("-(-1)/n", 1 / n),
        ("Piecewise((1/n, k < 3), (2/n, True))", sympy.Piecewise((1 / n, k < 3), (2 / n, True))),
    ],
)
def test_text_and_decimals_are_read_as_the_mathematics_they_show(text, expected):
    assert expression(text, "rate") == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "(1).__class__",
        "[c for c in (1,)]",
        "lambda: 1",
        "c if n else 1",
        "open('x')",
        "'c'/n",
        "c/n; 1",
        "c//n",
        "",
        "(" * 500 + "c" + ")" * 500,
        "c/" + "n" * 3000,
        "log(c, base=2)",
        "c < n",
        "1j*c",
    ],
)
def test_what_is_not_a_formula_is_refused_in_one_line(text):
    with pytest.raises(InputError) as error:
        expression(text, "rate")
    assert str(error.value).startswith("rate: ")
    assert "\n" not in str(error.value)


def test_a_power_that_would_never_end_is_refused():
    with pytest.raises(InputError, match="too large"):
        expression("9**9**9**9", "rate")


def test_an_unknown_symbol_is_named_with_the_known_ones():
    with pytest.raises(InputError, match="unknown symbol 'q'.*known are"):
        OnePlusOneEA("q/n")
    with pytest.raises(InputError, match="unknown symbol 'lam'"):
        OnePlusOneEA(sympy.Symbol("lam") / n)


def test_a_users_own_symbol_of_the_same_name_is_taken_as_ours():
    assert OnePlusOneEA(sympy.Symbol("c") / sympy.Symbol("n")).rate == c / n


@pytest.mark.parametrize(
    "rate", [None, [1], {"c": 1}, object(), lambda n: 1, True, float("nan"), float("inf"), sympy.oo, 1j, sympy.I]
)
def test_a_rate_that_is_no_expression_is_refused(rate):
    with pytest.raises(InputError, match="^rate: "):
        OnePlusOneEA(rate)
