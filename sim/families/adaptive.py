"""One parent, and a mutation rate that changes from offspring to offspring: by a rule, or drawn from a law."""

from __future__ import annotations

from sim.families.choice import Choice, refuse, template
from sim.kernels.codes import UNIFORM
from sim.observe import Observe
from sim.starts import Start
from theory.algorithms import SelfAdjustingEA
from theory.algorithms.self_adjusting import TWO_RATE
from theory.problems import LeadingOnes
from theory.process import Process
from theory.values import Number


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    problem = process.core.problem
    two_rate = isinstance(process.algorithm, SelfAdjustingEA) and process.algorithm.rule == TWO_RATE
    if engine == "event":
        if isinstance(process.algorithm, SelfAdjustingEA):
            return refuse("the rate changes on rejected rounds, so that none can be skipped")
        return refuse("the rate is drawn in each round, so that none is skipped")
    if engine == "reference" or engine == "sparse":
        return template(f"{engine}_{'two_rate' if two_rate else 'adaptive'}")
    prefix = isinstance(problem, LeadingOnes) and not two_rate
    if not problem.symmetric and not prefix:
        return refuse(f"the state of {problem.name} does not collapse to a counter")
    if observe is not None and observe.needs_bits:
        return refuse("a potential is a function of the bits, but there is only a counter")
    if problem.symmetric:
        return template("lumped_two_rate" if two_rate else "lumped_adaptive_counter")
    if start.kind != UNIFORM:
        return refuse("the bits behind the first zero are not modelled; only the uniform start keeps them uniform")
    if observe is not None and "k" in observe.symbols:
        return refuse("a potential depends on k, but only the prefix of ones is modelled")
    return template("lumped_adaptive_prefix")
