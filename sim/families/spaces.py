"""Points that are no bit strings: colourings and matchings, under the (1+1) EA and RLS (problems admit no others)."""

from __future__ import annotations

from sim.families.choice import Choice, refuse, template
from sim.kernels.codes import ZEROS
from sim.observe import Observe
from sim.starts import Start
from theory.process import Process
from theory.values import Number


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    problem = process.problem
    if observe is not None and "k" in observe.symbols:
        return refuse(
            f"the points of {problem.name} are {problem.space} and have no number k of zero-bits; observe potentials in v"
        )
    if start.kind == ZEROS:
        return refuse(f"the points of {problem.name} are {problem.space}, and start='zeros' is none of them")
    if engine in ("lumped", "event"):
        return refuse(f"the points of {problem.name} are {problem.space}; the engine is for bit strings")
    return template(f"{engine}_{problem.space}")
