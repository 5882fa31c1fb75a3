"""Equal tuning: every method is tuned on the same grid, with the same number of trials, on seeds that serve no verdict.

The best setting is taken. A baseline that was tuned less than what it is compared with would make any claim true.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from proofs_check.advantage import Values


@dataclass(frozen=True)
class Tuning:
    """How a method was tuned.

    Attributes
    ----------
    grid : mapping of str to {seed: value}
        What was measured at each setting, e.g. ``{"rate=0.01": {100: 1.9}, "rate=0.003": {100: 2.1}}``; NaN if it diverged.
    chosen : str
        The setting that is used.
    """

    grid: Values
    chosen: str


def unfair(tuning: Mapping[str, Tuning], methods: Iterable[str], higher: bool, used: Iterable[int]) -> str:
    """What is wrong with the tuning of these methods, in words; empty if nothing is.

    Parameters
    ----------
    tuning : {method: Tuning}
    methods : iterable of str
        Those that are compared.
    higher : bool
        Whether larger values are better.
    used : iterable of int
        Seeds of the verdict.

    Examples
    --------
    >>> one = Tuning({"rate=0.1": {100: 3.0}, "rate=0.01": {100: 2.0}}, "rate=0.01")
    >>> unfair({"OK": one, "KF": one}, ["OK", "KF"], higher=False, used=range(5))
    ''
    >>> unfair({"OK": one}, ["OK", "KF"], higher=False, used=range(5))
    'KF was not tuned'
    """
    used, grids = set(used), {}
    for method in methods:
        if method not in tuning or not tuning[method].grid:
            return f"{method} was not tuned"
        found = tuning[method]
        grids[method] = {setting: len(runs) for setting, runs in found.grid.items()}
        shared = used & {seed for runs in found.grid.values() for seed in runs}
        if shared:
            return f"{method} was tuned on seed {min(shared)}, which serves the verdict"
        if found.chosen not in found.grid:
            return f"{method}: {found.chosen} is not on its grid"
        means = {setting: mean_of_trials(runs, higher) for setting, runs in found.grid.items()}
        best = (max if higher else min)(means.values())
        if means[found.chosen] != best:
            return f"{method}: {found.chosen} is not the best of its grid"
    names = list(grids)
    for method in names[1:]:
        if grids[method].keys() != grids[names[0]].keys():
            return f"{method} and {names[0]} were tuned on different grids"
        if grids[method] != grids[names[0]]:
            return f"{method} and {names[0]} had different numbers of trials"
    return ""


def mean_of_trials(runs: Mapping[int, float], higher: bool) -> float:
    """Of the trials of one setting; one that diverged is the worst that there is."""
    worst = -math.inf if higher else math.inf
    if not runs or not all(map(math.isfinite, runs.values())):
        return worst
    return math.fsum(runs.values()) / len(runs)
