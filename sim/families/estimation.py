"""Estimation-of-distribution algorithms on bit strings: the compact genetic algorithm and UMDA."""

from __future__ import annotations

from sim.families.choice import Choice, refuse, template
from sim.kernels.codes import UNIFORM
from sim.observe import Observe
from sim.starts import Start
from theory.algorithms import UMDA
from theory.algorithms.estimation import NO_START
from theory.process import Process
from theory.values import Number


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    if start.kind != UNIFORM:
        return refuse(NO_START)
    if engine == "lumped":
        return refuse("each position has a frequency of its own: the state is no counter")
    if engine == "event":
        return refuse("every generation moves the frequencies: no round can be skipped")
    return template(f"{engine}_{'umda' if isinstance(process.algorithm, UMDA) else 'compact'}")
