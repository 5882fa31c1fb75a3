"""The fifth experiment: bounds against exact values, and counter-examples, decided without statistics.

A bound and an exact value that are both rational are compared as fractions (*proved*); any other number is enclosed in a ball,
and only a comparison that is certain counts (*certified*). Of a counter-example the statement must fail: the other conditions
hold, the missing one doesn't, and the bound is on the wrong side of the exact value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.claim import Outcome, Setting
from proofs_check.decide import Fact, worst
from proofs_check.figure import Figure, Series

if TYPE_CHECKING:
    from flint import arb

    from theory.bound import Bound

SIGNS = {"upper": "<=", "lower": ">=", "exact": "="}


@dataclass(frozen=True)
class Bounded:
    """An exact value and a bound on it.

    Attributes
    ----------
    where : str
    direction : {"upper", "lower", "exact"}
        exact <= bound, exact >= bound, exact = bound.
    bound, exact : Fraction, int or arb
    fails : bool
        A counter-example: the comparison must come out false.
    at : float, optional
        Its place on the picture's axis.
    line : str
        The name of its line there.
    factor : Fraction
        Multiplies the bound: other than 1 it makes mutants.
    """

    where: str
    direction: str
    bound: Any
    exact: Any
    fails: bool = False
    at: float | None = None
    line: str = "bound"
    factor: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        assert self.direction in SIGNS

    @property
    def value(self) -> Any:
        """The bound times the factor."""
        return self.bound if self.factor == 1 else product(self.factor, self.bound)


@dataclass(frozen=True)
class Picture:
    """How the cases that have a place are drawn."""

    x: str
    y: str
    log_x: bool = False
    log_y: bool = False
    exact: str = "exact"
    title: str = ""
    most: float = math.inf  # values are cut off there: 1 for probabilities


def bounded(
    check: Callable[[Setting], Iterable[Bounded | Fact]], about: str, picture: Picture | None = None
) -> Callable[[Setting], Outcome]:
    """Decide a list of bounds, counter-examples and facts: proved or certified if all come out, refuted if one doesn't.

    Parameters
    ----------
    check : callable
        The cases at a setting; the mutant's where ``setting.mutant``.
    about : str
        What they are, for the reason.
    picture : Picture, optional
        Draws the cases with a place.

    Returns
    -------
    callable
        ``decide(setting) -> Outcome``; it shows the bound that is nearest to its exact value; equalities and counter-examples
        only where there are no bounds.

    Examples
    --------
    >>> from proofs_check.claim import Setting
    >>> cases = [Bounded("n = 1", "upper", Fraction(3), Fraction(2)), Bounded("no start", "upper", 1, 2, fails=True)]
    >>> told = bounded(lambda setting: cases, "two chains")(Setting("quick", 0, 0.0, 0.0))
    >>> told.verdict, told.reason, told.prediction, told.exact
    ('proved', 'n = 1: 2 <= 3; two chains: 1 bound, 1 counter-example', 3.0, 2.0)
    """

    def decide(setting: Setting) -> Outcome:
        found, counted, drawn = [], [0, 0, 0], []
        for case in check(setting):
            if isinstance(case, Fact):
                counted[2] += 1
                verdict = "refuted" if case.wrong else "proved"
                found.append((math.inf, case.where, Outcome(verdict, f"{case.where}: {case.wrong or 'holds'}")))
                continue
            counted[1 if case.fails else 0] += 1
            verdict, text = _verdict(case)
            value, exact = float_of(case.value), float_of(case.exact)
            away = case.fails or case.direction == "exact" or not math.isfinite(exact)
            room = math.inf if away else abs(value - exact) / max(abs(exact), 1e-300)
            found.append((room, case.where, Outcome(verdict, f"{case.where}: {text}", value, None, None, math.nan, exact)))
            if case.at is not None and math.isfinite(exact) and (exact > 0 or picture is None or not picture.log_y):
                drawn.append(case)
        names = ("bound", "counter-example", "fact")
        number = ", ".join(f"{k} {name}{'s' if k > 1 else ''}" for k, name in zip(counted, names) if k)
        told = worst(found)
        figure = None if picture is None else _figure(picture, drawn)
        reason = f"{told.reason}; {about}: {number}" if told.verdict in ("proved", "certified") else told.reason
        return replace(told, reason=reason, figure=figure)

    return decide


def _verdict(case: Bounded) -> tuple[str, str]:
    truth = holds(case.direction, case.value, case.exact)
    said = f"{float_of(case.exact):.6g} {SIGNS[case.direction]} {float_of(case.value):.6g}"
    if truth is None:
        return "inconclusive", f"balls can't decide {said}"
    if truth == case.fails:
        return "refuted", f"{said} {'holds, but should fail: no counter-example' if case.fails else 'fails'}"
    kind = "proved" if _is_rational(case.bound) and _is_rational(case.exact) else "certified"
    return kind, f"{said}{' fails, as it should' if case.fails else ''}"


def _is_rational(x: Any) -> bool:
    return isinstance(x, (int, Fraction)) or x == math.inf


def holds(direction: str, bound: Any, exact: Any) -> bool | None:
    """Whether exact <= bound (upper), >= (lower) or = (exact); None where balls can't tell.

    >>> from flint import arb
    >>> holds("upper", Fraction(1, 3), Fraction(1, 3)), holds("lower", arb(2).sqrt(), Fraction(7, 5)), holds("exact", arb(1), 1)
    (True, False, None)
    """
    if exact == math.inf:
        return direction == "lower"
    if _is_rational(bound) and _is_rational(exact):
        return {"upper": exact <= bound, "lower": exact >= bound, "exact": exact == bound}[direction]
    one, other = ball_of(exact), ball_of(bound)
    if direction == "exact":  # never certain, but for its contrary
        return None if one.overlaps(other) else False
    yes, no = (one <= other, one > other) if direction == "upper" else (one >= other, one < other)
    return True if yes else False if no else None


def product(factor: Fraction, x: Any) -> Any:
    """A rational multiple of a rational number or of a ball.

    >>> product(Fraction(1, 2), 3)
    Fraction(3, 2)
    """
    return factor * x if isinstance(x, (int, Fraction)) else ball_of(factor) * x


def ball_of(x: Any) -> arb:
    """A ball around a rational number; balls stay what they are."""
    from flint import arb, fmpq

    if isinstance(x, arb):
        return x
    fraction = Fraction(x)
    return arb(fmpq(fraction.numerator, fraction.denominator))


def float_of(x: Any) -> float:
    """The nearest float, or the middle of a ball."""
    return float(x.mid()) if hasattr(x, "mid") else float(x)


def value_of(bound: Bound, values: Mapping[str, Any] | None = None) -> Any:
    """A bound's value at rational n, c, t, ...: a Fraction where it is one, else a ball.

    >>> from theory import k, n
    >>> from theory.drift import VariableDrift
    >>> value_of(VariableDrift.apply(drift=k / n, start=n), {"n": 4})
    Fraction(25, 3)
    """
    import sympy

    from theory.balls import at, number_of

    put = {symbol: Fraction((values or {})[str(symbol)]) for symbol in bound.expr.free_symbols}
    number = number_of(bound.expr, put)
    if isinstance(number, sympy.harmonic) or number.has(sympy.harmonic):
        number = number.doit()
    return Fraction(int(number.p), int(number.q)) if number.is_Rational else at(number, {})


def _figure(picture: Picture, cases: list[Bounded]) -> Figure:
    lines: dict[tuple[str, str], list[tuple[float, float]]] = {}
    truth: dict[float, float] = {}
    for case in cases:
        assert case.at is not None
        kind = "other" if case.fails else "exact" if case.direction == "exact" else case.direction
        lines.setdefault((case.line, kind), []).append((case.at, min(float_of(case.value), picture.most)))
        truth[case.at] = float_of(case.exact)
    series = [
        Series(name, kind, tuple(x for x, _ in sorted(points)), tuple(y for _, y in sorted(points)))
        for (name, kind), points in lines.items()
    ]
    xs = tuple(sorted(truth))
    series.append(Series(picture.exact, "exact", xs, tuple(truth[x] for x in xs)))
    return Figure(picture.x, picture.y, tuple(series), picture.log_x, picture.log_y, picture.title)
