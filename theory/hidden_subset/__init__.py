"""Optimising without knowing how many bits matter: the functional behind beta, mixtures, a predictor, adaptive rules, jumps.

H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, TCS 785 (2019). What holds for processes
is in the catalogue (:mod:`theory.bounds.hidden_subset`); here is what is true of rates, mixtures and rules by themselves.
"""

from __future__ import annotations

from theory.lazy import lazily

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

__getattr__, __dir__ = lazily(__name__, NAMES)
