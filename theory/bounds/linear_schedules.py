"""Linear functions under rates that fall with time, from above: Witt's potential, made for the largest rate.

C. Witt, Combinatorics, Probability and Computing 22 (2013), for a constant rate; that the potential serves smaller rates is
derived here. H. Einarsson et al., TCS 785 (2019), for the leading term.

Notation of :mod:`theory.drift.linear_functions`: gamma = 1 + alpha p (1-p)^(1-n), g_i = min(gamma^(i-1), g_{i-1} w_i/w_{i-1})
with the weights in rising order, X_t = sum of g_i over the zero-bits; L(t) = sum over s <= t of p_s (1-p_s)^(n-1).

**Theorem.** Let the rates p_s, s > t_0, be at most p < 1. Then from every start, for every alpha > 1, on every linear function
with non-zero weights,

    P(T > t) <= G exp(-(1 - 1/alpha) (L(t) - L(t_0))),    t >= t_0,    G = (gamma^n - 1)/(gamma - 1).

*Proof.* At a rate p' <= p the potential made for p loses at least (1 - 1/alpha) p' (1-p')^(n-1) X_t on average: for a zero-bit i
that is the heaviest to flip, the loss is at least p' (1-p')^(n-1) g_i less the expected g of the lighter one-bits that flip,
and that is at most p'^2 (gamma^(kappa-1) - 1)/(gamma - 1) <= p' (1-p')^(n-1) g_i/alpha. All that is needed of gamma is gamma - 1
>= alpha p' (1-p')^(1-n), and p' (1-p')^(1-n) rises with p'. So E[X_t] <= X_(t_0) times the product of 1 - (1 - 1/alpha) p_s
(1-p_s)^(n-1), X_(t_0) <= 1 + gamma + ... + gamma^(n-1) = G, and X_t >= 1 before the end.

*As n grows*, with the rates a ln t/t or a W(t)/t, t_0 = eps n ln n and alpha = ln ln n: p = O(1/n), so ln G = ln n + O(ln ln n),
and L(tau n ln n) - L(t_0) = (1 + o(1)) (a E_1(a/tau) - a E_1(a/eps)) ln n. As eps -> 0 that is ln n at tau = beta(a).
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import numpy as np
import sympy
from sympy import Expr, Function, Integer, Min, Rational, Sum, Symbol, exp

from theory.bounds.common import Bound, Check, Source, argument
from theory.bounds.common import p as _p
from theory.drift.linear_functions import ALPHAS, CONSTANTS, WEIGHTS, alpha, witt_potential
from theory.drift.sources import WITT
from theory.errors import InputError
from theory.facts import Computation, Identity, Inequality
from theory.lemmas import applied, of
from theory.schedules import text
from theory.symbols import n

SOURCE = Source("Witt's potential under falling rates (cf. Witt 2013)", WITT.bibtex)
LONGEST = 3 * 10**7  # steps that are added up one by one
_s = Symbol("s", integer=True, positive=True)
_u = Symbol("u", integer=True, nonnegative=True)
_x = Symbol("x", positive=True)
RISE = alpha * _p * (1 - _p) ** (1 - n)
"""gamma - 1 for the largest rate p."""


def bound(rate: Expr) -> Bound:
    """E[T] on every linear function, from every start, for rates a ln t/t or a W(t)/t (which fall from t = 3 on).

    Parameters
    ----------
    rate : sympy.Expr
        One of :mod:`theory.schedules`.

    Returns
    -------
    Bound
        For every t_0 >= 2 and alpha > 1; ``evaluate`` takes good ones.

    Examples
    --------
    >>> from theory import LogSchedule
    >>> round(bound(LogSchedule()).evaluate(n=100), 1)
    7058.9
    """
    t_0, p = Function("t_0")(n), Function("p")
    gamma = 1 + RISE.subs(_p, p(t_0 + 1))
    gained = Sum(p(_s) * (1 - p(_s)) ** (n - 1), (_s, t_0 + 1, _u))
    total = Sum(Min(1, (gamma**n - 1) / (gamma - 1) * exp(-(1 - 1 / alpha) * gained)), (_u, t_0, sympy.oo))
    proof = argument(
        "multiplicative drift of Witt's potential (Witt 2013), made for the largest rate",
        f"p(s) is the rate of offspring s, {text(rate)}; it falls from s = 3 on, so p = p(t_0 + 1) is the largest after t_0.",
        "At a rate p' <= p the lighter one-bits that flip with i cost at most p'^2 (gamma^(kappa-1) - 1)/(gamma - 1) on average.",
        "That is at most p' (1-p')^(n-1) g_i/alpha, since p' (1-p')^(1-n) rises with p'.",
        "So X falls by the factor 1 - (1 - 1/alpha) p_s (1-p_s)^(n-1) or less in step s; X <= G at first, X >= 1 before the end.",
        checks=_checks(),
        conclusion=applied("Witt's potential under falling rates", (alpha > 1,), t_0=t_0, p=of(_s, p(_s)), alpha=alpha,
                           rise=of(_p, RISE)),
    )  # fmt: skip
    return Bound(
        "E[T]", "upper", t_0 + total, source=SOURCE, derivation=proof, minimise_over=(alpha, Integer(1), sympy.oo),
        exact_function=functools.partial(value, rate), condition_function=("every t_0 >= 2", lambda put: True),
    )  # fmt: skip


@functools.cache
def _checks() -> tuple[Check, ...]:
    gamma, size = Symbol("gamma", positive=True), Symbol("n", integer=True, positive=True)
    i, m = (Symbol(name, integer=True, nonnegative=True) for name in ("i", "m"))
    slope = sympy.diff(sympy.log(_x) - (n - 1) * sympy.log(1 - _x), _x)
    return (
        Check("ln(x (1-x)^(1-n)) has the derivative 1/x + (n-1)/(1-x)", "symbolically", "premise",
              Identity(slope, 1 / _x + (n - 1) / (1 - _x), (_x < 1,))),
        Check("which is positive: x = 1/(1 + y), m = n - 1", "symbolically", "necessary",
              Inequality(1 + _x + m + m / _x, Integer(0), strict=True)),
        Check("1 + gamma + ... + gamma^(n-1) = (gamma^n - 1)/(gamma - 1)", "symbolically", "premise",
              Identity((gamma - 1) * Sum(gamma**i, (i, 0, size - 1)), gamma**size - 1)),
        Check("the drift at smaller rates, at every point", "exactly, n = 4", "premise",
              Computation("theory.bounds.linear_schedules:drift_holds_at_smaller_rates", (("rise", RISE),), True,
                          "the drift of Witt's potential at smaller rates, at every point (n = 4, 6 functions, ties or not)")),
    )  # fmt: skip


SHARES = (Fraction(1), Fraction(1, 2), Fraction(1, 7))


def drift_holds_at_smaller_rates(claim: Fraction = Fraction(1), shares: tuple = SHARES, rise: Expr | None = None) -> bool:
    """Decide: the potential made for p = c/n loses at least claim (1 - 1/alpha) p' (1-p')^(n-1) X at p' = share p, in fractions.

    At every point, on several functions, whether ties are accepted or not. And that ``rise``, in p, alpha and n, is gamma - 1.

    >>> drift_holds_at_smaller_rates(Fraction(12))
    False
    """
    for w in WEIGHTS:
        size = len(w)
        worth = [sum(w[i] for i in range(size) if x >> i & 1) for x in range(2**size)]
        for p in (constant / size for constant in CONSTANTS if constant < size):
            for a in ALPHAS[::2]:
                put = {_p: Rational(p), alpha: Rational(a), n: size}
                if rise is not None and 1 + rise.subs(put) != Rational(witt_potential([1] + [10**9] * (size - 1), p, a)[1]):
                    return False
                g = [Fraction(x) for x in witt_potential(w, p, a)]
                height = [sum((g[i] for i in range(size) if not x >> i & 1), Fraction(0)) for x in range(2**size)]
                for share in shares:
                    rate = share * p
                    law = [rate**h * (1 - rate) ** (size - h) for h in range(size + 1)]
                    for x in range(2**size - 1):
                        chances = [law[(x ^ y).bit_count()] for y in range(2**size)]
                        steps = [(worth[y] - worth[x], q * (height[x] - height[y])) for y, q in enumerate(chances)]
                        better = sum(d for gain, d in steps if gain > 0)
                        ties = sum(d for gain, d in steps if gain == 0)
                        if min(better, better + ties) < claim * (1 - 1 / a) * law[1] * height[x]:
                            return False
    return True


# ---- numbers


def value(rate: Expr, values: dict) -> float:
    """The bound at good t_0 and alpha, what is left out of the sum bounded as in :mod:`theory.bounds.hidden_subset`."""
    from theory.hidden_subset.predictor import _compiled

    size, p = int(values["n"]), _compiled(rate)
    last = max(4096, int(20 * size * math.log(size + 1)))
    while last <= LONGEST:
        rates = p(np.arange(1.0, last + 1))
        progress = np.concatenate([[0.0], np.cumsum(rates * np.exp((size - 1) * np.log1p(-rates)))])
        found = _best(rates, progress, size, values.get("alpha"))
        if found is not None:
            return found
        last *= 4
    raise InputError(f"n: the sum at n = {size} takes more than {LONGEST} terms; take the asymptotic bound")


def _best(rates: np.ndarray, progress: np.ndarray, size: int, given: object) -> float | None:
    """The smallest sum over a grid; None where the array ends too soon to bound the rest."""
    tried = []
    for c in (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0):
        t_0 = max(2, int(np.searchsorted(-rates[2:], -c / size)) + 2)
        if t_0 >= len(rates):
            continue
        largest = float(rates[t_0])  # of offspring t_0 + 1
        for a in (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0) if given is None else (float(given),):  # type: ignore[arg-type]
            rise = a * largest * math.exp((1 - size) * math.log1p(-largest))
            log_g = size * math.log1p(rise) + math.log(-math.expm1(-size * math.log1p(rise))) - math.log(rise)
            wanted = progress[t_0] + log_g / (1 - 1 / a)
            tried.append((int(np.searchsorted(progress, wanted)) + size * math.e / (1 - 1 / a), t_0, a, log_g))
    found = []
    for _, t_0, a, log_g in sorted(tried)[:6]:
        part = 1 - 1 / a
        logs = log_g - part * (progress[t_0:] - progress[t_0])
        total = t_0 + float(np.exp(np.minimum(logs, 0.0)).sum())
        end, p = len(rates), float(rates[-1])
        power = part * p * end * math.exp((size - 1) * math.log1p(-p))
        rest = math.exp(logs[-1]) * end / (power - 1) if power > 1 and logs[-1] < 0 else math.inf
        if rest < 1e-3 * total:  # it is added, whatever its size
            found.append(total + rest)
    return min(found, default=None)
