"""Does a bound follow from the last step of its derivation? The link between a formula and the premises behind it.

The last step puts expressions into a lemma of the book (:mod:`theory.lemmas`). Four things must fit:

1. *formula*: the lemma's conclusion is the bound's formula, term by term or at every point of a grid of rational numbers,
2. *kind*: quantity and direction are those of the lemma,
3. *conditions*: the bound is claimed under the hypotheses of the last step and where the process exists, no more and no less,
4. *support*: whatever is put into the lemma stands in a premise or in the process (its rate), or the lemma's hypotheses about it
   are tried on small chains (:mod:`proofs_check.ties`), as is what the bound says of growing n.
"""

from __future__ import annotations

import functools
import itertools
import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Basic, Expr, Symbol

from proofs_check.ties import asymptotically, has_value, leading, tried, unmet
from theory import symbols
from theory.bound import Bound
from theory.derivation import Derivation
from theory.errors import InputError
from theory.lemmas import Applied, lemma
from theory.text import formula

if TYPE_CHECKING:
    from theory.facts import Fact

POINTS = 12
"""So many points of the grid at which both sides have a value are compared, besides the two of :func:`_point`."""
TERMS = (0, 1, 2, 3, 7, 19)
"""The terms of an infinite sum that are compared."""


@dataclass(frozen=True)
class Link:
    """What was found: ``holds`` is None where it could not be decided; ``level`` is "symbolic" or "exact"."""

    holds: bool | None
    how: str
    level: str = "symbolic"


def link(bound: Bound) -> Link:
    """Hold a bound against the last step of its derivation.

    Parameters
    ----------
    bound : Bound
        Where it has a process, that one's existence conditions and its rate count.

    Returns
    -------
    Link

    Examples
    --------
    >>> from theory import k, n
    >>> from theory.drift import MultiplicativeDrift
    >>> bound = MultiplicativeDrift.apply(k / n, start=n)
    >>> link(bound).how
    'n*(log(n) + 1) is what multiplicative drift concludes'
    >>> link(bound.with_(expr=2 * bound.expr)).holds
    False
    """
    last = None if bound.derivation is None else bound.derivation.conclusion
    if last is None:
        return Link(None, "the derivation has no last step that could be repeated")
    book = lemma(last.lemma)
    if (book.quantity, book.direction) != (bound.quantity, bound.direction):
        said = f"{bound.direction} bound on {bound.quantity}"
        return Link(False, f"{last.lemma} gives no {said} but: {book.direction}, {book.quantity}")
    wrong = _conditions(bound, last) or _support(last, bound) or unmet(bound, last)
    if wrong:
        return Link(False, wrong)
    try:
        concluded = last.expr
    except (InputError, TypeError, ValueError) as error:
        return Link(False, f"{last.lemma} can't be applied: {error}")
    known = {x.name: x for x in symbols.SYMBOLS.values()}
    strange = [x for x in bound.expr.free_symbols if known.get(x.name, x) != x]
    if strange:
        return Link(False, f"{strange[0]} isn't the {strange[0]} that a process has")
    if not has_value(bound.expr):
        return Link(False, f"{_short(bound.expr)} is no number")
    found = _same(bound.expr, concluded, claimed(bound), last.lemma)
    wrong = leading(bound, last) if found.holds else ""
    return Link(False, wrong, "exact") if wrong else found


def claimed(bound: Bound) -> tuple[Basic, ...]:
    """Everything that a bound assumes, the range of a free parameter included.

    >>> from theory import OneMax, OnePlusOneEA, c, n
    >>> claimed(OnePlusOneEA(c / n).on(OneMax()).bounds()[0])
    (c > 0, c < n)
    """
    extra: tuple = ()
    if bound.minimise_over is not None:
        symbol, low, high = bound.minimise_over
        extra = (symbol > low, *(() if high is sympy.oo else (symbol < high,)))
    return (*bound.conditions, *extra)


def _conditions(bound: Bound, last: Applied) -> str:
    from theory.bounds.common import domain, tidy

    there = () if bound.process is None else domain(bound.process)
    should = tidy((*last.where, *there))
    if should is None:
        return "the hypotheses contradict each other"
    said, expected = ({_canonical(w) for w in conditions} for conditions in (claimed(bound), should))
    if said != expected:
        odd = sorted(map(str, said ^ expected))
        return f"the conditions are not the hypotheses: {', '.join(odd)}"
    return ""


def _canonical(relation: Basic) -> Any:
    """Relations written either way round are one."""
    if isinstance(relation, sympy.core.relational.Relational) and relation.rel_op in ("<", "<="):
        return (relation.rhs, {"<": ">", "<=": ">="}[relation.rel_op], relation.lhs)
    if isinstance(relation, sympy.core.relational.Relational):
        return (relation.lhs, relation.rel_op, relation.rhs)
    return relation


# ---- the formula


def _same(left: Expr, right: Expr, where: Iterable[Basic], name: str) -> Link:
    if left == right or _renamed(left) == _renamed(right) or sympy.expand(left - right) == 0:
        return Link(True, f"{_short(left)} is what {name} concludes")
    left, right = _finite(left), _finite(right)
    points = zeros = alone = 0
    for put in grid(left, right, where):
        values = _number(left, put), _number(right, put)
        if None in values:
            alone += values != (None, None)
            continue
        if not _equal(*values):
            at = ", ".join(f"{x} = {y}" for x, y in put.items())
            return Link(False, f"{name} concludes another formula: {_short(right)} differs at {at}", "exact")
        zeros += values[0] == 0
        points += values[0] != 0
        if points >= POINTS:
            break
    for put in odd_points(left, right, where):
        values = _number(left, put), _number(right, put)
        if values != (None, None) and (None in values or not _equal(*values)):
            at = ", ".join(f"{x} = {y}" for x, y in put.items())
            return Link(False, f"{name} concludes another formula: {_short(right)} differs at {at}", "exact")
    points = points or zeros  # that both are 0 says less
    if alone > points:  # removable gaps of a closed form are few
        return Link(False, f"{name} concludes another formula: mostly only one of the two has a value", "exact")
    if not points:
        return Link(None, "neither formula has a value on the grid")
    if points < 2 and left.free_symbols | right.free_symbols:
        return Link(None, "the formulas have values at one point only")
    return Link(True, f"{_short(left)} is what {name} concludes, compared at {points} points", "exact")


def differ(one: Expr, other: Expr, where: Iterable[Basic] = ()) -> bool:
    """Whether two formulas have different values somewhere on the grid; those without any value there differ by their form.

    >>> from theory import k, n
    >>> differ((n + 1) ** 2, n**2 + 2 * n + 1), differ(n + k, n - k)
    (False, True)
    """
    if one == other:
        return False
    points = 0
    for put in grid(one, other, where):
        values = _number(one, put), _number(other, put)
        if values == (None, None):
            continue
        if None in values or not _equal(*values):
            return True
        points += 1
        if points >= POINTS:
            return False
    return not points


def signs_along(left: Expr, right: Expr, where: Iterable[Basic] = ()) -> Iterator[int | None]:
    """The signs of left - right at points of the grid at which both have values.

    >>> from theory.symbols import n
    >>> set(signs_along(n + 1, n))
    {1}
    """
    from theory.facts.evaluation import compare

    left, right = _finite(left), _finite(right)
    values = ((_number(left, put), _number(right, put)) for put in grid(left, right, where))
    yield from itertools.islice((compare(*pair) for pair in values if None not in pair), POINTS)


def _renamed(expr: Any, depth: int = 0) -> Any:
    """The indices of sums, products and integrals named by how deep they stand."""
    if isinstance(expr, (sympy.Sum, sympy.Product, sympy.Integral)):
        names = {x: Symbol(f"_{depth}_{i}") for i, (x, *_) in enumerate(expr.limits)}
        limits = ((names[x], *(_renamed(end.xreplace(names), depth + 1) for end in ends)) for x, *ends in expr.limits)
        return expr.func(_renamed(expr.function.xreplace(names), depth + 1), *limits)
    return expr.func(*(_renamed(part, depth) for part in expr.args)) if expr.args else expr


def _finite(expr: Expr) -> Expr:
    """Something with values in place of a formula without: infinite sums are cut, a function that is left open becomes one.

    So infinite sums are compared term by term.
    """
    for series in expr.atoms(sympy.Sum):
        (x, low, high), *others = series.limits[::-1]
        if high is sympy.oo:
            inner = sympy.Sum(series.function, *others[::-1]) if others else series.function
            expr = expr.subs(series, sympy.Add(*(inner.subs(x, low + step) for step in TERMS)))
    for call in expr.atoms(sympy.core.function.AppliedUndef):
        expr = expr.subs(call, 1 / (call.args[0] + 2) if call.func.__name__ == "p" else call.args[0] // 2 + 1)
    return expr


def _short(expr: Expr) -> str:
    text = formula(expr)
    return text if len(text) <= 90 else text[:87] + "..."


def _number(expr: Expr, put: dict[Symbol, Fraction]) -> Any:
    from theory.facts.evaluation import value_at

    return value_at(expr, put)


def _equal(left: Any, right: Any) -> bool:
    from theory.facts.evaluation import compare

    return compare(left, right) == 0


def grid(left: Expr, right: Expr, where: Iterable[Basic] = ()) -> Iterator[dict[Symbol, Fraction]]:
    """Rational points at which the conditions hold, in an order that varies every symbol early."""
    from theory.facts.evaluation import holds_at

    where = tuple(where)
    free = sorted(set().union(left.free_symbols, right.free_symbols, *(w.free_symbols for w in where)), key=str)
    steps = left.has(sympy.floor) or right.has(sympy.floor)  # which show at larger n
    choices = [_choices(symbol, where, steps) for symbol in free]
    points = list(itertools.islice(itertools.product(*choices), 20_000))
    step = next(s for s in (7919, 7907, 7901) if len(points) % s)  # a prime that is no divisor: every point is met once
    for position in range(min(len(points), 3000)):
        put = dict(zip(free, points[position * step % len(points)]))
        if put.get(symbols.k, Fraction(0)) <= put.get(symbols.n, Fraction(10**9)) and all(holds_at(w, put) for w in where):
            yield put


def odd_points(left: Expr, right: Expr, where: Iterable[Basic] = ()) -> Iterator[dict[Symbol, Fraction]]:
    """Two points off the grid, which depend on the formulas themselves: a difference that vanishes on the grid shows there.

    >>> from theory.symbols import n
    >>> [set(put) == {n} and put[n] > 6 for put in odd_points(n, n + (n - 2) * (n - 3) * (n - 5) * (n - 6))]
    [True, True]
    """
    from theory.facts.evaluation import holds_at

    where = tuple(where)
    free = sorted(set().union(left.free_symbols, right.free_symbols, *(w.free_symbols for w in where)), key=str)
    first = (160, 100) if left.has(sympy.floor) or right.has(sympy.floor) else (11, 9)
    found = 0
    for trial in range(40):
        put = {}
        for symbol in free:
            draw = zlib.crc32(f"{symbol} {trial} {left} {right}".encode())
            fixed = [w.rhs for w in where if isinstance(w, sympy.Eq) and w.lhs == symbol and w.rhs.is_Rational]
            most = 100 if first[0] > 100 and symbol == symbols.k else 9
            whole = Fraction(first[0] + draw % first[1] if symbol.name == "n" else 1 + draw % most)
            drawn = whole if symbol.is_integer else Fraction(draw % 997 + 1, 500)
            put[symbol] = Fraction(str(fixed[0])) if fixed else drawn
        if all(holds_at(w, put) for w in where):
            yield put
            found += 1
        if found == 2:
            return


def _choices(symbol: Symbol, where: tuple[Basic, ...], steps: bool = False) -> tuple[Fraction, ...]:
    """Values of a symbol: the one that the conditions ask for, or several from the smallest that they admit on."""
    at = {w.rel_op: Fraction(str(w.rhs)) for w in where if w.is_Relational and w.lhs == symbol and w.rhs.is_Rational}
    if "==" in at:
        return (at["=="],)
    if symbol.is_integer:
        usual = ((2, 6, 40) if steps else (2, 3, 5, 6)) if symbol == symbols.n else (1, 2, 4, 5, 7)
        more = max(0, math.ceil(at.get(">=", Fraction(0))) - usual[0])
        return tuple(Fraction(size + more) for size in usual)
    return tuple(Fraction(x) for x in ("1/7", "1/2", "9/10", "1", "6/5", "5/2"))


# ---- the support


def _support(last: Applied, bound: Bound) -> str:
    process = bound.process
    known: list[Fact] = [] if bound.derivation is None else [c.fact for c in bound.derivation.premises() if c.fact is not None]
    if process is not None and not last.lemma.startswith("stationary"):  # that n = n says nothing of a process
        from theory.facts import Identity

        known = [fact for fact in known if not isinstance(fact, Identity)]
    concluded = [] if bound.derivation is None else list(conclusions(bound.derivation))
    for name, value in last.given:
        body = value.expr if isinstance(value, sympy.Lambda) else value
        if value.is_Symbol or _tied(name, body, last, bound):
            continue
        if process is not None and process.rate is not None and body.subs(dict(last.put)) == process.rate:
            continue
        if value in concluded or value.subs(dict(last.put)) in concluded:
            continue
        computed = [sympy.sympify(y) for fact in known for x, y in getattr(fact, "arguments", ()) if x == name]
        differs = computed and not body.free_symbols and body not in computed  # from the number that was computed with
        if differs or not any(_mentions(fact, x) for x in _shapes(value, last) for fact in known):
            return f"no premise is about {name} = {formula(value)}"
    return ""


def _tied(name: str, body: Basic, last: Applied, bound: Bound) -> bool:
    """Whether what is put in needs no premise: the lemma's hypotheses about it are tried on chains, or E[T] at growing n."""
    if bound.process is None:
        return not body.free_symbols - {symbols.n, symbols.k, symbols.t}
    if name in tried(bound, last) or (last.lemma.startswith("stationary") and name in ("least", "slope")):  # tried as they stand
        return True
    if isinstance(body, sympy.core.function.AppliedUndef):  # a name for the process's own rate at time s, or for a time of it
        return bound.process.rate is not None and symbols.t in bound.process.rate.free_symbols
    return name in ("order", "main") and asymptotically(bound, last)[0] is True


def conclusions(derivation: Derivation) -> Iterator[Basic]:
    """What the lemmas that a derivation rests on conclude.

    >>> from theory import OneMax, OnePlusOneEA, c, n
    >>> bound = next(b for b in OnePlusOneEA(c / n).on(OneMax()).bounds() if b.side == "upper")
    >>> list(conclusions(bound.derivation))[0]
    (1 - p)**(1 - n)*(log(n) + 1)/p
    """
    for sub in derivation.lemmas:
        yield from conclusions(sub)
        if sub.conclusion is not None:
            yield replace(sub.conclusion, put=()).expr
            yield sub.conclusion.expr


def _shapes(value: Basic, last: Applied) -> list[Basic]:
    """What is put in as it stands, at the process's rate, and at the rate c/n for every c, for which premises are shown."""
    from theory.bounds.common import p

    shapes = [value]
    for put in (dict(last.put), {p: symbols.c / symbols.n}):
        bound = value.variables if isinstance(value, sympy.Lambda) else ()
        shapes.append(value.subs({x: y for x, y in put.items() if x not in bound}))
    return [shape for i, shape in enumerate(shapes) if shape not in shapes[:i]]


def _mentions(fact: Fact, value: Basic) -> bool:
    """Whether an expression (or a function of an index) stands in a fact: alone, times the fact's variable, or as a part."""
    from theory.facts import s

    variables = [x for x in (getattr(fact, "variable", None), symbols.k, symbols.v, symbols.n, s) if x is not None]
    wanted = [value]
    if isinstance(value, sympy.Lambda):  # of the fact's own variable, or of a rate, which premises are shown for at c/n
        summed = {limit[0] for x in _expressions(fact) for series in x.atoms(sympy.Sum) for limit in series.limits}
        wanted = [value.expr.subs(value.variables[0], x) for x in (*variables, *value.variables, symbols.c / symbols.n, *summed)]
    stated = [x for x in _expressions(fact) if x.free_symbols]
    body = value.expr if isinstance(value, sympy.Lambda) else value
    if not body.free_symbols:
        return any(x.has(body) for x in _expressions(fact))
    for one in wanted:
        if any(x.has(one) for x in stated):
            return True
        for whole in stated:
            ratios = [_ratio(whole, one, at) for at in (0, 1)]
            if None in ratios:
                continue
            per_bit = [ratio * float(_point(symbols.n, at)) for at, ratio in enumerate(ratios)]  # type: ignore[operator]
            if _are(ratios, sympy.S.One) or _are(per_bit, sympy.S.One) or any(_are(ratios, x) for x in variables):
                return True
    return False


def _ratio(whole: Expr, part: Expr, at: int) -> float | None:
    above, below = _at_random(whole, at), _at_random(part, at)
    return above / below if above is not None and below else None


def _are(ratios: list[Any], expr: Expr) -> bool:
    return all(abs(ratios[at] / float(_point(expr, at) if expr.is_Symbol else expr) - 1) < 1e-12 for at in (0, 1))


@functools.lru_cache(maxsize=8192)
def _at_random(expr: Expr, at: int) -> float | None:
    """The value at one of two points that nobody would choose: formulas that agree at both are taken to be the same."""
    from theory.balls import at as ball_at

    try:
        return float(ball_at(expr, {x: _point(x, at) for x in expr.free_symbols}).mid())
    except (ValueError, TypeError, NotImplementedError):
        return None


def _point(symbol: Symbol, at: int) -> Fraction:
    if symbol.name == "n":  # also a real one, along which was differentiated
        return Fraction((11, 13)[at])
    draw = zlib.crc32(f"{symbol.name} {at}".encode())
    return Fraction(1 + draw % 9) if symbol.is_integer else Fraction(draw % 9973 + 1, 9999)


def _expressions(fact: Any) -> Iterator[Expr]:
    for name in getattr(fact, "__dataclass_fields__", {}):
        value = getattr(fact, name)
        for x in [y for _, y in value] if name == "arguments" else [value]:
            if isinstance(x, Expr):
                yield x
            elif isinstance(x, (int, Fraction)) and not isinstance(x, bool):
                yield sympy.Rational(x)
