"""One process of each kind that engines tell apart: the rows of the table docs/engines.md."""

from __future__ import annotations

from functools import cache

import numba

from theory import (
    RLS,
    UMDA,
    BinVal,
    CompactGA,
    ConcatenatedTrap,
    Custom,
    CustomAlgorithm,
    DeceptiveLeadingBlocks,
    DynamicBinVal,
    DynamicLinear,
    EulerianCycle,
    FastEA,
    GraphColouring,
    HiddenSubset,
    HotTopic,
    InitialSegment,
    Jump,
    LeadingOnes,
    Linear,
    MaxCut,
    Metropolis,
    MinimumSpanningTree,
    MuPlusOneEA,
    Needle,
    OneCommaLambdaEA,
    OneMax,
    OnePlusLambdaEA,
    OnePlusLambdaLambdaGA,
    OnePlusOneEA,
    PartiallyOrderedEA,
    Plateau,
    Process,
    RoyalRoad,
    SelfAdjustingEA,
    Trap,
    VertexCover,
    WModel,
)


@numba.njit
def some_function(x):
    """Stand for a user's function."""
    return x.sum()


@numba.njit
def some_step(y, v, memory, rng, n, c, t):
    """Stand for a user's algorithm."""


@cache
def kinds() -> tuple[Process, ...]:
    """The processes; those on one problem stand together.

    >>> str(kinds()[0])
    'OnePlusOneEA(rate=c/n) on OneMax()'
    """
    rates = ("1/(k+1)", "1/(v+1)", "1/(t+1)")
    plain = [OnePlusOneEA("c/n"), OnePlusOneEA("c/n", strict=True), *map(OnePlusOneEA, rates), RLS(), RLS(2)]
    changing = [SelfAdjustingEA("A"), SelfAdjustingEA("one-fifth"), SelfAdjustingEA("two-rate", lam=10), FastEA()]
    several = [OnePlusLambdaEA(10, "c/n"), OneCommaLambdaEA(10, "c/n"), MuPlusOneEA(10, "c/n")]
    crossing = [OnePlusLambdaLambdaGA(10), OnePlusLambdaLambdaGA()]
    guessing = [CompactGA("sqrt(n)"), UMDA("log(n)", "2*log(n)")]
    own = CustomAlgorithm(some_step, name="yours")
    every = [*plain, *changing, *several, *crossing, *guessing, Metropolis("n"), own]
    standard = [OneMax(), LeadingOnes(), BinVal(), Linear([1, 2, 3]), Needle(), Jump(2)]
    functions = [Custom(some_function), Custom(some_function, strictly_monotone=True)]
    success = OneCommaLambdaEA(10, "c/n", s=1)
    layered = [
        Plateau(2), Trap(), DeceptiveLeadingBlocks(), ConcatenatedTrap(), RoyalRoad(2), WModel(epistasis=4), WModel(ruggedness=2),
    ]  # fmt: skip
    graph = "cycle(6)"
    bits = [MaxCut(graph), VertexCover(graph), MinimumSpanningTree(graph)]
    one = [OnePlusOneEA("c/n"), RLS()]
    found = [algorithm.on(problem) for problem in (*standard, *functions) for algorithm in every]
    found += [algorithm.on(rule) for rule in (PartiallyOrderedEA(), DynamicBinVal(), DynamicLinear()) for algorithm in one]
    found += [algorithm.on(problem) for problem in (*layered, *bits) for algorithm in (*one, OnePlusLambdaEA(10, "c/n"))]
    found += [algorithm.on(problem) for problem in (GraphColouring(graph, 3), EulerianCycle("complete(5)")) for algorithm in one]
    found += [OnePlusOneEA(rate).on(problem) for problem in (HotTopic(levels=9), HiddenSubset()) for rate in ("c/n", "1/(t+1)")]
    found += [success.on(OneMax()), OnePlusLambdaEA(10, "1/(t+1)").on(OneMax())]
    found += [OnePlusOneEA("1/(i+1)").on(InitialSegment(base)) for base in (OneMax(), LeadingOnes())]
    return tuple(found)
