"""Negative drift, concentration: bounds on P(T <= t), P(T > t), P(T < t) against exact laws of walks, without one condition.

Hajek 1982; Oliveto, Witt 2011 with its erratum 2012, and 2015 (with scaling), with numbers that are derived in
:mod:`theory.drift`; Doerr 2021 (negative multiplicative drift); Kötzing 2016 (concentration).

These bounds are loose by factors, so a mutant that is smaller by a hundredth would often be true. The mutants here forget what
one could forget: the factor t, or the 8 in the exponent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil, comb
from typing import Any

from proofs_check.bounded import Bounded, Picture, bounded, value_of
from proofs_check.claim import Claim, Setting
from proofs_check.claims.drift_revisited.chains import Rows, drifts, expected, hit_by, jumpy, rows_of, walk
from proofs_check.claims.drift_revisited.common import EA, PAPER, number, refused
from proofs_check.claims.drift_revisited.upper import Cases
from theory import PartiallyOrderedEA

_LAW = Picture("t", "P[T <= t]", log_x=True, log_y=True, title="a walk away from 0", most=1.0)


def _law(
    setting: Setting, name: str, found: Any, rows: Rows, start: int, steps: Iterable[int], drawn: bool = False, **values: Any
) -> Iterator[Bounded]:
    """P(T <= t) <= bound at many t, last at t = 2 E[T], where P(T <= t) >= 1/2 (Markov). The mutant takes the bound at t = 1."""
    for t in steps:
        value = value_of(found, {"t": 1 if setting.mutant else t, **values})
        yield Bounded(f"{name}, t = {t}", "upper", value, hit_by(rows, start, t), at=float(t) if drawn else None)
    if drawn:
        t = ceil(2 * expected(rows, start))
        value = value_of(found, {"t": 1 if setting.mutant else t, **values})
        yield Bounded(f"{name}, t = 2 E[T] = {float(t):.4g}", "upper", value, Fraction(1, 2), at=float(t))


# ---- an interval with drift away from its end


def hajek(setting: Setting) -> Cases:
    """Walks, longer steps, the pessimist's chain; jumps from above the interval."""
    from theory.drift import NegativeDriftHajek as Theorem
    from theory.drift.laws import read_law

    steps = setting.choose((1, 12, 40, 120, 400), (1, 12, 40, 120, 400, 1000))
    away = walk(12, "2/3")
    for name, rows in (("walk", away), ("steps of 1 and 3", jumpy(20, "4/5"))):
        b = len(rows) - 2
        yield from _law(setting, name, Theorem.apply(rows, b=b), rows, b, steps, drawn=name == "walk")
        yield Bounded(f"{name}, E[T]", "lower", value_of(Theorem.apply(rows, b=b, expected=True)), expected(rows, b))
    process, values = EA.on(PartiallyOrderedEA()), {"n": setting.choose(12, 24), "c": 4}
    rows = [dict(row) for row in read_law(process, values).rows]
    found = Theorem.apply(process, **values)
    yield from _law(setting, f"{process}, {values}", found, rows, _start(found), (1, 10), **values)
    falls = walk(12, "1/3")
    naive = value_of(Theorem.apply(away, b=11), {"t": 100})
    yield refused("a walk that falls", lambda: Theorem.apply(falls, b=11), "drift away from a is -")
    yield Bounded("a walk that falls, t = 100", "upper", naive, hit_by(falls, 11, 100), fails=True)
    jumps = [*away[:-1], *rows_of({0: "1/2", 12: "1/2"})]
    yield Bounded("jumps from above b, in D", "upper", value_of(Theorem.apply(jumps, b=11), {"t": 1}), hit_by(jumps, 12, 1))
    yield Bounded("jumps from above b, not in D, t = 10", "upper", naive / 10, hit_by(jumps, 12, 10), fails=True)


def _start(found: Any) -> int:
    """b, where the theorem chose it: the bound speaks of X_0 >= b."""
    return int(str(found.start).split(">= ")[1])


def simplified(setting: Setting) -> Cases:
    """Oliveto and Witt's conditions, with r and delta for steps of one."""
    from theory.drift import SimplifiedNegativeDrift as Theorem

    yield from _general(Theorem, {"r": 2, "delta": 1}, {"r": 9, "delta": 8}, setting)


def scaling(setting: Setting) -> Cases:
    """Steps of scale r."""
    from theory.drift import NegativeDriftScaling as Theorem

    one = {"r": number("101/100")}
    yield from _general(Theorem, one, one, setting)


def _general(theorem: Any, options: dict[str, Any], tight: dict[str, Any], setting: Setting) -> Cases:
    """``options`` fit walks with steps of one, and so do the ``tight`` ones, with a smaller bound."""
    small, long = walk(24, "19/20"), walk(200, "3/4")
    steps = setting.choose((23, 40, 80), (23, 40, 80, 200, 500))
    yield from _law(setting, "walk on 24", theorem.apply(small, b=23), small, 23, steps, drawn=True)
    yield Bounded("walk on 24, E[T]", "lower", value_of(theorem.apply(small, b=23, expected=True)), expected(small, 23))
    falls = walk(200, "1/4")
    inside = "drift away from a >= eps > 0 for a < x < b"
    yield refused("a walk that falls", lambda: theorem.apply(falls, b=199, **tight), inside)
    naive = value_of(theorem.apply(number("1/2"), length=199, **tight), {"t": 600})
    yield Bounded("a walk that falls, t = 600", "upper", naive, _falls(), fails=True)
    far = Fraction(1, 400)  # one down, or far up, where all states are one: the drift is at least 1/2
    leaps = [*rows_of({0: 1}), *({x - 1: 1 - far, 101: far} for x in range(1, 100)), *rows_of({99: "1/2", 100: "1/2"}, {101: 1})]
    real: Rows = [*leaps[:1], *({x - 1: 1 - far, x + 800: far} for x in range(1, 100)), leaps[100]]
    real += [{x: Fraction(1)} for x in range(101, 900)]
    assert -drifts(real)[50] >= Fraction(1, 2)
    yield refused("long steps up", lambda: theorem.apply(real, b=100, **options), "for a < x < b")
    claimed = value_of(theorem.apply(number("399/400"), length=100, **options), {"t": 150})
    yield Bounded("long steps up, t = 150", "upper", claimed, hit_by(leaps, 100, 150), fails=True)
    jumps = [*long[:-1], *rows_of({0: "1/2", 199: "1/2"})]
    yield refused("jumps from above b", lambda: theorem.apply(jumps, b=199, **options), "for x >= b")
    inner = value_of(theorem.apply(long, b=199, **options), {"t": 1})
    yield Bounded("jumps from above b, t = 1", "upper", inner, hit_by(jumps, 200, 1), fails=True)


def _falls() -> Fraction:
    """P(T <= 600) from 199 of a walk that falls with 3/4, without an upper end: a lower bound for the one that is held at 200.

    It falls by 199 at least if at least 400 of 600 steps are down: a binomial tail.
    """
    return Fraction(sum(comb(600, down) * 3**down for down in range(400, 601)), 4**600)


def negative_multiplicative(setting: Setting) -> Cases:
    """X = 2^k on a walk downwards, and each condition."""
    from theory.drift import NegativeMultiplicativeDrift as Theorem

    rows = rows_of({0: "3/4", 1: "1/4"}, *({k - 1: "5/6", k + 1: "1/6"} for k in range(1, 8)), {8: 1})
    options = {"potential": "2**k", "delta": number("1/4"), "D": number("1/2"), "target": 8}
    found = Theorem.apply(rows, **options)
    for t in setting.choose((1, 30, 500), (1, 10, 30, 100, 500, 2000)):
        value = value_of(found, {"t": 1 if setting.mutant else t})
        yield Bounded(f"X = 2^k, t = {t}", "upper", value, hit_by(rows, 0, t, (8,)), at=float(t))
    t = ceil(2 * expected(rows, 0, (8,)))
    value = value_of(found, {"t": 1 if setting.mutant else t})
    yield Bounded("X = 2^k, t = 2 E[T]", "upper", value, Fraction(1, 2), at=float(t))  # P(T <= 2 E[T]) >= 1/2 (Markov)
    yield Bounded("X = 2^k, E[T]", "lower", value_of(Theorem.apply(rows, expected=True, **options)), expected(rows, 0, (8,)))
    doubling = rows_of(*({k + 1: 1} for k in range(8)), {8: 1})
    yield refused("X doubles", lambda: Theorem.apply(doubling, **options), "E[X_t+1 | X_t = x] <= (1 - delta) x + D")
    yield Bounded("X doubles, t = 8", "upper", value_of(found, {"t": 8}), hit_by(doubling, 0, 8, (8,)), fails=True)
    near = rows_of(
        {0: 1}, *({0: 1} for _ in range(1, 7)), {8: "7/12", 0: "5/12"}, {8: 1}
    )  # E = 14/3 at X = 7: (1 - 1/4) 7 = 21/4
    high = {"potential": "k", "delta": number("1/4"), "D": number("1/100"), "target": 8}
    yield refused("X_0 = 7 near U = 8", lambda: Theorem.apply(near, start=7, **high), "X_0 <= D/delta")
    yield Bounded("X_0 = 7 near U = 8, t = 1", "upper", Fraction(1, 100) / 2, hit_by(near, 7, 1, (8,)), fails=True)
    yield refused("X_0 = U", lambda: Theorem.apply(near, start=8, **{**high, "D": 10}), "X_0 < U")


# ---- concentration


def concentration_late(setting: Setting) -> Cases:
    """P(T > s) on walks downwards; the mutant forgets the 8."""
    from theory.drift import Concentration as Theorem

    for down in ("3/5", "3/4", "19/20"):
        rows = _reflected(30, down)
        found = Theorem.apply(rows, start=10)
        for t in setting.choose((60, 130), (40, 60, 90, 130, 180, 250, 400)):
            if found.holds_for(t=t):
                value = _eighth(value_of(found, {"t": t}), setting)
                at = float(t) if down == "3/4" else None
                yield Bounded(f"walk, down {down}, s = {t}", "upper", value, 1 - hit_by(rows, 10, t), at=at)
    jump: Rows = [*rows_of({0: 1}), *({0: Fraction(1, 2 * x), x: 1 - Fraction(1, 2 * x)} for x in range(1, 21))]
    assert set(drifts(jump).values()) == {Fraction(1, 2)}
    yield refused("a step of 20, K = 1", lambda: Theorem.apply(jump, start=20, steps=1), "|X_t+1 - X_t| <= K")
    naive = value_of(Theorem.apply(_reflected(20, "3/4"), start=20), {"t": 200})
    yield Bounded("a step of 20, K = 1, s = 200", "upper", naive, 1 - hit_by(jump, 20, 200), fails=True)
    still = rows_of({0: 1}, {0: "1/1000", 1: "999/1000"})
    wrong = value_of(Theorem.apply(rows_of({0: 1}, {0: "1/2", 1: "1/2"}), start=1), {"t": 200})
    yield Bounded("eps = 1/2 in the place of 1/1000, s = 200", "upper", wrong, 1 - hit_by(still, 1, 200), fails=True)


def concentration_early(setting: Setting) -> Cases:
    """P(T < s) on walks with a small drift downwards; the mutant forgets the 8."""
    from theory.drift import Concentration as Theorem

    for down in ("11/20", "3/5"):
        rows = _open(30, down)
        found = Theorem.apply(rows, start=12, early=True)
        for t in setting.choose((12, 30, 60), (12, 20, 30, 40, 60)):
            if found.holds_for(t=t):
                value = _eighth(value_of(found, {"t": t}), setting)
                at = float(t) if down == "11/20" else None
                yield Bounded(f"walk, down {down}, s = {t}", "upper", value, hit_by(rows, 12, t - 1), at=at)
    fall: Rows = [*rows_of({0: 1}), *({0: Fraction(1)} for _ in range(20))]
    found = Theorem.apply(_open(21, "11/20"), start=20, early=True)  # eps = 1/10, K = 1: s <= 100
    yield refused("one step to 0, K = 1", lambda: Theorem.apply(fall, start=20, early=True, steps=1), "|X_t+1 - X_t| <= K")
    yield Bounded("one step to 0, s = 2", "upper", value_of(found, {"t": 2}), hit_by(fall, 20, 1), fails=True)
    certain = _reflected(20, 1)
    naive = value_of(found, {"t": 21})
    yield Bounded("eps = 1/10 in the place of 1, s = 21", "upper", naive, hit_by(certain, 20, 20), fails=True)


def _reflected(size: int, down: Any) -> Rows:
    return walk(size, 1 - Fraction(down))


def _open(size: int, down: Any) -> Rows:
    """A walk that stays at its upper end for ever: its drift is at most that of the inside."""
    return [*walk(size, 1 - Fraction(down))[:-1], {size: Fraction(1)}]


def _eighth(value: Any, setting: Setting) -> Any:
    """The bound, or its eighth power the mutant's."""
    return value**8 if setting.mutant else value


_LATE = Picture("s", "P[T > s]", log_y=True, title="a walk to 0, down with 3/4, from 10")
_EARLY = Picture("s", "P[T < s]", log_y=True, title="a walk to 0, down with 11/20, from 12")
CLAIMS = (
    Claim(
        "theorem-negative-drift", PAPER, "E[exp(-lambda step)] <= 1 on (a, b), D for steps from b: P(T <= t) <= t D exp(-lambda "
        "(b-a)), E[T] >= exp(lambda (b-a))/(2 D)", "Hajek 1982", "the factor t is left out", 0.0,
        bounded(hajek, "exact laws", _LAW),
        formula=r"\mathrm{P}[T \le t] \le t\, D\, e^{-\lambda (b-a)}, \qquad \mathrm{E}[T] \ge \frac{e^{\lambda (b-a)}}{2 D}",
        where="T is the first time at a or below, from b or above",
    ),
    Claim(
        "theorem-negative-simplified", PAPER, "drift away >= eps, steps >= j with at most r/(1+delta)^j, also from above b: "
        "P(T <= t) <= (1+r) t exp(-eps ln^2(1+delta/2) l/r)", "Oliveto, Witt 2011, erratum 2012; constants derived",
        "the factor t is left out", 0.0, bounded(simplified, "exact laws", _LAW),
        formula=r"\mathrm{P}[T \le t] \le (1+r)\, t\, \exp\left( -\frac{\varepsilon\, \ell \ln^2(1 + \delta/2)}{r} \right)",
        where="l is the length of the interval that has to be crossed against the drift",
    ),
    Claim(
        "theorem-negative-scaling", PAPER, "drift away >= eps, steps >= j r with at most e^-j, also from above b: P(T <= t) <= "
        "(1+e^(1/2)) t exp(-eps l/(4 r^2))", "Oliveto, Witt 2015; constants derived", "the factor t is left out", 0.0,
        bounded(scaling, "exact laws", _LAW),
        formula=r"\mathrm{P}[T \le t] \le (1+\sqrt{e})\, t\, \exp\left( -\frac{\varepsilon\, \ell}{4 r^2} \right)",
        where="l is the length of the interval that has to be crossed against the drift",
    ),
    Claim(
        "theorem-negative-multiplicative", PAPER, "E[X_(t+1)] <= (1-delta) x + D below U, X_0 <= D/delta: P(T <= t) <= t D/"
        "(delta U), E[T] >= delta U/(2 D)", "Doerr 2021", "the factor t is left out", 0.0,
        bounded(negative_multiplicative, "exact laws", _LAW),
        formula=r"\mathrm{P}[T \le t] \le \frac{t\, D}{\delta\, U}, \qquad \mathrm{E}[T] \ge \frac{\delta\, U}{2 D}",
        where="T is the first t with X_t >= U",
    ),
    Claim(
        "theorem-concentration-late", PAPER, "steps at most K, drift at least eps: P(T > s) <= exp(-s eps^2/(8 K^2)) for s >= "
        "2 X_0/eps; each condition is needed", "Kötzing 2016", "exp(-s eps^2/K^2): the 8 is forgotten", 0.0,
        bounded(concentration_late, "exact laws", _LATE),
        formula=(
            r"\mathrm{P}[T > s] \le \exp\left( -\frac{s\, \varepsilon^2}{8 K^2} \right), \qquad s \ge \frac{2 "
            r"X_0}{\varepsilon}"
        ),
    ),
    Claim(
        "theorem-concentration-early", PAPER, "steps at most K, drift at most eps: P(T < s) <= exp(-X_0^2/(8 K^2 s)) for s <= "
        "X_0/(2 eps); each condition is needed", "Kötzing 2016", "exp(-X_0^2/(K^2 s)): the 8 is forgotten", 0.0,
        bounded(concentration_early, "exact laws", _EARLY),
        formula=r"\mathrm{P}[T < s] \le \exp\left( -\frac{X_0^2}{8 K^2 s} \right), \qquad s \le \frac{X_0}{2 \varepsilon}",
    ),
)  # fmt: skip
