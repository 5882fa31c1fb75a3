"""Algorithms: one file each. T counts offspring; the evaluations of the start are not counted."""

from theory.algorithms.base import Algorithm
from theory.algorithms.metropolis import Metropolis
from theory.algorithms.one_plus_one import OnePlusOneEA
from theory.algorithms.rls import RLS

ALGORITHMS: tuple[type[Algorithm], ...] = (OnePlusOneEA, RLS, Metropolis)

__all__ = ["ALGORITHMS", "RLS", "Algorithm", "Metropolis", "OnePlusOneEA"]
