"""Algorithms: one file each. T counts offspring; the evaluations of the start are not counted."""

from theory.algorithms.base import Algorithm
from theory.algorithms.compact_ga import CompactGA
from theory.algorithms.custom import CustomAlgorithm
from theory.algorithms.fast import FastEA
from theory.algorithms.metropolis import Metropolis
from theory.algorithms.mu_plus_one import MuPlusOneEA
from theory.algorithms.one_comma_lambda import OneCommaLambdaEA
from theory.algorithms.one_plus_lambda import OnePlusLambdaEA
from theory.algorithms.one_plus_lambda_lambda import OnePlusLambdaLambdaGA
from theory.algorithms.one_plus_one import OnePlusOneEA
from theory.algorithms.rls import RLS
from theory.algorithms.self_adjusting import SelfAdjustingEA
from theory.algorithms.umda import UMDA

ALGORITHMS: tuple[type[Algorithm], ...] = (
    OnePlusOneEA,
    RLS,
    Metropolis,
    FastEA,
    SelfAdjustingEA,
    OnePlusLambdaEA,
    OneCommaLambdaEA,
    MuPlusOneEA,
    OnePlusLambdaLambdaGA,
    CompactGA,
    UMDA,
)

__all__ = [
    "ALGORITHMS", "RLS", "UMDA", "Algorithm", "CompactGA", "CustomAlgorithm", "FastEA", "Metropolis", "MuPlusOneEA",
    "OneCommaLambdaEA", "OnePlusLambdaEA", "OnePlusLambdaLambdaGA", "OnePlusOneEA", "SelfAdjustingEA",
]  # fmt: skip
