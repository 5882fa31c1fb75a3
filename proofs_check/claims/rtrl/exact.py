"""What is claimed of KF-RTRL and OK in closed form: derivations replayed, steps over all signs, in fractions.

Notation as in :mod:`theory.learning.rtrl_noise`.
"""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from proofs_check.claim import Claim, Setting
from proofs_check.decide import Fact, facts

KF, OK = "kf-rtrl", "ok-rtrl"
KF_SOURCE, OK_SOURCE = "Mujika, Meier, Steger (2018)", "Benzing, Gauy, Mujika, Martinsson, Steger (2019)"


def derivations(setting: Setting, paper: str) -> Iterator[Fact]:
    """Premises replayed, formulas held against last steps. The mutant's formulas are a tenth smaller (0: one larger)."""
    import sympy

    from proofs_check.link import link
    from theory.learning import rtrl_noise, rtrl_optimality, rtrl_variance
    from theory.learning.optimal_reduction import OK as ok_source

    for file in (rtrl_noise, rtrl_optimality, rtrl_variance):
        for label, bound in file.bounds():
            if (bound.source == ok_source) != (paper == OK):
                continue
            changed = bound.expr * sympy.Rational(9, 10) if bound.expr != 0 else sympy.Integer(1)
            found = link(bound.with_(expr=changed) if setting.mutant else bound)
            where = f"{label}: {bound.quantity} {bound.relation} {bound.expr}"
            replayed = bound.derivation is not None and bound.derivation.replay().holds
            yield Fact(where, "" if found.holds and replayed else found.how if not found.holds else "a premise does not hold")


def kf_step(setting: Setting) -> Iterator[Fact]:
    """All signs of a step: mean and squared error. The mutant forgets the angle between old and new."""
    rng = random.Random(setting.seed)
    for case in range(setting.choose(20, 200)):
        u, h = ([Fraction(rng.randint(-9, 9)) for _ in range(3)] for _ in range(2))
        old, new = ([Fraction(rng.randint(-9, 9)) for _ in range(4)] for _ in range(2))
        tau = Fraction(rng.randint(1, 9), rng.randint(1, 9))
        square = tau**2 * _dot(u, u) * _dot(new, new) + _dot(h, h) * _dot(old, old) / tau**2
        noise = square if setting.mutant else square + 2 * _dot(u, h) * _dot(old, new)
        goal = [[x * a + y * b for a, b in zip(old, new)] for x, y in zip(u, h)]
        estimates = []
        for c1, c2 in itertools.product((1, -1), repeat=2):
            left = [c1 * tau * x + c2 * y for x, y in zip(u, h)]
            right = [c1 * a / tau + c2 * b for a, b in zip(old, new)]
            estimates.append([[x * a for a in right] for x in left])
        mean = [[sum(column, Fraction(0)) / 4 for column in zip(*rows)] for rows in zip(*estimates)]
        found = sum((x - y) ** 2 for e in estimates for a, b in zip(e, goal) for x, y in zip(a, b)) / 4
        wrong = "biased" if mean != goal else f"the noise is {found}, not {noise}" if found != noise else ""
        yield Fact(f"step {case}", wrong)


def _dot(a: list[Fraction], b: list[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b)), Fraction(0))


def _chain(roots: list[Fraction], w_root: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    """G_t and E|estimate - G_t|^2 of KF-RTRL on h_t = w h_{t-1} + x_t with h_t = roots[t]^2, w = w_root^2, over all signs."""
    law, exact = {Fraction(0): Fraction(1)}, Fraction(0)
    for root in roots:
        later: dict[Fraction, Fraction] = {}
        for q, chance in law.items():
            for new in (w_root * q + root, w_root * q - root):
                later[abs(new)] = later.get(abs(new), Fraction(0)) + chance / 2
        law, exact = later, w_root**2 * exact + root**2
        yield exact, sum((chance * (q * q - exact) ** 2 for q, chance in law.items()), Fraction(0))


def scalar_chain(setting: Setting) -> Iterator[Fact]:
    """V' = w^2 V + 4 w G h on literal chains. The mutant has the noise of independent factors, 2 w G h."""
    rng = random.Random(setting.seed)
    for case in range(setting.choose(6, 20)):
        w_root = Fraction(rng.randint(1, 6), 7)
        roots = [Fraction(rng.randint(0, 6), rng.randint(1, 4)) for _ in range(setting.choose(8, 11))]
        influence = variance = Fraction(0)
        for t, (root, (exact, found)) in enumerate(zip(roots, _chain(roots, w_root)), 1):
            w = w_root**2
            variance = w**2 * variance + (2 if setting.mutant else 4) * w * influence * root**2
            influence = exact
            if found != variance:
                yield Fact(f"chain {case}", f"after {t} steps the variance is {float(found):.6g}, not {float(variance):.6g}")
        yield Fact(f"chain {case}, w = {w_root**2}, {len(roots)} steps")


def variance_bound(setting: Setting) -> Iterator[Fact]:
    """The bound of the variance on literal chains of one unit. The mutant is half of it, which chains come close to."""
    from theory.learning.rtrl_noise import kf_variance

    over_time, for_ever = kf_variance()
    rng = random.Random(setting.seed)
    steps = setting.choose(9, 12)
    for case in range(setting.choose(6, 20)):
        w_root = Fraction(1, 4) if case == 0 else Fraction(rng.randint(1, 5), 6)
        roots = [Fraction(1)] * steps if case == 0 else [Fraction(rng.randint(0, 4), 4) for _ in range(steps)]
        put = {"rho": w_root**2, "C_1": max(max(roots), Fraction(1, 4)) ** 2, "C_2": 1}
        wrong = ""
        for t, (_, variance) in enumerate(_chain(roots, w_root), 1):
            bound = min(over_time.evaluate(t=t, **put), for_ever.evaluate(**put)) * (0.5 if setting.mutant else 1.0)
            if float(variance) > bound * (1 + 1e-12):
                wrong = wrong or f"after {t} steps the variance is {float(variance):.6g}, above {bound:.6g}"
        yield Fact(f"chain {case}, w = {w_root**2}", wrong)


def optimality(setting: Setting) -> Iterator[Fact]:
    """Dual value, sampled noise and formula, in fractions. The mutant mixes the smallest values only, into one rank."""
    from theory.learning.optimal_reduction import dual_value, mix_plan, sampled_noise
    from theory.learning.rtrl_optimality import certificate_is_optimal

    rng = random.Random(setting.seed)
    cases: list[tuple[tuple[Any, ...], int]] = [((1, 1, 1, 1), 3), ((5, 4, 3, 2, 1), 4), ((1,) * 6, 3), ((9, 0, 0), 2)]
    for _ in range(setting.choose(20, 150)):
        size = rng.randint(2, 7)
        cases.append((tuple(Fraction(rng.randint(1, 40), 8) for _ in range(size)), rng.randint(1, size - 1)))
    for values, rank in cases:
        noise = mix_plan(values, rank).noise
        if setting.mutant:
            rest = sorted(map(Fraction, values), reverse=True)[rank - 1 :]
            noise = sum(rest, Fraction(0)) ** 2 - sum((x * x for x in rest), Fraction(0))
        dual, sampled = dual_value(values, rank), sampled_noise(values, rank)
        wrong = "" if dual == sampled == noise else f"dual value {dual}, sampled {sampled}, this plan {noise}"
        if not certificate_is_optimal(((values, rank),)):
            wrong = "the certificate breaks the optimality conditions"
        yield Fact(f"{rank} ranks for {', '.join(map(str, values))}", wrong)


def _claim(
    id: str, paper: str, statement: str, mutant: str, check: Callable[[Setting], Iterator[Fact]], about: str, formula: str = "",
    where: str = "",
) -> Claim:  # fmt: skip
    source = KF_SOURCE if paper == KF else OK_SOURCE
    return Claim(id, paper, statement, source, mutant, 0.0, facts("proved", check, about), formula, where)


CLAIMS = (
    _claim(
        "kf-derivations", KF, "What theory/ says of the noise of KF-RTRL and UORO follows from premises that hold.",
        "formulas a tenth smaller", functools.partial(derivations, paper=KF), "premises replayed, last steps repeated",
    ),
    _claim(
        "kf-step-noise", KF, "A step of KF-RTRL is unbiased and has noise 2P(1 + cos_u cos_A), the least over scalings.",
        "forgets the angle between the old and the new product", kf_step, "all signs, in fractions, any scaling tau",
        r"E|E|^2 = \tau^2|u|^2|D|^2 + |h|^2|HA|^2/\tau^2 + 2\langle u,h\rangle\langle HA,D\rangle",
        "tau is the ratio of the two scalings; u, A are the old factors, h, D the new ones, H the Jacobian of the state",
    ),
    _claim(
        "kf-scalar-chain", KF, "On h_t = w h_t-1 + x_t >= 0 the variance of KF-RTRL obeys V' = w^2 V + 4 w G h exactly.",
        "half the noise", scalar_chain, "over all signs, in fractions",
        r"V_{t+1} = w^2 V_t + 4 w G_t h_t", "G is the derivative of h_t with respect to w",
    ),
    _claim(
        "kf-variance-bound", KF, "Where the state contracts, the variance of KF-RTRL stays below its explicit bound for ever.",
        "half the bound", variance_bound, "literal chains of one unit, over all signs, in fractions",
        r"E|\tilde G_t-G_t|^2 \le \frac{4\rho C_1^2C_2^2}{(1-\sqrt\rho)^2(1-\rho^2)}",
        "rho bounds the spectral norm of H, C_1 that of the features, C_2 the Frobenius norm of D",
    ),
    _claim(
        "ok-derivations", OK, "What theory/ says of the noise of OK, and of OK against KF-RTRL, follows from premises that hold.",
        "formulas a tenth smaller", functools.partial(derivations, paper=OK), "premises replayed, last steps repeated",
    ),
    _claim(
        "ok-optimality", OK, "No unbiased estimate of r ranks has less noise than s_1^2/k - s_2, and sampling attains it.",
        "mixes the smallest values only, into one rank", optimality, "duality and the whole law, in fractions",
        r"E|C'-C|^2 \ge s_1^2/k - s_2", "s_1, s_2 are sums of the mixed singular values and of their squares, k is their ranks",
    ),
)  # fmt: skip
