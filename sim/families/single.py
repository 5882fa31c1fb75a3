"""One parent and one offspring: the (1+1) EA, RLS and Metropolis on bit strings."""

from __future__ import annotations

from sim.families import positions, random_acceptance
from sim.families.choice import Choice, refuse, template
from sim.kernels.lumped import template_for
from sim.observe import Observe
from sim.starts import Start
from theory.problems import Custom
from theory.process import Process
from theory.values import Number

_MOST_BITS = 2**31 - 2  # the event engine lists positions as int32


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    if process.problem.random_acceptance or not process.algorithm.elitist:
        return random_acceptance.choose(engine, process, start, values, observe)
    if "i" in process.rate_symbols:
        return positions.choose(engine, process, start, values, observe)
    if engine == "lumped":
        return Choice(*template_for(process, values, start.kind, start.zeros, observe))
    if engine == "event":
        if not process.problem.is_strictly_monotone:
            why = "is not declared strictly monotone" if isinstance(process.problem, Custom) else "is not strictly monotone"
            return refuse(f"{process.problem.name} {why}: an offspring whose flips are all from 1 to 0 may be accepted")
        if values.get("n", 0) > _MOST_BITS:
            return refuse(f"positions are listed in 32 bits: n can be at most {_MOST_BITS}")
        if "t" in process.rate_symbols:
            return template("event_schedule")
    return template(engine)
