"""Rates that change with time, and the hidden subset problem: OneMax and linear functions, LeadingOnes, with n unknown.

H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, TCS 785 (2019).

Notation: p_s the rate of offspring s, L_n(t) = sum over s <= t of p_s (1-p_s)^(n-1), beta(a) = a/x with a E_1(x) = 1.

*A static rate* acts on the relevant bits as on a string of n bits: every bound of the base holds.

*OneMax from above*, for every n and every schedule: k falls by at least k p_s (1-p_s)^(n-1) on average, so E[k_t] <= E[k_0]
times the product of the 1 - p_s (1-p_s)^(n-1), which by Markov's inequality bounds P(T > t).

*As n grows*, a ln t/t and a W(t)/t have L_n(tau n ln n) = (1 + o(1)) a E_1(a/tau) ln n
(:mod:`theory.hidden_subset.functional`). From above, n/2 exp(-L_n) is n^-delta at tau > beta(a), and falls like tau^(-a ln n), so
that E[T] <= (1 + o(1)) beta(a) n ln n. From below, Theorem 2 of :mod:`theory.bounds.any_rates_lower` at K = n/ln^2 n, where M =
n (1 - o(1)): at tau < beta(a), Lambda is at most (1 - delta) ln n, so P(T <= t) = O(1/ln n).

Linear functions in general have the same leading term (:mod:`theory.bounds.linear_schedules`).

*Every schedule.* If E[T] <= g n ln n for all large n, then by Markov P(T <= (1 + eps) g n ln n) stays away from 0, so by
Theorem 2 Lambda_n((1 + eps) g n ln n) >= (1 - delta) ln n. Integrate over dn/(n ln n) from A to A^2: (1 - delta) ln A on the
right. On the left, step s counts for n >= nu, where s = (1 + eps) g nu ln nu, so with p = p_s, y = (1 - eta) p nu and
M >= (1 - eta) n it gives at most

    p * integral from nu of e^(-(1-eta) p n) dn/(n ln n) <= p E_1(y)/ln nu = (1 + eps) g y E_1(y)/((1 - eta) s)
                                                         <= (1 + eps) g max(y E_1(y))/((1 - eta) s),

and the sum of 1/s over the steps is ln A + O(ln ln A); those with nu < A add O(1). So g >= 1/max y E_1(y) = beta. Equality
needs y E_1(y) near its maximum at almost all s in the logarithmic sense: p_s s/ln s -> alpha on a set of logarithmic density 1.
Mixtures of rates: the left side is linear in them.

*LeadingOnes* under a/sqrt(t): the level i rises by 2 p (1-p)^i a step on average, so in the limit of large n, i' = 2 p e^(-p i)
and i = kappa sqrt(t) with a kappa e^(a kappa) = 4 a^2. Hence T = (a/W(4 a^2))^2 n^2, smallest at a = sqrt(e)/2: (e/4) n^2. No
error bound.
"""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Function, Integer, LambertW, Min, Product, Sum, Symbol, log

from theory.algorithms import OnePlusOneEA
from theory.bounds import any_rates_lower, linear_schedules
from theory.bounds.common import Bound, Check, Source, argument, because, concluding, p
from theory.errors import InputError
from theory.facts import Computation, DriftFact, Identity, LimitFact
from theory.hidden_subset import functional
from theory.lemmas import applied, of
from theory.problems import BinVal, HiddenSubset, LeadingOnes, Linear, OneMax
from theory.process import Process
from theory.schedules import at_most_half, recognise, text
from theory.symbols import c, k, n, t

EINARSSON = Source(
    "Einarsson et al. 2019",
    "@article{EinarssonGauyLenglerMeierMujikaStegerWeissenberger2019,\n"
    "  author = {Einarsson, Hafsteinn and Gauy, Marcelo Matheus and Lengler, Johannes and Meier, Florian and Mujika, Asier and"
    " Steger, Angelika and Weissenberger, Felix},\n"
    "  title = {The linear hidden subset problem for the (1+1) {EA} with scheduled and adaptive mutation rates},\n"
    "  journal = {Theoretical Computer Science},\n  volume = {785},\n  year = {2019},\n}",
)
SCHEDULED = Source("multiplicative drift, one rate a step", EINARSSON.bibtex)
FLUID = Source("fluid limit of the level")
_s = Symbol("s", integer=True, positive=True)
_u = Symbol("u", integer=True, nonnegative=True)


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA on a hidden subset, and with rates in the time on OneMax.

    >>> from theory import LogSchedule
    >>> process = OnePlusOneEA(LogSchedule()).on(HiddenSubset())
    >>> for bound in bounds(process):
    ...     if bound.quantity == "E[T]":
    ...         print(bound.direction, bound.start, round(bound.evaluate(n=100, **({"k": 100} if bound.start == k else {})), 1))
    upper uniform 1729.5
    asymptotic uniform 1636.0
    lower k 510.0
    lower uniform 510.0
    """
    rate, hidden = process.rate, isinstance(process.problem, HiddenSubset)
    if rate is None or not isinstance(process.algorithm, OnePlusOneEA):
        return []
    size = process.problem.size if isinstance(process.problem, HiddenSubset) else None
    where = () if size is None else (sympy.Le(n, size, evaluate=False),)
    found: list[Bound] = []
    if "t" in process.rate_symbols:
        if process.rate_symbols == {"t"} and at_most_half(rate):
            found += _scheduled(process, rate)
    elif hidden:
        from theory.catalogue import _all

        why = "Neither acceptance nor the end of a run asks for bits without weight: the others are a chain by themselves."
        for bound in _all(process.core):
            found.append(bound if bound.derivation is None else because(bound, why))
    if hidden and not process.is_static and at_most_half(rate):
        found += any_rates_lower.bounds()
    return [_assuming(bound, where) for bound in found]


def _assuming(bound: Bound, where: tuple) -> Bound:
    """The bound, and its last step, under more conditions."""
    derivation = bound.derivation
    if derivation is not None and derivation.conclusion is not None:
        last = replace(derivation.conclusion, where=(*where, *derivation.conclusion.where))
        derivation = replace(derivation, conclusion=last)
    return bound.with_(conditions=(*where, *bound.conditions), derivation=derivation)


def _scheduled(process: Process, rate: Expr) -> list[Bound]:
    """Rates in t alone, at most 1/2."""
    problem, named = process.core.problem, recognise(rate)
    growing = named is not None and named[0] in ("LogSchedule", "LambertSchedule")
    found: list[Bound] = []
    if isinstance(problem, OneMax):
        found += _onemax(rate, growing)
    if growing and named is not None and isinstance(problem, (OneMax, BinVal, Linear)):
        found += _asymptotic(problem, rate, named[1])
    if named is not None and named[0] == "SqrtSchedule" and isinstance(problem, LeadingOnes):
        found.append(_leadingones(named[1]))
    return found


# ---- OneMax, for every n


def _onemax(rate: Expr, growing: bool) -> list[Bound]:
    """P(T > t) <= n/2 times the product; and its sum, where the remainder of the sum is bounded."""
    here = Function("p")(_s)
    gone = n / 2 * Product(1 - here * (1 - here) ** (n - 1), (_s, 1, t))
    step = DriftFact(OnePlusOneEA(c / n).on(OneMax()), k * c / n * (1 - c / n) ** (n - 1), ">=", where=(c < n,))
    proof = argument(
        "multiplicative drift (Doerr, Johannsen, Winzen 2012), one rate a step",
        f"p(s) is the rate of offspring s, {text(rate)}.",
        "In step s, k falls by at least k p_s (1-p_s)^(n-1) on average: one zero-bit flips and nothing else.",
        "So E[k_t] <= n/2 times the product of the 1 - p_s (1-p_s)^(n-1), and P(T > t) = P(k_t >= 1) <= E[k_t].",
        checks=(Check("k falls by at least k p (1-p)^(n-1), at every rate", "exactly on the chain", "premise", step),),
    )
    tail = Bound("P[T > t]", "upper", gone, start="uniform", source=SCHEDULED, derivation=proof,
                 exact_function=functools.partial(survival, rate))  # fmt: skip
    given: dict[str, Any] = {"start": n / 2, "low": Integer(1), "p": of(_s, here), "delta": of(p, p * (1 - p) ** (n - 1))}
    if not growing:
        return [concluding(tail, "multiplicative drift, one rate a step, tail", **given)]
    total = Sum(Min(1, gone.subs(t, _u)), (_u, 0, sympy.oo))
    mean = tail.with_(quantity="E[T]", expr=total, exact_function=functools.partial(_sum_of_survival, rate))
    return [
        concluding(mean, "multiplicative drift, one rate a step", **given),
        concluding(tail, "multiplicative drift, one rate a step, tail", **given),
    ]


def _progress(rate: Expr, size: int, first: int, last: int) -> np.ndarray:
    """-ln(1 - p_s (1-p_s)^(n-1)) for s = first, ..., last."""
    s = np.arange(first, last + 1, dtype=float)
    with np.errstate(all="ignore"):
        function = sympy.lambdify(t, rate, [{"LambertW": lambert_w}, "numpy"])
        p = np.broadcast_to(np.asarray(function(s), dtype=float), s.shape)
    return -np.log1p(-p * np.exp((size - 1) * np.log1p(-p)))


def lambert_w(y: np.ndarray) -> np.ndarray:
    """W(y) for y >= 1, by Newton's iteration for w + ln w = ln y.

    >>> lambert_w(np.array([1.0, 1e9])).round(12).tolist()
    [0.56714329041, 17.841725967421]
    """
    log = np.log(y)
    w = np.log1p(y) / (1 + np.log1p(np.log1p(y)) / (1 + np.log1p(y)))
    for _ in range(4):
        w = w * (1 + log - np.log(w)) / (1 + w)
    return w


def survival(rate: Expr, values: dict) -> float:
    """n/2 times the product up to t.

    >>> from theory import LogSchedule
    >>> round(survival(LogSchedule(), {"n": 100, "t": 1000}), 4)
    4.9868
    """
    size, last = int(values["n"]), int(values["t"])
    total = sum(float(_progress(rate, size, first, min(first + 2**18 - 1, last)).sum()) for first in range(1, last + 1, 2**18))
    return size / 2 * math.exp(-total)


def _sum_of_survival(rate: Expr, values: dict) -> float:
    """The sum over t of min(1, n/2 times the product), with a bound on what is left out.

    With the rate a l(s)/s, l rising, and Q = (1-p_s)^(n-1) at the last s, factor u > s is at most exp(-a l(s) Q/u): the rest
    of the sum is at most s/(a l(s) Q - 1) times its last term.
    """
    size, done, log_of_last, total = int(values["n"]), 0, math.log(int(values["n"]) / 2), min(1.0, int(values["n"]) / 2)
    chunk = max(1024, 4 * size)
    while done < 10**9:
        terms = log_of_last - np.cumsum(_progress(rate, size, done + 1, done + chunk))
        total += float(np.exp(np.minimum(terms, 0.0)).sum())
        done, log_of_last = done + chunk, float(terms[-1])
        p = float(rate.subs(t, done).evalf(17))
        power = p * done * math.exp((size - 1) * math.log1p(-p))
        if power > 1 and log_of_last < 0 and math.exp(log_of_last) * done / (power - 1) < 1e-10 * total:
            return total + math.exp(log_of_last) * done / (power - 1)
        chunk = min(2 * chunk, 2**20)
    raise InputError(f"n: the sum at n = {size} takes more than 10^9 terms; take the asymptotic bound")


# ---- as n grows


def beta(a: Any, digits: int = 20) -> Expr:
    """beta(a) with a E_1(a/beta) = 1, as a sympy number.

    >>> from theory.schedules import optimal_constant
    >>> beta(optimal_constant()).evalf(12), beta(1).evalf(12)
    (3.55247825733, 3.77733358209)
    """
    import mpmath

    from theory.constants import hidden_subset_alpha, hidden_subset_penalty

    with mpmath.workdps(digits + 15):
        given = mpmath.mpf(sympy.Float(sympy.sympify(a), digits + 15)._to_mpmath(4 * digits + 60))
        ratio = given / hidden_subset_alpha(digits + 12)
    return sympy.Float(mpmath.nstr(hidden_subset_penalty(ratio, digits), digits), digits)


@functools.cache
def _asymptotic_checks() -> tuple[Check, ...]:
    a, tau = Symbol("a", positive=True), Symbol("tau", positive=True)
    p = a * log(tau * n * log(n)) / (tau * n * log(n))
    density = p * (1 - p) ** (n - 1) * n
    values = tuple((x, Fraction(y)) for x, y in ((a, "3/2"), (tau, "2")))
    return (
        Check("n p_s (1-p_s)^(n-1) tends to (a/tau) e^(-a/tau) at s = tau n ln n", "numerically, at n up to 10^160", "premise",
              LimitFact(density, n, a / tau * sympy.exp(-a / tau), values)),
        Check("a E_1(a/tau) grows by (a/tau) e^(-a/tau)", "symbolically", "premise",
              Computation(functional.HERE + "derivatives_are_as_claimed", (), True,
                          "the derivatives of x E_1(x), of e^x E_1(x) and of a E_1(a/tau) are as claimed")),
    )  # fmt: skip


def _asymptotic(problem: Any, rate: Expr, a: Expr) -> list[Bound]:
    """(1 + o(1)) beta(a) n ln n."""
    factor = beta(a)
    leading = factor * n * log(n)
    full = Check("a E_1(a/beta(a)) = 1", "by ball arithmetic, to 15 digits", "premise",
                 Computation(functional.HERE + "progress_is_one", (("a", a), ("tau", factor)), True,
                             "the log-progress a E_1(a/tau) is 1 at tau = beta(a), to 15 digits", "balls"))  # fmt: skip
    checks, last = (*_asymptotic_checks(), full), applied("log-progress of a schedule", tau=factor)
    lower_steps = (
        "Lower side: K = n/ln^2 n, M = n (1 - o(1)). At t = tau n ln n with tau < beta(a), Lambda(t) <= (1 - delta) ln n.",
        "So P(T <= t) = O(1/ln n) by Theorem 2; a uniform start has K zero-bits or more, but for an exponentially small chance.",
    )
    lower = argument(
        "Theorem 2 and the log-progress", *lower_steps, checks=checks, lemmas=(any_rates_lower.second(),), conclusion=last
    )
    from_below = Bound("E[T]", "asymptotic", leading, start="uniform", source=EINARSSON, derivation=lower, side="lower")
    if not isinstance(problem, OneMax):
        linear = linear_schedules.bound(rate)
        assert linear.derivation is not None
        both = argument(
            "Witt's potential made for the largest rate, and Theorem 2",
            "Upper side: t_0 = eps n ln n, alpha = ln ln n: ln G = ln n + O(ln ln n), as n p(t_0 + 1) is bounded.",
            "L(tau n ln n) - L(t_0) = (1 + o(1)) (a E_1(a/tau) - a E_1(a/eps)) ln n, which as eps -> 0 is ln n at tau = beta(a).",
            *lower_steps,
            checks=checks,
            lemmas=(linear.derivation, any_rates_lower.second()),
            conclusion=last,
        )
        any_start = from_below.with_(start="any", side="upper", derivation=both)
        return [linear, from_below.with_(side="both", derivation=both), any_start]
    both = argument(
        "multiplicative drift, one rate a step, and Theorem 2",
        "L_n(tau n ln n) = (1 + o(1)) a E_1(a/tau) ln n, and beta(a) is where a E_1(a/beta) = 1.",
        "Upper side: P(T > t) <= n/2 exp(-L_n(t)) is n^-delta at tau > beta(a), falling like tau^(-a ln n): a sum of o(n ln n).",
        *lower_steps,
        checks=checks,
        lemmas=(any_rates_lower.second(), *(bound.derivation for bound in _onemax(1 / (2 * t), False) if bound.derivation)),
        conclusion=last,
    )
    return [from_below.with_(side="both", derivation=both)]


def every_schedule() -> Bound:
    """No schedule, nor a schedule of mixtures of rates, is better than (1 + o(1)) beta n ln n for all n.

    >>> print(every_schedule().relation, every_schedule().expr.evalf(6))
    >= (1 + o(1)) * 3.55248*n*log(n)
    """
    p, nu, g, s = (Symbol(name, positive=True) for name in ("p", "nu", "g", "s"))
    here, y = functional.HERE, p * nu
    proof = argument(
        "averaging over n",
        "If E[T] <= g n ln n for all n, Theorem 2 gives Lambda_n((1 + eps) g n ln n) >= (1 - delta) ln n. Integrate dn/(n ln n).",
        "Step s counts for n >= nu, s = g nu ln nu, by p * integral of e^(-pn) dn/(n ln n) <= p E_1(p nu)/ln nu.",
        "With y = p nu that is (g/s) y E_1(y).",
        "From A to A^2 it sums up to at most g max(y E_1(y)) (1 + o(1)) ln A, against (1 - delta) ln A. So g >= 1/max y E_1(y).",
        statement="no schedule is better than beta n ln n for all n",
        checks=(
            Check("p/ln nu = (g/s) p nu for s = g nu ln nu", "symbolically", "premise",
                  Identity(p / log(nu), (g / s * y).subs(s, g * nu * log(nu)))),
            Check("(x E_1)' = E_1 - e^-x, (e^x E_1)' = e^x E_1 - 1/x, E_1(p nu)' = -e^(-p nu)/nu", "symbolically", "premise",
                  Computation(here + "derivatives_are_as_claimed", (), True,
                              "the derivatives of x E_1(x), e^x E_1(x) and E_1(p nu) are as claimed")),
            Check("x E_1(x) has one maximum: e^x E_1(x) falls", "by ball arithmetic", "necessary",
                  Computation(here + "has_one_maximum", (), True, "E_1(x) < e^-x/x on [1/100, 10]", "balls")),
            Check("it is at x*", "by ball arithmetic, to 30 digits", "necessary",
                  Computation(here + "maximiser_is_enclosed", (("digits", 30),), True,
                              "E_1(x) - e^-x changes its sign within 10^-30 of x*", "balls")),
            Check("x* E_1(x*) = 1/beta", "by ball arithmetic, to 30 digits", "necessary",
                  Computation(here + "maximum_is_one_over_beta", (("digits", 30),), True,
                              "x* E_1(x*) beta = 1 up to 10^-30", "balls")),
            _constants(),
        ),
        lemmas=(any_rates_lower.second(),),
        conclusion=applied("no schedule is faster", largest=_optimal()),
    )  # fmt: skip
    return Bound("E[T]", "asymptotic", _optimal() * n * log(n), start="uniform", source=EINARSSON, derivation=proof, side="lower")


def uniqueness() -> Bound:
    """What a schedule with (1 + o(1)) beta n ln n for all n must be: p_t t/ln t -> alpha, but for t of logarithmic density 0.

    >>> print(uniqueness().quantity, uniqueness().relation, uniqueness().expr.evalf(6))
    rate times t/ln t, on a set of t of logarithmic density 1 = (1 + o(1)) * 1.54468
    """
    from theory.schedules import optimal_constant

    best = every_schedule().derivation
    assert best is not None
    x, b = Symbol("x", positive=True), Symbol("b", positive=True)
    proof = argument(
        "averaging over n, with equality",
        "At g = beta the average of y_s E_1(y_s) over ds/s must be (1 - o(1))/beta, its maximum: y_s = p_s nu (1 - eta).",
        "If |y_s/x* - 1| >= delta on a set of logarithmic density d > 0, the average is smaller by the factor 1 - d loss(delta).",
        "So y_s -> x* off a set of density 0; nu is (1 + o(1)) s/(beta ln s), and beta x* = alpha.",
        statement="the optimal schedule is unique up to sets of logarithmic density 0 and factors 1 + o(1)",
        checks=(
            Check("x E_1(x) is smaller by 1/400 wherever x is off x* by a tenth", "by ball arithmetic", "necessary",
                  Computation(functional.HERE + "falls_off", (("part", Fraction(1, 10)), ("loss", Fraction(1, 400))), True,
                              "x E_1(x) < (1 - 1/400)/beta for x <= 0.9 x* and for x >= 1.1 x*", "balls")),
            Check("beta x* = e^x* = alpha, beta = e^x*/x*", "symbolically", "premise",
                  Identity((b * x).subs(b, sympy.exp(x) / x), sympy.exp(x))),
            _constants(),
        ),
        lemmas=(best,),
        conclusion=applied("schedules that are as fast", alpha=optimal_constant().evalf(20)),
    )  # fmt: skip
    quantity = "rate times t/ln t, on a set of t of logarithmic density 1"
    return Bound(quantity, "asymptotic", optimal_constant().evalf(20), source=EINARSSON, derivation=proof)


def _constants() -> Check:
    from theory.schedules import optimal_constant

    return Check("alpha and beta = alpha/x* are the constants of the maximum", "by ball arithmetic, to 15 digits", "premise",
                 Computation(functional.HERE + "constants_are", (("alpha", optimal_constant().evalf(20)), ("beta", _optimal())),
                             True, "alpha E_1(alpha/beta) = 1 and alpha/beta = x*, to 15 digits", "balls"))  # fmt: skip


def _optimal() -> Expr:
    from theory.schedules import optimal_constant

    return beta(optimal_constant())


def _leadingones(a: Expr) -> Bound:
    """(a/W(4 a^2))^2 n^2, a fluid limit."""
    factor = (a / LambertW(sympy.expand(4 * a**2))) ** 2
    return Bound("E[T]", "asymptotic", factor * n**2, status="heuristic", start="uniform", source=FLUID)


def statements() -> list[tuple[str, str, Bound]]:
    """What is known of all rates of a kind: algorithm, problem and bound of rows of the coverage table.

    >>> sorted({algorithm for algorithm, _, bound in statements() if bound.direction == "asymptotic"})[:2]
    ['adaptive rates', 'every choice of rates, adaptive ones too']
    """
    from theory.bounds import hidden_subset_static

    problem = "HiddenSubset(OneMax())"
    adaptive = Bound("E[T]", "asymptotic", sympy.E * n * log(n), status="cited", start="uniform", source=EINARSSON)
    return [
        ("every schedule of rates", problem, every_schedule()),
        ("schedules as good as any", problem, uniqueness()),
        ("every choice of rates, adaptive ones too", problem, any_rates_lower.adaptive_lower()),
        ("adaptive rates", problem, adaptive),
        *hidden_subset_static.statements(),
    ]
