"""Keyed signs are those of SplitMix64 at a counter made of the key, and look independent in every direction of the key.

Chi-square tests with fixed keys, each with error rate 1e-5; what is planted fails them by far.
"""

from __future__ import annotations

import pytest
import torch
from scipy.stats import chi2

from nets.core.keyed import SignStream, key_of, keyed_signs, keyed_uniforms

WORD = 2**64
GOLDEN = 0x9E3779B97F4A7C15
ERROR = 1e-5


def mix(x):
    """SplitMix64's output function on integers."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % WORD
    return x ^ (x >> 31)


def reference(key, step, lane, number):
    return mix((mix((mix((lane * GOLDEN + key) % WORD) + step * GOLDEN) % WORD) + (number + 1) * GOLDEN) % WORD)


def test_the_reference_gives_the_published_numbers_of_splitmix64():
    assert [mix((1234567 + i * GOLDEN) % WORD) for i in (1, 2, 3)] == [
        6457827717110365317, 3203168211198807973, 9817491932198370423,
    ]  # fmt: skip


@pytest.mark.parametrize("key", [0, 1, 2**63 - 1, key_of(3, "signs")])
@pytest.mark.parametrize("step", [0, 5, 10**12])
def test_signs_and_uniforms_are_those_of_the_reference_on_integers(key, step):
    lanes = [0, 1, 7, 4096, 2**40]
    words = torch.tensor([[reference(key, step, lane, i) >> 32 for i in range(9)] for lane in lanes])
    assert torch.equal(keyed_signs(key, step, torch.tensor(lanes), 9, torch.float64), (words >> 31).double() * 2 - 1)
    assert torch.equal(keyed_uniforms(key, step, torch.tensor(lanes), 9), (words.double() + 0.5) / 2**32)


def test_a_lane_gets_the_same_signs_whichever_others_there_are():
    whole = keyed_signs(7, 3, torch.arange(32), 50)
    some = torch.tensor([31, 4, 4, 17])
    assert torch.equal(keyed_signs(7, 3, some, 50), whole[some])
    assert torch.equal(keyed_signs(7, 3, torch.arange(32), 20), whole[:, :20])
    assert len({tuple(row) for row in whole.tolist()}) == 32


@pytest.mark.parametrize(("lanes", "count"), [(1, 2), (16, 9), (3, 3000)])  # 4096, 56 and one step at once
def test_a_stream_gives_the_signs_of_each_step_whatever_was_asked_before(lanes, count):
    numbers, others = torch.arange(lanes) + 5, torch.arange(lanes + 1)
    stream = SignStream(11)
    for step in (0, 1, 55, 56, 57, 8191, 3, 10**12, 10**12 + 1):
        assert torch.equal(stream.at(step, numbers, count, torch.float64), keyed_signs(11, step, numbers, count, torch.float64))
    for now in (others, numbers):  # the lanes change, the number of signs, the type
        assert torch.equal(stream.at(3, now, count, torch.float64), keyed_signs(11, 3, now, count, torch.float64))
        assert torch.equal(stream.at(3, now, count + 1, torch.float64), keyed_signs(11, 3, now, count + 1, torch.float64))
        assert stream.at(3, now, count + 1, torch.float32).dtype == torch.float32


def cube(signs, keys=8, steps=32, lanes=32, count=32):
    """Signs by key, step, lane and number."""
    return torch.stack([torch.stack([signs(key_of(key), step, torch.arange(lanes), count) for step in range(steps)])
                        for key in range(keys)])  # fmt: skip


def patterns(signs, axis):
    """p-value of: neighbouring quadruples along an axis take each of their 16 patterns equally often."""
    bits = (signs.movedim(axis, -1).reshape(-1, 4) > 0).long()
    seen = torch.bincount(bits @ torch.tensor([8, 4, 2, 1]), minlength=16).double()
    expected = len(bits) / 16
    return float(chi2.sf(float((seen - expected).square().sum()) / expected, 15))


def pairs(signs, axis):
    """p-value of: neighbours along an axis agree as often as not, counted for each place of the others and summed."""
    rows = signs.movedim(axis, -1).flatten(0, -2)
    products = (rows[:, 1:] * rows[:, :-1]).sum(dim=1)
    return float(chi2.sf(float(products.square().sum()) / (rows.shape[1] - 1), len(rows)))


def diagonals(signs):
    """p-value of: (step + 1, lane) and (step, lane + 1) agree as often as not."""
    products = signs[:, 1:, :-1] * signs[:, :-1, 1:]
    return float(chi2.sf(float(products.sum()) ** 2 / products.numel(), 1))


@pytest.mark.parametrize("axis", range(4), ids=["key", "step", "lane", "number"])
def test_neighbours_in_each_direction_are_independent_and_balanced(axis):
    signs = cube(keyed_signs)
    assert patterns(signs, axis) > ERROR and pairs(signs, axis) > ERROR


def test_a_step_of_one_lane_is_independent_of_the_next_lane_a_step_before():
    assert diagonals(cube(keyed_signs)) > ERROR


def unmixed(key, step, lanes, count):
    """A mistake: the counter's bits as they are."""
    words = [[((key + step + int(lane)) * GOLDEN + i) % WORD for i in range(count)] for lane in lanes]
    return torch.tensor([[float(word >> 63) * 2 - 1 for word in row] for row in words])


def additive(key, step, lanes, count):
    """A mistake: step and lane enter only by their sum."""
    return torch.stack([keyed_signs(key, step + int(lane), torch.tensor([0]), count)[0] for lane in lanes])


def test_planted_mistakes_are_found_out():
    small = {"keys": 4, "steps": 8, "lanes": 8, "count": 32}
    assert patterns(cube(unmixed, **small), 3) < ERROR
    assert pairs(cube(unmixed, **small), 3) < ERROR
    assert diagonals(cube(additive, **small)) < ERROR
    right = cube(keyed_signs)
    biased = torch.where(torch.rand(right.shape, generator=torch.Generator().manual_seed(0)) < 0.05, 1.0, right)
    assert patterns(biased, 3) < ERROR


def test_keys_of_different_texts_differ():
    keys = [key_of(*parts) for parts in [(), (1,), ("1",), (1, 2), (12,), ((1, 2),), ("a", "b"), ("a, b",), (True,), (1.0,)]]
    assert len(set(keys)) == len(keys) and all(0 <= key < 2**63 for key in keys)
