"""Is a last step about its process? What ties the numbers that are put into a lemma to the process that the bound is of.

A formula that follows from a lemma may still be wrong: whoever changes a start, a smallest value or a constant, and the formula
alike, changes a bound into one that follows from nothing. Four things tie the last step:

*a value*       the formula is a finite number somewhere; what is infinite, or none, bounds nothing
*hypotheses*    those of the lemma that can be tried (``needs`` in the book) hold at every point of small chains
*small cases*   the bound itself against E[T] (or the law of T) of the whole chain, n <= 3
*large cases*   what a bound says as n grows against E[T] at growing n: the gap must close (it points there, and proves nothing)

Where the process has no small chain (a function that needs many bits), hypotheses are tried on the processes of its premises.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

from theory import symbols
from theory.bound import Bound
from theory.errors import InputError
from theory.exact import NoExactMethod
from theory.facts.evaluation import as_float, compare, holds_at, value_at
from theory.lemmas import NAMES, Applied, lemma
from theory.process import Process

SIZES, CONSTANTS = (1, 2, 3), (Fraction(1, 2), Fraction(1), Fraction(2))
AT_POINTS = {name: Symbol(name, real=True) for name in ("X", "drift", "fall", "rise", "leave", "done")}
ONCE = {name: Symbol(name, real=True) for name in ("X_0", "rate")}
_HOLDS = {">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0), "==": (0,)}


def has_value(expr: Expr) -> bool:
    """Whether a formula can be a number at all.

    >>> has_value(symbols.n), has_value(symbols.n / sympy.Integer(0))
    (True, False)
    """
    plain = expr.replace(lambda e: isinstance(e, (sympy.Sum, sympy.Product, sympy.Integral)), lambda e: sympy.S.One)
    return not plain.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo)


# ---- hypotheses of the lemma on small chains


@dataclass(frozen=True)
class Need:
    """A hypothesis: left, sign, right; ``at_points`` says whether it speaks of every point or of the process as a whole."""

    text: str
    left: Expr
    sign: str
    right: Expr

    @property
    def symbols(self) -> set[Symbol]:
        return self.left.free_symbols | self.right.free_symbols

    @property
    def at_points(self) -> bool:
        return bool(self.symbols & set(AT_POINTS.values()))


def needs_of(last: Applied) -> list[Need]:
    """The hypotheses that a lemma's entry lists, with what is given put in.

    >>> from theory.lemmas import applied
    >>> from theory.symbols import n
    >>> [need.text for need in needs_of(applied("multiplicative drift", start=n, low=1, delta=1 / n))]
    ['delta > 0', 'start >= X_0', 'X >= low', 'low > 0', 'drift >= delta*X']
    """
    known = {**NAMES, **AT_POINTS, **ONCE, **dict(last.given)}
    found = []
    for text in lemma(last.lemma).needs:
        left, sign, right = re.split(r" (>=|<=|==|>|<) ", text, maxsplit=1)
        sides = [sympy.sympify(side, locals=known).subs(dict(last.put)) for side in (left, right)]
        found.append(Need(text, sides[0], sign, sides[1]))
    return found


def unmet(bound: Bound, last: Applied) -> str:
    """Which hypothesis fails on a small chain, and where; "" where none does.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory import OneMax, RLS
    >>> from theory.symbols import n
    >>> bound = next(b for b in RLS().on(OneMax()).bounds() if b.derivation.conclusion.lemma == "multiplicative drift, tail")
    >>> last = bound.derivation.conclusion
    >>> unmet(bound, last), unmet(bound, replace(last, given=(("start", n / 4), *last.given[1:])))
    ('', 'start >= X_0 fails at n = 1')
    """
    return "" if bound.process is None else _tried(last, *_about(bound))[0]


def tried(bound: Bound, last: Applied) -> frozenset[str]:
    """Names of what is put in that hypotheses tie to the process: some were tried in which it stands beside what a step does.

    >>> from theory import OneMax, RLS
    >>> bound = RLS().on(OneMax()).bounds()[0]
    >>> sorted(tried(bound, bound.derivation.conclusion))
    ['s', 'start']
    """
    return frozenset() if bound.process is None else _tried(last, *_about(bound))[1]


def _about(bound: Bound) -> tuple[tuple[Process, ...], Any, Any]:
    """The processes on which hypotheses are tried, the bound's own first; the start; the condition that is no relation."""
    from theory.facts import DriftFact

    facts = [] if bound.derivation is None else [check.fact for check in bound.derivation.premises()]
    others = [f.process for f in facts if isinstance(f, DriftFact) and isinstance(f.process, Process)]
    extra = None if bound.condition_function is None else bound.condition_function[1]
    return tuple(dict.fromkeys((bound.process, *others))), bound.start, extra


@functools.lru_cache(maxsize=1024)
def _tried(last: Applied, processes: tuple[Process, ...], start: Any, extra: Any) -> tuple[str, frozenset[str]]:
    needs = needs_of(last)
    once, at_points = ([need for need in needs if need.at_points is kind] for kind in (False, True))
    found: set[str] = set()
    for size, put in _values(processes[0], last.where, extra):
        wrong = _failure(once, processes[0], put, list(_starts(start, size)))
        if wrong:
            return wrong, frozenset()
        found |= _named(last, [need for need in once if need.symbols & set(ONCE.values())])
    for process in processes:
        chains = [(put, _points(process, size, put.get(symbols.c))) for size, put in _values(process, last.where, extra)]
        known = [(put, points) for put, points in chains if points is not None]
        for put, points in known:
            wrong = _failure(at_points, process, put, points)
            if wrong:
                return wrong, frozenset()
        if known:
            return "", frozenset(found | _named(last, [need for need in at_points if _binds(need)]))
    return "", frozenset(found)


def _binds(need: Need) -> bool:
    """Whether a hypothesis says what a step does, or where X is: h(X) > 0 binds nothing."""
    x = AT_POINTS["X"]
    return x in (need.left, need.right) or bool(need.symbols & set(AT_POINTS.values()) - {x})


def _named(last: Applied, needs: list[Need]) -> set[str]:
    words = {word for need in needs for word in re.findall(r"\w+", need.text)}
    return words & {name for name, _ in last.given}


def _failure(needs: list[Need], process: Process, put: dict, places: list[dict]) -> str:
    known = {**put} if process.rate is None else {**put, ONCE["rate"]: value_at(process.rate, put)}
    for need in needs:
        for more in places:
            at = {x: y for x, y in {**known, **more}.items() if y is not None}
            at.update({x: Fraction(2) for x in need.symbols - set(at)})  # a free parameter
            left, right = value_at(need.left, at), value_at(need.right, at)
            sign = None if left is None or right is None else compare(left, right)
            if sign is not None and sign not in _HOLDS[need.sign]:
                return f"{need.text} fails at {', '.join(f'{x} = {y}' for x, y in put.items())}"
    return ""


def _starts(start: Any, size: int) -> Iterator[dict]:
    """X_0, the mean over the start; of any start the largest."""
    if isinstance(start, str):
        yield {ONCE["X_0"]: Fraction(size, 2) if start == "uniform" else Fraction(size)}
        return
    for zeros in range(1, size + 1):
        put = {symbols.n: Fraction(size), symbols.k: Fraction(zeros)}
        yield {symbols.k: Fraction(zeros), ONCE["X_0"]: value_at(sympy.sympify(start), put)}


def _values(process: Process, where: tuple, extra: Any) -> Iterator[tuple[int, dict]]:
    """Small n, and values of c, at which the conditions hold."""
    for size in SIZES:
        for constant in CONSTANTS if "c" in process.needed else (None,):
            put = {symbols.n: Fraction(size)} | ({} if constant is None else {symbols.c: constant})
            given = [w for w in where if not w.free_symbols - set(put)]
            if all(holds_at(w, put) for w in given) and (extra is None or extra(put)):
                yield size, put


@functools.lru_cache(maxsize=256)
def _points(process: Process, size: int, constant: Fraction | None) -> list[dict] | None:
    """What a step does at every point but the best: drift, probabilities; None where there is no such chain."""
    from theory.drift import tables
    from theory.exact import counts

    try:
        states, rows, zeros, _ = tables._chain(process, {"n": size} | ({} if constant is None else {"c": constant}), None)
    except (InputError, NoExactMethod):
        return None
    found = []
    for i, row in enumerate(rows):
        if states.end[i]:
            continue
        x = int(zeros[i])
        moves = [(int(zeros[j]), j, chance) for j, chance in row.items()]
        if counts.applies(process):  # there is no fitness but a comparison of two points; levels are numbers of zero-bits
            better = {j for y, j, _ in moves if y < x}
        else:
            better = {j for _, j, _ in moves if states.end[j] or states.rank[j] > states.rank[i]}
        values = {
            "X": Fraction(x),
            "drift": sum(((x - y) * chance for y, _, chance in moves), Fraction(0)),
            "fall": sum((chance for y, _, chance in moves if y < x), Fraction(0)),
            "rise": sum((chance for y, _, chance in moves if y > x), Fraction(0)),
            "leave": sum((chance for _, j, chance in moves if j in better), Fraction(0)),
            "done": sum((chance for _, j, chance in moves if states.end[j]), Fraction(0)),
        }
        found.append({AT_POINTS[name]: Fraction(value) for name, value in values.items()})
    return found


# ---- large n: what is said as n grows


GROWING = ((64, 256), (16, 64), (4, 10))
CLOSING, CLOSE = 0.88, 0.02
"""The gap to what is claimed must shrink by this factor from one n to the other, or be this small: towards a wrong constant it
levels off, while a term of order 1/ln n shrinks by 3/4 when n is four times as large."""
FAR = 0.5
"""A one-sided claim that E[T] misses by this share at every n is not tried by it: half the claim would hold there, too."""
ORDERS = 1.6
"""E[T] over its order may change by this factor: between n = 4 and n = 10, a wrong power of n changes it by 2.5."""


@functools.lru_cache(maxsize=512)
def asymptotically(bound: Bound, last: Applied) -> tuple[bool | None, str]:
    """(whether E[T] approaches what the bound says as n grows, how); None where E[T] can't be had at growing n.

    ``last`` is its last step: a claim of one side only is held against what tends to it, not against the limit.

    Examples
    --------
    >>> from theory import OneMax, OnePlusOneEA, c, n
    >>> bound = next(b for b in OnePlusOneEA(c / n).on(OneMax()).bounds() if b.direction == "asymptotic")
    >>> asymptotically(bound, bound.derivation.conclusion)[0]
    True
    >>> asymptotically(bound.with_(expr=2 * bound.expr), bound.derivation.conclusion)[0]
    False
    """
    process = bound.process
    if process is None:
        return None, "it is no bound of a process"
    for constant in (Fraction(1), Fraction(1, 2)) if "c" in process.needed else (None,):
        for sizes in GROWING:
            gaps: list[Any] = []
            for size in reversed(sizes):  # the large one says soon whether E[T] can be had
                gaps.insert(0, _gap(bound, last, size, constant))
                if gaps[0] is None:
                    break
            else:
                return _closing(gaps, sizes, bound)
    return None, "E[T] is not computed at growing n"


def _closing(gaps: list[Any], sizes: tuple, bound: Bound) -> tuple[bool | None, str]:
    told = f"off by {', '.join(f'{gap:.3g}' for gap in gaps)} at n = {', '.join(map(str, sizes))}"
    if bound.direction == "theta":
        ratios = [gap + 1 for gap in gaps]
        return min(ratios) > max(ratios) / ORDERS, f"E[T] against its order: {told}"
    if bound.side != "both":
        sign = 1 if bound.side == "upper" else -1
        if all(-FAR > sign * gap for gap in gaps):
            return None, f"E[T] is too far from what tends to the bound: {told}"
        return all(sign * gap <= 1e-9 for gap in gaps), f"E[T] against what tends to the bound: {told}"
    last, before = abs(gaps[-1]), abs(gaps[-2])
    return last <= CLOSE or last <= CLOSING * before, f"E[T] against what it tends to: {told}"


def _gap(bound: Bound, last: Applied, size: int, constant: Fraction | None) -> float | None:
    """How far E[T] is from the formula, as a part of what is neglected; one-sided claims: from what tends to the formula."""
    from theory.exact import expected_runtime

    values: dict[str, Any] = {"n": size} | ({} if constant is None else {"c": constant})
    put = {symbols.SYMBOLS[name]: Fraction(x) for name, x in values.items()}
    try:
        if not bound.holds_for(**values):
            return None
        found = expected_runtime(bound.process, start="zeros" if bound.start == "any" else bound.start, **values)
    except (InputError, NoExactMethod):
        return None
    given = {name: x.subs(dict(last.put)) for name, x in last.given}
    expr = given["ratio"] * given["order"] if bound.side != "both" and "ratio" in given else bound.expr
    formula, part = value_at(expr, put), value_at(bound.remainder if bound.remainder is not None else expr, put)
    try:
        return None if formula is None or part is None else (found - as_float(formula)) / as_float(part)
    except (ZeroDivisionError, OverflowError):
        return None


def leading(bound: Bound, last: Applied) -> str:
    """What is wrong with a statement for growing n, or with what a weaker bound is made from; "" for nothing."""
    if last.lemma == "stationary point":
        return _no_minimum(bound, last)
    if last.lemma.startswith("weakened") and bound.process is not None:
        before = dict(last.given)["smaller" if last.lemma == "weakened from above" else "larger"].subs(dict(last.put))
        return "" if _concluded(before, bound) else "what is weakened is no bound of a lemma"
    if bound.quantity != "E[T]" or bound.direction not in ("asymptotic", "theta"):
        return ""
    holds, how = asymptotically(bound, last)
    if holds is None and last.lemma == "leading term":
        given = {name: value.subs(dict(last.put)) for name, value in last.given}
        return "" if _concluded(given["ratio"] * given["order"], bound) else "what tends to the limit is no bound of a lemma"
    return how if holds is False else _without_limit(bound, last)


def _without_limit(bound: Bound, last: Applied) -> str:
    """Whether the premise is missing that the ratio tends to the limit; "" if it is there."""
    from theory.facts import LimitFact

    given = dict(last.given)
    ratio = given.get("ratio", given.get("gap"))
    if ratio is None or ratio == given["limit"]:
        return ""
    facts = [check.fact for check in bound.derivation.premises()] if bound.derivation is not None else []
    there = any(isinstance(f, LimitFact) and (f.expr, f.value) == (ratio, given["limit"]) for f in facts)
    return "" if there else "no premise says that the ratio tends to the limit"


def _concluded(expr: Expr, bound: Bound) -> bool:
    from proofs_check.link import claimed, conclusions, differ

    assert bound.derivation is not None
    return any(isinstance(x, Expr) and not differ(expr, x, claimed(bound)) for x in conclusions(bound.derivation))


def _no_minimum(bound: Bound, last: Applied) -> str:
    """Whether the place of the minimum is none of the leading terms that the derivation concludes; "" if it is one of each."""
    assert bound.derivation is not None
    least = value_at(dict(last.given)["least"], {})
    lemmas = (sub.conclusion for sub in bound.derivation.lemmas if sub.conclusion is not None)
    for expr in (one.expr for one in lemmas if one.lemma == "leading term"):
        if not expr.has(symbols.c):  # at the best c
            continue
        near = Fraction(as_float(least)).limit_denominator(10**6)
        values = [value_at(expr, {symbols.n: Fraction(10**4), symbols.c: near * Fraction(x, 10)}) for x in (9, 10, 11)]
        if None not in values and not as_float(values[1]) < min(as_float(values[0]), as_float(values[2])):
            return f"{expr} has no minimum at c = {as_float(least):.6g}"
    return ""
