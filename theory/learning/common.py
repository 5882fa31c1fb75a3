"""What the files on learning share: symbols, sources, and how a result of a drift theorem is read as one on learning.

========  ==========================================================================
``d``     dimension: of the parameters, or of an input
``m``     samples that one step draws: random directions, context pairs, votes
``t``     number of the step; t = 1 is the first
``eps``   accuracy, 0 < eps < 1
========  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sympy
from sympy import Expr, Symbol

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.facts import Fact
from theory.lemmas import applied
from theory.text import formula

d = Symbol("d", integer=True, positive=True)
m = Symbol("m", integer=True, positive=True)
eps = Symbol("eps", positive=True)


def premise(condition: str, how: str, fact: Fact, kind: str = "premise") -> Check:
    """A premise with its data."""
    return Check(condition, how, kind, fact)


def statement(
    quantity: str, direction: str, expr: Any, conditions: tuple, source: Source, theorem: str, checks: Iterable[Check],
    steps: tuple[str, ...] = (), last: tuple[str, dict[str, Any]] | None = None, **more: Any,
) -> Bound:  # fmt: skip
    """A bound on a quantity of learning, with a direct derivation: no process starts anywhere, no evaluation is counted.

    ``last`` names the lemma that gives it, and what is put into it.
    """
    end = None if last is None else applied(last[0], conditions, **last[1])
    derivation = Derivation(theorem, f"{quantity} {formula(expr)}", steps=steps, checks=tuple(checks), conclusion=end)
    more = {"start": "", "unit": "", "status": "derived", **more}
    return Bound(quantity, direction, sympy.sympify(expr), conditions, source=source, derivation=derivation, **more)


def from_theorem(
    bound: Bound, *, quantity: str, start: str, unit: str, potential: str, region: str, source: Source,
    checks: Iterable[Check] = (), steps: tuple[str, ...] = (), put: dict[Symbol, Expr] | None = None, expr: Any = None,
    conditions: tuple | None = None, last: tuple[str, dict[str, Any]] | None = None,
) -> Bound:  # fmt: skip
    """What a drift theorem gave for an abstract drift, said of the process that has it.

    Parameters
    ----------
    bound : Bound
        The theorem's result.
    quantity, start, unit, potential, region : str
        What T counts, whence, in which unit; what X_t is and its range.
    checks, steps
        Why the process has the drift that the theorem was applied to.
    put : dict, optional
        What symbols of the theorem's result stand for.
    expr, conditions : optional
        The result, where a further step leads to it from the theorem's.
    last : optional
        The lemma that gives the result, and what is put into it, where it isn't the theorem's.
    """
    put = put or {}
    derivation = bound.derivation
    assert derivation is not None
    where = tuple(w.subs(put) for w in bound.conditions) if conditions is None else conditions
    end = derivation.conclusion
    if last is not None:
        end = applied(last[0], where, **last[1])
    elif end is not None:
        end = replace(end, where=where)
    derivation = replace(
        derivation,
        potential=potential,
        range=region,
        steps=(*steps, *derivation.steps),
        checks=(*checks, *derivation.checks),
        drift_expr=None if derivation.drift_expr is None else derivation.drift_expr.subs(put),
        conclusion=end,
    )
    return bound.with_(
        quantity=quantity,
        expr=bound.expr.subs(put) if expr is None else sympy.sympify(expr),
        conditions=where,
        start=start,
        unit=unit,
        source=source,
        derivation=derivation,
    )


def at_least(left: Expr, right: Any) -> Any:
    """left >= right as a condition, also where sympy would decide it."""
    return sympy.Ge(left, right, evaluate=False)


def entry(kind: str, key: str, **fields: str) -> str:
    """A BibTeX entry."""
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"
