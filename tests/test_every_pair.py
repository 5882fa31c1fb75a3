"""Every algorithm on OneMax and every problem under the (1+1) EA, as users meet them: what holds of all runs."""

import networkx
import numba
import numpy as np
import pytest

import theory
from sim import ENGINES, Runs, engines_for, simulate
from theory import OneMax, OnePlusOneEA
from theory.errors import InputError

BUDGET = 400


@numba.njit
def walk(y, v, memory, rng, n, c, t):
    i = rng.integers(0, n)
    y[i] = 1 - y[i]


@numba.njit
def ones(x):
    return x.sum()


CYCLE = networkx.cycle_graph(6)
ALGORITHMS = {
    "OnePlusOneEA": lambda: theory.OnePlusOneEA("1/n"),
    "RLS": theory.RLS,
    "Metropolis": lambda: theory.Metropolis("2*n"),
    "FastEA": theory.FastEA,
    "SelfAdjustingEA": lambda: theory.SelfAdjustingEA("one-fifth"),
    "OnePlusLambdaEA": lambda: theory.OnePlusLambdaEA(3, "1/n"),
    "OneCommaLambdaEA": lambda: theory.OneCommaLambdaEA(6, "1/n"),
    "MuPlusOneEA": lambda: theory.MuPlusOneEA(2, "1/n"),
    "OnePlusLambdaLambdaGA": lambda: theory.OnePlusLambdaLambdaGA(2),
    "CompactGA": lambda: theory.CompactGA(4),
    "UMDA": lambda: theory.UMDA(2, 4),
    "CustomAlgorithm": lambda: theory.CustomAlgorithm(walk),
}
PROBLEMS = {
    "OneMax": OneMax,
    "LeadingOnes": theory.LeadingOnes,
    "BinVal": theory.BinVal,
    "Linear": lambda: theory.Linear([1, 2, 3, 4, 5, 6]),
    "Needle": theory.Needle,
    "Jump": lambda: theory.Jump(2),
    "Plateau": lambda: theory.Plateau(2),
    "Trap": theory.Trap,
    "RoyalRoad": lambda: theory.RoyalRoad(2),
    "WModel": lambda: theory.WModel("onemax", epistasis=2),
    "DeceptiveLeadingBlocks": theory.DeceptiveLeadingBlocks,
    "ConcatenatedTrap": lambda: theory.ConcatenatedTrap(3),
    "PartiallyOrderedEA": theory.PartiallyOrderedEA,
    "DynamicBinVal": theory.DynamicBinVal,
    "DynamicLinear": theory.DynamicLinear,
    "HotTopic": lambda: theory.HotTopic(levels=3, alpha="1/2", beta="1/3", eps="1/4"),
    "HiddenSubset": theory.HiddenSubset,
    "InitialSegment": theory.InitialSegment,
    "MaxCut": lambda: theory.MaxCut(CYCLE),
    "MinimumSpanningTree": lambda: theory.MinimumSpanningTree(CYCLE),
    "VertexCover": lambda: theory.VertexCover(CYCLE),
    "GraphColouring": lambda: theory.GraphColouring(CYCLE, 3),
    "EulerianCycle": lambda: theory.EulerianCycle(networkx.complete_graph(5)),
    "Custom": lambda: theory.Custom(ones),
}


def rate_for(problem):
    return "1/(i+1)" if problem.positional else "1/n"


PAIRS = [(name, "OneMax") for name in ALGORITHMS] + [("OnePlusOneEA", name) for name in PROBLEMS if name != "OneMax"]


def test_no_algorithm_and_no_problem_is_left_out():
    assert set(ALGORITHMS) >= {one.__name__ for one in theory.ALGORITHMS}
    assert set(PROBLEMS) == {one.__name__ for one in theory.PROBLEMS}


@pytest.mark.parametrize("pair", PAIRS, ids=" on ".join)
def test_runs_are_what_runs_are(pair, tmp_path):
    problem = PROBLEMS[pair[1]]()
    algorithm = OnePlusOneEA(rate_for(problem)) if pair[0] == "OnePlusOneEA" else ALGORITHMS[pair[0]]()
    process = algorithm.on(problem)
    values = {} if problem.fixed_n is not None else {"n": 6}
    settings = {"replicates": 40, "seed": 1, "budget": BUDGET, **values}
    runs = simulate(process, threads=2, **settings)
    again = simulate(process, threads=1, engine=runs.engine, **settings)
    assert np.array_equal(runs.evaluations, again.evaluations) and np.array_equal(runs.generations, again.generations)
    assert runs.hit.any(), "a budget that some runs meet"
    assert (0 <= runs.evaluations).all() and (runs.evaluations <= BUDGET).all() and (runs.evaluations[~runs.hit] == BUDGET).all()
    assert (0 <= runs.generations).all() and (runs.generations <= runs.evaluations).all()
    assert len(set(runs.evaluations.tolist())) > 3, "replicates are different runs"
    runs.save(tmp_path / "runs.parquet")
    loaded = Runs.load(tmp_path / "runs.parquet")
    assert loaded.to_pandas().equals(runs.to_pandas()) and loaded.summary() == runs.summary()
    assert len({simulate(process, **{**settings, "seed": seed}).evaluations.sum() for seed in (2, 3, 4)}) > 1
    answers = engines_for(process)
    assert answers[runs.engine] is None and runs.engine == next(name for name in ENGINES if answers[name] is None)
    for name, reason in answers.items():
        if reason is not None:
            with pytest.raises(InputError, match="engine"):
                simulate(process, engine=name, **settings)


@pytest.mark.parametrize("pair", PAIRS, ids=" on ".join)
def test_theory_has_an_answer_or_says_why_not(pair):
    problem = PROBLEMS[pair[1]]()
    algorithm = OnePlusOneEA(rate_for(problem)) if pair[0] == "OnePlusOneEA" else ALGORITHMS[pair[0]]()
    process = algorithm.on(problem)
    values = {} if problem.fixed_n is not None else {"n": 4 if pair[1] != "Linear" else 6}
    for bound in process.bounds():
        assert bound.quantity
    try:
        assert theory.exact.expected_runtime(process, **values) > 0
    except (InputError, theory.exact.NoExactMethod) as error:
        assert ": " in str(error) and "\n" not in str(error)
    for question in (process.drift, process.transition):
        try:
            question(**values)
        except (InputError, theory.exact.NoExactMethod) as error:
            assert ": " in str(error) and "\n" not in str(error)
