"""Optimising without knowing how many bits matter: the functional behind beta, mixtures, a predictor, adaptive rules, jumps.

H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, TCS 785 (2019). What holds for processes
is in the catalogue (:mod:`theory.bounds.hidden_subset`); here is what is true of rates, mixtures and rules by themselves.
"""

from __future__ import annotations

import importlib
from typing import Any

NAMES: dict[str, str] = {
    "DoublingSchedule": "jumps",
    "MixedSchedule": "jumps",
    "RULES": "adaptive",
    "RateMixture": "mixtures",
    "divisors": "mixtures",
    "adaptive_slow_down": "adaptive",
    "slow_down_expansion": "adaptive",
    "swapped_equilibrium": "adaptive",
    "predict": "predictor",
    "doubling_cost": "jumps",
    "mixed_cost": "jumps",
}
"""Name to the file that holds it."""

__all__ = list(NAMES)


def __getattr__(name: str) -> Any:
    if name in NAMES:
        return getattr(importlib.import_module(f"theory.hidden_subset.{NAMES[name]}"), name)
    raise AttributeError(f"module 'theory.hidden_subset' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*globals(), *NAMES]
