"""HotTopic from level to level: how many levels a run visits, how long it takes, at which density of zero-bits it hovers.

J. Lengler, A. Steger, Combinatorics, Probability and Computing 27 (2018), for the process. What is measured stands beside
theory's fluid limits: a hard run has density D* of zero-bits whenever a level changes, and takes tau* n steps a level, so
that E[T] grows by tau* n with each level that is added (:mod:`theory.monotone.meanfield` for small beta,
:mod:`theory.monotone.guarded` for the beta that is run); an easy run falls through most levels at once. Both limits are
without error bound; n is finite, and |B| = beta n with eps |B| zero-bits is what makes the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from proofs_check.progress import track
from theory.errors import InputError
from theory.problems.base import positive_integer
from theory.values import exact, number

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Hovering:
    """Runs of the (1+1) EA on HotTopic, each with random sets of its own.

    Attributes
    ----------
    n, levels : int
    c : Fraction
    evaluations : int array, shape (replicates,)
        T.
    visited : int array, shape (replicates,)
        Levels at which the run was after some step; those it jumped over don't count.
    changes : list of int arrays
        For each run the numbers of the steps that changed the level.
    densities : list of float arrays
        For each run the share of zero-bits after each change of level; empty where they were not asked for.
    """

    n: int
    levels: int
    c: Fraction
    evaluations: np.ndarray
    visited: np.ndarray
    changes: list[np.ndarray]
    densities: list[np.ndarray]

    def mean_densities(self, skip: int = 0) -> np.ndarray:
        """For each run its mean density at changes of level, without the first ``skip`` and the last one.

        The last is left out because nothing is hot beyond the last level; runs with no change left have NaN.
        """
        kept = [one[skip:-1] for one in self.densities]
        return np.array([one.mean() if one.size else np.nan for one in kept])

    def level_times(self, skip: int = 0) -> np.ndarray:
        """For each run the mean number of steps between changes of level over n, without the first ``skip`` changes."""
        return np.array([np.diff(one[skip:]).mean() / self.n if one.size > skip + 1 else np.nan for one in self.changes])

    @property
    def last_changes(self) -> np.ndarray:
        """For each run the step that changed the level for the last time; 0 where none did."""
        return np.array([one[-1] if one.size else 0 for one in self.changes])

    @property
    def table(self) -> pd.DataFrame:
        """One row a run: T, the levels visited, the mean density at changes of level."""
        import pandas as pd

        return pd.DataFrame({"T": self.evaluations, "visited": self.visited, "density": self.mean_densities()})


def hovering(
    n: int,
    c: Any,
    levels: int,
    *,
    alpha: Any = "1/4",
    beta: Any = "1/10",
    eps: Any = "1/50",
    start: Any = "uniform",
    replicates: int = 10,
    seed: int = 1,
    densities: bool = True,
    budget: float = 1e10,
    progress: bool | None = None,
) -> Hovering:
    """Run the (1+1) EA with rate c/n on HotTopic and look at every change of level.

    Parameters
    ----------
    n, levels : int
    c, alpha, beta, eps : numbers
        As in ``theory.HotTopic``.
    start : "uniform", or a density
        A number between 0 and 1 starts at a uniform point with that share of zero-bits.
    replicates, seed : int
        Run i has the sets of seed + i.
    densities : bool
        Each run is repeated with its changes of level known, to note the density there; False saves that.
    budget : number
        Evaluations after which a run is given up; that is an error here.
    progress : bool, optional

    Returns
    -------
    Hovering

    Raises
    ------
    InputError

    Examples
    --------
    >>> easy = hovering(500, 1, levels=20, beta="1/20", eps="1/10", replicates=3)
    >>> bool(easy.visited.max() < 20), len(easy.densities), bool(easy.densities[0][0] > 0.05)
    (True, 3, True)
    """
    size, count = positive_integer(n, "n"), positive_integer(levels, "levels")
    begin = start
    if start != "uniform":
        share = exact(number(start, "start"))
        if not 0 < share < 1:
            raise InputError(f"start: {start!r} must be 'uniform' or a density between 0 and 1")
        begin = round(share * size)
    runs = (_run(size, c, count, (alpha, beta, eps), begin, seed + i, densities, budget) for i in range(replicates))
    found = list(track(runs, replicates, "HotTopic", progress))
    times, changes, shares = (list(column) for column in zip(*found))
    visited = np.array([one.size for one in changes])
    return Hovering(size, count, exact(number(c, "c")), np.array(times), visited, changes, shares)


def _run(
    n: int, c: Any, levels: int, shares: tuple[Any, Any, Any], start: Any, seed: int, densities: bool, budget: float
) -> tuple[int, np.ndarray, np.ndarray]:
    """T, the steps that changed the level, the densities there."""
    from sim import simulate
    from theory import HotTopic, OnePlusOneEA

    process = OnePlusOneEA("c/n").on(HotTopic(*shares, levels, seed))
    targets = [i * n * n for i in range(1, levels + 1)]  # f reaches i n^2 when the level becomes i or more
    how: dict[str, Any] = {"replicates": 1, "seed": seed, "start": start, "engine": "event", "progress": False}

    def runs(at: list[int], until: float) -> Any:
        observe = {"targets": targets, "at": at, "potentials": {"k": "k", "v": "v"}}
        return simulate(process, observe=observe, budget=until, threads=1, n=n, c=c, **how)

    first = runs([0], budget)
    if not first.hit[0]:
        raise InputError(f"budget: {budget:g} evaluations were not enough")
    changes = np.unique(first.observed["hits"][0])
    changes = changes[changes > 0]
    if not densities or not changes.size:
        return int(first.evaluations[0]), changes, np.zeros(0)
    again = runs(changes.tolist(), float(changes[-1]))  # the same stream: the same run
    assert np.array_equal(again.observed["hits"], first.observed["hits"])
    return int(first.evaluations[0]), changes, again.observed["potentials"]["k"][0] / n
