"""Several offspring of one parent a generation: the (1+lambda) and the (1,lambda) EA on bit strings."""

from __future__ import annotations

from sim.families.choice import Choice, refuse, template
from sim.observe import Observe
from sim.starts import Start
from theory.problems import Custom
from theory.process import Process
from theory.values import Number

_MOST_BITS = 2**31 - 2  # the event engine lists positions as int32


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    if process.problem.random_acceptance:
        return refuse(
            f"{process.problem.name} compares one offspring with its parent, but offspring are compared with each other"
        )
    if "i" in process.rate_symbols:
        return refuse("positions have rates of their own, which is simulated with a single offspring only")
    if "lam" == process.algorithm.parameter and engine in ("lumped", "event"):
        return refuse("lambda changes in generations without an improvement too, so none can be skipped")
    if engine == "lumped":
        return counter(process, observe) or template("lumped_lambda")
    if engine == "event":
        if not process.algorithm.elitist:
            return refuse("the best offspring may be worse than its parent, so generations without an up can't be skipped")
        if isinstance(process.problem, Custom):
            return refuse("skipped offspring are no test of a declaration, strictly_monotone; sparse needs none")
        if not process.problem.is_strictly_monotone:
            what = process.problem.name
            return refuse(f"{what} is not strictly monotone: an offspring whose flips are all from 1 to 0 may be accepted")
        if "t" in process.rate_symbols:
            return refuse("the rate depends on t: generations can't be skipped at a rate that changes meanwhile")
        if values.get("n", 0) > _MOST_BITS:
            return refuse(f"positions are listed in 32 bits: n can be at most {_MOST_BITS}")
    return template(f"{engine}_lambda")


def counter(process: Process, observe: Observe | None) -> Choice | None:
    """Why a process has no chain on the number k of zero-bits; None if it has one."""
    if not process.core.problem.symmetric:
        return refuse(f"the state of {process.core.problem.name} does not collapse to a counter")
    if "t" in process.rate_symbols:
        return refuse("the rate depends on t, but a counter skips the generations in which nothing happens")
    if observe is not None and observe.needs_bits:
        return refuse("a potential is a function of the bits, but there is only a counter")
    return None
