"""What the claims of this paper share: its schedules and rules as processes, and theory's predictions of E[T].

T counts offspring; the evaluation of the start is not counted.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from proofs_check.decide import Runs
from theory import HiddenSubset, LambertSchedule, LogSchedule, OneMax, OnePlusOneEA, Process, SelfAdjustingEA
from theory.hidden_subset.predictor import Prediction

PAPER = "hidden-subset"
SOURCE = "Einarsson, Gauy, Lengler, Meier, Mujika, Steger, Weissenberger 2019"
KNOWN = OnePlusOneEA("1/n").on(OneMax())
WORDS = (
    "rule A multiplies the rate p by F^(e-1) after a neutral step (f(y) = f(x)) and divides it by F after another one; in rule C "
    "the exponents are exchanged; W is the Lambert function, W(t) e^W(t) = t"
)
"""What the names of rules mean; F = 1.05 where nothing else is said."""
LONG = 1e9
"""A budget that no run comes near, for processes of which theory knows no upper bound."""


def log_runs(size: int) -> Runs:
    """OneMax of n hidden bits under alpha ln t/t."""
    return Runs(hidden(LogSchedule()), {"n": size})


def lambert_runs(size: int) -> Runs:
    """The same under alpha W(t)/t."""
    return Runs(hidden(LambertSchedule()), {"n": size})


def known_runs(size: int) -> Runs:
    """OneMax of n bits at the rate 1/n."""
    return Runs(KNOWN, {"n": size})


def rule_runs(size: int, rule: str = "A", factor: str = "1.05") -> Runs:
    """OneMax of n hidden bits under a rule that changes the rate after each step."""
    return Runs(SelfAdjustingEA(rule, F=factor).on(HiddenSubset()), {"n": size}, budget=LONG)


def epoch_runs(size: int) -> Runs:
    """OneMax of n hidden bits under rule B, which estimates n in epochs."""
    return Runs(SelfAdjustingEA("B").on(HiddenSubset()), {"n": size}, budget=LONG)


def hidden(rate: Any, base: Any = "onemax") -> Process:
    """The (1+1) EA with this rate on hidden bits."""
    return OnePlusOneEA(rate).on(HiddenSubset(base))


@functools.lru_cache(maxsize=256)
def predicted(rate: Any, size: int) -> Prediction:
    """The fluid limit with a Gumbel law at the end; heuristic."""
    from theory.hidden_subset import predict

    return predict(rate, size)


def mean_of(rate: Any, size: int) -> float:
    """The predicted E[T]."""
    return predicted(rate, size).mean


def slope_of(rate: Any, first: int, last: int) -> float:
    """The predicted slope of E[T]/n over ln n between two sizes."""
    return (mean_of(rate, last) / last - mean_of(rate, first) / first) / math.log(last / first)


def scale(size: int) -> float:
    """n ln n."""
    return size * math.log(size)
