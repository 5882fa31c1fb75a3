"""The four levels at which a bound is verified; each says whether it holds there, and what was looked at.

*symbolic*     the last step gives the formula, and premises hold for all values
*certified*    premises in balls; the bound against a ball around E[T] at larger n
*exact*        premises in fractions; the bound against the whole chain at small n
*statistical*  the bound against simulation

A level without anything to look at says so (``holds`` None): a threshold has no runtime to be simulated.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy

from proofs_check.sandwich import sandwiches_of, starts_of
from theory import symbols
from theory.bound import Bound
from theory.errors import InputError
from theory.exact import NoExactMethod
from theory.process import Process

if TYPE_CHECKING:
    from proofs_check.verdict import Judgement, Measurement
    from theory.facts import Fact, Outcome

CONSTANTS = tuple(Fraction(x) for x in ("1/2", "1", "2", "3"))
LONGEST = 20_000.0
"""The largest expected runtime that is simulated."""


@dataclass(frozen=True)
class Level:
    """What one level found: ``holds`` is None where nothing could be decided there."""

    name: str
    holds: bool | None
    how: str


@dataclass(frozen=True)
class Premise:
    """A premise and what replaying it gave; ``largest`` is the largest n of one that is replayed on whole chains."""

    text: str
    kind: str
    holds: bool | None
    level: str
    how: str
    largest: int | None = None


@functools.lru_cache(maxsize=4096)
def replayed(fact: Fact) -> Outcome:
    """Many bounds share premises: each is replayed once."""
    return fact.replay()


def premises(bound: Bound) -> list[Premise]:
    """Every premise of a bound's derivation, replayed."""
    found: dict[Any, Premise] = {}
    for check in bound.derivation.premises() if bound.derivation is not None else ():
        if check.fact is not None and check.fact not in found:
            outcome, kind = replayed(check.fact), type(check.fact).__name__
            holds = outcome.holds if getattr(check.fact, "result", True) is True else None  # that it fails supports nothing
            found[check.fact] = Premise(check.fact.text, kind, holds, outcome.level, outcome.how, _largest(check.fact))
    return list(found.values())


def _largest(fact: Fact) -> int | None:
    """The largest n at which a premise is replayed, where it is one that is replayed n by n."""
    from theory import computations
    from theory.facts import Computation

    if isinstance(fact, Computation):
        given = computations.named(fact.function, fact.arguments)
        if "weights" in given:  # of linear functions
            return max(map(len, given["weights"]))
        return next((int(given[name]) for name in ("n", "size", "largest") if isinstance(given.get(name), int)), None)
    sizes, variable, high = (getattr(fact, name, None) for name in ("sizes", "variable", "high"))
    if variable is not None and variable.name == "n" and isinstance(high, sympy.Integer):
        return int(high)
    return max(sizes) if sizes else None


# ---- exact: the whole chain at small n


def exact(bound: Bound, largest: int = 6) -> Level:
    """E[T] in fractions (the law of T for tails) at every n, c and start that is small enough; ``largest`` is the greatest n."""
    process = bound.process
    if process is None:
        return Level("exact", None, "it is no bound of a process")
    try:
        if bound.quantity == "P[T > t]":
            return _tail_exactly(bound, process, largest)
        return _mean_exactly(bound, process, largest)
    except (InputError, NoExactMethod) as error:
        return Level("exact", None, str(error).splitlines()[0])


def _mean_exactly(bound: Bound, process: Process, upto: int) -> Level:
    sizes = range(1, upto + 1) if process.problem.symmetric else range(1, min(upto, 4) + 1)
    count, open_ones, largest = 0, 0, 0
    for one in sandwiches_of(bound, process, sizes, CONSTANTS):
        if one.holds is False:
            return Level("exact", False, str(one))
        count, open_ones, largest = count + 1, open_ones + (one.holds is None), max(largest, one.at.get("n", 0))
    if not count or open_ones:
        return Level("exact", None, f"{open_ones} of {count} cases could not be decided" if count else "no small case")
    return Level("exact", True, f"against E[T] of the whole chain in {count} cases, n <= {largest}")


def _tail_exactly(bound: Bound, process: Process, upto: int) -> Level:
    """The law is computed in floating point: it is off by less than 1e-9, which is allowed for."""
    from theory.exact import runtime_distribution

    count = 0
    for size in (3, 5) if upto >= 5 else (min(upto, 3),):
        for values in values_of(process, (size,)):
            for start in simulated_starts(bound, size):
                law = runtime_distribution(process, start=start, **values)
                for t in (1, 3, 10, 30, 100):
                    at = arguments_of(bound, values, start, size, t=t)
                    if not bound.holds_for(**at):
                        continue
                    beyond = 1 - float(law.cdf[min(t, len(law.cdf) - 1)])
                    limit = bound.evaluate(**at)
                    if beyond > limit + 2e-9:
                        where = f"n = {size}, t = {t}, start {start}"
                        return Level("exact", False, f"P[T > t] = {beyond:.6g} exceeds {limit:.6g} at {where}")
                    count += 1
    return Level(
        "exact", True if count else None, f"against the law of T at {count} points, n <= 5" if count else "no small case"
    )


# ---- certified: balls around E[T]


def certified(bound: Bound) -> Level:
    """The bound against a ball that contains E[T], where one can be had at n = 8, 20, 60."""
    from theory.exact import expected_runtime_interval

    process, count, largest = bound.process, 0, 0
    weaker = _weakened(bound)
    if weaker is not None and weaker.holds is False:
        return weaker
    if process is None or bound.quantity != "E[T]" or bound.direction not in ("upper", "lower", "exact"):
        return weaker or Level("certified", None, "no ball contains this quantity")
    for size in (8, 20, 60):
        for values in values_of(process, (size,)):
            for start in simulated_starts(bound, size):
                at = arguments_of(bound, values, start, size)
                if not bound.holds_for(**at):
                    continue
                try:
                    inside = expected_runtime_interval(process, start=start, **values)
                    limit = _ball(bound, at)
                except (InputError, NoExactMethod, ValueError, NotImplementedError):
                    continue
                wrong = {"upper": inside > limit, "lower": inside < limit, "exact": not inside.overlaps(limit)}[bound.direction]
                if wrong:
                    where = ", ".join(f"{x} = {y}" for x, y in at.items())
                    return Level("certified", False, f"E[T] is in {inside.str(8)}, the bound is {limit.str(8)} at {where}")
                count, largest = count + 1, max(largest, size)
    if not count:
        return weaker or Level("certified", None, "no ball around E[T] at n = 8 or above")
    more = f"; {weaker.how}" if weaker is not None and weaker.holds else ""
    return Level("certified", True, f"against balls around E[T] in {count} cases: certified for n <= {largest} there{more}")


def _weakened(bound: Bound) -> Level | None:
    """A last step that replaces a formula by a weaker one, for every n and an interval of c."""
    from proofs_check.for_all_n import for_all_n

    last = None if bound.derivation is None else bound.derivation.conclusion
    if last is None or not last.lemma.startswith("weakened from"):
        return None
    given = {name: value.subs(dict(last.put)) for name, value in last.given}
    larger, smaller = given["larger"], given["smaller"]
    if (larger.free_symbols | smaller.free_symbols) - {symbols.n, symbols.c}:
        return None
    limits = [w.rhs for w in bound.conditions if w.lhs == symbols.c and w.rel_op in ("<", "<=") and w.rhs.is_number]
    high = min([Fraction(str(x)) for x in limits], default=Fraction(2))
    first = max([int(w.rhs) for w in bound.conditions if w.lhs == symbols.n and w.rel_op == ">=" and w.rhs.is_Integer], default=2)
    interval = (high / 10, high) if symbols.c in larger.free_symbols | smaller.free_symbols else None
    found = for_all_n(larger, smaller, first=max(first, int(high) + 1 if interval else 1), constants=interval)
    where = f" and c in [{interval[0]}, {interval[1]}]" if interval else ""
    return Level("certified", found.holds, f"the weaker formula for every n{where}: {found.how}")


def _ball(bound: Bound, at: dict[str, Any]) -> Any:
    from theory.balls import at as ball_at

    put = {symbols.SYMBOLS[name]: Fraction(value) for name, value in at.items()}
    if bound.minimise_over is not None:
        put[bound.minimise_over[0]] = Fraction(2)
    return ball_at(bound.expr, put)


# ---- statistical: simulation


@dataclass(frozen=True)
class Trial:
    """A bound on E[T] held against runs: where, the bound's value, what was measured, and the judgement."""

    where: str
    value: float
    measured: Measurement
    told: Judgement


def trial(bound: Bound, replicates: int, seed: int, error: float, effect: float) -> Trial | str:
    """The bound against runs, at the largest n of a few that is quick, by the rules of :mod:`proofs_check.verdict`.

    A text says why there was none.
    """
    from proofs_check import statistics
    from proofs_check.verdict import judge

    case = _case(bound)
    if case is None or bound.quantity != "E[T]":
        return "nothing to simulate that is both known and quick"
    process, values, start, size = case
    try:
        times, hit = _runs(process, tuple(values.items()), start, replicates, seed)
    except InputError as refusal:
        return str(refusal).splitlines()[0]
    where = f"{process} at " + ", ".join(f"{x} = {y}" for x, y in values.items()) + f", start {start}"
    limit = bound.evaluate(**arguments_of(bound, values, start, size))
    measured = statistics.measure(times, hit, error)
    return Trial(where, limit, measured, judge(bound.direction, limit, measured, effect))


def statistical(bound: Bound, replicates: int, seed: int, error: float, effect: float) -> Level:
    """The mean of runs against a bound on E[T], the share of long runs against one on P[T > t]."""
    if bound.quantity == "P[T > t]":
        return _tail(bound, replicates, seed, error)
    found = trial(bound, replicates, seed, error, effect)
    if isinstance(found, str):
        return Level("statistical", None, found)
    told = found.told
    holds = {"consistent": True, "refuted": False}.get(told.verdict)
    how = f"{found.where}: {replicates} runs, mean {found.measured.mean:.6g}: {told.verdict}, {told.reason}"
    return Level("statistical", holds, how)


def _tail(bound: Bound, replicates: int, seed: int, error: float) -> Level:
    from proofs_check import statistics

    case = _case(bound)
    if case is None:
        return Level("statistical", None, "nothing to simulate that is both known and quick")
    process, values, start, size = case
    try:
        times, _ = _runs(process, tuple(values.items()), start, replicates, seed)
    except InputError as refusal:
        return Level("statistical", None, str(refusal).splitlines()[0])

    def limit(t: int) -> float:
        return bound.evaluate(**arguments_of(bound, values, start, size, t=t))

    after = next(t for t in itertools.count(1) if limit(t) < 0.5)
    low = statistics.probability_low(int((times > after).sum()), replicates, error)
    how = f"P[T > {after}] >= {low:.4g} with confidence {1 - error:g}, the bound is {limit(after):.4g}; {process}, start {start}"
    return Level("statistical", bool(low <= limit(after)), how)


_LONGEST = 10**8
"""Evaluations of a run, far beyond what the cases take on average: on Needle one run in thousands takes a hundred times that."""


@functools.lru_cache(maxsize=256)
def _runs(process: Process, values: tuple, start: Any, replicates: int, seed: int) -> Any:
    from sim import simulate

    runs = simulate(process, replicates=replicates, seed=seed, start=start, budget=_LONGEST, progress=False, **dict(values))
    return runs.evaluations, runs.hit


def _case(bound: Bound) -> tuple[Process, dict[str, Any], Any, int] | None:
    """The process, values and start at which a bound is simulated."""
    from theory.exact import expected_runtime

    process = bound.process
    known = bound.quantity in ("E[T]", "P[T > t]") and bound.direction in ("upper", "lower", "exact")
    if process is None or not known or bound.unit != "evaluations":
        return None
    for size in (50, 20, 10, 6, 4):
        for values in values_of(process, (size,), (Fraction(1), Fraction(1, 2))):
            for start in simulated_starts(bound, size):
                at = arguments_of(bound, values, start, size, t=1)
                try:
                    if not bound.holds_for(**at):
                        continue
                    timeless = process.rate is None or "t" not in process.rate_symbols
                    mean = expected_runtime(process, start=start, **values) if timeless else bound.evaluate(**at)
                except (InputError, NoExactMethod):
                    try:
                        mean = bound.evaluate(**at) if bound.direction == "upper" and bound.quantity == "E[T]" else LONGEST + 1
                    except InputError:
                        continue
                if mean <= LONGEST:
                    plain = {x: int(y) if Fraction(y).denominator == 1 else float(y) for x, y in values.items()}
                    return process, plain, start, size
    return None


# ---- values and starts


def values_of(process: Process, sizes: tuple, constants: tuple = CONSTANTS) -> Iterator[dict[str, Any]]:
    """The values of n and c at which the process exists."""
    for size, constant in itertools.product(sizes, constants if "c" in process.needed else (None,)):
        values = {"n": size} | ({} if constant is None else {"c": constant})
        try:
            process.values(**values)
        except InputError:
            continue
        yield values


def simulated_starts(bound: Bound, size: int) -> list[Any]:
    """The starts that a bound speaks of; half the bits where it speaks of every number of zero-bits."""
    if bound.start == "any":
        return ["zeros"] if bound.direction != "lower" else []
    starts = [start for start, _ in starts_of(bound, size)]
    return starts if len(starts) <= 1 else [max(size // 2, 1)]


def arguments_of(bound: Bound, values: dict[str, Any], start: Any, size: int, **more: Any) -> dict[str, Any]:
    """What the bound needs, out of the values, the start's k and t."""
    zeros = size if start in ("zeros", "worst") else start
    known = {**values, **more, **({} if isinstance(zeros, str) else {"k": zeros})}
    return {name: value for name, value in known.items() if name in bound.needed}
