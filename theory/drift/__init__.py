"""Drift theorems as objects whose conditions are checked: one file a theorem.

``theorem.apply(drift=..., start=..., ...)`` takes an expression in k (integer potential) or v (real), a Process, or a Chain, and
returns a :class:`theory.Bound` that carries its derivation, or raises PreconditionError naming the condition that fails.

The forms in which J. Lengler and A. Steger (*Drift analysis and evolutionary algorithms revisited*, 2018) and J. Lengler (*Drift
analysis*, 2020) use the theorems are options of the same classes:

=====================================================  ==================================================================
1/h(1) + integral of 1/h from 1 to X_0                 ``VariableDrift.apply(..., form="integral")``
multiplicative drift with its tail                     ``MultiplicativeDrift.apply(..., tail=True)``; at most e^-r at
                                                       t = (r + ln(X_0/s_min))/delta
additive drift with overshoot, (X_0 - E[X_T])/delta    ``AdditiveDriftUpper.apply(..., lowest=...)``
a start in expectation, in distribution                ``mean=``; ``start={value: probability}`` or ``"uniform"``
=====================================================  ==================================================================
"""

from theory.drift.additive_lower import AdditiveDriftLower
from theory.drift.additive_upper import AdditiveDriftUpper
from theory.drift.base import DriftTheorem, Precondition
from theory.drift.concentration import Concentration
from theory.drift.fitness_levels import FitnessLevels
from theory.drift.headwind import HeadwindDrift
from theory.drift.level_based import LevelBased
from theory.drift.linear_functions import LinearFunctionsDrift, witt_potential
from theory.drift.multiplicative import MultiplicativeDrift
from theory.drift.multiplicative_lower import MultiplicativeDriftLower
from theory.drift.negative_hajek import NegativeDriftHajek
from theory.drift.negative_multiplicative import NegativeMultiplicativeDrift
from theory.drift.negative_scaling import NegativeDriftScaling
from theory.drift.simplified_negative import SimplifiedNegativeDrift
from theory.drift.variable import VariableDrift
from theory.drift.variable_lower import VariableDriftLower
from theory.drift.viscosity import Viscosity
from theory.drift.visit_probabilities import VisitProbabilities

THEOREMS: tuple[type[DriftTheorem], ...] = (
    AdditiveDriftUpper, AdditiveDriftLower, MultiplicativeDrift, VariableDrift, FitnessLevels, LinearFunctionsDrift,
    MultiplicativeDriftLower, HeadwindDrift, NegativeDriftHajek, NegativeMultiplicativeDrift, Concentration,
    VisitProbabilities, VariableDriftLower, Viscosity, SimplifiedNegativeDrift, NegativeDriftScaling,
    LevelBased,
)  # fmt: skip

__all__ = [
    "THEOREMS", "AdditiveDriftLower", "AdditiveDriftUpper", "Concentration", "DriftTheorem", "FitnessLevels", "HeadwindDrift",
    "LevelBased", "LinearFunctionsDrift", "MultiplicativeDrift", "MultiplicativeDriftLower", "NegativeDriftHajek",
    "NegativeDriftScaling", "NegativeMultiplicativeDrift", "Precondition", "SimplifiedNegativeDrift", "VariableDrift",
    "VariableDriftLower", "Viscosity", "VisitProbabilities", "witt_potential",
]  # fmt: skip
