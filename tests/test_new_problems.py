"""RoyalRoad and the W-model: definitions against independent ones, hooks against definitions, engines against exact chains.

Error rate: there are fewer than 50 p-values, each held against 1e-3 / 50, so that the file fails by chance with probability below
1e-3 (the seeds are fixed: always or never). The values of the suite PBO are held against ``ioh`` in test_pbo_values.py.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
from laws import has_law

from sim import engines_for, simulate
from theory import HiddenSubset, InputError, LeadingOnes, Needle, OneMax, OnePlusOneEA, RoyalRoad, WModel
from theory.compile import function_source, specialise
from theory.exact import expected_runtime, runtime_distribution
from theory.registry import problem as named

LEVEL = 1e-3 / 50
RUNS = 20_000
EA = OnePlusOneEA("c/n")

# ---- the layers, written anew: on tuples of bits as the user sees them


def majority(bits, mu):
    return tuple(sorted(bits[i : i + mu])[(mu - 1) // 2 + (mu % 2 == 0)] for i in range(0, len(bits) - mu + 1, mu))


def parities(bits, nu):
    """Rows of the matrix over GF(2): all ones but for one place."""
    result = ()
    for start in range(0, len(bits), nu):
        block = np.array(bits[start : start + nu])
        size = len(block)
        rows = np.ones((size, size), int)
        for row in range(size - 1):
            rows[row, ::-1][(size - 2 - row) % 4] = 0
        result += tuple(int(x) for x in rows @ block % 2)
    return result


def turned(values, kind):
    """r(0), .., r(q) by what the layer does to the list 0..q."""
    q = len(values) - 1
    if kind == 1:
        pairs = [values[max(0, q - 2 * j - 2) : q - 2 * j] for j in range((q + 1) // 2)]  # two at a time from below q
        return [1 + j for j, pair in enumerate(reversed(pairs)) for _ in pair] + [len(pairs) + 1]
    below, width = values[:q], {2: 2, 3: 5}[kind]
    blocks = [below[max(0, end - width) : end] for end in range(q, 0, -width)]
    return [v for block in reversed(blocks) for v in reversed(block)] + [q]


def w_model(bits, base, places=None, mu=None, nu=None, kind=None):
    bits = tuple(bits) if places is None else tuple(bits[i] for i in places)
    bits = majority(bits, mu) if mu else bits
    bits = parities(bits, nu) if nu else bits
    y = base(bits)
    return turned(list(range(len(bits) + 1)), kind)[y] if kind else y


MODELS = {
    "epistasis 4": (WModel(epistasis=4), {"base": sum, "nu": 4}),
    "epistasis 6": (WModel(epistasis=6), {"base": sum, "nu": 6}),
    "two layers": (WModel(neutrality=2, epistasis=2), {"base": sum, "mu": 2, "nu": 2}),
    "dummies": (WModel(dummy="2/3", positions=[5, 0, 3, 2]), {"base": sum, "places": [5, 0, 3, 2]}),
    "all layers": (
        WModel(dummy="5/6", neutrality=2, epistasis=2, ruggedness=1),
        {"base": sum, "places": range(5), "mu": 2, "nu": 2, "kind": 1},
    ),
    "LeadingOnes, neutrality": (WModel("leading-ones", neutrality=3), {"base": oracle.leadingones, "mu": 3}),
    "LeadingOnes, epistasis": (WModel("leading-ones", epistasis=4), {"base": oracle.leadingones, "nu": 4}),
    "LeadingOnes, rugged": (WModel("leading-ones", epistasis=3, ruggedness=3), {"base": oracle.leadingones, "nu": 3, "kind": 3}),
    "rugged 1": (WModel(ruggedness=1), {"base": sum, "kind": 1}),
    "rugged 2": (WModel(ruggedness=2), {"base": sum, "kind": 2}),
    "rugged 3": (WModel(ruggedness=3), {"base": sum, "kind": 3}),
}  # fmt: skip
PROBLEMS = [RoyalRoad(2), RoyalRoad(3), *(problem for problem, _ in MODELS.values())]


def all_points(n):
    return list(itertools.product((0, 1), repeat=n))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("n", [6, 9])
def test_the_w_model_is_the_composition_of_its_layers(name, n):
    problem, layers = MODELS[name]
    if problem.dummy is not None and n != 6:
        pytest.skip("the positions are given for six bits")
    problem.check(n)
    best, values = problem.optimum(n), []
    for x in all_points(n):
        user = tuple(int(bit == good) for bit, good in zip(x, best))
        values.append(problem.value(x))
        assert values[-1] == w_model(user, **layers)
    assert problem.value([1] * n) == max(values) == problem.target(n)
    assert (float(min(values)), float(max(values))) == problem.value_range(n)
    if "optimal" not in problem.hooks:
        assert values.count(max(values)) == 1


def test_royal_road_counts_blocks_of_ones():
    for x in all_points(6):
        text = "".join(map(str, x))
        assert RoyalRoad(2).value(x) == [text[i : i + 2] for i in (0, 2, 4)].count("11")
        assert RoyalRoad(1).value(x) == OneMax().value(x) and RoyalRoad(6).value(x) == Needle().value(x)


# ---- hooks


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """A template that does nothing but call the hooks."""
    path = tmp_path_factory.mktemp("templates") / "probe.py"
    path.write_text(
        "from theory.hooks import judge, value\nfrom theory.jit import kernel\n"
        "@kernel\ndef probe(x, flips, m, ups, k, data):\n"
        "    v = value(x, data)\n"
        "    sign, after = judge(x, flips, m, ups, k, v, data)\n"
        "    return v, sign, after\n"
    )
    return path


def differing_pairs(problem, module, n, seed=1):
    """The number of pairs of points on which the hooks say something else than the definition."""
    data, rng, wrong = problem.data(n), np.random.default_rng(seed), 0
    points = [np.array(x, dtype=np.uint8) for x in all_points(n)]
    values = [problem.value(x) for x in points]
    for (x, fx), (y, fy) in itertools.product(zip(points, values), repeat=2):
        flips = rng.permutation(np.flatnonzero(x != y)).astype(np.int64)
        before = x.copy()
        v, sign, after = module.probe(x, flips, len(flips), int((x[flips] == 0).sum()), int(n - x.sum()), data)
        wrong += (v, sign, after) != (fx, (fy > fx) - (fy < fx), fy)
        assert (x == before).all()
    return wrong


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_hooks_agree_with_the_definition_on_all_pairs_of_points(problem, probe):
    assert differing_pairs(problem, specialise(probe, {}, problem.hooks), 6) == 0


@pytest.mark.parametrize(
    ("problem", "hook", "right", "wrong"),
    [
        (RoyalRoad(3), "judge", "first = first and part_of(flips[i], data) != own", "first = first"),
        (WModel(epistasis=4), "part", "(length - i - 2) % 4", "(length - i - 1) % 4"),
        (WModel(neutrality=2, epistasis=2), "part", "2 * ones >= mu", "2 * ones > mu"),
        (WModel("leading-ones", epistasis=4), "value", "ones < min(", "ones <= min("),
    ],
    ids=["a block counts twice", "the wrong bit is left out", "half is no majority", "the first block is the last"],
)
def test_mistakes_planted_into_hooks_are_caught(problem, hook, right, wrong, probe):
    text = function_source(problem.hooks[hook])
    assert right in text
    assert differing_pairs(problem, specialise(probe, {}, {**problem.hooks, hook: text.replace(right, wrong)}), 6) > 0


# ---- runtimes


SINGLE = [
    RoyalRoad(2),
    WModel(epistasis=4),
    WModel("leading-ones", epistasis=4),
    WModel("leading-ones", epistasis=3, ruggedness=3),
]


@pytest.mark.parametrize("problem", [*SINGLE, *(MODELS[f"rugged {kind}"][0] for kind in (1, 2, 3))], ids=str)
def test_exact_runtimes_are_those_of_all_points(problem):
    p = Fraction(1, 3)
    times = oracle.rational_times(4, problem.value, lambda x: oracle.mutation(4, p))
    assert expected_runtime(OnePlusOneEA("1/3").on(problem), n=4, rational=True) == sum(times) / 16


LAWS = {  # a kernel costs seconds to compile: the engines that are tested
    "RoyalRoad": (EA.on(RoyalRoad(2)), {"n": 6, "c": 1}, ("sparse", "reference")),
    "epistasis": (EA.on(WModel(epistasis=4)), {"n": 6, "c": 1.5}, ("sparse",)),
    "dummies": (EA.on(WModel(dummy="2/3", positions=[5, 0, 3, 2], neutrality=2)), {"n": 6, "c": 1}, ("sparse",)),
    "LeadingOnes, rugged": (EA.on(WModel("leading-ones", epistasis=3, ruggedness=3)), {"n": 6, "c": 2}, ("sparse",)),
    "OneMax, rugged": (EA.on(WModel(ruggedness=2)), {"n": 6, "c": 2}, ("lumped",)),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_engines_have_the_exact_law(name):
    process, values, tested = LAWS[name]
    law = runtime_distribution(process, **values)
    able = {engine for engine, reason in engines_for(process, "uniform", values).items() if reason is None}
    assert able == {"sparse", "reference"} | ({"lumped"} if process.problem.symmetric else set())
    for engine in tested:
        runs = simulate(process, engine=engine, replicates=RUNS, seed=2, budget=10**7, **values)
        assert has_law(runs.evaluations, law.pmf) > LEVEL
        assert has_law(runs.evaluations + 1, law.pmf) < 1e-9  # the initial evaluation is not counted


def test_dummies_are_a_hidden_subset():
    """E[T] of the n/2 bits that count, at the rate of the whole string."""
    for base in (OneMax(), LeadingOnes()):
        found = expected_runtime(EA.on(WModel(base, dummy="1/2")), n=8, c=1)
        assert found == pytest.approx(expected_runtime(OnePlusOneEA("1/8").on(HiddenSubset(base, size=8)), n=4), rel=1e-12)


def test_a_rugged_counter_has_the_exact_mean():
    process = OnePlusOneEA("c/n").on(WModel(ruggedness=2))
    runs = simulate(process, n=14, c=2, replicates=4000, seed=3)
    assert runs.engine == "lumped"
    expected = expected_runtime(process, n=14, c=2)
    assert abs(runs.evaluations.mean() - expected) < 4.5 * runs.evaluations.std() / math.sqrt(4000)
    assert abs(runs.evaluations.mean() - expected_runtime(process, n=14, c=1)) > 4.5 * runs.evaluations.std() / math.sqrt(4000)


# ---- input


def test_names_on_the_command_line():
    assert named("royal-road(block=3)").key == "RoyalRoad(block=3)"
    assert named("w-model(base=leading-ones, epistasis=4)").key == "WModel(LeadingOnes(), epistasis=4)"
    assert named("wmodel(dummy=1/2, ruggedness=3)").key == "WModel(OneMax(), dummy=1/2, ruggedness=3)"
    assert named("wmodel(dummy=0.5, positions=[2, 0])").key == "WModel(OneMax(), dummy=1/2, positions=[2, 0])"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RoyalRoad(0), "block: 0 must be a positive integer"),
        (lambda: RoyalRoad(4).check(6), "n: 6 must be a multiple of the block length 4"),
        (lambda: WModel("jump(gap=2)"), "base: .* must be OneMax"),
        (lambda: WModel(dummy=0), "dummy: 0 must be the share"),
        (lambda: WModel(neutrality=1), "neutrality: 1 must be at least 2"),
        (lambda: WModel(epistasis="x"), "epistasis: 'x' must be a positive integer"),
        (lambda: WModel(ruggedness=4), "ruggedness: 4 must be 1, 2 or 3"),
        (lambda: WModel(positions=[1]), "positions: say which bits count"),
        (lambda: WModel(dummy="1/2", positions=[1, 1]), "must be different integers"),
        (lambda: WModel(dummy="1/2", positions=[1]).check(4), "positions: 1 given, but 2 of n = 4 bits count"),
        (lambda: WModel(dummy="1/2", positions=[1, 4]).check(4), "positions: 4 must be below n = 4"),
        (lambda: WModel(neutrality=3).check(2), "of 2 bits none is left"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(call, message):
    with pytest.raises(InputError, match=message):
        call()
