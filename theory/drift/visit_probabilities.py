"""Fitness levels with visit probabilities, from below and from above.

B. Doerr, T. Kötzing, *Lower bounds from fitness levels made easy*, GECCO 2021.

Notation: level k has k - 1 levels above it that aren't optimal; v_k bounds the probability that level k is ever visited,
u_k that of leaving it upwards in one step, from each of its points.

Theorem. If every level k is visited with probability at least v_k and left upwards with probability at most u_k in each step,
E[T] >= sum of v_k/u_k; if at most v_k and at least u_k, and the fitness never falls, E[T] <= sum of v_k/u_k.
Proof. With N_k steps from level k, of which U_k lead upwards, E[U_k] <= u_k E[N_k] (>=). A level that is visited is left upwards
at least once, so E[U_k] >= v_k; if the fitness never falls, once at most, so E[U_k] <= v_k. The N_k add up to T.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition, _expression, _relations, total
from theory.drift.laws import read_law
from theory.drift.prover import Region, show
from theory.errors import InputError, PreconditionError
from theory.facts import Computation, Declared
from theory.lemmas import applied, of
from theory.process import Process
from theory.symbols import k
from theory.text import formula

DOERR_KOETZING = Source(
    "fitness levels with visit probabilities (Doerr, Kötzing 2021)",
    '@inproceedings{DoerrKoetzing2021,\n  author = {Doerr, Benjamin and K{\\"o}tzing, Timo},\n'
    "  title = {Lower bounds from fitness levels made easy},\n"
    "  booktitle = {Genetic and Evolutionary Computation Conference (GECCO)},\n  year = {2021},\n}",
)


class VisitProbabilities(DriftTheorem):
    """E[T] >= sum of v_k/u_k over the levels (``direction="lower"``), or <= (``"upper"``).

    In full: if level k is ever visited with probability at least v_k, and left upwards in a step with probability at most u_k
    from each of its points, the first holds; if at most v_k and at least u_k, and the fitness never falls, the second. Source:
    Doerr, Kötzing (2021).

    Examples
    --------
    On LeadingOnes every level is visited with probability 1/2 and left with p (1-p)^i, i ones in front: exact.

    >>> from theory import c, n
    >>> p = c / n
    >>> bound = VisitProbabilities.apply(p * (1 - p) ** (n - k), visits="1/2", start=n, where=(c < n,))
    >>> round(bound.evaluate(n=100, c=1), 6)
    8573.395181
    """

    name = "fitness levels with visit probabilities"
    statement = "E[T] >= sum of v_k/u_k, as each level is visited in one stretch"
    source = DOERR_KOETZING
    preconditions = (
        Precondition("level k is visited with probability >= v_k", "necessary", "a run may jump over every level: E[T] = 1"),
        Precondition("level k is left with probability <= u_k", "necessary", "a step to the optimum from everywhere has T = 1"),
        Precondition("u_k > 0 and v_k >= 0", "technical", "the sum must have a value"),
        Precondition("the fitness never falls (upper)", "necessary", "a level may be visited again and again"),
    )  # fmt: skip

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, visits: Any = None, direction: str = "lower", where: tuple = (), **values: Any
    ) -> Bound:  # fmt: skip
        """Bound E[T].

        Parameters
        ----------
        drift : expression in k, or Process
            u_k, the probability of leaving level k; of a process at the given n and c, whose levels are the numbers of zero-bits,
            u_k and v_k are computed exactly, and the bound is E[T] itself.
        start : expression, or "uniform" or a number of zero-bits for a process
            The number of levels below the optimum; of a process the start.
        visits : expression in k
            v_k; of a process none.
        direction : {"lower", "upper"}
        where, **values
            Assumed of n and c; values of n and c.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        if direction not in ("lower", "upper"):
            raise InputError(f"direction: {direction!r} must be 'lower' or 'upper'")
        if isinstance(drift, Process):
            if visits is not None:
                raise InputError("visits: are computed for a process; leave them out")
            return _of_process(cls, drift, "uniform" if start is None else start, direction, values)
        if values:
            raise InputError(f"{next(iter(values))}: values belong to a process; write the expression with them")
        if start is None or visits is None:
            raise InputError("start: give the number of levels, and visits=, the probabilities of visiting them")
        u, v, last = _expression(drift, "drift"), _expression(visits, "visits"), _expression(start, "start")
        region = Region(k, sympy.Integer(1), last, True, _relations(where), {})
        zero = sympy.Integer(0)
        sign = ">=" if direction == "lower" else "<="
        other = "<=" if direction == "lower" else ">="
        said = (
            f"level k is visited with probability {sign} {formula(v)}",
            f"level k is left with probability {other} {formula(u)}",
        )
        checks = (
            show(cls.name, "u_k > 0", "technical", u, zero, region, strict=True, name="u"),
            show(cls.name, "v_k >= 0", "technical", v, zero, region, name="v"),
            *(Check(text, "as declared", "necessary", Declared(text)) for text in said),
            *([Check("the fitness never falls", "as declared", "necessary")] if direction == "upper" else []),
        )
        expr = total(lambda j: v.subs(k, j) / u.subs(k, j), last)
        conditions = tuple(w for w in region.where if w not in (True, sympy.true))
        lemma = "visited levels, from " + ("below" if direction == "lower" else "above")
        derivation = Derivation(
            f"{cls.name} (Doerr, Kötzing 2021)", cls.statement, "the number of levels still to go", " and ".join(said),
            f"1 <= k <= {formula(last)}", checks=checks,
            conclusion=applied(lemma, conditions, start=last, visits=of(k, v), u=of(k, u)),
        )  # fmt: skip
        return Bound(
            "E[T]", direction, expr, conditions, "derived", "as declared by visits", source=cls.source, derivation=derivation
        )


def _of_process(cls: type[VisitProbabilities], process: Process, start: Any, direction: str, values: dict[str, Any]) -> Bound:
    found = value(process, tuple(sorted(values.items())), start)
    law = read_law(process, values)
    arguments = (("process", process), ("values", tuple(sorted(values.items()))), ("start", start))
    about = f"the sum of v_k/u_k over the levels of {law.name}, start {start}"
    fact = Computation("theory.drift.visit_probabilities:value", arguments, found, about)
    derivation = Derivation(
        f"{cls.name} (Doerr, Kötzing 2021)", cls.statement, "the number of zero-bits", "v_k and u_k are exact", "every level",
        (f"Read from {law.name}.",),
        (
            Check("the visit probabilities and the probabilities of leaving", "exactly at all levels", "necessary", fact),
            Check("the fitness never falls", "the algorithm is elitist", "necessary"),
        ),
        conclusion=applied("steps from each level, from " + ("below" if direction == "lower" else "above"), law.conditions,
                           total=sympy.Rational(found)),
    )  # fmt: skip
    expr = sympy.Rational(found.numerator, found.denominator)
    return Bound("E[T]", direction, expr, law.conditions, "derived", start, source=cls.source, derivation=derivation)


def value(process: Any, values: Any, start: Any) -> Fraction:
    """The sum of v_k/u_k for a process whose levels are single numbers of zero-bits, in fractions; it is E[T].

    >>> from theory import RLS, OneMax
    >>> value(RLS().on(OneMax()), {"n": 2}, "uniform")
    Fraction(7, 4)
    """
    from theory.exact.starts import rational_weights_by_zeros
    from theory.exact.states import by_zeros
    from theory.starts import read_start

    given = dict(values)
    law = read_law(process, given)
    size = int(given["n"])
    if process.problem.random_acceptance or not process.algorithm.elitist:
        raise PreconditionError(VisitProbabilities.name, "the fitness never falls", f"{process}")
    states = by_zeros(process, size)
    if len(set(states.rank.tolist())) != size + 1:
        raise InputError(
            f"drift: on {process.problem} several numbers of zero-bits share a level; give u_k and v_k as expressions"
        )
    where = read_start(start, process.problem, size)
    if where.kind == "worst":
        raise InputError("start: give 'uniform' or a number of zero-bits")
    visited = list(rational_weights_by_zeros(where, size))
    result = Fraction(0)
    for state in sorted(range(size + 1), key=lambda z: states.rank[z]):
        row = {to: chance for to, chance in law.rows[state].items() if to != state}
        if states.end[state] or not visited[state]:
            continue
        leave = sum(row.values(), Fraction(0))
        if not leave:
            raise PreconditionError(VisitProbabilities.name, "u_k > 0", f"k = {state} is never left")
        result += visited[state] / leave
        for to, chance in row.items():
            visited[to] += visited[state] * chance / leave
    return result


__all__ = ["DOERR_KOETZING", "VisitProbabilities", "value"]
