"""Variable drift, level by level: the best non-decreasing step function below the exact drift of a given X.

Johannsen's theorem (:class:`theory.drift.VariableDrift`) bounds E[T] by the sum of w(s) (s - s') over the values s <= X_0 of X,
s' the value before s, if the weights w = 1/h fall and w(s) drift >= 1 at every state with X = s. As a linear programme in w:
minimise that sum under w(s) >= w(s + 1), w(s) drift >= 1. Its solution is plain, w(s) = 1 / (the smallest drift at any state
with X >= s), as every constraint bounds one weight from below. The best concave function of X with drift at least 1 (template
``"concave"``) is at least as good, since that of the theorem is one.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import ctx, fmpq

from theory.bound import Check
from theory.drift.base import Motion
from theory.drift.prover import Region
from theory.drift.variable import VariableDrift, _from_steps
from theory.errors import InputError
from theory.facts import Computation
from theory.symbols import v
from theory.synthesis.chains import BITS, as_float, as_fmpq, as_fraction, lower_end
from theory.synthesis.infeasible import NoPotential
from theory.synthesis.rounding import decimal_above, fractions, rounded, to_sympy
from theory.synthesis.templates import Basis, Levels

if TYPE_CHECKING:
    from theory.synthesis.front import Synthesised, _Search


def variable(search: _Search) -> Synthesised:
    """The bound of variable drift for the X of the template."""
    template, chain = search.template, search.chain
    if not (isinstance(template, Levels) or (isinstance(template, Basis) and len(template.expressions) == 1)):
        raise InputError("template: variable drift needs one expression X, e.g. 'k', or 'levels'")
    x = search.columns.potential([fmpq(1)] * len(search.columns))
    drifts = chain.drifts(x)
    least: dict[fmpq, tuple[fmpq, int]] = {}
    for i in chain.inner:
        low = lower_end(drifts[i])
        if low <= 0 or x[i] <= 0:
            raise NoPotential(
                f"template: X is {as_float(x[i]):.6g} at {chain.label(int(i))}, with drift {as_float(low):.6g};"
                " variable drift needs both to be positive",
                {int(i): Fraction(1)},
            )
        if x[i] not in least or low < least[x[i]][0]:
            least[x[i]] = (low, int(i))
    points = sorted(least)
    weights: dict[fmpq, fmpq] = {}
    most = fmpq(0)
    for s in reversed(points):
        most = max(most, rounded(1 / least[s][0]) * (1 + fmpq(1, 2**60)))
        weights[s] = most
    table = tuple((as_fraction(s), as_fraction(1 / weights[s]), chain.label(least[s][1])) for s in points)
    region = Region(v, to_sympy(table[0][0]), to_sympy(table[-1][0]), False, search.conditions)
    bound = _from_steps(VariableDrift, Motion(VariableDrift.name, v, region, None, table, potential="X_t"), envelope=False)
    total, before = {}, (fmpq(0), fmpq(0))
    for s in points:
        before = (before[0] + (s - before[1]) * weights[s], s)
        total[s] = before[0]
    g = [total[value] if value else fmpq(0) for value in x]
    value, _ = search._at_start(g)
    steps = tuple((as_fraction(s), as_fraction(weights[s])) for s in points)
    arguments = search._arguments() + (("potential", fractions(x)), ("steps", steps))
    about = search._about("is at least h(X), a non-decreasing step function,")
    fact = Computation("theory.synthesis.variable:drift_is_above_steps", arguments, True, about, chain.level)
    check = Check("drift >= h(X) at every state before the end", search._how(), "necessary", fact)
    return search.finish(
        bound.with_(expr=to_sympy(decimal_above(value))), [fmpq(1)] * len(search.columns), x,
        "E[X_t - X_t+1 | X_t] >= h(X_t), a step function", [check], None, None,
    )  # fmt: skip


def drift_is_above_steps(process: Any, kind: str, values: dict, potential: tuple, steps: tuple) -> bool:
    """Whether X has drift at least 1/w(X) at every state before the end, for weights w that fall; ``steps`` are the pairs (s,
    w(s)).

    >>> from theory import RLS, OneMax
    >>> steps = tuple((Fraction(s), Fraction(3, s)) for s in (1, 2, 3))
    >>> drift_is_above_steps(RLS().on(OneMax()), "zeros", {"n": 3}, (0, 1, 2, 3), steps)
    True
    """
    from theory.synthesis.certify import _again

    chain = _again(process, kind, values)
    x = [as_fmpq(value) for value in potential]
    weights = {as_fmpq(s): as_fmpq(w) for s, w in steps}
    falling = [weights[s] for s in sorted(weights)]
    if any(b > a or b <= 0 for a, b in itertools.pairwise(falling)) or min(weights) <= 0 or falling[0] <= 0:
        return False
    if any(x[i] != 0 if chain.end[i] else x[i] not in weights for i in range(len(chain))):
        return False
    drifts = chain.drifts(x)
    with ctx.workprec(BITS):
        return all(bool(drifts[i] * weights[x[i]] >= 1) for i in chain.inner)
