"""DeceptiveLeadingBlocks and ConcatenatedTrap: definitions, hooks, and engines against the chain over all points.

Error rate: 4 p-values, each held against 1e-4; the seeds are fixed. Power: a planted mistake must push one below 1e-9.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import ioh
import numpy as np
import oracle
import pytest
from laws import has_law

from sim import simulate
from theory import ConcatenatedTrap, DeceptiveLeadingBlocks, InputError, Metropolis, OnePlusOneEA
from theory.compile import function_source, specialise
from theory.exact import expected_runtime, runtime_distribution
from theory.registry import problem as named

EA, BLOCKS, TRAPS = OnePlusOneEA("c/n"), DeceptiveLeadingBlocks(), ConcatenatedTrap(3)
RUNS = 20_000


def points(n):
    return [np.array(x, dtype=np.uint8) for x in itertools.product((0, 1), repeat=n)]


def leading_blocks(x):
    text = "".join(map(str, x))
    blocks = [text[i : i + 2] for i in range(0, len(text), 2)]
    full = len(list(itertools.takewhile(lambda block: block == "11", blocks)))
    return 2 * full + (full < len(blocks) and blocks[full] == "00")


def test_the_definitions():
    assert all(BLOCKS.value(x) == leading_blocks(x) for x in points(8))
    for n in (5, 10, 20):
        theirs, rng = ioh.get_problem(24, 1, n, ioh.ProblemClass.PBO), np.random.default_rng(n)
        for x in (rng.random((100, n)) < rng.random((100, 1))).astype(int):
            assert float(ConcatenatedTrap(5).value(x)) == pytest.approx(theirs(x.tolist()), abs=1e-12)
        assert ConcatenatedTrap(5).value([1] * n) == theirs.optimum.y


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    path = tmp_path_factory.mktemp("templates") / "probe.py"
    path.write_text(
        "from theory.hooks import judge, value\nfrom theory.jit import kernel\n"
        "@kernel\ndef probe(x, flips, m, ups, k, data):\n"
        "    v = value(x, data)\n"
        "    sign, after = judge(x, flips, m, ups, k, v, data)\n"
        "    return v, sign, after\n"
    )
    return path


def differing_pairs(problem, module, n=6):
    data, scale, wrong = problem.data(n), problem.value_scale(n)[0], 0
    for x, y in itertools.product(points(n), repeat=2):
        fx, fy = problem.value(x) * scale, problem.value(y) * scale
        flips, before = np.flatnonzero(x != y).astype(np.int64)[::-1].copy(), x.copy()
        found = module.probe(x, flips, len(flips), int((x[flips] == 0).sum()), int(n - x.sum()), data)
        wrong += found != (fx, (fy > fx) - (fy < fx), fy)
        assert (x == before).all()
    return wrong


@pytest.mark.parametrize(
    ("problem", "hook", "right", "wrong"),
    [(BLOCKS, "judge", "first > v + 1", "first > v"), (TRAPS, "part", "length - 1 - ones", "length - ones")],
    ids=str,
)
def test_hooks_agree_with_the_definition_on_all_pairs_of_points(problem, hook, right, wrong, probe):
    assert differing_pairs(problem, specialise(probe, {}, problem.hooks)) == 0
    planted = function_source(problem.hooks[hook]).replace(right, wrong)
    assert differing_pairs(problem, specialise(probe, {}, {**problem.hooks, hook: planted})) > 0


@pytest.mark.parametrize("problem", [BLOCKS, TRAPS], ids=str)
def test_the_engine_has_the_exact_law(problem):
    times = oracle.rational_times(6, problem.value, lambda x: oracle.mutation(6, Fraction(1, 6)))
    assert expected_runtime(EA.on(problem), n=6, c=1, rational=True) == sum(times) / 64
    runs = simulate(EA.on(problem), n=6, c=1, replicates=RUNS, seed=1)
    assert has_law(runs.evaluations, runtime_distribution(EA.on(problem), n=6, c=1).pmf) > 1e-4
    assert has_law(runs.evaluations, runtime_distribution(EA.on(problem), n=6, c="1.2").pmf) < 1e-9


def metropolis_law(problem, n, alpha):
    """P(T = 0), P(T = 1), ... from all points; losses are in the user's units."""
    xs = points(n)
    matrix, now, pmf = np.zeros((2**n, 2**n)), np.full(2**n, 0.5**n), []
    for a, x in enumerate(xs[:-1]):
        for i in range(n):
            b = a ^ (1 << (n - 1 - i))
            chance = min(1.0, alpha ** float(problem.value(xs[b]) - problem.value(x))) / n
            matrix[a, b] += chance
            matrix[a, a] += 1 / n - chance
    matrix[-1, -1] = 1
    while now[-1] < 1 - 1e-9:
        pmf.append(now[-1] - sum(pmf))
        now = now @ matrix
    return np.array(pmf)


@pytest.mark.parametrize(("problem", "n"), [(BLOCKS, 4), (TRAPS, 3)], ids=str)
def test_metropolis_leaves_local_optima_as_often_as_their_depth_says(problem, n):
    runs = simulate(Metropolis("c").on(problem), n=n, c=3, replicates=RUNS, seed=2, budget=10**7)
    assert runs.engine == "sparse"
    assert has_law(runs.evaluations, metropolis_law(problem, n, 3.0)) > 1e-4
    assert has_law(runs.evaluations, metropolis_law(problem, n, 4.0)) < 1e-9


def test_names_and_input():
    assert named("deceptive-leading-blocks").key == "DeceptiveLeadingBlocks()"
    assert named("concatenated-trap(block=3)").key == "ConcatenatedTrap(block=3)" and ConcatenatedTrap().block == 5
    for call, message in (
        (lambda: BLOCKS.check(5), "n: 5 must be even"),
        (lambda: TRAPS.check(5), "n: 5 must be a multiple"),
        (lambda: ConcatenatedTrap(0), "block: 0 must be a positive integer"),
    ):
        with pytest.raises(InputError, match=message):
            call()
