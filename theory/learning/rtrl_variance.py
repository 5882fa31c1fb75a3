"""The error of unbiased online gradients over time: a drift recursion, its size per entry, and one case in closed form.

A. Mujika, F. Meier, A. Steger, *Approximating real-time recurrent learning with random Kronecker factors*, NeurIPS 2018: under
contraction the mean variance of KF-RTRL's entries is O(1/n), that of UORO's Theta(1). The explicit forms are derived here.

An unbiased estimate obeys error' = H error + noise with noise of mean 0 given the past. So where |H| <= rho < 1 (spectral norm)
and E|noise|^2 <= sigma^2, the squared error V has E[V' | past] <= rho^2 V + sigma^2: it drifts towards sigma^2/(1 - rho^2), a
pull that is multiplicative and a noise that is additive.

Notation: n units, N = n states, p = gates n columns, m entries of h = (x, h_{t-1}, 1) with n <= m <= mu n, so that G has
N m p entries; A n >= |h|^2 >= alpha n and B n >= |D|^2 >= beta n. These are upper bounds for KF-RTRL, a lower one for UORO: they
tell orders of growth and are far from tight.

The scalar chain is h_t = w h_{t-1} + x_t with 0 < w < 1 and h_t >= 0, one weight w, G_t = dh_t/dw = w G_{t-1} + h_{t-1}; the
estimate is one product, so KF-RTRL's step is g' = w g + h +- 2 sqrt(w g h) = (sqrt(w g) +- sqrt(h))^2.
"""

from __future__ import annotations

import functools
from fractions import Fraction

import sympy
from sympy import Symbol

from theory.bound import Bound
from theory.drift import MultiplicativeDrift
from theory.facts import Computation, Identity, Inequality
from theory.learning.common import at_least, from_theorem, premise, statement
from theory.learning.optimal_reduction import OK
from theory.learning.rtrl_noise import KF, UORO, P, rho
from theory.lemmas import of
from theory.symbols import n, t, v

sigma = Symbol("sigma", positive=True)
start = Symbol("V_0", nonnegative=True)
a = Symbol("a", positive=True)
A, B = Symbol("A", positive=True), Symbol("B", positive=True)
alpha, beta = Symbol("alpha", positive=True), Symbol("beta", positive=True)
gates, mu = Symbol("gates", integer=True, positive=True), Symbol("mu", positive=True)
w, x = Symbol("w", positive=True), Symbol("x", positive=True)
_CONTRACTS = (at_least(rho, 0), rho < 1)
_j = Symbol("j", integer=True, positive=True)


# ---- the recursion, as drift


def _pull(checks: tuple = ()) -> tuple:
    y, z = Symbol("y", nonnegative=True), Symbol("z", real=True)
    return (
        premise("|H error|^2 <= (rho |error|)^2 = rho^2 V", "symbolically", Identity((rho * y) ** 2, rho**2 * y**2)),
        premise("E|e + noise|^2 = |e|^2 + E|noise|^2 for noise = +-z of mean 0", "symbolically",
                Identity(((y + z) ** 2 + (y - z) ** 2) / 2, y**2 + z**2)),
        *checks,
    )  # fmt: skip


@functools.cache
def error_over_time() -> Bound:
    """E[V_t] after t steps from V_0, where E[V' | past] <= rho^2 V + sigma^2: a start is forgotten, the noise stays.

    >>> error_over_time().evaluate(rho="1/2", sigma=3, V_0=0, t=1), error_over_time().evaluate(rho="1/2", sigma=3, V_0=20, t=1)
    (9.0, 14.0)
    """
    share, limit = rho**2, sigma**2 / (1 - rho**2)
    expr = limit + (start - limit) * share**t
    y = Symbol("y", nonnegative=True)
    checks = _pull((
        premise("the excess over sigma^2/(1 - rho^2) shrinks by rho^2", "symbolically",
                Identity(share * y + sigma**2 - limit, share * (y - limit))),
    ))  # fmt: skip
    return statement(
        "E[V_t]", "upper", expr, (*_CONTRACTS, at_least(t, 0)), KF, "a linear recursion of the variance", checks,
        ("V_t = |estimate - G_t|^2.",), last=("a variance that forgets", {"start": start, "share": share, "noise": sigma**2}),
    )  # fmt: skip


@functools.cache
def steps_until_noise() -> Bound:
    """E[T] until the squared error is at most a sigma^2/(1 - rho^2), a > 1, from V_0: multiplicative drift.

    Above that level the pull beats the noise: E[V - V'] >= (1 - rho^2)(V - sigma^2/(1 - rho^2)) >= (1 - rho^2)(1 - 1/a) V.

    >>> round(steps_until_noise().evaluate(rho="1/2", sigma=1, V_0=100, a=2), 3)
    12.332
    """
    level = a * sigma**2 / (1 - rho**2)
    where = (*_CONTRACTS, a > 1, at_least(start, level))
    share = (1 - rho**2) * (1 - 1 / a)
    pull, floor = Symbol("delta", positive=True), Symbol("s_min", positive=True)  # whatever they are, the theorem is this
    bound = MultiplicativeDrift.apply(pull * v, start, smallest=floor, where=(at_least(start, floor),))
    excess = Symbol("y", nonnegative=True)  # V = level + excess
    checks = _pull((
        premise("V - rho^2 V - sigma^2 = (1 - rho^2)(V - sigma^2/(1 - rho^2))", "symbolically",
                Identity(v - rho**2 * v - sigma**2, (1 - rho**2) * (v - sigma**2 / (1 - rho**2)))),
        premise("for V = level + y that is more than (1 - rho^2)(1 - 1/a) V by (1 - rho^2) y/a", "symbolically",
                Identity((1 - rho**2) * (level + excess - level / a) - share * (level + excess),
                         (1 - rho**2) * excess / a)),
        premise("y/a >= 0", "symbolically", Inequality(excess / a, sympy.Integer(0))),
        premise("delta = (1 - rho^2)(1 - 1/a)", "symbolically", Identity(share, (1 - rho**2) - (1 - rho**2) / a)),
    ))  # fmt: skip
    return from_theorem(
        bound, quantity="E[T]", start="any", unit="steps", source=KF, checks=checks, conditions=where,
        put={pull: share, floor: level}, last=("multiplicative drift", {"start": start, "low": level, "delta": share}),
        potential="X_t = V_t while it is above a sigma^2/(1 - rho^2), and 0 from then on", region="a sigma^2/(1 - rho^2) <= v",
        steps=("error' = H error + noise, and E|error'|^2 = |H error|^2 + E|noise|^2 given the past.",),
    )  # fmt: skip


# ---- per entry, with n units


@functools.cache
def kf_per_entry() -> Bound:
    """The mean variance of the entries of KF-RTRL's estimate: O(1/n).

    >>> values = dict(rho="1/4", A=1, B=1, gates=1)
    >>> round(kf_per_entry().evaluate(n=10, **values) / kf_per_entry().evaluate(n=100, **values), 9)
    10.0
    """
    root = sympy.sqrt(rho)
    noise = 4 * rho * A * B * n**2 / (1 - root) ** 2
    both, wide = n * sympy.sqrt(A * B), Symbol("y", nonnegative=True)
    entries = n * n * gates * n
    checks = (
        premise("C_1^2 C_2^2 = (A n)(B n)", "symbolically", Identity((A * n) * (B * n), A * B * n**2)),
        premise("4 g (rho g) C_1 C_2 with g = sqrt(C_1 C_2)/(1 - sqrt(rho)), C_1 C_2 = n sqrt(A B)", "symbolically",
                Identity(4 * rho * (sympy.sqrt(both) / (1 - root)) ** 2 * both, noise, (rho < 1,))),
        premise("G has n m p >= n n (gates n) entries", "symbolically; m = n + y",
                Inequality(n * (n + wide) * gates * n, entries)),
        premise("|H error|^2 <= rho^2 |error|^2", "symbolically", Identity((rho * wide) ** 2, rho**2 * wide**2)),
    )  # fmt: skip
    return statement(
        "E|KF-RTRL estimate - G_t|^2 per entry", "upper", noise / ((1 - rho**2) * entries), _CONTRACTS, KF,
        "a linear recursion of the variance", checks,
        ("E|noise|^2 <= 4 P <= 4 rho g^2 C_1 C_2 in each step; the variance is at most that over 1 - rho^2.",),
        last=("a variance per entry", {"share": rho**2, "noise": noise, "entries": entries}),
    )  # fmt: skip


@functools.cache
def uoro_per_entry() -> Bound:
    """The mean variance of the entries of UORO's estimate: at least a constant, whatever n.

    >>> values = dict(alpha=1, beta=1, gates=1, mu=2)
    >>> uoro_per_entry().evaluate(n=2, **values), round(uoro_per_entry().evaluate(n=1000, **values), 6)
    (0.25, 0.4995)
    """
    noise, entries = (n - 1) * alpha * n * beta * n, n * mu * n * gates * n
    wide = Symbol("y", nonnegative=True)
    checks = (
        premise("(N - 1) |h|^2 |D|^2 >= (n - 1)(alpha n)(beta n)", "symbolically",
                Identity(noise, (n - 1) * alpha * beta * n**2)),
        premise("E|(nu nu^T - 1) F|^2 = (N - 1) |F|^2", "over all signs, in fractions, for N = 1, ..., 5",
                Computation("theory.learning.rtrl_noise:uoro_injects", (("sizes", (1, 2, 3, 4, 5)),), True,
                            "a UORO step is unbiased and adds N - 1 times the squared norm of F to its other noise")),
        premise("G has n m p <= n (mu n)(gates n) entries", "symbolically; mu n = m + y",
                Inequality(n * (mu * n + wide) * gates * n, entries)),
    )  # fmt: skip
    return statement(
        "E|UORO estimate - G_t|^2 per entry", "lower", noise / entries, (at_least(n, 1),), UORO, "the last step's injection",
        checks, ("The noises of different steps are uncorrelated, so that the variance is at least that of the last one.",),
        last=("the last step alone", {"noise": noise, "entries": entries}),
    )  # fmt: skip


@functools.cache
def uoro_against_kf() -> Bound:
    """UORO's variance over that of KF-RTRL: at least a constant times n - 1, in a network of n units that contracts.

    >>> values = dict(rho="1/4", A=1, B=1, alpha=1, beta=1)
    >>> uoro_against_kf().evaluate(n=101, **values) / uoro_against_kf().evaluate(n=11, **values)
    10.0
    """
    root = sympy.sqrt(rho)
    low = (n - 1) * alpha * beta * n**2
    high = 4 * rho * A * B * n**2 / ((1 - root) ** 2 * (1 - rho**2))
    checks = (
        *uoro_per_entry().derivation.checks[1:2],  # type: ignore[union-attr]
        premise("(N - 1) |h|^2 |D|^2 >= (n - 1)(alpha n)(beta n)", "symbolically",
                Identity((n - 1) * (alpha * n) * (beta * n), low)),
        premise("the bound for ever of KF-RTRL with C_1^2 = A n, C_2^2 = B n", "symbolically",
                Identity(4 * (A * n) * (B * n) * rho / ((1 - root) ** 2 * (1 - rho**2)), high)),
    )  # fmt: skip
    where = (rho > 0, rho < 1, at_least(n, 1))
    return statement(
        "E|UORO estimate - G_t|^2 / E|KF-RTRL estimate - G_t|^2", "lower", low / high, where, UORO,
        "the last step's injection against all noise", checks,
        ("Both estimates have the same number of entries, so the ratio is that of the mean variances too.",),
        last=("two variances compared", {"low": low, "high": high}),
    )  # fmt: skip


# ---- the scalar chain


def scalar_chain_holds(roots: tuple, w_root: Fraction) -> bool:
    """KF-RTRL on a scalar chain with h_t = roots[t]^2 and w = w_root^2, over all signs: mean, noise and variance as stated.

    With these squares sqrt(g) stays rational: q' = sqrt(w) q +- sqrt(h), g = q^2. The inputs are x_t = h_t - w h_{t-1}.

    >>> scalar_chain_holds((Fraction(0), Fraction(1), Fraction(2, 3), Fraction(5, 4)), Fraction(1, 2))
    True
    """
    weight, features = w_root**2, [root**2 for root in roots]
    law: dict[Fraction, Fraction] = {Fraction(0): Fraction(1)}  # of q
    exact, variance = Fraction(0), Fraction(0)
    for root, feature in zip(roots, features):
        noise = sum((chance * 4 * weight * q * q * feature for q, chance in law.items()), Fraction(0))
        if noise != 4 * weight * exact * feature:  # the mean of the estimate is in it
            return False
        later: dict[Fraction, Fraction] = {}
        for q, chance in law.items():
            for sign in (1, -1):
                new = abs(w_root * q + sign * root)
                later[new] = later.get(new, Fraction(0)) + chance / 2
        law, exact, variance = later, weight * exact + feature, weight**2 * variance + noise
        mean = sum((chance * q * q for q, chance in law.items()), Fraction(0))
        second = sum((chance * (q * q - exact) ** 2 for q, chance in law.items()), Fraction(0))
        if (mean, second) != (exact, variance):
            return False
    return True


_ROOTS = tuple(Fraction(y) for y in ("0", "1", "2/3", "5/4", "0", "3/2", "1/2"))
_LITERAL = premise(
    "E[g] = G, E|noise|^2 = 4 w G h and V' = w^2 V + 4 w G h", "over all signs, in fractions, for seven steps",
    Computation("theory.learning.rtrl_variance:scalar_chain_holds", (("roots", _ROOTS), ("w_root", Fraction(2, 3))), True,
                "the literal chain has this mean, noise and variance in every step"),
)  # fmt: skip


def _state(step):
    return x * (1 - w**step) / (1 - w)


def _influence(step):
    return x * (1 - step * w ** (step - 1) + (step - 1) * w**step) / (1 - w) ** 2


@functools.cache
def scalar_chain() -> tuple[Bound, Bound, Bound, Bound, Bound]:
    """h_t = w h_{t-1} + x from h_0 = 0: G_t, the noise of KF-RTRL in step t, its variance after t steps and for ever, OK's (0).

    Examples
    --------
    >>> influence, noise, variance, limit, ok = scalar_chain()
    >>> put = dict(w="1/2", x=1)
    >>> [bound.evaluate(t=3, **put) for bound in (influence, noise, variance)], limit.evaluate(**put), ok.evaluate()
    ([2.0, 3.0, 3.0], 21.333333333333332, 0.0)
    """
    before = t - 1
    y, z = sympy.symbols("y z", real=True)
    bracket = (
        (1 - w ** (2 * t)) / (1 - w**2)
        - 2 * w**before * (1 - w**t) / (1 - w)
        + t * w ** (2 * before)
        - (w ** (2 * before) - t * w**before + before * w ** (t - 2)) / (1 - w)
        + (1 - w) * w ** (2 * t - 3) * before * t / 2
    )
    variance = 4 * w * x**2 / (1 - w) ** 3 * bracket
    noise = 4 * w * _influence(_j) * _state(_j)
    step = 4 * w * _influence(before) * _state(before)
    endless = 4 * w * (x / (1 - w) ** 2) * (x / (1 - w))
    where, timed = (w < 1,), (w < 1, at_least(t, 1))
    states = premise("h_t = w h_t-1 + x", "symbolically", Identity(w * _state(before) + x, _state(t), where))
    exact = premise("G_t = w G_t-1 + h_t-1", "symbolically",
                    Identity(w * _influence(before) + _state(before), _influence(t), where))  # fmt: skip
    each = premise("4 w G h with the values of this chain", "symbolically",
                   Identity(noise, 4 * w * x**2 * (1 - w**_j) / (1 - w) ** 3
                            * (1 - _j * w ** (_j - 1) * (1 - w) - w**_j)))  # fmt: skip
    again = premise("V_t+1 = w^2 V_t + 4 w G_t h_t", "at rational points",
                    Identity(variance.subs(t, t + 1), w**2 * variance + step.subs(t, t + 1), where))  # fmt: skip
    ends = premise("G_t tends to x/(1 - w)^2, h_t to x/(1 - w): fixed points", "symbolically",
                   Identity(w * x / (1 - w) ** 2 + x / (1 - w), x / (1 - w) ** 2, where))  # fmt: skip
    last = premise("4 w G h with these limits", "symbolically", Identity(endless, 4 * w * x**2 / (1 - w) ** 3, where))
    square = premise("the factor is w^2", "symbolically", Identity((w * x) ** 2, w**2 * x**2))
    parallel = premise("HA and D are numbers y and z: their Gram determinant, |HA|^2 |D|^2 sin_A^2, is 0", "symbolically",
                       Identity(y**2 * z**2 - (y * z) ** 2, sympy.Integer(0)))  # fmt: skip
    of_chain = "of h_t = w h_t-1 + x"
    return (
        statement(f"G_t {of_chain}", "exact", _influence(t), timed, KF, "a geometric sum", (states, exact),
                  last=("a geometric derivative", {"w": w, "x": x})),
        statement(f"E|noise of KF-RTRL|^2 in step t {of_chain}", "exact", step, timed, KF, "noise of a product",
                  (_LITERAL, states, exact),
                  ("g' = (sqrt(w g) +- sqrt(h))^2 is never negative, so 2 P (1 + cos_u cos_A) = 4 w g h, of mean 4 w G h.",),
                  last=("two parallel products", {"w": w, "mean": _influence(before), "feature": _state(before)})),
        statement(f"E|KF-RTRL estimate - G_t|^2 {of_chain}", "exact", variance, timed, KF, "uncorrelated noises add up",
                  (_LITERAL, states, exact, each, again, square),
                  last=("noises that accumulate", {"share": w**2, "noise": of(_j, noise)})),
        statement(f"lim E|KF-RTRL estimate - G_t|^2 {of_chain}", "exact", endless / (1 - w**2), where, KF,
                  "uncorrelated noises add up", (_LITERAL, ends, last, square),
                  last=("noises that accumulate for ever", {"share": w**2, "noise": endless})),
        statement(f"E|OK(1) estimate - G_t|^2 {of_chain}", "exact", sympy.Integer(0), (), OK, "parallel factors", (parallel,),
                  ("A sum of two products with parallel factors is one product: OK keeps it whole, KF-RTRL does not see it.",),
                  last=("one rank is kept whole", {"product": P, "sine": sympy.Integer(0)})),
    )  # fmt: skip


def bounds() -> list[tuple[str, Bound]]:
    """What is derived here, each with a label."""
    return [
        ("RTRL, the error over time", error_over_time()),
        ("RTRL, steps until the noise is left", steps_until_noise()),
        ("RTRL, KF-RTRL with n units", kf_per_entry()),
        ("RTRL, UORO with n units", uoro_per_entry()),
        ("RTRL, UORO against KF-RTRL", uoro_against_kf()),
        *(("RTRL, a scalar chain", bound) for bound in scalar_chain()),
    ]
