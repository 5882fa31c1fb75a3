"""In-context regression by one layer of linear attention: the loss of one step of gradient descent from zero.

N. Zucchet, S. Kobayashi, Y. Akram, J. von Oswald, M. Larcher, A. Steger, J. Sacramento, *Gated recurrent neural networks
discover attention*, arXiv 2309.01775 (2023), where linear attention and the gated RNN learn this step. The losses are derived
here; for the preconditioned step without noise see also K. Ahn, X. Cheng, H. Daneshmand, S. Sra, NeurIPS 2023.

Notation: m context pairs (x_s, y_s) with y_s = <w, x_s> + noise, a query x_q, the target <w, x_q> without noise. Coordinates of
the x are independent with mean 0, variance 1 (or lambda_i), odd moments 0 and fourth moment kappa (kappa lambda_i^2), those of w
have mean 0 and variance 1, the noise has variance sigma^2. One step with rate eta predicts eta sum_s y_s <x_s, x_q>. The loss is
E(target - prediction)^2, without a factor 1/2, for each output:

    L(eta) = d - 2 eta m d + eta^2 m d (m + d + kappa - 2 + sigma^2)
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import sympy
from sympy import Symbol

from theory.bound import Bound, Source
from theory.errors import InputError
from theory.facts import Computation, Identity
from theory.learning.common import at_least, d, entry, m, premise, statement

SOURCE = Source(
    "one-step attention (cf. Zucchet, Kobayashi, Akram, von Oswald, Larcher, Steger, Sacramento 2023)",
    entry("article", "ZucchetEtAl2023",
          author="Zucchet, Nicolas and Kobayashi, Seijin and Akram, Yassir and von Oswald, Johannes and Larcher, Maxime "
                 "and Steger, Angelika and Sacramento, Jo{\\~a}o",
          title="Gated recurrent neural networks discover attention", journal="arXiv preprint arXiv:2309.01775", year="2023"),
)  # fmt: skip
kappa = Symbol("kappa", positive=True)
sigma = Symbol("sigma", nonnegative=True)
eta = Symbol("eta", nonnegative=True)
q, outputs = Symbol("q", integer=True, nonnegative=True), Symbol("d_y", integer=True, positive=True)
CURVATURE = m + d + kappa - 2 + sigma**2
LOSS = d - 2 * eta * m * d + eta**2 * m * d * CURVATURE
BEST = d * (d + kappa - 2 + sigma**2) / CURVATURE
_WHERE = (at_least(d, 1), at_least(m, 1), at_least(kappa, 1), at_least(sigma, 0))


# ---- moments, by writing out every product


def loss_coefficients(
    context: int, dimension: int, variances: Sequence[Any] | None = None, rates: Sequence[Any] | None = None
) -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """The loss as a quadratic in eta, by writing out the square of (target - prediction) term by term.

    Parameters
    ----------
    context, dimension : int
        m and d.
    variances : sequence of numbers, optional
        lambda_1, ..., lambda_d; default 1.
    rates : sequence of numbers, optional
        Rates p_1, ..., p_d of the coordinates, which eta multiplies; default 1.

    Returns
    -------
    tuple of sympy.Expr
        The coefficients of 1, eta and eta^2, in kappa and sigma.

    Examples
    --------
    >>> loss_coefficients(2, 1)
    (1, -4, 2*kappa + 2*sigma**2 + 2)
    """
    scale = [Fraction(1)] * dimension if variances is None else [Fraction(x) for x in variances]
    step = [Fraction(1)] * dimension if rates is None else [Fraction(x) for x in rates]
    target = [((("w", i), ("query", i)), Fraction(1)) for i in range(dimension)]
    prediction = []
    for s in range(context):
        labels = [(("w", j), ("x", s, j)) for j in range(dimension)] + [(("noise", s),)]
        prediction += [((*label, ("x", s, i), ("query", i)), step[i]) for label in labels for i in range(dimension)]

    def mean(left: list, right: list) -> sympy.Expr:
        found: Counter = Counter()
        for (a, first), (b, second) in itertools.product(left, right):
            weight, fourths, noises = first * second, 0, 0
            for variable, power in Counter((*a, *b)).items():
                if power % 2:
                    weight = Fraction(0)
                    break
                if variable[0] in ("x", "query"):
                    weight *= scale[variable[-1]] ** (power // 2)
                    fourths += power == 4
                noises += variable[0] == "noise"
            found[fourths, noises] += weight
        return sympy.Add(
            *(sympy.Rational(x.numerator, x.denominator) * kappa**i * sigma ** (2 * j) for (i, j), x in found.items() if x)
        )

    return mean(target, target), -2 * mean(target, prediction), mean(prediction, prediction)


def loss_is_the_formula(
    contexts: tuple = (1, 2, 3), dimensions: tuple = (1, 2, 3, 4, 5), formula: sympy.Expr | None = None
) -> bool:
    """Whether the written-out loss is L(eta), or the ``formula`` given, for all pairs of the given m and d.

    Each coefficient is a polynomial of degree at most 2 in m and at most 4 in d: a sum over two context indices and four
    coordinates, whose terms depend only on which of them agree. So 3 values of m and 5 of d show it for all.

    >>> loss_is_the_formula((1, 2), (1, 2))
    True
    """
    coefficients = sympy.Poly(LOSS if formula is None else formula, eta).all_coeffs()[::-1]
    return all(
        sympy.expand(found - wanted.subs({m: context, d: dimension})) == 0
        for context in contexts
        for dimension in dimensions
        for found, wanted in zip(loss_coefficients(context, dimension), coefficients)
    )


_MOMENTS = premise(
    "L(eta) = d - 2 eta m d + eta^2 m d (m + d + kappa - 2 + sigma^2)",
    "the square written out at 3 values of m and 5 of d, which determine polynomials of degree 2 and 4",
    Computation(
        "theory.learning.one_step_attention:loss_is_the_formula",
        (("contexts", (1, 2, 3)), ("dimensions", (1, 2, 3, 4, 5)), ("formula", LOSS)),
        True,
        "the loss, term by term from the moments, is L(eta)",
    ),
)


# ---- the isotropic case


@functools.cache
def loss() -> Bound:
    """L(eta), the loss of one step with rate eta.

    >>> loss().evaluate(d=3, m=12, kappa=3, sigma=0, eta="1/16")
    0.75
    """
    return statement(
        "L(eta)", "exact", LOSS, (*_WHERE, at_least(eta, 0)), SOURCE, "moments", (_MOMENTS,),
        last=("a quadratic loss", {"rate": eta, "target": d, "cross": m * d, "square": m * d * CURVATURE}),
    )  # fmt: skip


@functools.cache
def best_loss() -> Bound:
    """L* = d (d + kappa - 2 + sigma^2) / (m + d + kappa - 2 + sigma^2), at the best rate; no rate does better.

    >>> from fractions import Fraction
    >>> best_loss().evaluate(d=3, m=12, kappa="9/5", sigma=0) == float(Fraction(21, 37))
    True
    """
    return _best("min L(eta)", BEST, ("the least quadratic loss", {"target": d, "cross": m * d, "square": m * d * CURVATURE}))


def _best(quantity: str, expr: sympy.Expr, last: tuple[str, dict[str, Any]]) -> Bound:
    square = premise(
        "L(eta) = L* + m d (m + d + kappa - 2 + sigma^2) (eta - eta*)^2",
        "symbolically",
        Identity(LOSS, BEST + m * d * CURVATURE * (eta - 1 / CURVATURE) ** 2),
    )
    return statement(
        quantity, "exact", expr, _WHERE, SOURCE, "moments, and a square", (_MOMENTS, square),
        ("kappa >= 1 for every law of variance 1, so that the factor of the square is positive.",), last=last,
    )  # fmt: skip


@functools.cache
def best_rate() -> Bound:
    """eta* = 1/(m + d + kappa - 2 + sigma^2).

    >>> best_rate().evaluate(d=3, m=12, kappa=3, sigma=0)
    0.0625
    """
    return _best("eta*", 1 / CURVATURE, ("the best rate of a quadratic loss", {"cross": m * d, "square": m * d * CURVATURE}))


@functools.cache
def partial_loss() -> Bound:
    """The mean loss of d_y outputs where only q of the d d_y components of sum_s y_s x_s^T are carried, at the best rate.

    >>> round(partial_loss().evaluate(d=3, d_y=3, m=12, kappa="9/5", sigma=0, q=6), 4)
    1.3784
    """
    share = 1 - 2 * eta * m + eta**2 * m * CURVATURE  # of a coordinate that is carried; one that isn't has 1
    checks = (
        _MOMENTS,
        premise("a carried component contributes L(eta)/d", "by symmetry of the coordinates", Identity(d * share, LOSS)),
        premise("at eta* it contributes 1 - m eta*", "symbolically", Identity(share.subs(eta, 1 / CURVATURE), 1 - m / CURVATURE)),
    )
    return statement(
        "min L(eta | q components)", "exact", d - q / outputs * m / CURVATURE,
        (*_WHERE, at_least(outputs, 1), at_least(q, 0), sympy.Le(q, d * outputs, evaluate=False)), SOURCE,
        "moments, one component at a time", checks,
        ("The query's coordinates are uncorrelated, so the loss is the sum over components of E(w_i - eta S_i)^2, or 1.",),
        last=("components that are carried", {"total": d, "q": q, "outputs": outputs, "gain": m / CURVATURE}),
    )  # fmt: skip


# ---- coordinates of different variance


def preconditioner(variances: Sequence[Fraction], context: int, noise: Fraction, fourth: Fraction) -> tuple[Fraction, ...]:
    """The best rates p_i = 1 / ((m + kappa - 2) lambda_i + sum_j lambda_j + sigma^2).

    >>> preconditioner((Fraction(1), Fraction(1, 2)), 10, Fraction(1, 10), Fraction(3))
    (Fraction(5, 63), Fraction(10, 71))
    """
    return tuple(1 / ((context + fourth - 2) * x + sum(variances) + noise) for x in variances)


def preconditioned_value(variances: Sequence[Fraction], context: int, noise: Fraction, fourth: Fraction) -> Fraction:
    """sum_i lambda_i (1 - m lambda_i p_i) at the best rates."""
    rates = preconditioner(variances, context, noise, fourth)
    return sum((x * (1 - context * x * p) for x, p in zip(variances, rates)), Fraction(0))


def preconditioned_by_moments(variances: Sequence[Fraction], context: int, noise: Fraction, fourth: Fraction) -> Fraction:
    """The same, from the square of (target - prediction) written out term by term.

    >>> preconditioned_by_moments((Fraction(1), Fraction(1, 2)), 2, Fraction(1, 10), Fraction(3))
    Fraction(1289, 1426)
    """
    rates = preconditioner(variances, context, noise, fourth)
    value = sum(loss_coefficients(context, len(variances), variances, rates))
    value = value.subs({sigma: sympy.sqrt(sympy.Rational(str(noise))), kappa: sympy.Rational(str(fourth))})
    return Fraction(int(value.p), int(value.q))


_PRODUCTS = 400  # terms of a prediction whose square is still written out


def preconditioned_loss(variances: Sequence[Any], context: int, noise: Any = 0, fourth: Any = 3) -> Bound:
    """The least loss of one step with a rate for each coordinate, where the coordinates of x have different variances.

    Parameters
    ----------
    variances : sequence of numbers
        lambda_1, ..., lambda_d > 0.
    context : int
        m.
    noise : number
        sigma^2.
    fourth : number
        kappa; 3 for Gaussian coordinates.

    Returns
    -------
    Bound
        sum_i lambda_i (1 - m lambda_i p_i), with p_i = 1 / ((m + kappa - 2) lambda_i + sum_j lambda_j + sigma^2).

    Raises
    ------
    InputError

    Examples
    --------
    >>> round(preconditioned_loss([1, "1/2"], 10, "1/10").evaluate(), 5)
    0.35424
    """
    from theory.values import exact, number

    sequence = variances if isinstance(variances, Iterable) and not isinstance(variances, str) else ()
    scale = tuple(exact(number(x, "variances")) for x in sequence)
    extra, shape = exact(number(noise, "noise")), exact(number(fourth, "fourth"))
    if not scale or min(scale) <= 0 or len(scale) > 1000:
        raise InputError("variances: give 1 to 1000 positive numbers")
    if isinstance(context, bool) or not isinstance(context, int) or context < 1:
        raise InputError(f"context: {context!r} must be a positive integer")
    if extra < 0 or shape < 1:
        raise InputError(f"noise and fourth: {noise!r} and {fourth!r} must be at least 0 and 1")
    value = preconditioned_value(scale, context, extra, shape)
    small = (scale, context)
    if context * len(scale) * (len(scale) + 1) > _PRODUCTS:
        small = (scale[:3], min(context, 3))
    given = (("variances", small[0]), ("context", small[1]), ("noise", extra), ("fourth", shape))
    one, rate, k_i = (Symbol(name, positive=True) for name in ("lambda_i", "p_i", "K_i"))
    total = Symbol("trace", positive=True)
    second = m * (m - 1) * one**2 + m * (one * total + (kappa - 1) * one**2) + sigma**2 * m * one
    checks = (
        premise("E S_i^2 = m lambda_i K_i with K_i = (m + kappa - 2) lambda_i + sum lambda + sigma^2",
                "pairs of different context indices, equal ones, and the noise",
                Identity(second, m * one * ((m + kappa - 2) * one + total + sigma**2))),
        premise("lambda_i (1 - 2 p m lambda_i + p^2 m lambda_i K_i) is smallest at p = 1/K_i", "a square",
                Identity(one * (1 - 2 * rate * m * one + rate**2 * m * one * k_i),
                         one * (1 - m * one / k_i) + m * one**2 * k_i * (rate - 1 / k_i) ** 2)),
        premise("the loss at the best rates" if small == (scale, context) else "the same loss at smaller sizes",
                "in fractions, written out",
                Computation("theory.learning.one_step_attention:preconditioned_by_moments", given,
                            preconditioned_value(small[0], small[1], extra, shape), "the loss, term by term from the moments")),
    )  # fmt: skip
    return statement(
        "min L(p_1, ..., p_d)", "exact", sympy.Rational(value.numerator, value.denominator), (), SOURCE,
        "moments, one coordinate at a time", checks,
        ("The loss is the sum over i of lambda_i E(w_i - p_i S_i)^2, with E[w_i S_i] = m lambda_i.",),
    )  # fmt: skip


def bounds() -> list[tuple[str, Bound]]:
    """What is derived here, each with a label."""
    return [
        ("one step of attention, rate eta", loss()),
        ("one step of attention, best rate", best_loss()),
        ("one step of attention, best rate", best_rate()),
        ("one step of attention, q components", partial_loss()),
    ]
