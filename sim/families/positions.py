"""Rates of their own for each position, static in time (initial segment uncertainty)."""

from __future__ import annotations

import numpy as np

from sim.families.choice import Choice, refuse, template
from sim.kernels.codes import UNIFORM
from sim.observe import Observe
from sim.starts import Start
from theory.problems import LeadingOnes
from theory.process import Process
from theory.values import Number


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    leading = isinstance(process.problem.core, LeadingOnes)
    if engine == "lumped":
        if not leading:
            return refuse("positions have rates of their own, so that the number of zero-bits doesn't tell all")
        if start.kind != UNIFORM:
            return refuse("the bits behind the first zero are not modelled; only the uniform start keeps them uniform")
        if observe is not None and (observe.needs_bits or "k" in observe.symbols):
            return refuse("a potential needs the bits, but only the prefix of ones is modelled")
        return template("lumped_prefix")
    if engine == "event":
        if not process.problem.is_strictly_monotone:
            name = process.problem.core.name
            return refuse(f"{name} is not strictly monotone: an offspring whose flips are all from 1 to 0 may be accepted")
        return template("event_positions")
    return template("sparse_positions" if engine == "sparse" else engine)


def rates_of(process: Process, values: dict[str, Number]) -> np.ndarray:
    """The rates p_1 .. p_n, which kernels get as ``settings``.

    >>> from theory import InitialSegment, OnePlusOneEA
    >>> rates_of(OnePlusOneEA("1/(i+1)").on(InitialSegment()), {"n": 3})
    array([0.5       , 0.33333333, 0.25      ])
    """
    from theory.exact.positions import position_rates

    return position_rates(process, values)
