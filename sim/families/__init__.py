"""Families: which kernel templates run which algorithms, and the reasons where an engine can't.

A family is one file with one function ``choose`` (see :mod:`sim.families.choice`). An algorithm belongs to one family; problems
whose points are no bit strings have families of their own, by ``problem.space``.
"""

from __future__ import annotations

from sim.families import adaptive, custom, estimation, lambda_lambda, offspring, population, single, spaces
from sim.families.choice import Choice, Chooser
from theory.algorithms import (
    RLS,
    UMDA,
    Algorithm,
    CompactGA,
    CustomAlgorithm,
    FastEA,
    Metropolis,
    MuPlusOneEA,
    OneCommaLambdaEA,
    OnePlusLambdaEA,
    OnePlusLambdaLambdaGA,
    OnePlusOneEA,
    SelfAdjustingEA,
)
from theory.process import Process

FAMILIES: dict[type[Algorithm], Chooser] = {
    OnePlusOneEA: single.choose,
    RLS: single.choose,
    Metropolis: single.choose,
    FastEA: adaptive.choose,
    SelfAdjustingEA: adaptive.choose,
    OnePlusLambdaEA: offspring.choose,
    OneCommaLambdaEA: offspring.choose,
    MuPlusOneEA: population.choose,
    OnePlusLambdaLambdaGA: lambda_lambda.choose,
    CompactGA: estimation.choose,
    UMDA: estimation.choose,
    CustomAlgorithm: custom.choose,
}
SPACES: dict[str, Chooser] = {"colours": spaces.choose, "matchings": spaces.choose}

__all__ = ["FAMILIES", "SPACES", "Choice", "Chooser", "family_of"]


def family_of(process: Process) -> Chooser:
    """The family that runs a process."""
    if process.problem.space != "bits":
        return SPACES[process.problem.space]
    return FAMILIES[type(process.algorithm)]
