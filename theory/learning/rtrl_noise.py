"""Noise of the unbiased Kronecker approximations of real-time recurrent learning: UORO, KF-RTRL and OK.

A. Mujika, F. Meier, A. Steger, *Approximating real-time recurrent learning with random Kronecker factors*, NeurIPS 2018;
F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time recurrent
learning*, ICML 2019; C. Tallec, Y. Ollivier, *Unbiased online recurrent optimization*, ICLR 2018. Closed forms are derived here.

Notation: one step has to replace G' = H G + F by an estimate, where G = u (x) A is a Kronecker product (or a sum of r of them)
and F = h (x) D comes new. H A is the old factor pushed through the state's Jacobian H, h the extended input, D = ds/dz. Norms are
Frobenius norms, and u (x) A stands for the matrix u vec(A)^T. The noise of a step is E|estimate - G'|^2.

    P = |u| |HA| |h| |D|,   cos_u = cos(u, h),   cos_A = cos(HA, D),   N = number of states
"""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Sequence
from fractions import Fraction

import sympy
from sympy import Symbol

from theory.bound import Bound, Source
from theory.facts import Computation, Identity, Inequality
from theory.learning.common import at_least, entry, premise, statement
from theory.learning.optimal_reduction import CASES, OK
from theory.symbols import t

KF = Source(
    "KF-RTRL (cf. Mujika, Meier, Steger 2018)",
    entry("inproceedings", "MujikaMeierSteger2018", author="Mujika, Asier and Meier, Florian and Steger, Angelika",
          title="Approximating real-time recurrent learning with random {Kronecker} factors",
          booktitle="Advances in Neural Information Processing Systems 31", pages="6594--6603", year="2018"),
)  # fmt: skip
UORO = Source(
    "UORO (cf. Tallec, Ollivier 2018)",
    entry("inproceedings", "TallecOllivier2018", author="Tallec, Corentin and Ollivier, Yann",
          title="Unbiased online recurrent optimization",
          booktitle="International Conference on Learning Representations", year="2018"),
)  # fmt: skip
P = Symbol("P", nonnegative=True)
cos_u, cos_A = Symbol("cos_u", real=True), Symbol("cos_A", real=True)
N = Symbol("N", integer=True, positive=True)
h, D = Symbol("h", nonnegative=True), Symbol("D", nonnegative=True)
rho = Symbol("rho", nonnegative=True)
C_1, C_2 = Symbol("C_1", nonnegative=True), Symbol("C_2", nonnegative=True)
_COSINES = tuple(side for x in (cos_u, cos_A) for side in (at_least(x, -1), sympy.Le(x, 1, evaluate=False)))


@functools.cache
def least_noise() -> Bound:
    """s_1^2/k - s_2: the least noise, in the sums over the mixed singular values and the number of ranks that they get.

    >>> least_noise().evaluate(s_1=6, s_2=14, k_mixed=2)
    4.0
    """
    s_1, s_2 = Symbol("s_1", nonnegative=True), Symbol("s_2", nonnegative=True)
    ranks, kept = Symbol("k_mixed", integer=True, positive=True), Symbol("kept", nonnegative=True)
    level = (
        s_1 / ranks
    )  # of B on the mixed values; <C, B> = kept + s_1 level, and the top r of B are the kept and k of this level
    dual = 2 * (kept + s_1 * level) - (kept + s_2) - (kept + ranks * level**2)
    checks = (
        premise("the dual value of B", "symbolically; kept: the sum of the kept squares", Identity(dual, s_1**2 / ranks - s_2)),
        premise("sampling with shares k d_i/s_1 attains it", "in fractions, for the whole law, in eleven cases",
                Computation("theory.learning.optimal_reduction:reductions_are_optimal", (("cases", CASES),), True,
                            "dual value, noise of the sampled estimate and formula agree")),
    )  # fmt: skip
    return statement(
        "min E|C' - C|^2", "exact", s_1**2 / ranks - s_2, (at_least(ranks, 1), at_least(s_1**2, s_2)), OK,
        "a lower bound by duality that is attained", checks,
        ("Eckart and Young: |C' - B|^2 >= |B|^2 - (the r largest squared singular values of B), for every C' of rank r.",
         "As i is smallest, d_i > s_1/k >= d_{i+1}: the r largest of B are the kept ones and k copies of s_1/k.",
         "sum d_i^2 (1/t_i - 1) with t_i = k d_i/s_1 is s_1^2/k - s_2."),
        last=("the least noise of few ranks", {"total": s_1, "squares": s_2, "ranks": ranks}),
    )  # fmt: skip


# ---- KF-RTRL and OK(1)


def kf_step_holds(size: int = 3, seed: int = 0, scales: tuple = (Fraction(1, 2), Fraction(1), Fraction(3))) -> bool:
    """Whether u' (x) A' with u' = a p1 u + b p2 h, A' = a HA/p1 + b D/p2 is unbiased over signs a, b and has the stated noise.

    For each tau = p1/p2 the squared error is tau^2 |u|^2 |D|^2 + |h|^2 |HA|^2 / tau^2 + 2 <u, h> <HA, D> at every sign.
    """
    rng = random.Random(seed)
    u, new = ([Fraction(rng.randint(-5, 5)) for _ in range(size)] for _ in range(2))
    old, fresh = ([Fraction(rng.randint(-5, 5)) for _ in range(size + 1)] for _ in range(2))
    target = [[a * x + b * y for x, y in zip(old, fresh)] for a, b in zip(u, new)]
    for tau in scales:
        formula = (
            tau**2 * _square(u) * _square(fresh) + _square(new) * _square(old) / tau**2 + 2 * _dot(u, new) * _dot(old, fresh)
        )
        mean = [[Fraction(0)] * len(old) for _ in u]
        for first, second in itertools.product((1, -1), repeat=2):
            left = [first * tau * a + second * b for a, b in zip(u, new)]
            right = [first * x / tau + second * y for x, y in zip(old, fresh)]
            error = [[a * x - goal for x, goal in zip(right, row)] for a, row in zip(left, target)]
            if sum(map(_square, error)) != formula:
                return False
            mean = [[m + a * x / 4 for m, x in zip(row, right)] for row, a in zip(mean, left)]
        if mean != target:
            return False
    return True


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b)), Fraction(0))


def _square(a: Sequence[Fraction]) -> Fraction:
    return _dot(a, a)


_SIGNS = premise(
    "the error is +-(tau u (x) D + h (x) HA / tau) with tau = p1/p2, of mean 0",
    "over all signs, in fractions, for three values of tau",
    Computation("theory.learning.rtrl_noise:kf_step_holds", (("size", 3), ("seed", 0)), True,
                "the Kronecker step is unbiased and has the stated error at every sign"),
)  # fmt: skip


@functools.cache
def kf_noise() -> Bound:
    """2 P (1 + cos_u cos_A): the noise of a KF-RTRL step, with the scaling that makes it smallest.

    >>> round(kf_noise().evaluate(P="1.7245664785588073", cos_u=0, cos_A="0.27296603155005184"), 12)
    3.449132957118
    """
    a, b, tau = sympy.symbols("a b tau", positive=True)
    checks = (
        _SIGNS,
        premise("(tau a)^2 + (b/tau)^2 >= 2 a b, with equality at tau^2 = b/a; a = |u| |D|, b = |h| |HA|, a b = P", "a square",
                Identity(tau**2 * a**2 + b**2 / tau**2 - 2 * a * b, (tau * a - b / tau) ** 2)),
        premise("<u, h> <HA, D> = P cos_u cos_A", "the definition of the angles",
                Identity(2 * P + 2 * P * cos_u * cos_A, 2 * P * (1 + cos_u * cos_A))),
    )  # fmt: skip
    return statement(
        "E|noise of KF-RTRL|^2", "exact", 2 * P * (1 + cos_u * cos_A), _COSINES, KF, "the optimal scaling", checks,
        last=("the best scaling", {"product": P, "cross": P * cos_u * cos_A}),
    )  # fmt: skip


@functools.cache
def ok_noise() -> Bound:
    """2 P sqrt((1 - cos_u^2)(1 - cos_A^2)): the noise of an OK step with one product, at most that of KF-RTRL.

    >>> round(ok_noise().evaluate(P="1.7245664785588073", cos_u=0, cos_A="0.27296603155005184"), 12)
    3.318147552858
    """
    d_1, d_2 = sympy.symbols("d_1 d_2", nonnegative=True)
    a, b = sympy.symbols("a b", nonnegative=True)
    sines = (1 - cos_u**2) * (1 - cos_A**2)
    checks = (
        premise("one of two ranks: s_1^2 - s_2 = 2 d_1 d_2", "symbolically",
                Identity((d_1 + d_2) ** 2 - d_1**2 - d_2**2, 2 * d_1 * d_2)),
        premise("the Gram determinant of u and h is |u|^2 |h|^2 (1 - cos_u^2), that of HA and D alike", "symbolically",
                Identity(a**2 * b**2 - (a * b * cos_u) ** 2, a**2 * b**2 * (1 - cos_u**2))),
        premise("(1 + cos_u cos_A)^2 - (1 - cos_u^2)(1 - cos_A^2) = (cos_u + cos_A)^2, so it is at most the noise of KF-RTRL",
                "symbolically", Identity((1 + cos_u * cos_A) ** 2 - sines, (cos_u + cos_A) ** 2)),
        premise("the optimal reduction to one rank", "duality and sampling, in fractions",
                Computation("theory.learning.optimal_reduction:reductions_are_optimal",
                            (("cases", (((2, 1), 1), ((7, 3), 1))),), True, "two singular values into one rank: 2 d_1 d_2")),
    )  # fmt: skip
    return statement(
        "E|noise of OK(1)|^2", "exact", 2 * P * sympy.sqrt(sines), _COSINES, OK, "the optimal reduction to one product", checks,
        ("C is the 2 x 2 matrix R_L R_R^T of the triangular factors of (u, h) and (HA, D): d_1 d_2 = |det R_L| |det R_R|.",),
        last=("two ranks into one", {"P": P, "sine_left": 1 - cos_u**2, "sine_right": 1 - cos_A**2}),
    )  # fmt: skip


# ---- UORO


def uoro_step(size: int = 3, columns: int = 2, seed: int = 0) -> dict[str, Fraction]:
    """The mean squared error of a UORO step and of its two parts, over all signs nu, for integer states and N = size.

    From a (x) w with a = H s, the step gives (tau a + nu) (x) (w/tau + nu^T F): its error is (nu nu^T - 1) F, even in nu, plus
    tau a (x) nu^T F + nu (x) w/tau, odd in nu.

    >>> sorted(uoro_step().items())
    [('bias', Fraction(0, 1)), ('even', Fraction(82, 1)), ('injection', Fraction(82, 1)), ('odd', ...), ('whole', ...)]
    """
    rng = random.Random(seed)
    new = [[Fraction(rng.randint(-5, 5)) for _ in range(columns)] for _ in range(size)]
    old, weights = ([Fraction(rng.randint(-5, 5)) for _ in range(length)] for length in (size, columns))
    tau = Fraction(rng.randint(1, 5), rng.randint(1, 5))
    found = {name: Fraction(0) for name in ("whole", "even", "odd")}
    bias = [[Fraction(0)] * columns for _ in range(size)]
    for signs in itertools.product((1, -1), repeat=size):
        row = [sum((s * x[i] for s, x in zip(signs, new)), Fraction(0)) for i in range(columns)]
        even = [[s * y - x for x, y in zip(line, row)] for s, line in zip(signs, new)]
        odd = [[tau * a * y + s * w / tau for y, w in zip(row, weights)] for s, a in zip(signs, old)]
        whole = [[(tau * a + s) * (w / tau + y) - a * w - x for y, w, x in zip(row, weights, line)]
                 for s, a, line in zip(signs, old, new)]  # fmt: skip
        for name, error in (("whole", whole), ("even", even), ("odd", odd)):
            found[name] += sum(map(_square, error), Fraction(0)) / 2**size
        bias = [[x + y for x, y in zip(a, b)] for a, b in zip(bias, whole)]
    return {**found, "bias": sum(map(_square, bias), Fraction(0)), "injection": (size - 1) * sum(map(_square, new), Fraction(0))}


def uoro_injects(sizes: tuple = (1, 2, 3, 4, 5)) -> bool:
    """Whether a UORO step is unbiased, its even and odd parts are uncorrelated, and the even one has (N - 1) |F|^2."""
    steps = [uoro_step(size, 3, size) for size in sizes]
    return all(s["bias"] == 0 and s["whole"] == s["even"] + s["odd"] and s["even"] == s["injection"] for s in steps)


@functools.cache
def uoro_noise() -> Bound:
    """(N - 1) |h|^2 |D|^2: what a UORO step injects at least, which the other two don't have.

    >>> uoro_noise().evaluate(N=3, h=2, D=1)
    8.0
    """
    inject = premise(
        "E|(nu nu^T - 1) F|^2 = (N - 1) |F|^2",
        "over all signs, in fractions, for N = 1, ..., 5",
        Computation("theory.learning.rtrl_noise:uoro_injects", (("sizes", (1, 2, 3, 4, 5)),), True,
                    "a UORO step is unbiased and adds N - 1 times the squared norm of F to its other noise"),
    )  # fmt: skip
    size = premise("|h (x) D|^2 = |h|^2 |D|^2", "symbolically", Identity((h * D) ** 2, h**2 * D**2))
    return statement(
        "E|noise of UORO|^2", "lower", (N - 1) * h**2 * D**2, (at_least(N, 1),), UORO, "even and odd terms", (inject, size),
        ("The error is (nu nu^T - 1) F, even in the signs nu, plus cross terms, odd in nu: uncorrelated with it.",
         "|F| = |h (x) D| = |h| |D|. In the first step, from the zero state, there are no cross terms."),
        last=("even terms alone", {"N": N, "squares": h**2 * D**2}),
    )  # fmt: skip


# ---- the noise over time


@functools.cache
def kf_variance() -> tuple[Bound, Bound]:
    """E|estimate - G_t|^2 of KF-RTRL where |H_t| <= rho < 1 (spectral), |h_t| <= C_1, |D_t| <= C_2: after t steps, and for ever.

    Returns
    -------
    tuple of Bound
        Upper bounds, far from tight: with n units C_1 and C_2 are of order sqrt(n), so that per entry this is O(1/n).

    Examples
    --------
    >>> print(kf_variance()[1].expr)
    4*C_1**2*C_2**2*rho/((1 - sqrt(rho))**2*(1 - rho**2))
    """
    root = sympy.sqrt(rho)
    ceiling = sympy.sqrt(C_1 * C_2) / (1 - root)
    step = 4 * rho * C_1**2 * C_2**2 / (1 - root) ** 2
    share, noise = Symbol("r", positive=True), Symbol("s", positive=True)
    limit = noise / (1 - share)
    checks = (
        _SIGNS,
        premise("g = sqrt(C_1 C_2)/(1 - sqrt(rho)) is the fixed point of g -> sqrt(rho) g + sqrt(C_1 C_2)", "symbolically",
                Identity(root * ceiling + sympy.sqrt(C_1 * C_2), ceiling, (rho < 1,))),
        premise("4 P <= 4 g (rho g) C_1 C_2", "symbolically", Identity(4 * rho * ceiling**2 * C_1 * C_2, step, (rho < 1,))),
        premise("1 + cos_u cos_A <= 2", "symbolically, as (1 + x y) <= 1 + (x^2 + y^2)/2",
                Identity(1 + (cos_u**2 + cos_A**2) / 2 - (1 + cos_u * cos_A), (cos_u - cos_A) ** 2 / 2)),
        premise("V' = r V + s from V = 0 gives s (1 - r^t)/(1 - r)", "symbolically; r = rho^2",
                Identity(share * limit * (1 - share ** (t - 1)) + noise, limit * (1 - share**t))),
        premise("|H error|^2 <= (rho |error|)^2: r = rho^2", "symbolically", Identity((rho * noise) ** 2, rho**2 * noise**2)),
        premise("r^t >= 0: the sum is below its limit", "symbolically", Inequality(share**t, sympy.Integer(0))),
    )  # fmt: skip
    steps = (
        "|u'| <= sqrt(|u| |HA|) + sqrt(|h| |D|), the same for A': by induction both norms stay at most g, at every sign.",
        "A step from there has noise 2 P (1 + cos_u cos_A) <= 4 P; the first step, from the zero state, has none.",
        "E|error'|^2 = E|H error|^2 + E|noise|^2, as noise has mean 0 given the past, and |H error| <= rho |error|.",
    )
    where = (at_least(rho, 0), rho < 1)
    finite = step * (1 - rho ** (2 * (t - 1))) / (1 - rho**2)
    name, given = "E|KF-RTRL estimate - G_t|^2", {"share": rho**2, "noise": step}
    return (
        statement(name, "upper", finite, (*where, at_least(t, 1)), KF, "a linear recursion of the variance", checks, steps,
                  last=("a variance that accumulates", given)),
        statement(name, "upper", step / (1 - rho**2), where, KF, "a linear recursion of the variance", checks, steps,
                  last=("a variance that accumulates for ever", given)),
    )  # fmt: skip


def bounds() -> list[tuple[str, Bound]]:
    """What is derived here, each with a label."""
    over_time, for_ever = kf_variance()
    return [
        ("RTRL, a step of KF-RTRL", kf_noise()),
        ("RTRL, a step of OK(1)", ok_noise()),
        ("RTRL, a step of OK(r)", least_noise()),
        ("RTRL, a step of UORO", uoro_noise()),
        ("RTRL, KF-RTRL over time", over_time),
        ("RTRL, KF-RTRL over time", for_ever),
    ]
