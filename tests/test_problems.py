"""The hooks that kernels call say the same as the readable definition of each problem, on every point and offspring."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numba
import numpy as np
import pytest

import theory.hooks as defaults
from theory import BinVal, Custom, InputError, Jump, LeadingOnes, Linear, Needle, OneMax
from theory.compile import fingerprint, specialise


@numba.njit
def _pairs(x):
    return (x[:-1] & x[1:]).sum() + 2 * x[0]


@numba.njit
def _weighted(x):
    total = 0
    for i in range(x.size):
        total += (i + 1) * x[i]
    return total


PROBLEMS = [
    OneMax(),
    LeadingOnes(),
    BinVal(),
    Needle(),
    Jump(1),
    Jump(3),
    Linear([3, 1, 2, 5, 4]),
    Linear([0.1, 0.2, 0.3, 0.4, 0.7]),
    Linear([-0.1, 0.2, -0.3, 5, 1e-30]),
    Linear([1e300, 2e-300, 1, -1e300, "1e-300"]),
    Custom(_pairs),
    Custom(_weighted, strictly_monotone=True),
]


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """A template that does nothing but call the hooks."""
    path = tmp_path_factory.mktemp("templates") / "probe.py"
    path.write_text(
        "from theory.hooks import compare, judge, value\nfrom theory.jit import kernel\n"
        "@kernel\ndef probe(x, y, flips, m, ups, k, data):\n"
        "    v = value(x, data)\n"
        "    sign, after = judge(x, flips, m, ups, k, v, data)\n"
        "    return v, compare(y, x, data), sign, after\n"
    )
    return path


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_hooks_agree_with_the_definition_on_all_pairs_of_points(problem, probe):
    n = 5
    problem.check(n)
    module = specialise(probe, {"TRACK_VALUE": True}, problem.hooks, problem.user)
    data, (scale, offset) = problem.data(n), problem.value_scale(n)
    points = [np.array(bits, dtype=np.uint8) for bits in itertools.product((0, 1), repeat=n)]
    values = [problem.value(x) for x in points]
    rng = np.random.default_rng(1)
    for (x, fx), (y, fy) in itertools.product(zip(points, values), repeat=2):
        flips = rng.permutation(np.flatnonzero(x != y)).astype(np.int64)
        zeros, before = int(n - x.sum()), x.copy()
        v, compared, sign, after = module.probe(x, y, flips, len(flips), int((x[flips] == 0).sum()), zeros, data)
        assert compared == sign == (fy > fx) - (fy < fx)
        if isinstance(problem, Linear) and problem.scale > 10**200:
            continue  # such a fitness doesn't fit a float, and check_value refuses what would need it
        assert v == pytest.approx(float((fx - offset) * scale), rel=1e-12)
        assert after == pytest.approx(
            float((fy - offset) * scale),
            rel=1e-9,
            abs=1e-9 * max(map(abs, map(float, ((fx - offset) * scale, (fy - offset) * scale)))),
        )
        assert np.array_equal(x, before)


def test_a_fitness_that_does_not_fit_a_float_is_refused_where_it_is_needed():
    with pytest.raises(InputError, match="^weights: span too many magnitudes"):
        Linear([1e300, 2e-300]).check_value(2)
    with pytest.raises(InputError, match="^n: the fitness v of BinVal"):
        BinVal().check_value(1001)
    BinVal().check_value(1000)


def test_decimal_weights_mean_what_they_print():
    tie = Linear([0.1, 0.2, 0.3])
    assert tie.value([1, 1, 0]) == tie.value([0, 0, 1]) == Fraction(3, 10)
    assert 0.1 + 0.2 != 0.3  # which is why floats would not do


def test_an_array_of_floats_is_read_like_the_same_list():
    weights = [0.1, -2.5, 1e-30, 3.0, 1e22, 123456.789, 5e-324, 1 / 3]
    assert Linear(np.array(weights)).weights(8) == Linear(weights).weights(8) == [Fraction(repr(w)) for w in weights]
    with pytest.raises(InputError, match="weight 2 .* is zero"):
        Linear(np.array([1.0, 2.0, -0.0]))


def test_negative_weights_turn_the_optimum_to_zero_there():
    problem = Linear([2, -3])
    assert problem.optimum(2).tolist() == [1, 0]
    assert problem.value_scale(2)[1] == -3
    assert problem.value_range(2) == (-3.0, 2.0)
    assert problem.value([1, 1]) == 2 and problem.value([0, 0]) == -3  # canonical: 1 = agrees with the optimum


def test_large_weights_are_cut_into_limbs_and_small_ones_are_not():
    assert Linear([1, 2, 3]).data(3).shape == (3, 1)
    assert Linear([1.0, 1e20, 3]).data(3).shape == (3, 2)
    assert Linear([Fraction(1, 3), 1]).data(2)[:, 0].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([], "is empty"),
        ([1, 0, 2], "weight 1 .* is zero"),
        ([1, float("nan")], "weight 1 .* is nan"),
        ([1, 2, float("inf")], "weight 2 .* is inf"),
        (["1", "x"], "weight 1 .* is 'x', not a number"),
        (["NaN"], "weight 0 .* is NaN"),
        (np.ones((2, 2)), "one-dimensional"),
        ("123", "must be a sequence"),
        (5, "must be a sequence"),
        ([True, 2], "weight 0 .* is True"),
        (["1e999999999"], "exponents"),
    ],
)
def test_bad_weights_are_refused_by_name(weights, says):
    with pytest.raises(InputError, match=f"^weights: .*{says}"):
        Linear(weights)


def test_linear_refuses_more_bits_than_weights():
    with pytest.raises(InputError, match="^n: 4 bits need 4 weights, but weights has 3"):
        Linear([1, 2, 3]).check(4)


@pytest.mark.parametrize("gap", [0, -1, 1.5, "x", True, None])
def test_a_bad_gap_is_refused(gap):
    with pytest.raises(InputError, match="^gap: "):
        Jump(gap)


def test_a_gap_wider_than_the_string_is_refused():
    with pytest.raises(InputError, match="^gap: 4 must be at most n = 3"):
        Jump(4).check(3)


def test_custom_refuses_what_is_not_compiled_or_takes_the_wrong_arguments():
    with pytest.raises(InputError, match="^function: .* is not compiled; put @numba.njit above it"):
        Custom(lambda x: 1)
    with pytest.raises(InputError, match="^function: .* takes 2 arguments"):
        Custom(numba.njit(lambda x, y: 1))
    with pytest.raises(InputError, match="^function: 7 is not a function"):
        Custom(7)
    with pytest.raises(InputError, match="^function: can't be called"):
        Custom(numba.njit(lambda x: x.nothing)).check(3)
    with pytest.raises(InputError, match="^function: must return an integer or a float"):
        Custom(numba.njit(lambda x: (1, 2))).check(3)
    with pytest.raises(InputError, match="^function: is NaN at 000"):
        Custom(numba.njit(lambda x: np.nan if x.sum() == 0 else 1.0)).check(3)


@pytest.mark.parametrize("n", [5, 40])
def test_a_false_declaration_of_strict_monotonicity_is_found(n):
    with pytest.raises(InputError, match="^strictly_monotone: .* is not larger than"):
        Custom(numba.njit(lambda x: min(x.sum(), 3)), strictly_monotone=True).check(n)


def test_an_optimum_elsewhere_is_found_and_needs_a_target():
    fewest = numba.njit(lambda x: -x.astype(np.int64).sum())
    for n in (4, 13, 500):
        with pytest.raises(InputError, match="all-ones string is not a maximum"):
            Custom(fewest).check(n)
    Custom(fewest, target=0).check(4)


@pytest.mark.parametrize(("monotone", "n"), [(True, 4), (True, 50), (False, 4)])
def test_a_target_that_is_never_reached_is_refused(monotone, n):
    with pytest.raises(InputError, match="^target: 99.0 is never reached"):
        Custom(numba.njit(lambda x: x.astype(np.int64).sum()), monotone, target=99.0).check(n)


def test_a_wrong_update_is_found():
    right = numba.njit(lambda x, flips, value: value + (1 - 2 * x[flips].astype(np.int64)).sum())
    wrong = numba.njit(lambda x, flips, value: value + flips.size)
    onemax = numba.njit(lambda x: x.astype(np.int64).sum())
    Custom(onemax, update=right).check(8)
    with pytest.raises(InputError, match="^update: gives"):
        Custom(onemax, update=wrong).check(8)


def test_fingerprints_tell_functions_apart_by_what_they_do():
    def make(weight, table):
        return numba.njit(lambda x: x[0] * weight + table[0])

    one, table = make(1, np.array([1, 2])), np.array([1, 2])
    assert fingerprint(one) == fingerprint(make(1, table))
    assert fingerprint(one) != fingerprint(make(2, table))
    assert fingerprint(one) != fingerprint(make(1, np.array([3, 2])))


def test_the_default_hooks_are_onemax():
    x = np.array([1, 0, 0, 1], dtype=np.uint8)
    assert defaults.value(x, np.zeros((0, 0))) == OneMax().value(x) == 2
