"""Evolution strategies with past descent directions: how well the gradient estimate is aligned with the gradient.

F. Meier, A. Mujika, M. M. Gauy, A. Steger, *Improving gradient estimation in evolutionary strategies with past descent
directions*, arXiv 1910.05268 (2019). The laws below are derived here; wording and constants of the paper may differ.

Notation: u is the gradient of f in R^d, g the estimate, C = cos^2(g, u). In each step g is the projection of u on the span of a
surrogate (the estimate before) and of m random directions orthogonal to it; S = cos^2(surrogate, u). In the first step there is
no surrogate and m + 1 directions are random. Differences are exact derivatives (sigma -> 0).

Law: the random directions are uniform in the surrogate's complement, of dimension d - 1, where u has the share 1 - S. So
C = S + (1 - S) B with B ~ Beta(m/2, (d-1-m)/2), independent of the past. On a linear function the next S is C, so that
X_t = 1 - C_t is a process with E[X_t - X_{t+1} | X_t] = X_t m/(d-1): the drift theorems say when it is below eps.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Symbol

from theory.bound import Bound, Check, Source
from theory.drift import AdditiveDriftLower, MultiplicativeDrift
from theory.errors import InputError
from theory.facts import Computation, Identity, Inequality
from theory.learning.common import at_least, d, entry, eps, from_theorem, m, premise, statement
from theory.learning.projections import MEAN_ROOT
from theory.symbols import t, v

if TYPE_CHECKING:
    from theory.chain import Chain

SOURCE = Source(
    "past descent directions (cf. Meier, Mujika, Gauy, Steger 2019)",
    entry("article", "MeierMujikaGauySteger2019",
          author="Meier, Florian and Mujika, Asier and Gauy, Marcelo Matheus and Steger, Angelika",
          title="Improving gradient estimation in evolutionary strategies with past descent directions",
          journal="arXiv preprint arXiv:1910.05268", year="2019"),
)  # fmt: skip
S = Symbol("S", nonnegative=True)
x = Symbol("x", positive=True)
alpha = Symbol("alpha", nonnegative=True)
p, q = m / (d - 1), 1 / (d - 1)
DIRECTIONS = (at_least(m, 1), at_least(d, m + 1))


_BETA = premise(
    "the share that m random directions catch of a unit vector in R^D is Beta(m/2, (D-m)/2)",
    "a quotient of independent chi-squares; moments to order 4 exactly, by Gaussian pairings, for m < D <= 5",
    Computation(
        "theory.learning.projections:projections_follow_the_beta_law",
        (("largest", 5), ("orders", 4), ("a", m / 2), ("b", (d - m) / 2)),
        True,
        "the squared projection of a uniform unit vector has the moments of its Beta law",
    ),
)
_NESTED = premise(
    "on a linear function S_{t+1} = C_t, and 1 - C_{t+1} = (1 - C_t)(1 - B_t)",
    "<u, g> = |g|^2, as g is a projection; exactly along runs in fractions",
    Computation(
        "theory.learning.projections:estimates_are_nested",
        (("dimension", 5), ("directions", 2), ("steps", 4), ("seed", 0)),
        True,
        "estimates on a linear function are nested projections",
    ),
)
_SPLIT = premise(
    "C = S + (1 - S) B",
    "g is the projection of u on the surrogate and on directions in its complement; exactly for 20 choices of them",
    Computation(
        "theory.learning.projections:estimates_split_at_the_surrogate",
        (("dimension", 5), ("directions", 2), ("draws", 20), ("seed", 0)),
        True,
        "the estimate catches the surrogate's share of the gradient and a share of the rest",
    ),
)
_QUADRATURE = premise(
    "E[B^s] = Gamma(a+s) Gamma(a+b) / (Gamma(a) Gamma(a+b+s)) for B ~ Beta(a, b)",
    "the Beta integral with a + s in the place of a; the mean of B^(1/2) and of -ln(1-B) by rigorous quadrature in three cases",
    Computation(
        "theory.learning.projections:moments_agree_with_quadrature",
        (("cases", ((6, 2), (8, 3), (9, 5))),),
        True,
        "quadrature of the Beta density encloses the gamma quotients",
        "balls",
    ),
)


_CAUGHT = premise(
    "E[B] = m/(d-1)",
    "the mean of Beta(m/2, (d-1-m)/2)",
    Identity((m / 2) / (m / 2 + (d - 1 - m) / 2), p),
)
_FIRST = premise(
    "E[C_1] = (m+1)/d",
    "the mean of Beta((m+1)/2, (d-1-m)/2)",
    Identity((m + 1) / 2 / ((m + 1) / 2 + (d - 1 - m) / 2), (m + 1) / d),
)


def _rising(a: Expr, order: int) -> Expr:
    return sympy.Mul(*(a + 2 * i for i in range(order)))


# ---- one step


@functools.cache
def one_step() -> Bound:
    """E[C | S] = S + (1 - S) m/(d-1), for every differentiable function and every surrogate.

    >>> one_step().evaluate(S="1/4", d=11, m=2)
    0.4
    """
    return statement(
        "E[C | S]", "exact", S + (1 - S) * p, (at_least(S, 0), S <= 1, *DIRECTIONS), SOURCE,
        "the Beta law of projections", (_BETA, _SPLIT, _CAUGHT),
        ("E[B] = m/(d-1).", "Among all vectors of the span the projection has the largest cosine with u: C >= S always."),
        last=("a share of the rest", {"S": S, "caught": p}),
    )  # fmt: skip


@functools.cache
def mean_cosine() -> Bound:
    """E[cos(g, u)] without a surrogate, from m orthogonal random directions: it is not the root of E[cos^2] = m/d.

    >>> round(mean_cosine().evaluate(d=1000, m=10), 14)
    0.09755939451061
    """
    where = (at_least(m, 1), at_least(d, m + 1))
    return statement(
        "E[cos(g, u)]", "exact", MEAN_ROOT, where, SOURCE, "the Beta law of projections", (_BETA, _QUADRATURE),
        last=("a moment of a Beta law", {"a": m / 2, "b": (d - m) / 2}),
    )  # fmt: skip


# ---- linear functions


def error_moment(order: int = 1) -> Bound:
    """E[(1 - C_t)^order] on a linear function with past directions: it falls geometrically.

    Parameters
    ----------
    order : int
        1, 2, ...: the mean, the second moment, ...

    Returns
    -------
    Bound
        Exact, in d, m and t.

    Examples
    --------
    >>> print(error_moment(1))
    E[1 - C_t] = (1 - (m + 1)/d)*(1 - m/(d - 1))**(t - 1)   exact, d >= m + 1, m >= 1, t >= 1   past descent directions (cf. ...)
    >>> 1 - error_moment(1).evaluate(d=1000, m=10, t=100)
    0.63470323571693...
    """
    if isinstance(order, bool) or not isinstance(order, int) or not 1 <= order <= 100:
        raise InputError(f"order: {order!r} must be an integer from 1 to 100")
    return _error_moment(order)


@functools.cache
def _error_moment(order: int) -> Bound:
    first = _rising(d - 1 - m, order) / _rising(d, order)
    later = _rising(d - 1 - m, order) / _rising(d - 1, order)
    if order == 1:
        first, later = 1 - (m + 1) / d, 1 - m / (d - 1)
    a, b = sympy.symbols("a b", positive=True)
    rising = sympy.Mul(*((b + i) / (a + b + i) for i in range(order)))
    moments = [
        premise(
            f"E[(1-B)^{order}] {when}",
            "1 - B ~ Beta(b, a), whose moments are quotients of rising products",
            Identity(rising.subs({a: shape, b: (d - 1 - m) / 2}), value),
        )
        for when, shape, value in (("in the first step", (m + 1) / 2, first), ("in every later step", m / 2, later))
    ]
    power = "" if order == 1 else f"^{order}"
    quantity = f"E[(1 - C_t){power}]" if power else "E[1 - C_t]"
    return statement(
        quantity, "exact", first * later ** (t - 1), (*DIRECTIONS, at_least(t, 1)), SOURCE,
        "independent factors", (_BETA, _NESTED, *moments),
        ("1 - C_t is a product of t independent factors; the first comes from m + 1 random directions in R^d, "
         "the others from m in R^(d-1).",),
        last=None if order > 2 else (("independent factors", "independent factors, second moment")[order - 1],
                                     {"first": first, "later": later}),
    )  # fmt: skip


_REACHED = Symbol("g", positive=True)  # the drift of ln(1/X) while the theorem is applied
GAMMA = sympy.digamma((d - 1) / 2) - sympy.digamma((d - 1 - m) / 2)
"""E[-ln(1 - B)], the exponential rate at which 1 - C_t falls almost surely."""
FIRST = sympy.digamma(d / 2) - sympy.digamma((d - 1 - m) / 2)
"""E[-ln(1 - C_1)], the same of the first step."""


def _log_moment(rate: Expr, a: Expr, b: Expr, text: str) -> Check:
    s = Symbol("s", positive=True)
    moment = sympy.gamma(b + s) * sympy.gamma(a + b) / (sympy.gamma(b) * sympy.gamma(a + b + s))
    return premise(
        text,
        "minus the derivative at s = 0 of E[(1-B)^s] = Gamma(b+s) Gamma(a+b) / (Gamma(b) Gamma(a+b+s))",
        Identity(-sympy.diff(moment, s).subs(s, 0), rate),
    )


@functools.cache
def iterations() -> tuple[Bound, ...]:
    """The steps until 1 - C <= eps on a linear function: upper bounds with a tail, and lower bounds.

    Returns
    -------
    tuple of Bound
        From a surrogate with 1 - S = x: E[T] from above, its tail, E[T] from below; then for whole runs, the first step without
        surrogate counted: E[T] from above and from below.

    Examples
    --------
    >>> upper, tail, lower, run, run_from_below = iterations()
    >>> round(run_from_below.evaluate(d=1000, m=10, eps="1/10"), 3), round(run.evaluate(d=1000, m=10, eps="1/10"), 3)
    (228.545, 329.928)
    """
    part = (*DIRECTIONS, sympy.Gt(x, eps, evaluate=False), sympy.Le(x, 1, evaluate=False))
    proper = (at_least(m, 1), at_least(d, m + 2))
    surrogate, none = "a surrogate with 1 - S = x", "no surrogate"
    mean = premise("E[1 - B] = 1 - m/(d-1)", "the mean of its Beta law", Identity((d - 1 - m) / (d - 1), 1 - p))
    first = premise(
        "the first step, from X_0 = 1, has at least the drift m/(d-1)",
        "symbolically",
        Inequality((m + 1) / d, p, where=(at_least(d, m + 1),)),
    )
    rate = _log_moment(GAMMA, m / 2, (d - 1 - m) / 2, "E[-ln(1 - B)] = psi((d-1)/2) - psi((d-1-m)/2)")
    from_one = _log_moment(FIRST, (m + 1) / 2, (d - 1 - m) / 2, "E[-ln(1 - C_1)] = psi(d/2) - psi((d-1-m)/2)")

    def above(bound: Bound, start: str, conditions: tuple, *more: Check) -> Bound:
        steps = ("E[X_t - X_t+1 | X_t = v] = v E[B] = v m/(d-1); calling X = 0 once it is at most eps only adds to the drift.",)
        return from_theorem(
            bound, quantity=bound.quantity, start=start, unit="iterations", source=SOURCE, conditions=conditions, steps=steps,
            potential="X_t = 1 - C_t, and 0 once it is at most eps", region="eps < v <= 1",
            checks=(_BETA, _NESTED, mean, *more),
        )  # fmt: skip

    def below(
        bound: Bound, start: str, conditions: tuple, expr: Expr | None, last: tuple[str, dict[str, Any]], *more: Check
    ) -> Bound:
        steps: tuple[str, ...] = (
            "E[Y_t - Y_t+1 | Y_t] = E[-ln(1 - B)] in every step, and Y never rises, so its steps have that mean size.",
        )
        if expr is not None:
            steps += ("After the first step E[T - 1 | C_1] >= Y_1/gamma, also where Y_1 <= 0.",)
        return from_theorem(
            bound, quantity="E[T]", start=start, unit="iterations", source=SOURCE, conditions=conditions, steps=steps,
            potential="Y_t = ln((1 - C_t)/eps)", region="Y > 0", put={_REACHED: GAMMA}, expr=expr, last=last,
            checks=(_BETA, _NESTED, _QUADRATURE, rate, *more),
        )  # fmt: skip

    where = (at_least(d, m + 1), at_least(x, eps))
    upper = MultiplicativeDrift.apply(v * p, x, smallest=eps, where=where)
    tail = MultiplicativeDrift.apply(v * p, x, smallest=eps, where=where, tail=True)
    whole = MultiplicativeDrift.apply(v * p, 1, smallest=eps, where=(at_least(d, m + 1), eps < 1))
    lower = AdditiveDriftLower.apply(_REACHED, sympy.log(x / eps), step_bound=_REACHED)
    run_from_below = 1 + (-sympy.log(eps) - FIRST) / GAMMA
    return (
        above(upper, surrogate, part),
        above(tail, surrogate, part),
        below(lower, surrogate, (*proper, *part[2:]), None,
              ("additive drift from below", {"start": sympy.log(x / eps), "delta": GAMMA})),
        above(whole, none, (*DIRECTIONS, eps < 1), first),
        below(lower, none, (*proper, eps < 1), run_from_below,
              ("additive drift from below, after a first step",
               {"start": sympy.log(1 / eps), "first": FIRST, "delta": GAMMA}), from_one),
    )  # fmt: skip


def alignment_chain(dimension: int, directions: int, accuracy: float = 0.01) -> Chain:
    """X_t = 1 - C_t on a linear function as a chain that can be simulated: one Beta number a step.

    Parameters
    ----------
    dimension : int
        d, at least 3.
    directions : int
        m: random directions a step beside the surrogate, 1 <= m <= d - 2 (m + 1 in the first step).
    accuracy : number
        eps: the run ends, with X = 0, once 1 - C <= eps.

    Returns
    -------
    Chain

    Raises
    ------
    InputError

    Examples
    --------
    >>> print(alignment_chain(100, 5).bounds()[0].expr)
    99/5 + 99*log(100)/5
    """
    import numba

    from theory.chain import Chain
    from theory.values import exact, number

    for name, value, low, high in (("dimension", dimension, 3, 10**9), ("directions", directions, 1, dimension)):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"{name}: {value!r} must be an integer from {low} to {high}")
    if directions > dimension - 2:
        raise InputError(f"directions: {directions} must be at most dimension - 2 = {dimension - 2}; with more C = 1 at once")
    share = exact(number(accuracy, "accuracy"))
    if not 0 < share < 1:
        raise InputError(f"accuracy: {accuracy!r} must lie between 0 and 1")
    caught, missed, goal = directions / 2, (dimension - 1 - directions) / 2, float(share)

    @numba.njit
    def align(error, rng):
        share = rng.beta(caught + 0.5 if error == 1.0 else caught, missed)
        left = error * (1.0 - share)
        return left if left > goal else 0.0

    drift = v * sympy.Rational(directions, dimension - 1)
    smallest = sympy.Rational(share.numerator, share.denominator)
    return Chain(lambda: 1.0, align, drift, smallest=smallest, name=f"alignment({dimension}, {directions})")


# ---- gradients that rotate


def _rotating() -> tuple[Expr, Expr, Expr]:
    """E[C_1], the slope of the recursion of E[C_t], and its fixed point."""
    slope = (1 - p) * (alpha**2 - (1 - alpha**2) * q)
    return (m + 1) / d, slope, _constant() / (1 - slope)


def _constant() -> Expr:
    """The recursion's value at 0."""
    return p + (1 - p) * (1 - alpha**2) * q


@functools.cache
def rotating_gradient() -> Bound:
    """E[C_t] where the gradient turns at random: u' = alpha u + sqrt(1 - alpha^2) w, w uniform in the complement of u.

    >>> round(rotating_gradient().evaluate(d=200, m=5, alpha="9/10", t=10**4), 14)
    0.12332496713278
    """
    first, slope, fixed = _rotating()
    return statement(
        "E[C_t]", "exact", fixed + (first - fixed) * slope ** (t - 1),
        (*_TURN, at_least(t, 1)), SOURCE, "a linear recursion", _rotation_checks(),
        ("E[S_t+1 | C_t] is affine in C_t, and E[C_t+1 | S_t+1] in S_t+1: the means follow a linear recursion.",
         "Its fixed point and slope give every term from E[C_1] = (m+1)/d."),
        last=("a linear recursion", {"first": first, "constant": _constant(), "slope": slope}),
    )  # fmt: skip


@functools.cache
def limit_alignment() -> Bound:
    """The limit of E[C_t] where the gradient turns at random, which is 1 for alpha = 1.

    >>> limit_alignment().evaluate(d=200, m=5, alpha=1)
    1.0
    """
    return statement(
        "lim E[C_t]", "exact", _rotating()[2], _TURN, SOURCE, "the fixed point of a linear recursion", _rotation_checks(),
        ("The slope lies strictly between -1 and 1, so that E[C_t] tends to the fixed point.",),
        last=("the fixed point of a linear recursion", {"constant": _constant(), "slope": _rotating()[1]}),
    )  # fmt: skip


_TURN = (at_least(m, 1), at_least(d, m + 1), at_least(alpha, 0), alpha <= 1)


def _rotation_checks() -> tuple:
    _, slope, fixed = _rotating()
    share = Symbol("C", nonnegative=True)
    after = alpha**2 * share + (1 - alpha**2) * (1 - share) * q
    one, a, b = sympy.symbols("C_1 A B", positive=True)
    limit = a / (1 - b)
    term = limit + (one - limit) * b ** (t - 1)
    return (
        _BETA,
        _SPLIT,
        _FIRST,
        premise(
            "E[C_t+1 | C_t] = p + (1-p)(alpha^2 C + (1 - alpha^2)(1 - C)/(d-1)) is affine in C",
            "w is uniform in d - 1 dimensions, in which the estimate has the share 1 - C; the mixed term has mean 0",
            Identity(p + (1 - p) * after, p + (1 - p) * (1 - alpha**2) * q + slope * share),
        ),
        premise("its fixed point", "symbolically", Identity(p + (1 - p) * (1 - alpha**2) * q, fixed * (1 - slope))),
        premise(
            "the recursion C' = A + B C has the terms A/(1-B) + (C_1 - A/(1-B)) B^(t-1)",
            "symbolically",
            Identity(a + b * term, limit + (one - limit) * b * b ** (t - 1)),
        ),
    )


def bounds() -> list[tuple[str, Bound]]:
    """What is derived here, each with a label."""
    upper, tail, lower, whole, whole_lower = iterations()
    return [
        ("ES estimate, one step", one_step()),
        ("ES estimate without surrogate", mean_cosine()),
        ("ES on a linear function, mean", error_moment(1)),
        ("ES on a linear function, second moment", error_moment(2)),
        ("ES on a linear function, from a surrogate", upper),
        ("ES on a linear function, from a surrogate", tail),
        ("ES on a linear function, from a surrogate", lower),
        ("ES on a linear function", whole),
        ("ES on a linear function", whole_lower),
        ("ES on a turning gradient", rotating_gradient()),
        ("ES on a turning gradient", limit_alignment()),
    ]
