"""compare: bounds, exact value and measurement of one process, side by side, with a verdict for each statement.

The rules of judgement are in :mod:`proofs_check.verdict`, the confidence limits in :mod:`proofs_check.statistics`.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from proofs_check.progress import track
from proofs_check.statistics import measure
from proofs_check.verdict import Judgement, Measurement, judge, overall
from theory.arguments import plain_arguments
from theory.chain import Chain
from theory.errors import InputError
from theory.process import Process

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from theory.bound import Bound


@dataclass(frozen=True)
class Statement:
    """One thing that theory says of E[T] in one cell, and what the measurement says to that.

    ``verdict`` is that of :func:`proofs_check.verdict.judge`, or "not judged" (shown, with the reason why it can't be
    decided here) or "not comparable" (it doesn't speak about these runs).
    """

    text: str
    direction: str
    status: str
    source: str
    value: float | None
    verdict: str
    reason: str
    power: float = math.nan

    @property
    def judged(self) -> bool:
        """Whether the verdict on the comparison rests on this statement too."""
        return self.verdict not in ("not judged", "not comparable")


@dataclass(frozen=True)
class Cell:
    """One n and c: the measurement, the exact value where there is one, and every statement."""

    values: dict[str, Any]
    engine: str
    seconds: float | None
    measured: Measurement
    exact: float | None
    statements: tuple[Statement, ...]

    @property
    def constant(self) -> float | None:
        """The rate's constant c, or None where the process has none."""
        return float(self.values["c"]) if "c" in self.values else None

    @property
    def verdict(self) -> str:
        """The worst verdict on a statement; inconclusive where theory says nothing that can be judged."""
        return overall([s.verdict for s in self.statements if s.judged])

    def best(self, direction: str, recalled: bool = False) -> float | None:
        """The tightest value among the judged upper (lower) bounds, or among the recalled ones."""
        wanted = [s for s in self.statements if s.direction == direction and (s.status == "recalled" if recalled else s.judged)]
        found = [s.value for s in wanted if s.value is not None]
        return None if not found else min(found) if direction == "upper" else max(found)


@dataclass(frozen=True)
class Comparison:
    """Theory against experiment over a grid of values; print it, or use :meth:`table`, :meth:`plot`, :meth:`to_json`.

    Attributes
    ----------
    process : str
    start, seed, replicates
        As given to :func:`compare`.
    error : float
        The probability that any true statement is refuted, over all cells together.
    effect : float
        The smallest relative violation that a test must be able to see before a statement counts as consistent.
    cells : tuple of Cell
    """

    process: str
    algorithm: str
    problem: str
    start: str
    seed: int
    replicates: int
    error: float
    effect: float
    cells: tuple[Cell, ...] = field(repr=False)

    @property
    def verdict(self) -> str:
        """The worst verdict over all cells."""
        return overall([cell.verdict for cell in self.cells])

    def rows(self) -> Iterator[dict[str, Any]]:
        """One dict a statement, in the columns of :meth:`table`."""
        nothing = Statement("", "", "", "", None, "inconclusive", "theory has nothing to hold these runs against")
        for cell in self.cells:
            m = cell.measured
            for s in cell.statements or (nothing,):
                yield {
                    "algorithm": self.algorithm, "problem": self.problem, "engine": cell.engine, "start": self.start,
                    "seed": self.seed, "n": cell.values.get("n"), "c": cell.constant, "replicates": m.runs,
                    "censored": m.censored, "measured": m.mean, "low": m.low, "high": m.high, "exact": cell.exact,
                    "statement": s.text, "direction": s.direction, "status": s.status, "source": s.source, "value": s.value,
                    "ratio": _ratio(s.value, m.mean), "ratio_exact": _ratio(s.value, cell.exact), "verdict": s.verdict,
                    "reason": s.reason, "power": s.power,
                }  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A tidy table, one row a statement and cell; ``ratio`` is value / measured mean, ``low`` and ``high`` hold for all
        cells together, ``measured`` is the mean of min(T, budget) where runs are censored."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))

    def to_json(self) -> str:
        """The same as JSON: the comparison's fields and a list of rows."""
        head = {name: getattr(self, name) for name in ("process", "start", "seed", "replicates", "error", "effect", "verdict")}
        return json.dumps({**head, "rows": [{k: _plain(v) for k, v in row.items()} for row in self.rows()]}, indent=2)

    def plot(self, path: str | None = None, ax: Axes | Iterable[Axes] | None = None) -> Figure:
        """Prediction and measurement in one picture; see :func:`proofs_check.picture.draw`."""
        from proofs_check.picture import draw

        return draw(self, path, ax)

    def __str__(self) -> str:
        from proofs_check.text import comparison_text

        return comparison_text(self)


@plain_arguments
def compare(
    process: Process | Chain,
    *,
    replicates: int = 1000,
    seed: int = 0,
    start: Any = "uniform",
    engine: str = "auto",
    budget: float | None = None,
    threads: int | None = None,
    error: float = 0.01,
    effect: float = 0.1,
    recalled: bool = False,
    progress: bool | None = None,
    **values: Any,
) -> Comparison:
    """Hold what theory knows of E[T] against simulation.

    Parameters
    ----------
    process : Process or Chain
    replicates : int
        Runs per cell; at least 2, and some hundreds for a verdict.
    seed : int
    start : "uniform", "zeros", "worst", int or array of 0 and 1
        As in ``simulate``. A bound that doesn't speak about this start is listed as not comparable.
    engine : str
    budget : float, optional
        Evaluations after which a run is censored.
    threads : int, optional
    error : float
        Probability that any true statement is refuted, over all cells together.
    effect : float
        The smallest relative violation that a test must see with probability 0.9; otherwise it is inconclusive.
    recalled : bool
        Show bounds of status "recalled" too. No verdict rests on them.
    progress : bool, optional
        Show a progress bar after two seconds; default: if standard error is a terminal.
    **values
        n and c: numbers, or lists, which make a grid.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Naming the argument that is wrong.

    Examples
    --------
    >>> from theory import LeadingOnes, OnePlusOneEA, c, n
    >>> comparison = compare(OnePlusOneEA(c / n).on(LeadingOnes()), n=[20, 50], c=1, replicates=2000, seed=1)
    >>> comparison.verdict, round(comparison.cells[0].exact, 3)
    ('consistent', 340.007)
    """
    if not isinstance(process, (Process, Chain)):
        raise InputError(
            f"process: {process!r} is not a process; write algorithm.on(problem), e.g. OnePlusOneEA('c/n').on(OneMax())"
        )
    if isinstance(replicates, bool) or not isinstance(replicates, (int, np.integer)) or replicates < 2:
        raise InputError(f"replicates: {replicates!r} must be an integer of at least 2")
    _between(error, "error", 0.5)
    _between(effect, "effect", 1.0)
    grid = list(_grid(process, values))
    bounds = [b for b in (*process.bounds(), *(process.bounds(status="recalled") if recalled else []))]
    inner = progress if len(grid) == 1 else False  # one bar: over the cells, or over the runs of the only one
    settings = dict(
        replicates=int(replicates), seed=seed, start=start, engine=engine, budget=budget, threads=threads, progress=inner
    )
    cells = tuple(
        _cell(process, cell, bounds, settings, error / len(grid), effect)
        for cell in track(grid, len(grid), "comparing", progress if len(grid) > 1 else False)
    )
    algorithm, problem = (process.algorithm.key, process.problem.key) if isinstance(process, Process) else ("Chain", process.name)
    key = process.key if isinstance(process, Process) else repr(process)
    where = _start_text(start) if isinstance(process, Process) else "its own state"
    return Comparison(key, algorithm, problem, where, seed, int(replicates), error, effect, cells)


def _grid(process: Process | Chain, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The checked values of each cell: c outside, n inside."""
    lists = {}
    for name, value in values.items():
        several = not isinstance(value, str) and hasattr(value, "__iter__")
        lists[name] = list(value) if several else [value]
        if not lists[name]:
            raise InputError(f"{name}: is empty; give at least one value")
    names = sorted(lists)  # c before n
    seen = []
    for chosen in itertools.product(*(lists[name] for name in names)):
        cell = process.values(**dict(zip(names, chosen)))
        if cell not in seen:  # RLS has no c: a grid over c is one cell
            seen.append(cell)
            yield cell


def _cell(
    process: Process | Chain, values: dict[str, Any], bounds: list[Bound], settings: dict[str, Any], error: float, effect: float
) -> Cell:
    from sim import simulate

    runs = simulate(process, **settings, **values)
    measured = measure(runs.evaluations, runs.hit, error)
    exact = exact_value(process, settings["start"], values)
    statements = []
    if exact is not None:
        found = judge("exact", exact, measured, effect)
        statements.append(
            Statement("E[T] = exact value", "exact", "derived", "exact engine", exact, found.verdict, found.reason, found.power)
        )
    statements += [state(bound, process, settings["start"], values, measured, exact, effect) for bound in bounds]
    return Cell(values, runs.engine, runs.seconds, measured, exact, tuple(statements))


def exact_value(process: Process | Chain, start: Any, values: dict[str, Any]) -> float | None:
    """E[T] by the exact engine, or None where it has no method."""
    if isinstance(process, Chain):
        return None
    from theory.exact import NoExactMethod, expected_runtime

    try:
        return float(expected_runtime(process, start=start, **values))
    except NoExactMethod:
        return None


def state(
    bound: Bound,
    process: Process | Chain,
    start: Any,
    values: dict[str, Any],
    measured: Measurement,
    exact: float | None,
    effect: float,
) -> Statement:
    """Evaluate a bound in a cell and judge it, or say why it can't be judged there."""

    def statement(value: float | None, judgement: Judgement) -> Statement:
        text = bound.statement
        return Statement(
            text, bound.direction, bound.status, str(bound.source), value, judgement.verdict, judgement.reason, judgement.power
        )

    if bound.quantity != "E[T]":
        return statement(None, Judgement("not comparable", f"it speaks of {bound.quantity}, not of E[T]"))
    where: dict[str, Any] = {name: value for name, value in values.items() if name in bound.needed}
    if isinstance(process, Process):
        n = int(values["n"])
        start = _canonical(process, start, n)
        if not bound.covers(start, n):
            return statement(
                None,
                Judgement("not comparable", f"it speaks of runs from {bound.start_text}, these are from {_start_text(start)}"),
            )
        where.update(bound.start_values(start, n))
    if not bound.holds_for(**where):
        return statement(None, Judgement("not comparable", "its conditions do not hold at these values"))
    if bound.direction in ("theta", "threshold"):
        return statement(None, Judgement("not judged", "an order of growth says nothing at one n"))
    try:
        value = bound.evaluate(**where)
    except InputError as error:
        return statement(None, Judgement("not judged", str(error)))
    if bound.direction == "asymptotic":
        return statement(value, Judgement("not judged", "an asymptotic statement says nothing at one n"))
    if bound.status == "recalled":
        return statement(value, Judgement("not judged", "recalled, not derived or seen in a source"))
    gap = _contradiction(bound.direction, value, exact)
    return statement(value, Judgement("refuted", gap) if gap else judge(bound.direction, value, measured, effect))


def _contradiction(direction: str, value: float, exact: float | None) -> str:
    """Why the exact value refutes a statement, if it does; the exact engine's relative error is below 1e-9."""
    if exact is None:
        return ""
    tiny = 1e-9 * abs(exact)
    above, below = exact > value + tiny, exact < value - tiny
    wrong = above if direction == "upper" else below if direction == "lower" else above or below
    return f"the exact value is {exact:.10g}" if wrong else ""


def _canonical(process: Process, start: Any, n: int) -> Any:
    """The start as bounds understand it: bits that agree with the optimum are ones."""
    if start in ("uniform", "worst") if isinstance(start, str) else isinstance(start, (int, np.integer)):
        return start
    optimum = process.problem.optimum(n)
    if isinstance(start, str):
        return start if optimum.all() else (optimum == 0).astype(np.uint8)
    return (np.asarray(start) == optimum).astype(np.uint8)


def _start_text(start: Any) -> str:
    if isinstance(start, str):
        return start
    if isinstance(start, (int, np.integer)):
        return f"{start} zero-bits"
    bits = np.asarray(start)
    return f"a given point with {int(bits.size - bits.sum())} zero-bits"


def _between(value: Any, argument: str, top: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < top:
        raise InputError(f"{argument}: {value!r} must lie between 0 and {top:g}")


def _ratio(value: float | None, by: float | None) -> float | None:
    return value / by if value is not None and by else None


def _plain(value: Any) -> Any:
    """A JSON value: no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
