"""Acceptance at random: rules put on like a problem (partially-ordered EA, Dynamic BinVal, dynamic linear), and Metropolis."""

from __future__ import annotations

from sim.families.choice import Choice, refuse, template
from sim.observe import Observe
from sim.starts import Start
from theory.process import Process
from theory.values import Number

_MOST_BITS = 2**31 - 2  # the event engine lists positions as int32
_LARGEST_LOSS = 2**53  # differences of fitness are floats
_NEEDS_BITS = "a potential is a function of the bits, but there is only a counter"


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    needs_bits = observe is not None and observe.needs_bits
    if process.problem.random_acceptance:
        return _rule(engine, process, values, needs_bits)
    return _metropolis(engine, process, values, needs_bits)


def _rule(engine: str, process: Process, values: dict[str, Number], needs_bits: bool) -> Choice:
    if process.algorithm.strict:
        return refuse(f"{process.problem.name} has an acceptance rule of its own; strict=True means nothing there")
    if engine in ("lumped", "event") and "t" in process.rate_symbols:
        return refuse("the rate depends on t: rounds can't be skipped at a rate that changes meanwhile")
    if engine == "lumped":
        return refuse(_NEEDS_BITS) if needs_bits else template("lumped_acceptance")
    if engine == "event" and values.get("n", 0) > _MOST_BITS:
        return refuse(f"positions are listed in 32 bits: n can be at most {_MOST_BITS}")
    return template(engine)


def _metropolis(engine: str, process: Process, values: dict[str, Number], needs_bits: bool) -> Choice:
    problem = process.problem
    if "n" in values:
        n = int(values["n"])
        low, high = problem.value_range(n)
        if float("-inf") < low and (high - low) * problem.value_scale(n)[0] > _LARGEST_LOSS:
            return refuse(f"losses of fitness on {problem.name} reach {high - low:.3g}, more than a float holds exactly")
    if engine == "event":
        return refuse("Metropolis accepts offspring that are worse, so that a round without an up may matter")
    if engine == "lumped":
        if not problem.symmetric:
            return refuse(f"the state of {problem.name} does not collapse to a counter")
        return refuse(_NEEDS_BITS) if needs_bits else template("lumped_walk")
    return template(engine)
