"""Drift theorems that bound E[T] or its tail from above: on small chains, in fractions, and without one of their conditions.

He, Yao 2001 (additive); Doerr, Johannsen, Winzen 2012 and Doerr, Goldberg 2013 (multiplicative, with tail); Johannsen 2010
(variable); cf. Kötzing, Lissovoi, Witt 2015 (headwind); Wegener 2001 (fitness levels). See :mod:`theory.drift`.

Each claim has a chain on which its bound is the exact value, so that a mutant that is smaller by a hundredth is refuted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from proofs_check.bounded import Bounded, Picture, ball_of, bounded, value_of
from proofs_check.claim import Claim, Setting
from proofs_check.claims.drift_revisited.chains import Rows, crash, drifts, expected, hit_by, lazy, rows_of, walk
from proofs_check.claims.drift_revisited.common import EA, PAPER, bound, exactly, number, refused
from proofs_check.decide import Fact
from theory import (
    RLS,
    BinVal,
    DynamicBinVal,
    Jump,
    LeadingOnes,
    Metropolis,
    OneMax,
    PartiallyOrderedEA,
    Process,
    k,
    n,
    v,
)

Cases = Iterator[Bounded | Fact]
_NEAR_N = Picture("n", "E[T] from 0^n", log_y=True, title="(1+1) EA on OneMax, rate 1/n")


def _less(setting: Setting) -> Fraction:
    """The factor of upper bounds."""
    return Fraction(99, 100) if setting.mutant else Fraction(1)


def _piecewise(first: Any, then: Any) -> Any:
    """A drift that is ``first`` at k = 1, else ``then``."""
    import sympy

    return sympy.Piecewise((number(first) if not hasattr(first, "free_symbols") else first, k < 2), (then, True))


def _processes(sizes: tuple[int, ...]) -> Iterator[tuple[Process, dict[str, Any]]]:
    for size in sizes:
        yield RLS().on(OneMax()), {"n": size}
        for constant in (Fraction(1, 2), 1, 2):
            if constant < size:
                yield EA.on(OneMax()), {"n": size, "c": constant}


def _on_onemax(
    theorem: Any, setting: Setting, quick: tuple[int, ...], full: tuple[int, ...], **options: Any
) -> Iterator[Bounded]:
    """A theorem on OneMax from 0^n, read exactly; drawn for the (1+1) EA with c = 1."""
    for process, values in _processes(setting.choose(quick, full)):
        found = theorem.apply(process, **options, **values)
        at = float(values["n"]) if values.get("c") == 1 else None
        where = f"{process}, {', '.join(f'{x} = {y}' for x, y in values.items())}"
        yield Bounded(where, "upper", value_of(found, values), exactly(process, "zeros", **values), at=at, factor=_less(setting))


# ---- additive


def additive_upper(setting: Setting) -> Cases:
    """A lazy walk (exact), OneMax and BinVal by their smallest drift, overshoot paid for."""
    from theory.drift import AdditiveDriftUpper as Theorem

    less = _less(setting)
    for size in (1, 5, 20):
        found = value_of(Theorem.apply(number("1/3"), start=size, largest=size))
        yield Bounded(f"lazy walk from {size}", "upper", found, expected(lazy(["1/3"] * size), size), factor=less)
    yield from _on_onemax(Theorem, setting, (2, 5, 10, 20), (2, 5, 10, 20, 40))
    for size in (3, 4):
        values: dict[str, Any] = {"n": size, "c": 1}
        found = value_of(Theorem.apply(EA.on(BinVal()), **values), values)
        yield Bounded(f"BinVal, n = {size}", "upper", found, exactly(EA.on(BinVal()), "worst", **values), factor=less)
    for size in (5, 30):  # state s stands for X = s - size + 1
        jump = [
            *rows_of({0: 1}),
            *({x: Fraction(1)} for x in range(1, size)),
            {0: Fraction(1, size), size: 1 - Fraction(1, size)},
        ]
        value = lambda state, m=size: Fraction(state - m + 1)  # noqa: E731
        assert drifts(jump, value) == {size: 1}
        truth = expected(jump, size, range(size))
        paid = value_of(Theorem.apply(1, start=1, lowest=1 - size))
        yield Bounded(f"overshoot to {1 - size}, declared", "upper", paid, truth, factor=less)
        yield Bounded(f"overshoot to {1 - size}, not declared", "upper", value_of(Theorem.apply(1, start=1)), truth, fails=True)
    slow = rows_of({0: 1}, {0: "1/50", 1: "49/50"}, {1: 1})
    assert drifts(slow)[2] == 1
    yield refused("drift 1 at 2 alone", lambda: Theorem.apply(_piecewise("1/50", 1), delta=1, start=2, largest=2), "drift >= 1")
    yield Bounded("drift 1 at 2 alone", "upper", Fraction(2), expected(slow, 2), fails=True)
    away = [*rows_of({0: 1}), *rows_of(*({x - 1: "1/4", x + 1: "3/4"} for x in range(1, 9))), *rows_of({8: 1})]
    yield refused("drift -1/2", lambda: Theorem.apply(number("-1/2"), start=1), "delta > 0")
    yield Bounded("drift -1/2", "upper", Fraction(-2), expected(away, 1), fails=True)


# ---- multiplicative


def _halving(steps: int) -> tuple[Rows, Any]:
    """State s stands for X = 2^(s - steps), halved in each step: the drift is X/2, and T is the number of steps."""
    rows = [*rows_of({0: 1}), *({state - 1: Fraction(1)} for state in range(1, steps + 1))]
    return rows, lambda state: Fraction(2) ** (state - steps) if state else Fraction(0)


def multiplicative_upper(setting: Setting) -> Cases:
    """A geometric time from s_min (exact), OneMax, and X that is halved."""
    from theory.drift import MultiplicativeDrift as Theorem

    for chance in ("1/2", "1/7"):
        found = value_of(Theorem.apply(number(chance) * k, start=1, largest=1))
        yield Bounded(f"geometric time, d = {chance}", "upper", found, expected(crash(1, chance), 1), factor=_less(setting))
    yield from _on_onemax(Theorem, setting, (2, 5, 10, 20), (2, 5, 10, 20, 40))
    rows, value = _halving(40)
    assert all(drift >= value(state) / 2 for state, drift in drifts(rows, value).items())
    truth = expected(rows, 40)
    least = value_of(Theorem.apply(v / 2, start=1, smallest=number(Fraction(1, 2**39))))
    yield Bounded("X halved, s_min = 2^-39", "upper", least, truth, factor=_less(setting))
    yield refused("X halved, no s_min", lambda: Theorem.apply(v / 2, start=1), "s_min")
    yield Bounded("X halved, s_min = 1", "upper", value_of(Theorem.apply(v / 2, start=1, smallest=1)), truth, fails=True)
    slow = [*rows_of({0: 1}, {0: "1/100", 1: "99/100"}), *({x // 2: Fraction(1)} for x in range(2, 9))]
    half = number("1/2")
    yield refused(
        "drift s/2 but at 1", lambda: Theorem.apply(_piecewise("1/100", k / 2), delta=half, start=8, largest=8), "drift >= k/2"
    )
    yield Bounded(
        "drift s/2 but at 1", "upper", value_of(Theorem.apply(k / 2, start=8, largest=8)), expected(slow, 8), fails=True
    )
    yield refused("drift away", lambda: Theorem.apply(-k / n, start=n), "delta > 0")
    back = walk(4, "3/4")
    yield Bounded("drift away, d = -1/2", "upper", Fraction(-2), expected(back, 1), fails=True)  # (1 + ln 1)/d


def multiplicative_tail(setting: Setting) -> Cases:
    """P[T > t] at many t, exactly: a geometric time, where the tail is the bound, and local search on OneMax."""
    import sympy

    from theory.drift import MultiplicativeDrift as Theorem

    less = _less(setting)
    geometric = Theorem.apply(number("1/4") * k, start=1, largest=1, tail=True)
    for t in (1, 2, 5, 20):
        truth = 1 - hit_by(crash(1, "1/4"), 1, t)
        yield Bounded(f"geometric time, t = {t}", "upper", value_of(geometric, {"t": t}), truth, factor=less)
    size = 8
    found = Theorem.apply(k / size, start=size, largest=size, tail=True)
    rows = lazy([Fraction(x, size) for x in range(1, size + 1)])
    for t in setting.choose((5, 10, 15, 20, 30, 45, 60), range(1, 120)):
        truth = 1 - hit_by(rows, size, t)
        yield Bounded(f"RLS, OneMax, n = {size}, t = {t}", "upper", value_of(found, {"t": t}), truth, at=float(t), factor=less)
    for r in (1, 2, 4):  # the form of the paper: at most e^-r from t = (r + ln(X_0/s_min))/d on
        t = math.ceil(size * (r + math.log(size)))
        limit = value_of(Theorem.apply(k / size, start=size, largest=size, tail=True).with_(expr=sympy.exp(-r)))
        yield Bounded(f"RLS, OneMax, n = {size}, r = {r}, t = {t}", "upper", limit, 1 - hit_by(rows, size, t), factor=less)
    halving, value = _halving(40)
    assert all(drift >= value(state) / 2 for state, drift in drifts(halving, value).items())
    wrong = value_of(Theorem.apply(v / 2, start=1, smallest=1, tail=True), {"t": 20})
    yield Bounded("X halved, s_min = 1, t = 20", "upper", wrong, 1 - hit_by(halving, 40, 20), fails=True)
    wrong = value_of(Theorem.apply(k / 2, start=1, largest=1, tail=True), {"t": 10})
    yield Bounded("d = 1/2 in the place of 1/100", "upper", wrong, 1 - hit_by(crash(1, "1/100"), 1, 10), fails=True)


# ---- variable


def variable_upper(setting: Setting) -> Cases:
    """Local search on OneMax (exact), the (1+1) EA on OneMax and LeadingOnes; h must not fall."""
    import sympy

    from theory.drift import VariableDrift as Theorem

    less = _less(setting)
    yield from _on_onemax(Theorem, setting, (2, 5, 10, 20), (2, 5, 10, 20, 40))
    for size in (3, 5):
        values: dict[str, Any] = {"n": size, "c": 1}
        found = value_of(Theorem.apply(EA.on(LeadingOnes()), **values), values)
        yield Bounded(f"LeadingOnes, n = {size}", "upper", found, exactly(EA.on(LeadingOnes()), "worst", **values), factor=less)
    integral = value_of(Theorem.apply(k / n, start=n, form="integral"), {"n": 10})
    yield Bounded("RLS, OneMax, n = 10, integral", "upper", integral, exactly(RLS().on(OneMax()), "zeros", n=10), factor=less)
    falling = rows_of({0: 1}, {0: 1}, {0: "1/20", 2: "19/20"})
    assert drifts(falling) == {1: 1, 2: Fraction(1, 10)}
    h = sympy.Piecewise((1, k <= 1), (sympy.Rational(1, 10), True))
    yield refused("h(1) = 1, h(2) = 1/10", lambda: Theorem.apply(h, start=2, largest=2), "non-decreasing")
    yield Bounded("h(1) = 1, h(2) = 1/10", "upper", Fraction(1 + 10), expected(falling, 2), fails=True)
    yield refused("a local optimum", lambda: Theorem.apply(EA.on(Jump(2)), n=4, c=1), "h(s) > 0")
    half = value_of(Theorem.apply(k / 2, start=1, largest=1))
    yield Bounded("h(1) = 1/2 in the place of 1/100", "upper", half, expected(crash(1, "1/100"), 1), fails=True)
    rows, value = _halving(40)
    assert all(drift >= value(state) / 2 for state, drift in drifts(rows, value).items())
    yield refused("X halved, no s_min", lambda: Theorem.apply(v / 2, start=1), "s_min")
    yield Bounded(
        "X halved, s_min = 1", "upper", value_of(Theorem.apply(v / 2, start=1, smallest=1)), expected(rows, 40), fails=True
    )


# ---- headwind


def headwind(setting: Setting) -> Cases:
    """Exact where X falls by one at most: walks, Metropolis. Above where it falls further: the pessimist, Dynamic BinVal."""
    from theory.drift import HeadwindDrift as Theorem

    less = _less(setting)
    for up in ("1/4", "1/2", "2/3"):
        rows = walk(9, up)
        for start in (1, 4, 9):
            found = value_of(Theorem.apply(rows, start=start))
            yield Bounded(f"walk, up {up}, from {start}", "upper", found, expected(rows, start), factor=less)
    sizes = setting.choose((2, 4, 6, 8), (2, 4, 6, 8, 10, 12, 14, 16))
    for size in sizes:
        values: dict[str, Any] = {"n": size}
        process: Process = Metropolis("n").on(OneMax())
        found = value_of(Theorem.apply(process, **values), values)
        yield Bounded(f"{process}, n = {size}", "upper", found, exactly(process, "zeros", **values), factor=less)
        values = {"n": size, "c": 1}
        for problem in (OneMax(), PartiallyOrderedEA(), DynamicBinVal()):
            process = EA.on(problem)
            found = value_of(Theorem.apply(process, **values), values)
            at = float(size) if isinstance(problem, DynamicBinVal) else None
            truth = exactly(process, "zeros", **values)
            yield Bounded(f"{process}, n = {size}", "upper", found, truth, at=at, factor=less)
    stuck = rows_of({0: 1}, {0: "1/2", 2: "1/2"}, {2: 1})
    yield refused("X never falls from 2", lambda: Theorem.apply(stuck), "p_k > 0")
    yield Fact("X never falls from 2", "" if hit_by(stuck, 2, 100) == 0 else "0 is reached")


# ---- fitness levels


def fitness_levels(setting: Setting) -> Cases:
    """A chain that visits each level (exact); OneMax, LeadingOnes, BinVal read exactly; levels that are lost again."""
    from theory.drift import FitnessLevels as Theorem

    less = _less(setting)
    chances = [1, "1/2", "1/4", "1/9"]
    found = value_of(Theorem.apply([number(x) for x in chances]))
    yield Bounded("a chain that visits every level", "upper", found, expected(lazy(chances), 4), factor=less)
    yield from _on_onemax(Theorem, setting, (2, 5, 10, 20), (2, 5, 10, 20, 40))
    for problem in (LeadingOnes(), BinVal()):
        for size in (3, setting.choose(4, 6)):
            values: dict[str, Any] = {"n": size, "c": 1}
            found = value_of(Theorem.apply(EA.on(problem), **values), values)
            truth = exactly(EA.on(problem), "worst", **values)
            yield Bounded(f"{problem}, n = {size}", "upper", found, truth, factor=less)
    lost = rows_of({0: 1}, {0: "1/10", 3: "9/10"}, {1: 1}, {2: 1})
    naive = value_of(Theorem.apply([number("1/10"), 1, 1]))
    yield Bounded("from level 1 back to level 3", "upper", naive, expected(lost, 3), fails=True)
    yield refused("a level that is never left", lambda: Theorem.apply(RLS().on(Jump(2)), n=4), "s_k > 0")
    wrong = value_of(Theorem.apply([number("1/2")]))
    yield Bounded("s_1 = 1/2 in the place of 1/100", "upper", wrong, expected(crash(1, "1/100"), 1), fails=True)


# ---- the catalogue's bounds on OneMax beside the exact value

_LINES = {
    "variable drift": ("upper", "variable drift (Johannsen"), "fitness levels": ("upper", "fitness levels"),
    "multiplicative drift": ("upper", "multiplicative drift (Doerr, Johannsen"), "Witt's b(1)": ("upper", "Witt's"),
    "coupon collector": ("lower", "coupon collector"),
}  # fmt: skip
_SLOW_LINES = {
    "sum of the reciprocal drifts, upper": ("upper", "sum of the reciprocal drifts"),
    "sum of the reciprocal drifts, lower": ("lower", "sum of the reciprocal drifts"),
    "drift of a convex sum": ("lower", "convex sum"),
}
"""Double sums, in balls at small n only."""


def onemax_bounds(setting: Setting) -> Cases:
    """Bounds on both sides, c = 1, uniform start, at all n at which they are drawn; the mutant's are halved and doubled."""
    from theory.exact import expected_runtime_interval

    process = EA.on(OneMax())
    uniform = [found for found in process.bounds("derived") if found.quantity == "E[T]" and found.start == "uniform"]

    def of(direction: str, name: str) -> Any:
        here = (found for found in uniform if found.direction == direction and name in str(found.source))
        return next(here, None) or bound(process, direction, name)

    for size in setting.choose((4, 10, 30, 100), (4, 10, 30, 100, 300, 1000)):
        values: dict[str, Any] = {"n": size, "c": 1}
        truth = expected_runtime_interval(process, **values)
        for line, (direction, name) in (_LINES | (_SLOW_LINES if size <= setting.choose(10, 30) else {})).items():
            factor = Fraction(1) if not setting.mutant else Fraction(1, 2) if direction == "upper" else Fraction(2)
            value = _at(of(direction, name), values) / truth
            yield Bounded(f"{line}, n = {size}", direction, value, Fraction(1), at=float(size), line=line, factor=factor)


def _at(found: Any, values: dict[str, Any]) -> Any:
    """A ball around the bound; of a free parameter at a rational near the best one."""
    if found.minimise_over is None:
        return ball_of(value_of(found, values))
    symbol = found.minimise_over[0]
    best = Fraction(found.best_parameter(**values)).limit_denominator(1000)
    return value_of(found.with_(expr=found.expr.subs(symbol, number(best))), values)


_HEADWIND = replace(_NEAR_N, title="(1+1) EA on Dynamic BinVal, rate 1/n")
_SAME = "the bound times 99/100"
CLAIMS = (
    Claim(
        "theorem-additive-upper", PAPER, "additive drift at least d > 0, X >= 0 (or >= lowest): E[T] <= (X_0 - lowest)/d; each "
        "condition is needed", "He, Yao 2001", _SAME, 0.0, bounded(additive_upper, "exact chains", _NEAR_N),
        formula=r"\mathrm{E}[X_t - X_{t+1} \mid X_t] \ge d \;\Rightarrow\; \mathrm{E}[T] \le \frac{X_0}{d}",
        where="T is the first t with X_t = 0",
    ),
    Claim(
        "theorem-multiplicative-upper", PAPER, "drift at least d s, X = 0 or X >= s_min: E[T] <= (1 + ln(X_0/s_min))/d; each "
        "condition is needed", "Doerr, Johannsen, Winzen 2012", _SAME, 0.0,
        bounded(multiplicative_upper, "exact chains", _NEAR_N),
        formula=(
            r"\mathrm{E}[X_t - X_{t+1} \mid X_t = s] \ge d\, s \;\Rightarrow\; \mathrm{E}[T] \le \frac{1 + "
            r"\ln(X_0/s_{\min})}{d}"
        ),
        where="T is the first t with X_t = 0",
    ),
    Claim(
        "theorem-multiplicative-tail", PAPER, "drift at least d s, X = 0 or X >= s_min: P[T > t] <= (1-d)^t X_0/s_min, at most "
        "e^-r from t = (r + ln(X_0/s_min))/d on", "Doerr, Goldberg 2013", _SAME, 0.0,
        bounded(multiplicative_tail, "exact laws", Picture("t", "P[T > t]", title="local search on OneMax, n = 8", most=1.0)),
        formula=r"\mathrm{P}[T > t] \le (1-d)^t\, \frac{X_0}{s_{\min}}",
        where="d s is the least drift from s; T is the first t with X_t = 0",
    ),
    Claim(
        "theorem-variable-upper", PAPER, "drift at least h(s), h > 0 non-decreasing: E[T] <= 1/h(1) + ... + 1/h(X_0), or with "
        "an integral; each condition is needed", "Johannsen 2010", _SAME, 0.0, bounded(variable_upper, "exact chains", _NEAR_N),
        formula=r"\mathrm{E}[T] \le \frac{s_{\min}}{h(s_{\min})} + \int_{s_{\min}}^{X_0} \frac{dz}{h(z)}",
        where="h(s) is the least drift from s; T is the first t with X_t = 0",
    ),
    Claim(
        "theorem-headwind", PAPER, "w_k = (1 + sum of P(rise by >= j) w_(k+j))/P(fall): E[T] <= w_1 + ... + w_s, exact if X "
        "falls by one at most", "cf. Kötzing, Lissovoi, Witt 2015", _SAME, 0.0, bounded(headwind, "exact chains", _HEADWIND),
        formula=r"\mathrm{E}[T] \le \sum_{k=1}^{s} w_k, \qquad w_k = \frac{1 + \sum_{j \ge 1} q_{k,j}\, w_{k+j}}{p_k}",
        where="from X_0 = s; p_k is the probability to fall from k, q_(k,j) that to rise by j or more",
    ),
    Claim(
        "theorem-fitness-levels", PAPER, "levels left upwards with probability at least s_j, fitness never falls: E[T] <= sum of "
        "1/s_j; each condition is needed", "Wegener 2001", _SAME, 0.0, bounded(fitness_levels, "exact chains", _NEAR_N),
        formula=r"\mathrm{E}[T] \le \sum_{j} \frac{1}{s_j}",
        where="s_j is the least probability to leave level j upwards",
    ),
    Claim(
        "onemax-bounds", PAPER, "(1+1) EA, rate 1/n, OneMax, uniform start: the catalogue's bounds from both sides over the "
        "exact value", "the source of each bound", "upper bounds times 1/2, lower ones times 2", 0.0,
        bounded(
            onemax_bounds, "bound over exact value, in balls",
            Picture("n", "bound/E[T]", log_x=True, log_y=True, title="OneMax, rate 1/n, uniform start"),
        ),
    ),
)  # fmt: skip
