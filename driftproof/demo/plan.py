"""What the demo compares: the (1+1) EA with rate c/n on four problems, from n = 12 to n = 10 000.

The whole demo has one error rate: with probability 0.99 none of its true statements is refuted. So each cell gets its
share, and the numbers of runs are chosen so that a violation by three per cent would be seen in every cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theory import Process

ERROR = 0.01
EFFECT = 0.03
WEIGHTS = Path(__file__).parents[1] / "data" / "weights.csv"
PROBLEMS = ("OneMax", "LeadingOnes", "BinVal", "Linear")
CONSTANTS = ("0.5", "1", "2")  # decimal texts: 0.5 is one half
FULL = {12: 50_000, 100: 15_000, 1_000: 5_000, 10_000: 1_500}  # n: runs a cell
QUICK = {4: 50_000, 8: 40_000, 30: 20_000}


@dataclass(frozen=True)
class Cell:
    """One entry of the plan: a problem, an n, a c, and the number of runs."""

    problem: str
    n: int
    c: str
    replicates: int
    error: float
    seed: int

    @property
    def work(self) -> float:
        """How long it takes, roughly, in units that differ by cell only; for the progress bar."""
        steps = {"OneMax": 1.0, "LeadingOnes": 1.0, "BinVal": 2.0, "Linear": 2.0}[self.problem] * (0.5 + float(self.c))
        compiling = 8e7 if self.n == min(FULL) and self.c == CONSTANTS[0] else 0.0
        return 1e6 + compiling + self.replicates * self.n * steps

    def __str__(self) -> str:
        return f"{self.problem}, n = {self.n}, c = {self.c}"

    def process(self) -> Process:
        """The process of this cell."""
        return processes()[self.problem]

    def compare(self) -> list[dict[str, Any]]:
        """Theory against experiment: one row a statement, as :meth:`proofs_check.Comparison.rows` gives them."""
        from proofs_check import compare

        comparison = compare(
            self.process(), n=self.n, c=self.c, replicates=self.replicates, seed=self.seed, error=self.error, effect=EFFECT,
            progress=False,
        )  # fmt: skip
        return list(comparison.rows())


def processes() -> dict[str, Process]:
    """The processes by the name of their problem."""
    if not _PROCESSES:
        from theory import BinVal, LeadingOnes, Linear, OneMax, OnePlusOneEA, c, n
        from theory.registry import read_column

        algorithm = OnePlusOneEA(rate=c / n)
        problems = (OneMax(), LeadingOnes(), BinVal(), Linear(read_column(str(WEIGHTS), "weights")))
        _PROCESSES.update({name: algorithm.on(problem) for name, problem in zip(PROBLEMS, problems)})
    return _PROCESSES


_PROCESSES: dict[str, Process] = {}


def cells(quick: bool = False, seed: int = 0) -> list[Cell]:
    """The plan, smallest n first, so that what takes long comes last."""
    sizes = QUICK if quick else FULL
    share = ERROR / (len(sizes) * len(PROBLEMS) * len(CONSTANTS))
    return [
        Cell(problem, n, c, replicates, share, seed)
        for n, replicates in sizes.items()
        for problem in PROBLEMS
        for c in CONSTANTS
    ]  # fmt: skip
