"""Processes, what is known of them, and the exact values to hold that against.

``theory/`` says what a process *is*: an algorithm :meth:`on` a problem, written symbolically once. From that description
come bounds (:meth:`Process.bounds`), exact values (:mod:`theory.exact`) and, in the package ``sim``, the simulator.

The initial evaluation is never counted: T is the number of offspring until the optimum is first evaluated.
"""

from __future__ import annotations

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
from theory.lazy import lazily
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

# loaded when first used: numba and scipy wait
__getattr__, __dir__ = lazily(__name__, {
    "constants": "constants", "drift": "drift", "exact": "exact", "hidden_subset": "hidden_subset", "learning": "learning",
    "summability": "summability", "synthesis": "synthesis", "synthesise": "synthesis",
})  # fmt: skip
