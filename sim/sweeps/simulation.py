"""The cell that is a simulation: one process at one set of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.budget import FACTOR, budget_for, expectation
from sim.engines import ENGINES
from sim.kernels import codes
from sim.observe import Observe
from theory.chain import Chain
from theory.errors import InputError, nearest
from theory.problems.base import positive_integer
from theory.process import Process
from theory.starts import read_start
from theory.values import exact, number

if TYPE_CHECKING:
    import pyarrow

_ENGINES = ("auto", *ENGINES)


@dataclass(frozen=True, eq=False)
class SimulationCell:
    """Replicates of one process at one set of values, as :func:`sim.simulate` runs them.

    Parameters
    ----------
    process : Process or Chain
    values : dict
        Of n and c.
    replicates : int
    seed : int
        The random streams of a cell are keyed by its seed, process, values and replicates: a whole plan can have one seed.
    start, engine, budget, observe
        As in :func:`sim.simulate`.

    Raises
    ------
    InputError
        Naming the argument that is wrong: a cell that can be made can be run, unless its engine refuses it.

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> cell = SimulationCell(RLS().on(OneMax()), {"n": 10}, replicates=5, seed=1)
    >>> cell.label, cell.budget, cell.run(threads=1).num_rows
    ('RLS(flips=1) on OneMax(), n=10', ..., 5)
    """

    process: Process | Chain
    values: Mapping[str, Any]
    replicates: int
    seed: int = 0
    start: Any = "uniform"
    engine: str = "auto"
    budget: int | None = None
    observe: Observe | Mapping[str, Any] | None = None
    _start: str = field(init=False, repr=False)
    _expected: float = field(init=False, repr=False)
    _name: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.process, (Process, Chain)):
            raise InputError(f"process: {self.process!r} must be algorithm.on(problem) or a Chain")
        replicates, seed = number(self.replicates, "replicates"), number(self.seed, "seed")
        if not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise InputError(f"seed: {self.seed!r} must be an integer from 0 to 2^63 - 1")
        engine = self.engine.strip().lower() if isinstance(self.engine, str) else self.engine
        if engine not in _ENGINES:
            raise InputError(f"engine: unknown engine {self.engine!r}; {nearest(str(self.engine), _ENGINES)}")
        set_field = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731 (frozen)
        set_field("values", self.process.values(**self.values))
        set_field("replicates", positive_integer(replicates, "replicates"))
        set_field("seed", seed)
        set_field("engine", engine)
        set_field("observe", Observe.of(self.observe))
        if isinstance(self.process, Process):
            set_field("_start", str(read_start(self.start, self.process.problem, int(self.values["n"])).word))
        elif not isinstance(self.start, str) or self.start != "uniform":
            raise InputError(f"start: a chain starts in its own state, not in {self.start!r}; leave start out")
        else:
            set_field("_start", "state")
        set_field("_name", self.process.key)  # once: a long process has a long key
        given = self.budget is not None
        set_field("budget", budget_for(self.budget, self.process, self.values, self.start))
        assert self.budget is not None
        expected = expectation(self.process, self.values, self.start)[0] if given else self.budget / FACTOR
        set_field("_expected", self.budget if expected is None else min(expected, self.budget))

    @property
    def label(self) -> str:
        options = (("start", self._start, "uniform"), ("engine", self.engine, "auto"))
        parts = [*self.values.items(), *((name, value) for name, value, usual in options if value not in (usual, "state"))]
        return ", ".join([self._name, *(f"{name}={value}" for name, value in parts)])

    @property
    def group(self) -> str:
        return f"{self._name}, {self.engine}, {self._start}"

    @property
    def work(self) -> float:
        """Expected evaluations of all replicates, by theory where it knows a bound, at most the budget."""
        return float(self.replicates * self._expected)

    @property
    def same_runs(self) -> tuple:
        """Two cells with the same one would make the same runs twice: only their number or their budgets differ."""
        values = tuple(sorted((name, exact(value)) for name, value in self.values.items()))
        return (self._name, values, self.seed, self._start, self.engine)

    def describe(self) -> dict[str, Any]:
        """All that the runs depend on."""
        watched = {} if self.observe is None else {"observe": Observe.of(self.observe).describe()}  # type: ignore[union-attr]
        return {
            "kind": "simulation",
            "process": self._name,
            "values": {name: str(exact(value)) for name, value in self.values.items()},
            "replicates": self.replicates,
            "seed": self.seed,
            "start": self._start,
            "engine": self.engine,
            "budget": self.budget,
            "kernels": int(codes.VERSION),
            **watched,
        }

    def run(self, threads: int | None) -> pyarrow.Table:
        """Simulate; the table is that of :meth:`sim.Runs.save`."""
        from sim.simulate import simulate

        values: dict[str, Any] = dict(self.values)
        runs = simulate(
            self.process, replicates=self.replicates, seed=self.seed, start=self.start, engine=self.engine, budget=self.budget,
            threads=threads, observe=self.observe, progress=False, **values,
        )  # fmt: skip
        return runs.to_arrow()
