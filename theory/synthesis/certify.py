"""What is proved about a synthesised potential, as functions of data alone: a derivation replays them.

* :func:`drift_is_at_least`: the potential has the drift that the theorem asks for, at every state.
* :func:`nothing_is_better`: weights of the states (a solution of the dual programme) show that no potential in the template gives
  a smaller value at the start. For every potential X = B theta with drift >= 1 and y >= 0, u a law of the start,

      sum y <= sum_i y_i drift_i = (y (I - P) B) theta = (u B) theta - s theta,    s = u B - y (I - P) B,

  so that u X >= sum y - sum_j max(0, -s_j) theta_j; and a potential whose value at the start is at most U has
  theta_j <= U / (the largest, or the mean, of b_j). With a drift of delta X and X >= 1, of weights z, the same with
  s = (u + delta y - z) B - y (I - P) B and sum z in the place of sum y.
* :func:`nothing_works`: weights y >= 0, not all 0, with y (I - P) B <= 0: every potential in the template has a weighted drift
  of at most 0, so that none has positive drift everywhere (Farkas).

All in fractions, or in balls where the chain is known in balls; comparisons of balls are true only where they are certain.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import ctx, fmpq

from theory.errors import InputError
from theory.serial import Opaque
from theory.synthesis.chains import BITS, FiniteChain, Value, as_fmpq, lower_end
from theory.synthesis.models import model
from theory.synthesis.templates import Columns, from_data


def drift_is_at_least(process: Any, kind: str, values: dict, potential: tuple, rate: Fraction, relative: bool = False) -> bool:
    """Whether X is 0 at the end, at least 1 elsewhere, and has drift at least ``rate`` (``relative``: times X) at every state.

    Parameters
    ----------
    process : Process, or rows of a matrix
    kind : {"zeros", "levels", "points", "matrix"}
        What a state is.
    values : dict
        n and c.
    potential : tuple of Fraction, by state
    rate : Fraction
    relative : bool

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> drift_is_at_least(RLS().on(OneMax()), "zeros", {"n": 3}, (0, 1, 2, 3), Fraction(1, 3), relative=True)
    True
    >>> drift_is_at_least(RLS().on(OneMax()), "zeros", {"n": 3}, (0, 1, 2, 3), Fraction(1, 2), relative=True)
    False
    """
    chain = _again(process, kind, values)
    if len(potential) != len(chain):
        raise InputError(f"potential: has {len(potential)} values, but the chain has {len(chain)} states")
    x = [as_fmpq(value) for value in potential]
    if any(x[i] != 0 if chain.end[i] else x[i] < 1 for i in range(len(chain))):
        return False
    limit = as_fmpq(rate)
    drifts = chain.drifts(x)
    with ctx.workprec(BITS):
        return all(bool(drifts[i] >= (limit * x[i] if relative else limit)) for i in chain.inner)


def nothing_is_better(
    process: Any, kind: str, values: dict, template: tuple, drift: tuple, floor: tuple, start: tuple, any_start: bool,
    best: Fraction, limit: Fraction, rate: Fraction | None = None,
) -> bool:  # fmt: skip
    """Whether these weights show that no potential in the template has a value below ``limit`` at the start.

    Parameters
    ----------
    process, kind, values
        As in :func:`drift_is_at_least`.
    template : tuple
        :attr:`Template.data`.
    drift, floor, start : tuples of (state, Fraction)
        The weights y, z, u that aren't 0.
    any_start : bool
        The value at the start is the largest one, and u a convex combination; otherwise u is the law of the start.
    best, limit : Fraction
        Potentials with a value above ``best`` at the start aren't looked at.
    rate : Fraction or None
        delta of multiplicative drift, for potentials of at least 1; None: drift at least 1.
    """
    chain = _again(process, kind, values)
    columns = from_data(tuple(template)).on(chain, values)
    y, z, u = (_spread(x, len(chain)) for x in (drift, floor, start))
    if any(x < 0 for weights in (y, z, u) for x in weights) or sum(u, fmpq(0)) != 1:
        return False
    found = lower_limit(chain, columns, y, z, u, any_start, as_fmpq(best), None if rate is None else as_fmpq(rate))
    return found is not None and as_fmpq(limit) <= found


def lower_limit(
    chain: FiniteChain, columns: Columns, y: list[fmpq], z: list[fmpq], u: list[fmpq], any_start: bool, best: fmpq,
    rate: fmpq | None,
) -> fmpq | None:  # fmt: skip
    """The bound of the dual weights from below, or None where they give none."""
    with ctx.workprec(BITS):
        flow = chain.flow(y)
        delta = fmpq(0) if rate is None else rate
        mixed = [a + delta * b - c - f for a, b, c, f in zip(u, y, z, flow)]
        slack = columns.pull(mixed)
        reach = columns.largest() if any_start else columns.pull(u)
        total: Value = sum(y if rate is None else z, fmpq(0))
        for s, most in zip(slack, reach):
            low = lower_end(s)
            if low < 0:
                if most <= 0:
                    return None
                total += low * best / most
        return lower_end(total)


def nothing_works(process: Any, kind: str, values: dict, template: tuple, weights: tuple) -> bool:
    """Whether these weights (pairs of state and Fraction) show that no potential in the template has positive drift everywhere.

    >>> from theory import Needle, OnePlusOneEA, k
    >>> nothing_works(OnePlusOneEA("1/n").on(Needle()), "zeros", {"n": 4}, ("basis", k), ((1, Fraction(1)),))
    True
    """
    chain = _again(process, kind, values)
    y = _spread(weights, len(chain))
    if any(x < 0 for x in y) or not any(y) or any(y[i] for i in range(len(chain)) if chain.end[i]):
        return False
    return refutes(chain, from_data(tuple(template)).on(chain, values), y)


def refutes(chain: FiniteChain, columns: Columns, y: list[fmpq]) -> bool:
    """Whether the weighted drift of every function of the template is at most 0."""
    with ctx.workprec(BITS):
        return all(bool(drift <= 0) for drift in columns.pull(chain.flow(y)))


def _again(process: Any, kind: str, values: dict) -> FiniteChain:
    if isinstance(process, Opaque):
        raise InputError(f"process: {process} could not be written to the document")
    return model(process, kind, dict(values))


def _spread(weights: tuple, states: int) -> list[fmpq]:
    result = [fmpq(0)] * states
    for i, x in weights:
        result[i] = as_fmpq(x)
    return result
