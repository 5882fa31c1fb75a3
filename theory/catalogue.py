"""The catalogue: what is known of each pair of algorithm and problem. Entries are functions, listed here and nowhere else.

Each file of :mod:`theory.bounds` holds the bounds of one problem (or family), with sources and derivations. A new one is a new
file and a line in ``ENTRIES``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from theory.algorithms import RLS, Algorithm, Metropolis, OnePlusOneEA
from theory.bound import STATUSES, Bound
from theory.bounds import (
    anytime,
    chains,
    dynamic_binval,
    hidden_subset,
    hottopic,
    initial_segment,
    jump,
    leadingones,
    linear,
    metropolis,
    monotone,
    needle,
    onemax,
    optimal_rates,
    partially_ordered,
    plateau,
    random_length,
    rls,
    trap,
)
from theory.bounds.common import domain, tidy
from theory.chain import Chain
from theory.conclusions import concluded
from theory.errors import InputError, nearest
from theory.literature import literature
from theory.problems import (
    BinVal,
    DynamicBinVal,
    HiddenSubset,
    HotTopic,
    InitialSegment,
    Jump,
    LeadingOnes,
    Linear,
    Needle,
    OneMax,
    PartiallyOrderedEA,
    Plateau,
    Problem,
    Trap,
)
from theory.process import Process
from theory.schedules import LambertSchedule, LogSchedule, SqrtSchedule
from theory.starts import read_start
from theory.symbols import c, i, n, v
from theory.text import formula

ENTRIES: tuple[Callable[[Process], list[Bound]], ...] = (
    onemax.bounds,
    linear.bounds,
    leadingones.bounds,
    needle.bounds,
    jump.bounds,
    monotone.bounds,
    monotone.lower_bounds,
    partially_ordered.bounds,
    dynamic_binval.bounds,
    hottopic.bounds,
    hidden_subset.bounds,
    initial_segment.bounds,
    anytime.bounds,
    metropolis.bounds,
    plateau.bounds,
    rls.bounds,
    trap.bounds,
    optimal_rates.bounds,
)


def bounds_of(process: Process, status: str | None = None) -> list[Bound]:
    """What theory knows of a process's runtime.

    Parameters
    ----------
    process : Process
    status : {"derived", "heuristic", "cited", "recalled"}, optional
        Only these; without it all but the recalled ones.

    Returns
    -------
    list of Bound
        E[T] first, tails after; those of one theorem together. Which is the tightest depends on n and c: evaluate them.

    Examples
    --------
    >>> from theory import OnePlusOneEA, LeadingOnes, c, n
    >>> for bound in bounds_of(OnePlusOneEA(c / n).on(LeadingOnes()))[:2]:
    ...     print(bound.direction, bound.start, round(bound.evaluate(n=100, c=1), 6))
    exact uniform 8573.395181
    exact zeros 8658.248278
    """
    _check_status(status)
    return _select(_all(process), status)


def best_bounds(process: Process, start: Any = "uniform", **values: Any) -> tuple[Bound | None, Bound | None]:
    """The tightest lower and the tightest upper bound on E[T] at given values, among the derived ones.

    Parameters
    ----------
    process : Process
    start : "uniform", "zeros", "worst", int or array of 0 and 1
        As in ``simulate``; only bounds that speak of runs from there count. Upper bounds for any start do for the worst one.
    **values
        n, and c where the process needs it.

    Returns
    -------
    lower, upper : Bound or None
        None where no derived bound holds there. An exact value is both.

    Examples
    --------
    >>> from theory import OneMax, OnePlusOneEA, c, n
    >>> lower, upper = best_bounds(OnePlusOneEA(c / n).on(OneMax()), n=100, c=1)
    >>> round(lower.evaluate(n=100, c=1), 1), round(upper.evaluate(n=100, c=1), 1)    # exact: 1069.5
    (1029.2, 1074.1)
    """
    checked = process.values(**values)
    size = int(checked["n"])
    read_start(start, process.problem, size)  # a misspelt word would be a start of which nothing is known
    best: dict[str, tuple[float, Bound]] = {}
    for bound in bounds_of(process, "derived"):
        if bound.quantity != "E[T]" or bound.direction not in ("upper", "lower", "exact"):
            continue
        if not (bound.start == "any" and bound.direction == "upper") and (start == "worst" or not bound.covers(start, size)):
            continue
        try:
            put = {**checked, **({} if bound.start == "any" else bound.start_values(start, size))}
            if not bound.holds_for(**put):
                continue
            value = bound.evaluate(**put)
        except InputError:  # more terms than are added up
            continue
        for side, sign in (("lower", -1), ("upper", 1)):
            if bound.direction in (side, "exact") and (side not in best or sign * value < sign * best[side][0]):
                best[side] = (value, bound)
    return best["lower"][1] if "lower" in best else None, best["upper"][1] if "upper" in best else None


def bounds_of_chain(chain: Chain, status: str | None = None) -> list[Bound]:
    """What the drift theorems say of a chain, from its declared drift; see :func:`bounds_of`."""
    _check_status(status)
    return _select(tuple(chains.bounds(chain)), status)


@functools.lru_cache(maxsize=256)
def _all(process: Process) -> tuple[Bound, ...]:
    found: list[Bound] = []
    if not process.algorithm.single:  # the entries speak of rates and flips; what is written of others is literature
        return ()
    extra = domain(process)
    for entry in (hidden_subset.bounds,) if isinstance(process.problem, HiddenSubset) else ENTRIES:
        for bound in entry(process):
            conditions = tidy((*bound.conditions, *extra))
            if conditions is not None:
                found.append(concluded(process, bound.with_(conditions=conditions, process=process)))
    return tuple(sorted(found, key=lambda bound: bound.quantity != "E[T]"))


def _select(found: tuple[Bound, ...], status: str | None) -> list[Bound]:
    return [b for b in found if (b.status != "recalled" if status is None else b.status == status)]


def _check_status(status: str | None) -> None:
    if status is not None and status not in STATUSES:
        raise InputError(f"status: {status!r} is not known; {nearest(str(status), STATUSES)}")


def coverage(status: str | None = None) -> list[dict[str, str]]:
    """One row for every bound in the catalogue: what is derived for the usual rates, then what the literature says of the rest.

    Parameters
    ----------
    status : {"derived", "heuristic", "cited", "recalled"}, optional
        Only these; without it all, the recalled ones included.

    Returns
    -------
    list of dict
        Keys ``algorithm, problem, quantity, direction, expr, conditions, start, status, source, unit``, all text.

    Examples
    --------
    >>> sorted({row["status"] for row in coverage("cited")})
    ['cited']
    """
    from theory import learning

    _check_status(status)
    rows = []
    for algorithm, problem in _pairs():
        process = algorithm.on(problem)
        for bound in (*bounds_of(process), *bounds_of(process, "recalled")):
            name = "Linear(weights)" if isinstance(problem, Linear) else str(problem)
            rows.append(_row_of(str(algorithm), name, bound))
    for entry in (*literature(), *literature(status="recalled")):
        rows.append(_row_of(entry.algorithm, entry.problem, entry.bound, entry.note))
    for rates, problem_name, bound in hidden_subset.statements():
        rows.append(_row_of(f"OnePlusOneEA({rates})", problem_name, bound))
    for bound in random_length.bounds():
        rows.append(_row_of("OnePlusOneEA(rate=p)", "InitialSegment(LeadingOnes()), n ~ Geom(q)", bound))
    for label, bound in learning.bounds():
        rows.append(_row_of("learning", label, bound))
    return [row for row in rows if status in (None, row["status"])]


def _row_of(algorithm: str, problem: str, bound: Bound, note: str = "") -> dict[str, str]:
    return {
        "algorithm": algorithm,
        "problem": problem,
        "quantity": bound.quantity,
        "direction": bound.direction if bound.side == "both" else f"{bound.direction}, {bound.side} side",
        "expr": formula(bound.expr) + (f" + o({formula(bound.remainder)})" if bound.remainder is not None else ""),
        "conditions": ", ".join(
            filter(None, [bound.conditions_text.replace(f"n <= {_WEIGHTS}", "n <= number of weights"), note])
        ),
        "start": bound.start_text,
        "status": bound.status,
        "source": str(bound.source),
        "unit": bound.unit,
    }


def gaps() -> list[tuple[str, str]]:
    """The pairs of an algorithm and a problem of this package of which the catalogue says nothing that isn't recalled.

    >>> ("RLS(flips=1)", "OneMax()") in gaps()
    False
    """
    found = []
    for algorithm in (OnePlusOneEA(c / n), RLS(1)):
        for problem in _problems():
            if not bounds_of(algorithm.on(problem)):
                found.append((str(algorithm), str(problem)))
    return found


_WEIGHTS = 1000  # of the linear function that stands for all of them


def _problems() -> tuple[Problem, ...]:
    """One of each kind."""
    return (
        OneMax(),
        LeadingOnes(),
        BinVal(),
        Linear(range(1, _WEIGHTS + 1)),
        Needle(),
        Jump(2),
        Plateau(2),
        Trap(),
        PartiallyOrderedEA(),
        DynamicBinVal(),
        HotTopic(),
    )


def _pairs() -> Iterator[tuple[Algorithm, Problem]]:
    """Representatives: the rates and problems for which the catalogue has something."""
    for algorithm in (OnePlusOneEA(c / n), OnePlusOneEA(c / n, strict=True), RLS(1), RLS(1, strict=True)):
        for problem in _problems():
            if not (algorithm.strict and not isinstance(problem, Needle)):  # elsewhere ties change nothing in these bounds
                yield algorithm, problem
    for rate in (c / n, LogSchedule(), LambertSchedule()):
        yield OnePlusOneEA(rate), HiddenSubset()
    yield OnePlusOneEA(LogSchedule()), HiddenSubset(BinVal())
    yield OnePlusOneEA(LogSchedule()), OneMax()
    yield OnePlusOneEA(SqrtSchedule()), LeadingOnes()
    yield OnePlusOneEA(SqrtSchedule()), HiddenSubset(LeadingOnes())
    yield OnePlusOneEA(1 / (v + 1)), LeadingOnes()
    yield OnePlusOneEA(1 / (n - v)), OneMax()
    for base in (OneMax(), LeadingOnes()):
        for rate in (1 / (i + 1), c / (i + 1) ** 2):
            yield OnePlusOneEA(rate), InitialSegment(base)
    yield Metropolis(n), OneMax()
