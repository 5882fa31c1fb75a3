"""Measured drift: by how much a potential falls in a round, for each state, with confidence bands; theory's drift beside it.

What a run gives for a state: N, the rounds spent in it, and S, the sum of what the potential fell in the moves out of it. With
drift d in that state E[S - d N] = 0 (optional stopping; where the law of a step depends on more than the state, d is its mean
over what the runs visit). Replicates are independent, so d is estimated by the ratio of the sums over replicates, and its limits
are those of a ratio (:func:`sim.ratio.ratio_interval`), over the replicates that came to the state.

Source of the use: drift analysis speaks of E[X_t - X_{t+1} | X_t] (He and Yao, AIJ 127, 2001); positive is progress.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ratio import ratio_interval
from theory.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

    from sim.runs import Runs

LEAST = 5
"""Replicates that must have come to a state before limits are given for it."""


@dataclass(frozen=True)
class Drift:
    """The drift of one potential, state by state; made by :meth:`sim.Runs.drift`.

    Attributes
    ----------
    potential : str
        Its name.
    given : {"k", "v"}
        What a state is: the number of zero-bits or the fitness.
    states : int array, shape (m,)
        The states in which some replicate spent a round.
    drift : float array, shape (m,)
        Measured E[X_t - X_{t+1} | state].
    low, high : float arrays, shape (m,)
        Their limits; NaN where fewer than ``LEAST`` replicates came by.
    rounds : float array, shape (m,)
        Rounds spent in each state, over all replicates.
    replicates : int array, shape (m,)
        Replicates that came to each state.
    theory : float array, shape (m,), or None
        What :meth:`theory.Process.drift` says there, where it has an answer.
    confidence : float
        Of all limits together where ``simultaneous``, else of each.
    simultaneous : bool
    """

    potential: str
    given: str
    states: np.ndarray
    drift: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rounds: np.ndarray
    replicates: np.ndarray
    theory: np.ndarray | None
    confidence: float
    simultaneous: bool

    def to_pandas(self) -> pandas.DataFrame:
        """One row a state: the state (``k`` or ``v``), ``drift``, ``low``, ``high``, ``rounds``, ``replicates``, ``theory``."""
        import pandas

        columns = {self.given: self.states, "drift": self.drift, "low": self.low, "high": self.high}
        columns |= {"rounds": self.rounds, "replicates": self.replicates}
        columns["theory"] = np.full(len(self.states), np.nan) if self.theory is None else self.theory
        return pandas.DataFrame(columns)

    def outside(self) -> np.ndarray:
        """The states in which theory's drift lies outside the limits."""
        if self.theory is None:
            raise InputError("theory: nothing is known of this drift; compare with your own values")
        slack = 1e-12 * np.abs(self.theory)  # limits that are one point are rounded
        return self.states[(self.theory + slack < self.low) | (self.theory - slack > self.high)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the measurement with its band, and theory's drift as a line.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Default: a new figure.

        Returns
        -------
        matplotlib Axes
        """
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.subplots(figsize=(6.4, 4.4), layout="constrained")[1]
        share = f"{100 * self.confidence:g} % band" if self.simultaneous else f"{100 * self.confidence:g} % limits"
        ax.fill_between(self.states, self.low, self.high, color="#e08a00", alpha=0.25, lw=0, label=share)
        ax.plot(self.states, self.drift, "o", ms=3, color="#e08a00", label="measured")
        if self.theory is not None:
            ax.plot(self.states, self.theory, "-", lw=1.3, color="black", label="theory")
        ax.set_xlabel("zero-bits k" if self.given == "k" else "fitness v")
        ax.set_ylabel(f"drift of {self.potential} a round")
        ax.grid(alpha=0.3)
        ax.legend()
        return ax


def measured_drift(runs: Runs, potential: Any = None, confidence: float = 0.95, simultaneous: bool = True) -> Drift:
    """The drift that runs recorded; see :meth:`sim.Runs.drift`.

    Raises
    ------
    InputError
        If the runs recorded no such potential.

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> from sim import simulate
    >>> runs = simulate(RLS().on(OneMax()), n=4, replicates=400, seed=1, observe={"drift": "k"})
    >>> found = measured_drift(runs)
    >>> found.states.tolist(), found.theory.tolist(), found.outside().tolist()
    ([1, 2, 3, 4], [0.25, 0.5, 0.75, 1.0], [])
    """
    if not 0 < confidence < 1:
        raise InputError(f"confidence: {confidence!r} must lie strictly between 0 and 1")
    moved: Mapping[str, np.ndarray] = runs.observed.get("moved", {})
    name = _name(potential, moved)
    rounds, fell, given = runs.observed["rounds"], moved[name], runs.observed["given"]
    states = np.flatnonzero(rounds.sum(axis=0) > 0)
    error = (1 - confidence) / max(1, len(states) if simultaneous else 1)  # union bound over the states
    low, high = np.full(len(states), np.nan), np.full(len(states), np.nan)
    visits = np.count_nonzero(rounds > 0, axis=0)[states]
    for j, state in enumerate(states):
        came = rounds[:, state] > 0
        if visits[j] >= LEAST:
            low[j], high[j] = ratio_interval(fell[came, state], rounds[came, state], 1 - error)
    return Drift(
        potential=name,
        given=given,
        states=states,
        drift=fell.sum(axis=0)[states] / rounds.sum(axis=0)[states],
        low=low,
        high=high,
        rounds=rounds.sum(axis=0)[states],
        replicates=visits,
        theory=_theory(runs, name, given, states),
        confidence=confidence,
        simultaneous=simultaneous,
    )


def _name(potential: Any, moved: Mapping[str, np.ndarray]) -> str:
    if not moved:
        raise InputError("drift: these runs recorded none; give simulate(..., observe={'drift': 'k'})")
    if potential is None:
        if len(moved) > 1:
            raise InputError(f"potential: these runs recorded several; name one of {', '.join(moved)}")
        return next(iter(moved))
    if str(potential) in moved:
        return str(potential)
    raise InputError(f"potential: these runs recorded no {str(potential)!r}; {nearest(str(potential), list(moved))}")


def _theory(runs: Runs, name: str, given: str, states: np.ndarray) -> np.ndarray | None:
    """theory's drift in the same states, or None: for a potential that is no expression, a loaded file, or an unknown law."""
    from theory.process import Process

    expr = runs.observed.get("formulas", {}).get(name)
    if expr is None or not isinstance(runs.process, Process) or "t" in runs.process.rate_symbols:
        return None
    from theory.law import _by_counts, _by_level  # which of the two states determines the law of a step

    core = runs.process.core
    if not (_by_counts(core) if given == "k" else _by_level(core)):
        return None
    try:
        values: dict[str, Any] = dict(runs.values)
        return np.asarray(runs.process.drift(expr, **values), float)[states]
    except InputError:
        return None
