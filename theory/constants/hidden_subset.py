"""The linear hidden subset problem: constants of the optimal schedule p_t = alpha ln t/t.

H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, *The linear hidden subset problem
for the (1+1) EA with scheduled and adaptive mutation rates*, TCS 785 (2019): E[T] = (1 + o(1)) beta n ln n, beta about
3.552.

With the schedule a ln t/t the process ends when a E_1(a/beta) = 1, E_1 the exponential integral; with x = a/beta, beta =
1/(x E_1(x)). That is smallest where the derivative of x E_1(x), E_1(x) - e^-x, vanishes; the second derivative there is
e^-x (1 - 1/x) < 0, and the zero is the only one, as e^x E_1(x) falls strictly from infinity to 0. So alpha = 1/E_1(x*) =
e^x* and beta = e^x*/x*.
"""

from __future__ import annotations

from typing import Any

from theory.constants import check_digits


def hidden_subset_x(digits: int = 15) -> Any:
    """x* with E_1(x*) = exp(-x*), the maximiser of x E_1(x).

    Parameters
    ----------
    digits : int
        1 to 1000.

    Returns
    -------
    mpmath.mpf

    Examples
    --------
    >>> import mpmath
    >>> mpmath.nstr(hidden_subset_x(20), 20)
    '0.43481820438490376029'
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 15):
        value = mpmath.findroot(lambda x: mpmath.e1(x) - mpmath.exp(-x), mpmath.mpf("0.4348"))
    with mpmath.workdps(digits):
        return +value


def hidden_subset_alpha(digits: int = 15) -> Any:
    """alpha = exp(x*), the constant of the optimal schedule.

    >>> import mpmath
    >>> mpmath.nstr(hidden_subset_alpha(20), 20)
    '1.5446822169704291665'
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 12):
        value = mpmath.exp(hidden_subset_x(min(digits + 10, 1000)))
    with mpmath.workdps(digits):
        return +value


def hidden_subset_beta(digits: int = 15) -> Any:
    """beta = 1/max_x x E_1(x), the leading constant of the optimal schedule.

    >>> import mpmath
    >>> mpmath.nstr(hidden_subset_beta(20), 20)
    '3.5524782573341085942'
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 12):
        x = hidden_subset_x(min(digits + 10, 1000))
        value = mpmath.exp(x) / x
    with mpmath.workdps(digits):
        return +value


def hidden_subset_penalty(ratio: Any, digits: int = 15) -> Any:
    """beta of the schedule a ln t/t with a = ratio * alpha: the solution of a E_1(a/beta) = 1.

    >>> print(hidden_subset_penalty(2))
    3.9745841068306
    """
    import mpmath

    from theory.errors import InputError

    with mpmath.workdps(check_digits(digits) + 15):
        if not mpmath.mpf(ratio) > 0:
            raise InputError(f"ratio: {ratio!r} must be positive")
        a = mpmath.mpf(ratio) * hidden_subset_alpha(min(digits + 12, 1000))
        low, high = mpmath.mpf(10) ** -30, mpmath.mpf(10)
        x = mpmath.findroot(lambda y: a * mpmath.e1(y) - 1, (low, high), solver="anderson", tol=mpmath.mpf(10) ** (-digits - 10))
        value = a / x
    with mpmath.workdps(digits):
        return +value


def hidden_subset_kappa(digits: int = 15) -> Any:
    """kappa = -(integral from x* to infinity of alpha (1-u) e^-u ln(u)/u du), of the expansion of E[T].

    Parameters
    ----------
    digits : int
        1 to 1000.

    Returns
    -------
    mpmath.mpf

    Examples
    --------
    >>> print(hidden_subset_kappa(15))
    0.31645249877001
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 15):
        x, alpha = hidden_subset_x(min(digits + 12, 1000)), hidden_subset_alpha(min(digits + 12, 1000))
        value = -alpha * mpmath.quad(
            lambda u: (1 - u) * mpmath.exp(-u) * mpmath.log(u) / u, [x, 1, 4, 16, 64, 4 * digits + 100, mpmath.inf]
        )
    with mpmath.workdps(digits):
        return +value
