"""What all drift theorems share: their data, and how they read what they are applied to.

Notation: X_t >= 0 is the potential, T = min{t : X_t <= 0}, drift E[X_t - X_{t+1} | X_t = s]. The potential's value is written
k where it is an integer and v where it is real.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import sympy
from sympy import Expr, Integer, Rational, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from theory.arguments import plain_arguments
from theory.bound import Bound, Source
from theory.chain import Chain
from theory.derivation import Check, Derivation
from theory.drift.prover import Region, show
from theory.errors import InputError, PreconditionError
from theory.facts import Declared, DriftFact
from theory.facts import s as potential_value
from theory.lemmas import Applied
from theory.parse import expression
from theory.problems import LeadingOnes, OneMax
from theory.process import Process
from theory.symbols import SYMBOLS, c, k, n, v
from theory.text import formula
from theory.values import exact, number


@dataclass(frozen=True)
class Precondition:
    """A condition of a theorem.

    Attributes
    ----------
    text : str
    kind : {"necessary", "technical"}
        Necessary: ``why`` is a counter-example to the theorem without it. Technical: ``why`` says what the proof uses it for.
    why : str
    """

    text: str
    kind: str
    why: str


class DriftTheorem(ABC):
    """A drift theorem: data about it, and :meth:`apply`, which checks its conditions and returns a bound."""

    name: ClassVar[str]
    statement: ClassVar[str]
    source: ClassVar[Source]
    preconditions: ClassVar[tuple[Precondition, ...]]

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "apply" in vars(cls):
            cls.apply = classmethod(plain_arguments(vars(cls)["apply"].__func__))  # type: ignore[method-assign,assignment]

    @classmethod
    @abstractmethod
    def apply(cls, drift: Any, start: Any = None, **options: Any) -> Bound:
        """Check every condition and return the bound; PreconditionError names one that fails or can't be decided."""

    @classmethod
    def _derivation(
        cls,
        motion: Motion,
        used: str,
        checks: Sequence[Check],
        steps: Sequence[str] = (),
        drift_expr: Expr | None = None,
        conclusion: Applied | None = None,
    ) -> Derivation:
        return Derivation(
            theorem=f"{cls.name} ({cls.source.text.partition('(')[2].rstrip(')') or cls.source.text})",
            statement=cls.statement,
            potential=motion.potential,
            drift=used,
            range=motion.region.text,
            steps=(*motion.steps, *steps),
            checks=(*motion.extra, *checks),
            drift_expr=drift_expr,
            potential_expr=motion.variable,
            conclusion=conclusion,
        )


@dataclass(frozen=True)
class Motion:
    """A potential and its drift, read from whatever a theorem is applied to.

    Either ``drift`` is an expression on a region, or ``table`` lists (X, drift) exactly for every state of a finite chain.
    """

    theorem: str
    variable: Symbol
    region: Region
    drift: Expr | None = None
    table: tuple[tuple[Fraction, Fraction, str], ...] = ()
    start: Expr | None = None
    speaks_of: Any = "any"
    lowest: Expr = sympy.S.Zero
    potential: str = ""
    steps: tuple[str, ...] = ()
    finite: bool = False
    extra: tuple[Check, ...] = field(default=())
    process: Process | None = None
    given: Any = None  # the potential of the process: an expression, the values of all states, or None (k)
    levels: bool = False
    counts_zeros: bool = False  # X is k, the number of zero-bits

    # ---- checks

    def at_least(self, condition: str, kind: str, right: Expr, *, strict: bool = False) -> Check:
        """Check drift >= right on the whole region."""
        return self._compare(condition, kind, right, strict, above=True)

    def at_most(self, condition: str, kind: str, right: Expr) -> Check:
        """Check drift <= right on the whole region."""
        return self._compare(condition, kind, right, False, above=False)

    def _compare(self, condition: str, kind: str, right: Expr, strict: bool, above: bool) -> Check:
        if self.drift is not None:
            if above:
                return show(self.theorem, condition, kind, self.drift, right, self.region, strict=strict)
            return show(self.theorem, condition, kind, right, self.drift, self.region, name="bound on the drift")
        for x, drift, label in self.table:
            limit = _fraction(self.put(right).subs(self.variable, _rational(x)), condition)
            good = (drift > limit if strict else drift >= limit) if above else drift <= limit
            if not good:
                sign = ("<=" if strict else "<") if above else ">"
                witness = f"{label}: drift {float(drift):.6g} {sign} {float(limit):.6g}"
                raise PreconditionError(self.theorem, condition, witness)
        sense = ">" if strict else ">=" if above else "<="
        return Check(condition, f"exactly at all {len(self.table)} states with X > 0", kind, self._table_fact(right, sense))

    def _table_fact(self, right: Expr, sense: str) -> DriftFact | None:
        """The comparison as data, where the table is that of a process."""
        if self.process is None:
            return None
        values = self.region.values or {}
        bound = sympy.sympify(right).subs(self.variable, potential_value)
        quantity = "leave" if self.levels else "drift"
        return DriftFact(self.process, bound, sense, self.given, quantity, (int(values[n]),), (values.get(c, Fraction(1)),))

    def positive(self, condition: str, kind: str, value: Expr) -> Check:
        """Check that a number is positive under the assumptions."""
        region = Region(None, Integer(0), None, False, self.region.where, self.region.values)
        return show(
            self.theorem, condition, kind, self.put(value) if self.table else value, Integer(0), region, strict=True, name="value"
        )

    def require(self, condition: str, kind: str, left: Expr, right: Expr, name: str = "value") -> Check:
        """Check left >= right, both free of the variable."""
        region = Region(None, Integer(0), None, False, self.region.where, self.region.values)
        return show(self.theorem, condition, kind, left, right, region, name=name)

    # ---- results

    def put(self, expr: Expr) -> Expr:
        """The expression with the values given put in."""
        return sympy.sympify(expr).subs(
            {s: _rational(x) for s, x in (self.region.values or {}).items() if not isinstance(x, tuple)}
        )

    @property
    def conditions(self) -> tuple:
        """Conditions of the bound: what was assumed, and the values for which it was shown."""
        result = [w for w in self.region.where if w not in (True, sympy.true)]
        for symbol, x in (self.region.values or {}).items():
            if isinstance(x, tuple):
                result += [sympy.Ge(symbol, _rational(x[0]), evaluate=False), sympy.Le(symbol, _rational(x[1]), evaluate=False)]
            else:
                result.append(sympy.Eq(symbol, _rational(x), evaluate=False))
        return tuple(result)

    def begin(self) -> Expr:
        """X_0, or the largest value of a table."""
        if self.start is not None:
            return self.put(self.start)
        if self.table:
            return _rational(max(x for x, _, _ in self.table))
        raise InputError("start: no value given; give X_0 as a number or an expression in n and c")

    def infimum(self, ratio: bool, below: bool = True) -> Expr:
        """The best constant delta with drift >= delta (or <= delta; or delta s, ``ratio``), where it can be read off."""
        pick = min if below else max
        if self.table:
            return _rational(pick(drift / x if ratio else drift for x, drift, _ in self.table))
        assert self.drift is not None
        quotient = sympy.powsimp(self.drift / self.variable) if ratio else self.drift
        if self.variable not in quotient.free_symbols:
            return quotient
        ends = [self.region.smallest, *([self.region.largest] if self.region.largest is not None else [])]
        for end in ends:  # drifts are mostly monotone: an end of the range has the extreme value
            candidate = quotient.subs(self.variable, end)
            try:
                self._compare("", "necessary", candidate * self.variable if ratio else candidate, False, above=below)
            except PreconditionError:
                continue
            return candidate
        what = f"drift/{self.variable}" if ratio else "drift"
        raise InputError(f"delta: the {what} depends on {self.variable}; give delta=, a bound on it that doesn't")


def read(
    theorem: str,
    drift: Any,
    start: Any = None,
    *,
    potential: Any = None,
    smallest: Any = None,
    largest: Any = None,
    lowest: Any = None,
    where: Sequence = (),
    side: str = "lower",
    levels: bool = False,
    values: Mapping[str, Any],
) -> Motion:
    """Read a drift: an expression in k or v, a Process, or a Chain.

    Parameters
    ----------
    side : {"lower", "upper"}
        Whether the theorem needs a lower or an upper bound on the drift.
    potential
        Of a process. Beside an expression: what X is, in words; then X isn't taken for the number of zero-bits.
    largest
        Default: n, where an expression is in k and n, since k is the number of zero-bits; a check of the derivation says so.
    levels : bool
        The numbers are probabilities of leaving fitness levels, X is the number of levels still to go.
    """
    from theory.drift.tables import level_table, potential_table

    put = _values(values)
    extra: tuple[Check, ...] = ()
    if isinstance(drift, Process):
        if potential is None and isinstance(drift.problem, LeadingOnes) and not levels:
            potential = n - v  # as in theory.law
        if values:
            if any(isinstance(x, tuple) for x in put.values()):
                raise InputError("values: an interval of c needs the drift as an expression; a process is read at single values")
            table = level_table(drift, dict(values)) if levels else potential_table(theorem, drift, potential, dict(values))
            return _from_table(theorem, drift, table, start, potential, put, levels)
        process = drift
        drift, start, where, steps, text = _known(process, start, potential, side, levels)
        quantity, sense = ("leave" if levels else "drift"), (">=" if side == "lower" else "<=")
        known = DriftFact(process, drift, sense, None, quantity, where=tuple(where))
        extra = (Check(known.text, "see the reasons above", "premise", known),)
        finite = True
    else:
        steps, text, finite = (), "", False
    chain = drift if isinstance(drift, Chain) else None
    if chain is not None:
        if chain.drift_expr is None:
            raise InputError("drift: this chain declares none; give Chain(..., drift=...)")
        drift = chain.drift_expr
        start = start if start is not None or callable(chain.state) else chain.state
        smallest = chain.smallest if smallest is None else smallest
        lowest = chain.lowest if lowest is None else lowest
        steps = ("The drift is declared by the chain; simulation can refute it.",)
        said = f"E[X_t - X_t+1 | X_t] = {formula(drift)}"
        extra = (Check(said, "as declared by the chain", "premise", Declared(said)),)
        text = "X_t, the state of the chain" if chain.potential is None else "X_t, the chain's potential"
    expr = _expression(drift, "drift")
    variable = v if v in expr.free_symbols else k
    integer = variable == k
    low = _expression(1 if integer and smallest is None else 0 if smallest is None else smallest, "smallest")
    begin = None if start is None else _expression(start, "start")
    named = potential if isinstance(potential, str) and chain is None and not isinstance(drift, Process) and not text else None
    if largest is None and chain is None and integer and named is None:
        largest = n if n in expr.free_symbols | (begin.free_symbols if begin is not None else set()) else None
        if largest is not None and not levels and not text:
            extra += (Check("X_t <= n", "k is the number of zero-bits; give largest= for another X", "technical"),)
    high = None if largest is None else _expression(largest, "largest")
    if begin is not None and begin.is_negative:
        raise InputError(f"start: {begin} must not be negative")
    if begin is not None and high is not None and (begin - high).is_positive:
        raise PreconditionError(theorem, f"X_0 <= {formula(high)}", f"X_0 = {begin}", "give largest=")
    counts = integer and named is None and chain is None and not levels and (bool(text) or k in expr.free_symbols)
    if chain is not None:
        own = begin is None or callable(chain.state) or chain.potential is not None or begin == chain.state
        speaks: Any = "any" if own else f"X_0 = {begin}"
    elif begin is None or (high is not None and begin == high):
        speaks = "any"
    elif counts and begin.is_integer is not False:
        speaks = begin
    else:
        speaks = f"{'start at level' if levels else 'X_0 ='} {formula(begin)}"
    region = Region(variable, low, high, integer, _relations(where), put)
    what = text or (f"X_t = {variable}" + (f", {named}" if named else ""))
    low_end = Integer(0) if lowest is None else _expression(lowest, "lowest")
    return Motion(
        theorem, variable, region, expr, (), begin, speaks, low_end, what, tuple(steps), finite, extra, counts_zeros=counts
    )


def _relations(where: Any) -> tuple:
    """The conditions that a user gives, one or several."""
    several = tuple(where) if isinstance(where, (tuple, list, set)) else (where,)
    for condition in several:
        if not isinstance(condition, (Relational, Boolean, bool)):
            raise InputError(f"where: {condition!r} is not a condition; give relations such as n >= 2 or (n >= 2, c < n)")
    return several


def _from_table(theorem: str, process: Process, table: list, start: Any, potential: Any, put: dict, levels: bool) -> Motion:
    values = [x for x, _, _ in table]
    integer = all(x.denominator == 1 for x in values)
    region = Region(k if integer else v, _rational(min(values)), _rational(max(values)), integer, (), put)
    begin = None if start is None else _expression(start, "start")
    speaks: Any = "any"
    if begin is not None and begin != region.largest:
        speaks = begin if potential is None and process.problem.symmetric and not levels else f"X_0 = {begin}"
    what = (
        "X_t = the number of fitness levels still to go"
        if levels
        else ("X_t = k, the number of zero-bits" if potential is None else f"X_t = {getattr(potential, '__name__', potential)}")
    )
    steps = (f"{process} at {', '.join(f'{s} = {x}' for s, x in put.items())}: all transition probabilities as fractions.",)
    given = potential
    if potential is not None and not isinstance(potential, (Expr, str, int)):  # a function or a table: its values, state by state
        given = values_of_potential(process, potential, put)
    elif potential is not None:
        given = expression(potential, "potential")
    return Motion(
        theorem, region.variable or k, region, None, tuple(table), begin, speaks, Integer(0), what, steps, True,
        process=process, given=given, levels=levels, counts_zeros=potential is None and not levels,
    )  # fmt: skip


def values_of_potential(process: Process, potential: Any, put: Mapping) -> tuple[Fraction, ...]:
    """A potential given as a function or as numbers: its value at each state."""
    from theory.drift.tables import _chain, _potential

    values = {s.name: x for s, x in put.items()}
    states, _, zeros, checked = _chain(process, values, potential)
    return tuple(_potential(process, potential, states, checked, len(zeros)))


def potential_by_state(motion: Motion) -> tuple[Fraction, ...]:
    """The potential's value at each state of the process that a motion was read from."""
    assert motion.process is not None
    if isinstance(motion.given, tuple):
        return motion.given
    return values_of_potential(motion.process, motion.given, motion.region.values or {})


def _known(process: Process, start: Any, potential: Any, side: str, levels: bool) -> tuple:
    """A bound on the drift of k for all n, for the processes where one is at hand."""
    from theory.domain import rate_conditions

    if not isinstance(process.problem, OneMax) or potential is not None or not process.is_static:
        raise InputError(f"drift: no formula for the drift of {process} is known here; give values (n=...) or an expression")
    start = n if start is None else start
    if process.rate is None:
        if process.algorithm.flips != 1:
            raise InputError(f"drift: no formula for the drift of {process} is known here; give values (n=...) or an expression")
        return (
            k / n,
            start,
            (),
            ("Each zero-bit is the flipped position with probability 1/n.",),
            "X_t = k, the number of zero-bits",
        )
    p, where = process.rate, rate_conditions(process.rate)
    text = "X_t = k, the number of zero-bits"
    if levels:
        return (
            (1 - p) ** (n - k) * (1 - (1 - p) ** k),
            start,
            where,
            ("A zero-bit flips and no one-bit: the offspring is better.",),
            text,
        )
    if side == "lower":
        return (
            k * p * (1 - p) ** (n - k),
            start,
            where,
            ("Mutations that flip no one-bit gain k p on average; no accepted one loses.",),
            text,
        )
    return k * p, start, where, ("At most the zero-bits that flip are gained.",), text


def _expression(value: Any, argument: str) -> Expr:
    """A formula in n, c, k, v, and in symbols of the user that say what they stand for."""
    own = sorted((s for s in getattr(value, "free_symbols", ()) if str(s) not in SYMBOLS), key=str)
    for symbol in own:
        if not symbol.is_real:
            how = f"Symbol('{symbol}', positive=True)"
            raise InputError(f"{argument}: nothing is assumed of the symbol {symbol}; write it as {how} or put its value in")
    expr = expression(value, argument, {**SYMBOLS, **{str(s): s for s in own}})
    return expr.xreplace({x: Rational(str(x)) for x in expr.atoms(sympy.Float)})  # 0.1 means one tenth


def _values(values: Mapping[str, Any]) -> dict[Symbol, Any]:
    put: dict[Symbol, Any] = {}
    for name, given in values.items():
        if name not in ("n", "c"):
            raise InputError(f"{name}: unknown argument; values are n=... and c=...")
        symbol = {"n": n, "c": c}[name]
        if isinstance(given, (tuple, list)):
            if len(given) != 2:
                raise InputError(f"{name}: an interval is a pair (low, high), not {given!r}")
            low, high = (exact(number(x, name)) for x in given)
            if low > high:
                raise InputError(f"{name}: the interval {given!r} is empty")
            put[symbol] = (low, high)
        else:
            put[symbol] = exact(number(given, name))
    return put


def total(term: Callable[[Expr], Expr], last: Expr) -> Expr:
    """The sum of term(j) for j = 1, ..., last, with harmonic numbers where they arise.

    >>> total(lambda j: n / j, n)
    n*harmonic(n)
    """
    j = Symbol("j", integer=True, positive=True)
    factor, rest = sympy.sympify(term(j)).as_independent(j, as_Add=False)
    if rest == 1:
        return factor * last
    if rest == 1 / j:
        return factor * sympy.harmonic(last)
    return factor * sympy.Sum(rest, (j, 1, last))


def _rational(x: Any) -> Expr:
    x = Fraction(x)
    return Rational(x.numerator, x.denominator)


def _fraction(expr: Expr, what: str) -> Fraction:
    if not expr.is_Rational:
        value = expr.evalf(40)
        if not value.is_Float:
            raise InputError(f"values: '{what}' has no number at these values: {formula(expr)}")
        expr = Rational(str(value))
    return Fraction(int(expr.p), int(expr.q))
