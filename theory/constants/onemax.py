"""OneMax: the second-order term of E[T] = (e^c/c) n ln n + C_1(c) n + o(n) at rate c/n, by a fluid limit (no proof of the
error).

H.-K. Hwang, A. Panholzer, N. Rolin, T.-H. Tsai, W.-M. Chen, Evolutionary Computation 26 (2018), for c = 1. With x = k/n the
zero-bits fall by Delta_c(x) = E[(U - D)^+] a step, U ~ Poi(c x) and D ~ Poi(c (1 - x)), so that from x = 1/2

    C_1(c) = e^c/c (gamma - ln 2 + integral over (0, 1/2) of c e^-c/Delta_c(x) - 1/x).

The integrand is analytic at 0; Delta_c(x) = sum over m >= 1 of m e^-c (x/(1-x))^(m/2) I_m(2 c sqrt(x (1 - x))), that is
e^-c sum over m of m x^m sum over j of c^(m + 2 j) (x (1 - x))^j/(j! (m + j)!).
"""

from __future__ import annotations

from typing import Any

from theory.constants import check_digits


def onemax_second_order(c: Any = 1, digits: int = 15) -> Any:
    """C_1(c).

    Parameters
    ----------
    c : number
        Positive.
    digits : int
        1 to 1000.

    Returns
    -------
    mpmath.mpf

    Examples
    --------
    >>> print(onemax_second_order(1, 15))
    -1.89254178834469
    """
    import mpmath

    from theory.errors import InputError

    check_digits(digits)
    with mpmath.workdps(digits + 20):
        c = mpmath.mpf(c)
        if not c > 0:
            raise InputError(f"c: {c} must be positive")

        def ratio(x: Any) -> Any:
            """e^c Delta_c(x)/(c x): 1 at x = 0."""
            total, m = mpmath.mpf(0), 1
            lead = c  # c^m x^(m-1)/m!
            while True:
                inner, term, j = mpmath.mpf(0), mpmath.mpf(1), 0
                while abs(term) > mpmath.eps:
                    inner += term
                    j += 1
                    term *= c * c * x * (1 - x) / (j * (m + j))
                total += m * lead * inner
                m += 1
                lead *= c * x / m
                if m * lead < mpmath.eps * total:
                    return total / c

        # Gauss-Legendre nodes keep away from the removable singularity at 0
        ends = [mpmath.mpf(i) / 8 for i in range(5)]
        integral = mpmath.quad(lambda x: (1 / ratio(x) - 1) / x, ends, method="gauss-legendre")
        value = mpmath.exp(c) / c * (mpmath.euler - mpmath.log(2) + integral)
    with mpmath.workdps(digits):
        return +value
