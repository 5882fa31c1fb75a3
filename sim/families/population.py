"""A population of points and one offspring a generation: the (mu+1) EA on bit strings."""

from __future__ import annotations

from sim.families.choice import Choice, refuse, template
from sim.families.offspring import counter
from sim.observe import Observe
from sim.starts import Start
from theory.process import Process
from theory.values import Number


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    if process.problem.random_acceptance:
        return refuse(
            f"{process.problem.name} compares an offspring with its parent, but in a population all points are compared"
        )
    if "i" in process.rate_symbols:
        return refuse("positions have rates of their own, which is simulated with a single parent only")
    if engine == "lumped":
        return counter(process, observe) or template("lumped_mu")
    if engine == "event":
        return refuse("copies of the better points spread in the population, so no generation can be skipped")
    return template(f"{engine}_mu")
