"""Runs: what ``simulate`` returns, one row a replicate (their file: :mod:`sim.runs_file`)."""

from __future__ import annotations

import html
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import runs_file
from theory.chain import Chain
from theory.process import Process
from theory.values import Number

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from sim.drift import Drift


@dataclass(frozen=True, eq=False, repr=False)
class Runs:
    """The runs of one process at one set of values.

    Attributes
    ----------
    process : Process, Chain or str
        A loaded file has the process's text.
    values : dict
        Of n and c.
    seed : int or None
        None where others' data don't tell it.
    start : str or int
    engine : str
    budget : int or None
        Runs that weren't done by then are censored: ``hit`` is False and ``evaluations`` is the budget.
    evaluations : int64 array, shape (replicates,)
        T, the number of offspring until the optimum was found; the initial evaluation isn't counted.
    hit : bool array, shape (replicates,)
    seconds : float or None
        Wall clock; None where a file's sidecar is missing.
    observed : dict
        Empty, or (see :class:`sim.Observe`) ``targets`` (m,), ``hits`` (replicates, m) with -1 for not hit, ``at`` (times,) and
        ``potentials``, a dict of name to array (replicates, times); with drift also ``given``, ``rounds`` (replicates, states)
        and ``moved``, a dict of name to array of that shape.
    generations : int64 array, shape (replicates,)
        Generations up to and with the one in which the optimum was found; equal to ``evaluations`` where a generation is one
        offspring.

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> runs = Runs(RLS().on(OneMax()), {"n": 2}, 1, "zeros", "lumped", 100, np.array([2, 4, 3]), np.ones(3, bool), 0.1)
    >>> runs
    Runs(RLS(flips=1) on OneMax(), n=2, 3 replicates, lumped, mean 3 [0.515862, 5.48414])
    >>> runs.to_pandas()["evaluations"].tolist()
    [2, 4, 3]
    """

    process: Process | Chain | str
    values: dict[str, Number]
    seed: int | None
    start: str | int
    engine: str
    budget: int | None
    evaluations: np.ndarray
    hit: np.ndarray
    seconds: float | None
    observed: dict[str, Any] = field(default_factory=dict)
    generations: np.ndarray = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.evaluations)

    def __post_init__(self) -> None:
        if self.generations is None:
            object.__setattr__(self, "generations", self.evaluations)

    @property
    def censored(self) -> int:
        """Number of runs that hit the budget."""
        return int(len(self) - np.count_nonzero(self.hit))

    def to_pandas(self) -> pandas.DataFrame:
        """A tidy table, one row a replicate.

        Returns
        -------
        DataFrame
            ``algorithm, problem, engine, start, seed, replicate, evaluations, generations, hit, budget``, the values
            (``n``, ``c``), and what was observed: ``evaluations_to_<target>`` (missing where it wasn't hit) and
            ``<potential>_at_<t>`` (NaN beyond the budget).
        """
        import pandas

        times = runs_file.hitting_times(self)
        hits = {name: pandas.arrays.IntegerArray(column.copy(), mask=column < 0) for name, column in times.items()}
        return pandas.DataFrame({**runs_file.columns(self), **hits, **runs_file.trajectories(self)})

    def drift(self, potential: Any = None, confidence: float = 0.95, simultaneous: bool = True) -> Drift:
        """Measured drift, state by state, with a confidence band and theory's drift beside it.

        Parameters
        ----------
        potential : str or expression, optional
            One of those recorded with ``observe={"drift": ...}``; may be left out where there is one.
        confidence : float
        simultaneous : bool
            Whether all limits together hold with this confidence (a band), or each by itself.

        Returns
        -------
        Drift
            With ``to_pandas()``, ``plot()`` and ``outside()``; see :mod:`sim.drift`.

        Raises
        ------
        InputError
        """
        from sim.drift import measured_drift

        return measured_drift(self, potential, confidence, simultaneous)

    def summary(self) -> dict[str, Any]:
        """The usual figures, with limits that hold for skewed runs (see :mod:`sim.statistics`).

        Returns
        -------
        dict
            ``process, values, replicates, seed, engine, start, mean, std, median, ci95, censored, ert, ert_ci95,
            restricted_mean, restricted_mean_ci95, budget, seconds``; plain numbers, lists and None. With censored runs
            mean, std and ci95 are None, the median is Kaplan and Meier's (None where fewer than half were hit), ``ert``
            is the expected number of evaluations until a hit with restarts at the budget (None without any hit), and
            ``restricted_mean`` is the mean of min(T, budget).
        """
        from sim import statistics

        times, hit = self.evaluations, self.hit
        whole, several = self.censored == 0, len(self) > 1
        restricted = self._mean_limits() if several else None
        limit = statistics.ert_interval(times, hit) if several else None
        return {
            "process": str(self.process),
            "values": {name: _plain(value) for name, value in self.values.items()},
            "replicates": len(self),
            "seed": self.seed,
            "engine": self.engine,
            "start": self.start,
            "mean": float(times.mean()) if whole else None,
            "std": float(times.std(ddof=1)) if whole and several else None,
            "median": float(np.median(times)) if whole else statistics.median(times, hit),
            "ci95": list(restricted) if whole and restricted else None,
            "censored": self.censored,
            "ert": statistics.ert(times, hit) if hit.any() else None,
            "ert_ci95": [_finite(end) for end in limit] if limit else None,
            "restricted_mean": float(times.mean()),
            "restricted_mean_ci95": list(restricted) if restricted else None,
            "budget": self.budget,
            "seconds": self.seconds,
        }

    def ert(self, target: float | None = None) -> float:
        """Expected evaluations until an observed target (or the optimum) with restarts at the budget: :func:`sim.views.ert`."""
        from sim.views import ert

        return ert(self, target)

    def fixed_target(self, confidence: float = 0.95) -> pandas.DataFrame:
        """How long each observed target takes, one row a target; see :func:`sim.views.fixed_target`."""
        from sim.views import fixed_target

        return fixed_target(self, confidence)

    def fixed_budget(self, budgets: Iterable[float] | None = None, confidence: float = 0.95) -> pandas.DataFrame:
        """How far runs come within budgets, one row a budget; see :func:`sim.views.fixed_budget`."""
        from sim.views import fixed_budget

        return fixed_budget(self, budgets, confidence)

    def attainment(self, budgets: Iterable[float] | None = None, confidence: float = 0.95) -> pandas.DataFrame:
        """The share of runs that reach each target within each budget, one row a pair; see :func:`sim.views.attainment`."""
        from sim.views import attainment

        return attainment(self, budgets, confidence)

    def save(self, path: str | os.PathLike) -> None:
        """Write ``path`` (Parquet) and ``<path>.json`` (seconds and machine), each whole or not at all.

        Raises
        ------
        InputError
            If the path can't be written.
        """
        runs_file.save(self, path)

    def to_arrow(self) -> pyarrow.Table:
        """The table that :meth:`save` writes, with the metadata from which :meth:`load` makes the runs again."""
        return runs_file.to_arrow(self)

    def export_iohprofiler(self, folder: str | os.PathLike) -> None:
        """Write a folder that IOHanalyzer reads (see :mod:`sim.iohprofiler`), whole or not at all.

        A row of a run says that at some evaluation its best value was at least an observed target, so observe the targets you
        want to see: ``observe={"targets": range(n + 1)}``. Without targets only the ends of the runs are known: the smallest
        value of the function at evaluation 1, and the last evaluation. Trajectories and drift aren't written.

        Parameters
        ----------
        folder : path
            New or empty. IOHanalyzer reads folders within folders: give each Runs its own, e.g. ``results/n100``.

        Raises
        ------
        InputError
            If the folder is in use or can't be written, or if the process has no fitness that IOHprofiler could hold.
        """
        from sim.iohprofiler import export

        export(self, folder)

    @classmethod
    def load(cls, path: str | os.PathLike) -> Runs:
        """Read what :meth:`save` wrote.

        Raises
        ------
        InputError
            If there is no such file, or if it is damaged or isn't a file of runs.
        """
        return runs_file.load(cls, path)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.values.items())
        parts = (str(self.process), values, f"{len(self)} replicates", self.engine, self._short())
        return f"Runs({', '.join(part for part in parts if part)})"

    def _short(self) -> str:
        if self.censored:
            return f"{self.censored} censored at {'different budgets' if self.budget is None else self.budget}"
        if len(self) < 2:
            return f"T = {', '.join(str(t) for t in self.evaluations)}"
        low, high = self._mean_limits()
        return f"mean {self.evaluations.mean():.6g} [{low:.6g}, {high:.6g}]"

    def _mean_limits(self) -> tuple[float, float]:
        from sim.statistics import mean_interval

        low, high = mean_interval(self.evaluations)
        return max(low, 0.0), high

    def _repr_html_(self) -> str:
        figures = self.summary()
        shown = ("replicates", "engine", "start", "seed", "mean", "ci95", "median", "censored", "ert", "budget", "seconds")
        rows = "".join(f"<tr><th>{name}</th><td>{html.escape(_text(figures[name]))}</td></tr>" for name in shown)
        values = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"<table><caption>{html.escape(f'{self.process}, {values}')}</caption>{rows}</table>"


def _plain(value: Number) -> int | float:
    return value if isinstance(value, int) else float(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"[{', '.join(map(_text, value))}]" if isinstance(value, list) else "-" if value is None else str(value)
