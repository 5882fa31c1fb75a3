"""The front door of potential synthesis: from a process and a template to a bound that carries its potential.

The potential is found in floats, made rational, and its drift is computed again without error; the bound is what the drift
theorem says of the rational potential. Weights of the states from the dual programme, also checked without error, say how much
better any other potential of the template could be at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy
from flint import ctx, fmpq
from sympy import Rational

from theory.arguments import plain_arguments
from theory.bound import Bound, Check
from theory.drift.additive_upper import AdditiveDriftUpper
from theory.drift.multiplicative import MultiplicativeDrift
from theory.errors import InputError, nearest
from theory.facts import Computation
from theory.parse import expression
from theory.process import Process
from theory.starts import read_start
from theory.symbols import SYMBOLS, v
from theory.synthesis import certify
from theory.synthesis.chains import BITS, FiniteChain, as_float, as_fmpq, as_fraction, lower_end
from theory.synthesis.infeasible import NoPotential, no_potential
from theory.synthesis.models import kind_of, model
from theory.synthesis.programme import Programme, Setting, Solution, setting, visits
from theory.synthesis.progress import Telling
from theory.synthesis.result import Synthesised
from theory.synthesis.rounding import decimal_above, decimal_below, fractions, rounded, scale_up, simple, to_sympy
from theory.synthesis.search import best_delta, try_delta
from theory.synthesis.templates import Basis, Columns, Concave, States, Template, read_template
from theory.values import exact, number

THEOREMS = ("additive", "multiplicative", "variable")
FEW = 200  # weights for which small denominators are tried, too


@plain_arguments
def synthesise(
    process: Any, template: Any = "states", *, theorem: str | None = None, start: Any = None, delta: Any = None,
    progress: bool | None = None, **values: Any,
) -> Synthesised:  # fmt: skip
    """The potential in a template that gives the best upper bound on E[T].

    Parameters
    ----------
    process : Process, or square matrix of transition probabilities
        Of a matrix the absorbing states are the end of a run; floats mean the decimal numbers that they print as.
    template : str, expression, several expressions, or Template
        ``"states"`` (one free value a state), ``"levels"`` (one weight a fitness level), ``"bits"`` (one weight a bit: X is the
        sum over the zero-bits), ``"concave"`` (concave functions of k), or expressions in k and v, whose combinations with
        non-negative weights are tried.
    theorem : {"additive", "multiplicative", "variable"}, optional
        Default: additive for ``"states"``, where nothing can beat it; elsewhere the better of additive and multiplicative drift.
        With "variable" and one expression X (or ``"levels"``: the number of levels still to go) as the template, what is chosen
        is the non-decreasing step function h; with ``"states"`` all concave X are tried, which is never worse.
    start : optional
        Default: any start, so that the largest value of X counts; on LeadingOnes, with states that are levels, the uniform one.
        Else "uniform", "zeros", a number of zero-bits, a point, or a row of the matrix.
    delta : number or expression in n and c, optional
        Of multiplicative drift; default: the best one.
    progress : bool, optional
        Say how it goes after two seconds; default: on a terminal.
    **values
        n and c.

    Returns
    -------
    Synthesised
        A :class:`Bound` with status "derived", and ``potential``, ``coefficients``, ``delta``, ``limit``.

    Raises
    ------
    NoPotential
        Where no potential in the template works, with weights of the states that prove it.
    InputError
        For input that can't be used; NoExactMethod (one of them) where n is too large.

    Notes
    -----
    One free value a state and additive drift give E[T] itself: X is the expected runtime from each state. For multiplicative
    drift a linear programme is solved for each delta that the search tries; see :mod:`theory.synthesis.search`.

    Examples
    --------
    >>> from theory import BinVal, OneMax, OnePlusOneEA, synthesise
    >>> process = OnePlusOneEA("c/n").on(OneMax())
    >>> print(synthesise(process, "states", n=100, c=1))
    E[T] <= 1154.892267...   upper, n = 100, c = 1, any start   additive drift (He, Yao 2001)
    >>> best = synthesise(process, "states", theorem="multiplicative", n=100, c=1)
    >>> round(best.evaluate(n=100, c=1), 1)
    1258.9
    >>> weights = synthesise(OnePlusOneEA("c/n").on(BinVal()), "bits", n=4, c=1)
    >>> [(name, round(float(g), 4)) for name, g in weights.coefficients]
    [('g_1', 1.3591), ('g_2', 1.1429), ('g_3', 1.0), ('g_4', 1.0)]
    """
    chosen = read_template(template)
    if theorem is not None and theorem not in THEOREMS:
        raise InputError(f"theorem: {theorem!r} is unknown; {nearest(str(theorem), THEOREMS)}")
    if delta is not None and theorem != "multiplicative":
        raise InputError("delta: it belongs to theorem='multiplicative'")
    if not isinstance(process, Process) and (isinstance(process, str) or not hasattr(process, "__iter__")):
        raise InputError(f"process: {process!r} is neither an algorithm on a problem nor a matrix of transition probabilities")
    if theorem == "variable" and isinstance(chosen, States):
        chosen = Concave()
    chain = model(process, kind_of(process, chosen.bits, chosen.counts, start), values)
    checked = dict(process.values(**values)) if isinstance(process, Process) else {}
    law, word = _law(process, chain, start, checked)
    with Telling(progress) as say:
        return _Search(chain, chosen, checked, law, word, say).run(theorem, delta)


class _Search:
    """One call of :func:`synthesise`."""

    def __init__(self, chain: FiniteChain, template: Template, values: dict, law: list[fmpq] | None, word: Any, say: Any) -> None:
        self.chain, self.template, self.values, self.law, self.word, self.say = chain, template, values, law, word, say
        self.columns: Columns = template.on(chain, values)
        self.conditions = tuple(sympy.Eq(SYMBOLS[name], Rational(str(exact(x))), evaluate=False) for name, x in values.items())
        self.plain = {name: x if isinstance(x, int) else exact(x) for name, x in values.items()}

    def run(self, theorem: str | None, delta: Any) -> Synthesised:
        if theorem == "variable" and isinstance(self.template, Concave):
            theorem = "additive"  # X is the sum of 1/h(j), h non-decreasing: variable drift's own potentials
        if theorem == "variable":
            from theory.synthesis.variable import variable

            return variable(self)
        self.given: Setting = setting(self.chain, self.columns, self.law, self.template.least)
        fixed = self.law is None or len([x for x in self.law if x != 0]) == 1
        if theorem == "multiplicative" and not fixed:
            raise InputError("start: multiplicative drift is synthesised for any start or a fixed one, not for a random one")
        if theorem == "multiplicative" and delta is not None:
            return self.multiplicative(1.0, self._delta(delta))
        self.say("additive drift")
        solution = Programme(self.given).solve("sum" if self.template.least else "start")
        if solution is None:
            raise no_potential(self.given, self.template.text, self.template.data, self.plain)
        additive = self.additive(solution)
        if theorem == "additive" or (theorem is None and (self.template.least or not fixed)):
            return additive
        found = self.multiplicative(1 / as_float(as_fmpq(max(additive.potential))), None)
        return found if theorem is not None or found.evaluate(**self.values) < additive.evaluate(**self.values) else additive

    # ---- the theorems

    def additive(self, solution: Solution) -> Synthesised:
        theta, least = self._rational(solution.theta, lambda drifts, _: min(lower_end(drifts[i]) for i in self.chain.inner))
        if least <= 0:
            raise self._lost()
        factor = scale_up(1 / least)
        theta = [x * factor for x in theta]
        potential = self.columns.potential(theta)
        value, worst = self._at_start(potential)
        bound = AdditiveDriftUpper.apply(sympy.Integer(1), start=to_sympy(decimal_above(value)), where=self.conditions)
        arguments = self._arguments() + (("potential", fractions(potential)), ("rate", Fraction(1)))
        fact = Computation(
            "theory.synthesis.certify:drift_is_at_least", arguments, True, self._about("is at least 1"), self.chain.level
        )
        check = Check("drift >= 1 at every state before the end, X = 0 at the end", self._how(), "necessary", fact)
        dual = visits(self.given, worst, as_float(value)) or solution if self.template.least else solution
        limit = self.limit(dual, value, None)
        return self.finish(bound, theta, potential, "E[X_t - X_t+1 | X_t] >= 1", [check], limit, None)

    def multiplicative(self, low: float, delta: fmpq | None) -> Synthesised:
        if delta is None:
            point = best_delta(self.given, low, self.say)
            if point.solution is not None:
                point = try_delta(self.given, point.delta, refine=True)
        else:
            with ctx.workprec(BITS):
                leaving = self.chain.leaving()
                stuck = [i for i in self.chain.inner if bool(leaving[i] < delta)]
            if stuck:
                raise NoPotential(
                    f"delta: {as_float(delta):.6g} is too large: {self.chain.label(int(stuck[0]))} is left with probability"
                    f" {as_float(lower_end(leaving[stuck[0]])):.6g} only, and X never falls by more than itself",
                    {int(stuck[0]): Fraction(1)},
                )
            point = try_delta(self.given, delta, refine=True)
        if point.solution is None:
            at = as_float(point.delta)
            raise NoPotential(
                f"delta: the solver found no potential with drift {at:.6g} X among {self.template.text}; try a smaller one"
            )
        theta, _ = self._rational(point.solution.theta, self._ratio)
        potential = self.columns.potential(theta)
        smallest = min(potential[i] for i in self.chain.inner)
        if smallest <= 0:
            raise self._lost()
        factor = scale_up(1 / smallest)
        theta, potential = [x * factor for x in theta], [x * factor for x in potential]
        drifts = self.chain.drifts(potential)
        rate = as_fmpq(decimal_below(self._ratio(drifts, potential)))
        if rate <= 0:
            raise self._lost()
        value, _ = self._at_start(potential)
        bound = MultiplicativeDrift.apply(
            to_sympy(as_fraction(rate)) * v, start=to_sympy(decimal_above(value)), smallest=1, delta=to_sympy(as_fraction(rate)),
            where=self.conditions,
        )  # fmt: skip
        arguments = self._arguments() + (("potential", fractions(potential)), ("rate", as_fraction(rate)), ("relative", True))
        about = self._about(f"is at least {as_float(rate):.10g} X")
        fact = Computation("theory.synthesis.certify:drift_is_at_least", arguments, True, about, self.chain.level)
        check = Check(
            "drift >= delta X at every state before the end, X = 0 at the end, X >= 1 elsewhere", self._how(), "necessary", fact
        )
        limit = self.limit(point.solution, value, rate)
        return self.finish(bound, theta, potential, f"E[X_t - X_t+1 | X_t] >= {as_float(rate):.10g} X_t", [check], limit, rate)

    def limit(self, solution: Solution, value: fmpq, rate: fmpq | None) -> tuple[Check, fmpq, dict[int, Fraction]] | None:
        """What the dual weights prove: no potential in the template has a smaller value at the start."""
        inner, states = self.chain.inner, len(self.chain)
        start = [fmpq(0)] * states
        if self.law is None:
            for i, x in zip(inner, solution.start):
                start[i] = rounded(as_fmpq(float(x))) if x > 0 else fmpq(0)
            total = sum(start, fmpq(0))
            if total == 0:
                return None
            start = [x / total for x in start]
        else:
            start = list(self.law)
        drift, floor = [fmpq(0)] * states, [fmpq(0)] * states
        for weights, found in ((drift, solution.drift), (floor, solution.floor)):
            if weights is drift or rate is not None:
                for i, x in zip(inner, found):
                    weights[i] = rounded(as_fmpq(float(x))) if x > 0 else fmpq(0)
        low = certify.lower_limit(self.chain, self.columns, drift, floor, start, self.law is None, value, rate)
        if low is None or low <= (0 if rate is None else 1) or low < value / 2:
            return None
        low = as_fmpq(decimal_below(low))
        arguments = self._arguments() + (
            ("template", self.template.data), ("drift", _sparse(drift)), ("floor", _sparse(floor)), ("start", _sparse(start)),
            ("any_start", self.law is None), ("best", as_fraction(value)), ("limit", as_fraction(low)),
            ("rate", None if rate is None else as_fraction(rate)),
        )  # fmt: skip
        about = f"among {self.template.text} none has a value below {as_float(low):.12g} at the start" + (
            "" if rate is None else ", at this delta and with X >= 1 before the end"
        )
        fact = Computation("theory.synthesis.certify:nothing_is_better", arguments, True, about, self.chain.level)
        return (
            Check(f"optimality: {about}", "by weights of the states from the dual programme", "technical", fact),
            low,
            dict(_sparse(drift)),
        )

    def finish(
        self, bound: Bound, theta: list[fmpq], potential: list[fmpq], drift: str, checks: list[Check],
        limit: tuple[Check, fmpq, dict[int, Fraction]] | None, rate: fmpq | None,
    ) -> Synthesised:  # fmt: skip
        """The theorem's bound with the potential and what was proved of it."""
        assert bound.derivation is not None
        coefficients = tuple((name, as_fraction(x)) for name, x in zip(self.columns.names, theta) if x)
        expr = None
        if isinstance(self.template, Basis):
            expr = sympy.Add(*(to_sympy(as_fraction(x)) * e for x, e in zip(theta, self.template.expressions)))
        reasons = (
            f"The potential is the best one among {self.template.text}: the solution of a linear programme, made rational.",
            "Its drift at every state was then computed without error.",
        )
        derivation = replace(
            bound.derivation, potential=f"X_t = {_described(self.template, coefficients)}", drift=drift,
            range="every state before the end", steps=reasons, potential_expr=expr,
            checks=(*checks, *(x for x in bound.derivation.checks if x.kind != "technical"), *([limit[0]] if limit else [])),
        )  # fmt: skip
        lowest = None if limit is None else as_float(limit[1])
        if lowest is not None and rate is not None:
            lowest = (1 + math.log(lowest)) / as_float(rate) * (1 - 1e-15)
        among = [x for x in self.law or () if x != 0]  # the points of the start
        return Synthesised(
            "E[T]", "upper", bound.expr, self.conditions, "derived", self.word, bound.unit, bound.source, derivation,
            coefficients=coefficients, potential=fractions(potential), delta=None if rate is None else as_fraction(rate),
            limit=lowest, dual={} if limit is None else limit[2],
            averaged=self.chain.kind == "points" and isinstance(self.word, int) and len(among) > 1,
        )  # fmt: skip

    # ---- small things

    def _ratio(self, drifts: list, potential: list[fmpq]) -> fmpq:
        return min((lower_end(drifts[i]) / potential[i] if potential[i] > 0 else fmpq(0)) for i in self.chain.inner)

    def _rational(self, theta: list[fmpq], quality: Callable) -> tuple[list[fmpq], fmpq]:
        """The weights as fractions of 64 bits, or with small denominators where these are as good; and how good they are."""
        made = [rounded(x) for x in theta]
        potential = self.columns.potential(made)
        good = quality(self.chain.drifts(potential), potential)
        if self.chain.level == "exact" and len(theta) <= FEW:
            plain = [simple(x) for x in theta]
            potential = self.columns.potential(plain)
            also = quality(self.chain.drifts(potential), potential)
            if also >= good * (1 - fmpq(1, 10**15)):
                return plain, also
        return made, good

    def _arguments(self) -> tuple:
        return (("process", self.chain.process), ("kind", self.chain.kind), ("values", self.plain))

    def _about(self, claim: str) -> str:
        name = "the chain" if self.chain.kind == "matrix" else str(self.chain.process)
        put = ", ".join(f"{key} = {x}" for key, x in self.plain.items())
        return f"{name}{f' at {put}' if put else ''}: the drift of X {claim} at all {len(self.chain.inner)} states before the end"

    def _how(self) -> str:
        way = "exactly, in fractions" if self.chain.level == "exact" else "by ball arithmetic"
        return f"{way}, at all {len(self.chain.inner)} states"

    def _at_start(self, potential: list[fmpq]) -> tuple[fmpq, int]:
        """(X at the start, the state where X is largest)."""
        worst = max(range(len(potential)), key=potential.__getitem__)
        if self.law is None:
            return potential[worst], worst
        return sum((w * x for w, x in zip(self.law, potential) if w), fmpq(0)), worst

    def _delta(self, delta: Any) -> fmpq:
        expr = expression(delta if not isinstance(delta, float) else Rational(str(exact(number(delta, "delta")))), "delta")
        value = expr.subs({SYMBOLS[name]: Rational(str(exact(x))) for name, x in self.values.items()})
        if not value.is_number:
            raise InputError(f"delta: {delta} has no number at these values; write it in n and c")
        found = as_fmpq(Fraction(int(value.p), int(value.q))) if value.is_Rational else as_fmpq(float(value.evalf(20)))
        if found <= 0 or found > 1:
            raise InputError(f"delta: {delta} is {as_float(found):.6g} here, but must be above 0 and at most 1")
        return found

    def _lost(self) -> NoPotential:
        return NoPotential(
            f"template: the solver's potential among {self.template.text} lost its drift when it was made rational;"
            " its values are too far apart for floats"
        )


def _law(process: Any, chain: FiniteChain, start: Any, values: dict) -> tuple[list[Any] | None, Any]:
    """(law of the start over the states, or None for any; the word of the bound)."""
    if chain.kind == "levels":
        n = len(chain) - 1
        return [fmpq(1, 2 ** min(i + 1, n)) for i in range(n + 1)], "uniform"
    if start is None or (isinstance(start, str) and start in ("any", "worst")):
        return None, "any"
    if chain.kind == "matrix":
        row = number(start, "start")
        if not isinstance(row, int) or not 0 <= row < len(chain):
            raise InputError(f"start: {start!r} must be a row of the matrix, from 0 to {len(chain) - 1}")
        return [fmpq(int(i == row)) for i in range(len(chain))], f"start in state {row}"
    from theory.exact.starts import rational_weights_by_points, rational_weights_by_zeros

    size = int(values["n"])
    where = read_start(start, process.problem, size)
    weights = (rational_weights_by_points if chain.kind == "points" else rational_weights_by_zeros)(where, size)
    law = [as_fmpq(x) for x in weights]
    if all(bool(x == 0) for i, x in enumerate(law) if not chain.end[i]):
        raise InputError(f"start: {start!r} is the end of a run already; there is nothing to bound")
    words = {"uniform": "uniform", "count": where.word, "point": f"start at {where.word}"}
    return law, where.word if where.word == "zeros" else words[where.kind]


def _described(template: Template, coefficients: tuple) -> str:
    parts = [f"{float(x):.6g}" + (f"*({name})" if isinstance(template, Basis) else f" ({name})") for name, x in coefficients[:8]]
    more = f", ... ({len(coefficients)} weights in all)" if len(coefficients) > 8 else ""
    if isinstance(template, Basis):
        return " + ".join(parts) + more
    return f"a potential among {template.text}, with the values or weights {', '.join(parts)}{more}"


def _sparse(weights: list[fmpq]) -> tuple[tuple[int, Fraction], ...]:
    return tuple((i, as_fraction(x)) for i, x in enumerate(weights) if x)
