"""Constants solve their equations, to as many digits as asked for."""

from __future__ import annotations

import mpmath
import pytest

from theory import InputError, constants


def close(value, digits: int, text: str) -> bool:
    with mpmath.workdps(digits + 5):
        return abs(value - mpmath.mpf(text)) < mpmath.mpf(10) ** (1 - digits) * abs(mpmath.mpf(text))


def test_the_best_rate_of_leadingones_is_where_the_derivative_vanishes():
    with mpmath.workdps(60):
        c = constants.leadingones_optimal_rate(50)
        assert abs(mpmath.diff(lambda x: mpmath.expm1(x) / (2 * x**2), c)) < mpmath.mpf(10) ** -45
        assert abs(c / -mpmath.expm1(-c) - 2) < mpmath.mpf(10) ** -48
        assert abs(constants.leadingones_optimal_cost(50) - mpmath.expm1(c) / (2 * c**2)) < mpmath.mpf(10) ** -48
    assert close(constants.leadingones_optimal_rate(30), 30, "1.59362426004004009232304187588")


def test_the_hottopic_threshold_is_a_double_zero_and_phi_is_positive_at_the_published_pair():
    from theory.constants.hottopic import is_hard, phi

    assert close(constants.hottopic_threshold(30), 30, "2.13692884344059837908651709518")
    assert close(constants.hottopic_hot_fraction(30), 30, "0.237134594312075975087063546079")
    with mpmath.workdps(40):
        c, a = constants.hottopic_threshold(35), constants.hottopic_hot_fraction(35)
        assert abs(phi(c, a)) < mpmath.mpf(10) ** -33
        grid = [mpmath.mpf(i) / 200 for i in range(1, 150)]
        assert max(phi(c, x) for x in grid) < 0 < max(phi(c + mpmath.mpf("0.001"), x) for x in grid)
    assert is_hard("2.2", "1/4") is True and is_hard("2.13", "1/4") is False
    assert abs(phi("2.13", "0.2373") + mpmath.mpf("0.002675893")) < 1e-5


def test_the_hidden_subset_constants_solve_their_equations():
    with mpmath.workdps(60):
        x, alpha, beta = (constants.hidden_subset_x(50), constants.hidden_subset_alpha(50), constants.hidden_subset_beta(50))
        assert abs(mpmath.e1(x) - mpmath.exp(-x)) < mpmath.mpf(10) ** -49
        assert abs(alpha * mpmath.e1(alpha / beta) - 1) < mpmath.mpf(10) ** -47
        for other in (x * mpmath.mpf("0.99"), x * mpmath.mpf("1.01")):
            assert 1 / (other * mpmath.e1(other)) > beta
    assert close(beta, 50, "3.5524782573341085941688605657932659478042381717351")
    assert close(alpha, 50, "1.5446822169704291664632812025630211542186553773713")


@pytest.mark.parametrize(("ratio", "beta"), [("0.5", "4.21413421378719"), ("1.1", "3.56135504231981"), ("2", "3.9745841068306")])
def test_a_wrong_constant_of_the_schedule_costs_what_the_equation_says(ratio, beta):
    assert close(constants.hidden_subset_penalty(ratio), 13, beta)
    assert constants.hidden_subset_penalty(1) == pytest.approx(float(constants.hidden_subset_beta()), rel=1e-14)


@pytest.mark.parametrize(("c", "value"), [("0.5", "-1.290264387729803"), (1, "-1.892541788344686823"), (2, "-4.821757527777033")])
def test_the_second_order_of_onemax_is_the_published_integral(c, value):
    assert close(constants.onemax_second_order(c, 20), len(value.lstrip("-").replace(".", "")) - 1, value)


def test_the_second_order_of_onemax_is_seen_in_exact_values():
    """E[T]/n - e ln n tends to C_1(1), the remainder being (e/2) ln n/n + O(1/n) (Hwang et al. 2018)."""
    from theory import OneMax, OnePlusOneEA
    from theory.exact import expected_runtime

    process = OnePlusOneEA("1/n").on(OneMax())
    rests = []
    for n in (10_000, 100_000, 1_000_000):
        rest = expected_runtime(process, n=n) / n - float(mpmath.e * mpmath.log(n)) - float(constants.onemax_second_order())
        rests.append(n * rest - float(mpmath.e / 2 * mpmath.log(n)))
    assert all(abs(rest - 0.598) < 0.01 for rest in rests)


def test_more_digits_agree_with_fewer():
    for name in constants.NAMES:
        if name in ("onemax_second_order", "hidden_subset_penalty"):
            continue
        function = getattr(constants, name)
        with mpmath.workdps(60):
            assert abs(function(15) - function(50)) <= mpmath.mpf(10) ** -14 * function(50)


@pytest.mark.parametrize("digits", [0, 1001, 1.5, True, "ten"])
def test_digits_are_checked(digits):
    for name in constants.NAMES:
        arguments = {"hidden_subset_penalty": (2, digits), "onemax_second_order": (1, digits)}.get(name, (digits,))
        with pytest.raises(InputError, match="digits"):
            getattr(constants, name)(*arguments)
    with pytest.raises(InputError):
        constants.onemax_second_order(-1)
    with pytest.raises(InputError):
        constants.hidden_subset_penalty(0)
