"""Mutants and crossover with their parent: the (1+(lambda,lambda)) GA on bit strings."""

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
            f"{process.problem.name} compares one offspring with its parent, but offspring are compared with each other"
        )
    if engine == "lumped":
        return counter(process, observe) or template("lumped_lambda_lambda")
    if engine == "event":
        return refuse("lambda changes in generations without an improvement too, and most of them flip zero-bits")
    return template(f"{engine}_lambda_lambda")
