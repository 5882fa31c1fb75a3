"""Which series converge, decided from exponents: products of powers of n, ln n, lnln n, ...

J. Bertrand, *Règles sur la convergence des séries*, Journal de Mathématiques Pures et Appliquées 7 (1842); by Cauchy's integral
test. With L_0 = n and L_{j+1} = ln L_j, the integral of L_0^-e_0 L_1^-e_1 ... becomes, with u = L_j as long as e_0 = ... =
e_{j-1} = 1, that of u^-e_j (ln u)^-e_{j+1} ...: the series converges if and only if the first exponent other than 1 exceeds 1
(behind the last exponent stand zeros). No partial sum is ever looked at: those of 1/(n ln n lnln n) grow like lnlnln n.

Where it matters in runtime analysis (H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger,
*The linear hidden subset problem for the (1+1) EA with scheduled and adaptive mutation rates*, TCS 785, 2019, and B. Doerr,
C. Doerr, T. Kötzing, *Solving problems with unknown solution length at almost no extra cost*, Algorithmica 81, 2019): without
knowing the number n of bits that count, a static (1+1) EA can be within O(f(n)) for every n only if

- sum of (ln n)/f(n) converges, on OneMax (:func:`static_feasible`),
- sum of n/f(n) converges, on LeadingOnes (:func:`leadingones_feasible`),

and for the f of this file that is enough. There is no best f: whatever converges still does after its terms are divided by the
root of its tail (:func:`improve`), since (r - r')/sqrt(r) <= 2 (sqrt(r) - sqrt(r')) for tails r >= r' > 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy
from sympy import Expr, Integer, Symbol

from theory.errors import InputError
from theory.growth import Growth, growth, iterated_log, sign_of, trimmed
from theory.symbols import n
from theory.values import exact, number

if TYPE_CHECKING:
    from flint import arb

    from theory.derivation import Derivation


def converges(terms: object, variable: Symbol = n) -> bool:
    """Whether the sum over n of a_n converges; decided from the exponents.

    Parameters
    ----------
    terms : expression, text, or sequence of numbers
        a_n, positive for large n: products of powers of n, log(n), log(log(n)), ..., their sums, minima, maxima and logarithms;
        other symbols need sympy assumptions that decide the sign of what matters. Or its exponents: (e_0, e_1, ...) stands for
        1/(n^e_0 (ln n)^e_1 (lnln n)^e_2 ...).
    variable : sympy.Symbol
        In which the terms are written.

    Raises
    ------
    InputError
        For any other function, and where the exponents can't be told from 1.

    Examples
    --------
    >>> converges("1/(n*log(n)*log(log(n))**(3/2))"), converges("1/(n*log(n)*log(log(n)))")
    (True, False)
    >>> converges((1, 1, 1.5)), converges((1, 1, 1))
    (True, False)
    >>> converges("2**(-n)")
    Traceback (most recent call last):
    ...
    theory.errors.InputError: terms: 2**(-n) is not a product of powers of n, log(n), log(log(n)), ...; others are not decided
    """
    found = _terms(terms, variable)
    return _critical(found) is not None


def _critical(terms: Growth) -> int | None:
    """The number of the first exponent other than 1 if it exceeds 1, else None: the series diverges."""
    for j in range(len(terms.powers) + 1):
        sign = sign_of(-terms.power(j) - 1, f"terms: the exponent of 1/{iterated_log(j)} less 1")
        if sign:
            return j if sign > 0 else None
    raise AssertionError("the exponent behind the last one is zero")


def static_feasible(f: object) -> bool:
    """Whether some static distribution of mutation rates optimises OneMax in O(f(n)) for every n, without knowing n.

    The same condition, the sum of (ln n)/f(n), decides for hidden subsets and for initial segments.

    Parameters
    ----------
    f : expression or text
        As the terms of :func:`converges`.

    Examples
    --------
    >>> static_feasible("n*log(n)**2"), static_feasible("n*log(n)**2*log(log(n))**2")
    (False, True)
    """
    return converges((Growth(Integer(1), (Integer(0), Integer(1))) * growth(f, name="f") ** Integer(-1)).expr())


def leadingones_feasible(f: object) -> bool:
    """Whether some static rates optimise LeadingOnes in O(f(n)) for every n, without knowing n: the sum of n/f(n) converges.

    >>> leadingones_feasible("n**2*log(n)*log(log(n))"), leadingones_feasible("n**2*log(n)*log(log(n))**(1 + 1/100)")
    (False, True)
    """
    return converges((Growth(Integer(1), (Integer(1),)) * growth(f, name="f") ** Integer(-1)).expr())


@dataclass(frozen=True)
class Improvement:
    """A runtime of smaller order and the rates that reach it.

    Attributes
    ----------
    runtime : sympy.Expr
        f'(n) = o(f(n)), again feasible.
    weights : sympy.Expr
        Of rate 1/n (hidden subset), or proportional to the rate of bit n (initial segment): g(n)/f'(n), summable.
    derivation : Derivation
        Why the new series converges, whatever the old one was.
    """

    runtime: Expr
    weights: Expr
    derivation: Derivation = field(repr=False)


def improve(f: object, per_term: object = "log(n)") -> Improvement:
    """A feasible runtime of smaller order than a feasible one: f times the root of the tails of the sum of g(n)/f(n).

    Parameters
    ----------
    f : expression or text
        Feasible: the sum of g(n)/f(n) converges.
    per_term : expression or text
        g(n): log(n) for OneMax, n for LeadingOnes.

    Returns
    -------
    Improvement

    Raises
    ------
    InputError
        If f isn't feasible.

    Examples
    --------
    >>> improve("n*log(n)**3")
    Improvement(runtime=n*log(n)**(5/2), weights=1/(n*log(n)**(3/2)))
    """
    runtime, gain = growth(f, name="f"), growth(per_term, name="per_term")
    terms = gain * runtime ** Integer(-1)
    critical = _critical(terms)
    if critical is None:
        raise InputError(
            f"f: the sum of {gain.expr()}/({runtime.expr()}) diverges, so that no static rates reach {runtime.expr()}"
        )
    better = Growth(Integer(1), runtime.powers) * Growth(Integer(1), _tail(terms, critical).powers) ** sympy.Rational(1, 2)
    weights = (Growth(Integer(1), gain.powers) * better ** Integer(-1)).expr()
    return Improvement(better.expr(), weights, _why_improved(weights))


def _why_improved(weights: Expr) -> Derivation:
    from theory.derivation import Check, Derivation
    from theory.facts import Computation, Identity

    x, y = Symbol("x", positive=True), Symbol("y", positive=True)
    said = f"the sum over n of {weights} converges"
    return Derivation(
        theorem="division by the root of the tail",
        statement="if the sum of a_n converges, with tails r_1 >= r_2 >= ... -> 0, so does that of a_n/sqrt(r_n)",
        steps=(
            "a_n = r_n - r_(n+1). With x = sqrt(r_n) and y = sqrt(r_(n+1)), a_n/sqrt(r_n) = (x^2 - y^2)/x is at most 2 (x - y).",
            "That sum telescopes: the new series is at most 2 sqrt(r_1). Its terms are larger by 1/sqrt(r_n), unboundedly.",
        ),
        checks=(
            Check("2 (x - y) less (x^2 - y^2)/x is a square over x", "symbolically", "premise",
                  Identity(2 * (x - y) - (x**2 - y**2) / x, (x - y) ** 2 / x)),
            Check("the new series converges", "from exponents", "conclusion",
                  Computation("theory.summability:converges", (("terms", weights),), True, said)),
        ),
    )  # fmt: skip


def _tail(terms: Growth, critical: int) -> Growth:
    """What the tails of a convergent series are, up to a factor tending to 1: the integral of u^-(1+eps) ..., u = L_critical."""
    excess = -terms.power(critical) - 1
    powers = [Integer(0)] * critical + [-excess, *terms.powers[critical + 1 :]]
    return Growth(terms.factor / excess, trimmed(powers), False)


# ---- tails in balls


def tail_bounds(terms: object, first: int, variable: Symbol = n, bits: int = 64) -> tuple[arb, arb]:
    """Balls between which the tail of a series lies: I(m) <= sum over n >= m of a_n <= I(m) + a_m, I the integral of a from m.

    The integral has a closed form where the first exponent other than 1, 1 + eps, is followed by at most one more, b: with
    u = ln of the logarithm that has it, I is the integral of e^(-eps u) u^-b, an incomplete Gamma function.

    Parameters
    ----------
    terms : expression, text, or sequence of numbers
        As for :func:`converges`, but written as a product, and without other symbols.
    first : int
        m; all logarithms in the product must be positive there, and the terms must fall from there on.
    variable : sympy.Symbol
    bits : int
        Good bits of the balls.

    Returns
    -------
    (arb, arb)
        Below and above the tail; both are rigorous.

    Examples
    --------
    >>> low, high = tail_bounds("1/n**2", 10)
    >>> low.str(5, radius=False), high.str(5, radius=False)
    ('0.10000', '0.11000')
    """
    from theory.balls import at

    found = _terms(terms, variable)
    if not found.is_exact:
        raise InputError(f"terms: {terms} is not a product of powers of {variable} and its logarithms itself; write it as one")
    critical = _critical(found)
    if critical is None:
        raise InputError(f"terms: the sum of {terms} diverges; it has no tail")
    if len(found.powers) > critical + 2:
        raise InputError(f"terms: the integral of {terms} has no closed form here; at most one logarithm behind the decisive one")
    free = found.expr(variable).free_symbols - {variable}
    if free:
        raise InputError(f"terms: {min(map(str, free))} has no value; put a number")
    m = number(first, "first")
    if not isinstance(m, int) or m < 1:
        raise InputError(f"first: {first!r} must be a positive integer")
    _check_falling(found, m, variable)
    put = {variable: Fraction(m)}
    a = at(found.expr(variable), put, bits)
    integral = at(found.factor, {}, bits) * _integral(found, critical, put, variable, bits)
    return integral, integral + a


def _integral(terms: Growth, critical: int, put: dict, variable: Symbol, bits: int) -> arb:
    from flint import arb, ctx

    from theory.balls import at

    eps, b = -terms.power(critical) - 1, -terms.power(critical + 1)
    if b == 0:
        return at(iterated_log(critical, variable) ** (-eps) / eps, put, bits)
    precision = 2 * bits
    while True:
        with ctx.workprec(precision):
            excess = at(eps, {}, precision)
            u = at(iterated_log(critical + 1, variable), put, precision)
            power = at(1 - b, {}, precision) if b != 1 else arb(0)
            result = (excess * u).gamma_upper(power) * (-power * excess.log()).exp()
        if result.rel_accuracy_bits() >= bits:
            return result
        if precision > 64 * bits:
            raise InputError(f"terms: the integral of {terms.expr(variable)} can't be enclosed to {bits} bits; ask for fewer")
        precision *= 2


def _check_falling(terms: Growth, m: int, variable: Symbol) -> None:
    """The terms fall from m on: e_0 + e_1/ln x + e_2/(ln x lnln x) + ... >= 0, where what is negative grows to 0."""
    from theory.balls import at

    put = {variable: Fraction(m)}
    for j in range(1, len(terms.powers)):
        if not (m > 1 and at(iterated_log(j, variable), put) > 0):
            raise InputError(f"first: {iterated_log(j, variable)} is not positive at {variable} = {m}; take a larger one")
    slope, logs = at(-terms.power(0), {}), Integer(1)
    for j in range(1, len(terms.powers)):
        logs *= iterated_log(j, variable)
        if sign_of(terms.powers[j], "terms: an exponent") > 0:
            slope -= at(terms.powers[j] / logs, put)
    if not slope >= 0:
        raise InputError(f"first: the terms are not certain to fall from {variable} = {m} on; take a larger one")


# ---- reading


def _terms(value: object, variable: Symbol) -> Growth:
    if isinstance(value, Sequence) and not isinstance(value, str):
        exponents = [x if isinstance(x, Expr) and not x.is_Float else _rational(x) for x in value]
        if not exponents or any(variable in x.free_symbols for x in exponents):
            raise InputError(f"terms: {value!r} must be exponents, at least one, none with {variable}")
        return Growth(Integer(1), trimmed([-x for x in exponents]))
    return growth(value, variable)


def _rational(value: object) -> Expr:
    fraction = exact(number(value, "terms"))
    return sympy.Rational(fraction.numerator, fraction.denominator)
