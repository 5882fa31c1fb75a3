"""Processes, what is known of them, and the exact values to hold that against.

``theory/`` says what a process *is*: an algorithm :meth:`on` a problem, written symbolically once. From that description
come bounds (:meth:`Process.bounds`), exact values (:mod:`theory.exact`) and, in the package ``sim``, the simulator.

The initial evaluation is never counted: T is the number of offspring until the optimum is first evaluated.
"""

from __future__ import annotations

import importlib
from typing import Any

from theory.algorithms import (
    ALGORITHMS,
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
from theory.bound import Bound
from theory.chain import Chain
from theory.errors import InputError, PreconditionError
from theory.problems import (
    PROBLEMS,
    BinVal,
    ConcatenatedTrap,
    Custom,
    DeceptiveLeadingBlocks,
    DynamicBinVal,
    DynamicLinear,
    EulerianCycle,
    GraphColouring,
    HiddenSubset,
    HotTopic,
    InitialSegment,
    Jump,
    LeadingOnes,
    Linear,
    MaxCut,
    MinimumSpanningTree,
    Needle,
    OneMax,
    PartiallyOrderedEA,
    Plateau,
    Problem,
    RoyalRoad,
    Trap,
    VertexCover,
    WModel,
)
from theory.process import Process
from theory.schedules import LambertSchedule, LogSchedule, SqrtSchedule
from theory.symbols import c, i, k, n, t, v

__all__ = [
    "ALGORITHMS", "PROBLEMS", "RLS", "UMDA", "Algorithm", "BinVal", "Bound", "Chain", "CompactGA", "ConcatenatedTrap", "Custom",
    "CustomAlgorithm", "DeceptiveLeadingBlocks", "DynamicBinVal", "DynamicLinear", "EulerianCycle", "FastEA", "GraphColouring",
    "HiddenSubset", "HotTopic", "InitialSegment", "InputError", "Jump", "LambertSchedule", "LeadingOnes", "Linear",
    "LogSchedule", "MaxCut", "Metropolis", "MinimumSpanningTree", "MuPlusOneEA", "Needle", "OneCommaLambdaEA", "OneMax",
    "OnePlusLambdaEA", "OnePlusLambdaLambdaGA", "OnePlusOneEA", "PartiallyOrderedEA", "Plateau", "PreconditionError", "Problem",
    "Process", "RoyalRoad", "SelfAdjustingEA", "SqrtSchedule", "Trap", "VertexCover", "WModel", "c", "i", "k", "n", "t", "v",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "synthesise":
        return importlib.import_module("theory.synthesis").synthesise
    if name in (
        "constants",
        "drift",
        "exact",
        "hidden_subset",
        "learning",
        "summability",
        "synthesis",
    ):  # loaded when first used: numba, scipy wait
        return importlib.import_module(f"theory.{name}")
    raise AttributeError(f"module 'theory' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*globals(), "constants", "drift", "exact", "hidden_subset", "learning", "summability", "synthesis", "synthesise"]
