"""Batches, entropies and the n-gram model of texts against sums by hand, and the measured figures of the texts that are there."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from nets.core.data import DataUnavailable, TextStream, blocks, conditional_entropy, load, train_ngram
from theory.errors import InputError

ABRA = b"abracadabra"


def test_entropies_of_abracadabra():
    assert conditional_entropy(ABRA, 0) == pytest.approx(2.0403733936884962, abs=1e-15)
    assert conditional_entropy(ABRA, 1) == pytest.approx(0.6, abs=1e-15)  # after a: b b c d, 1.5 bits, at 4 of 10
    assert conditional_entropy(ABRA, 2) == 0.0


def by_definition(text, order, history, x):
    p = 1 / 256
    for k in range(order + 1):
        if k > len(history):
            break
        h = history[len(history) - k :]
        followers = Counter(text[i + k] for i in range(len(text) - k) if text[i : i + k] == h)
        c, t = sum(followers.values()), len(followers)
        if c:
            p = (followers[x] + t * p) / (c + t)
    return p


def test_the_ngram_model_by_hand_and_by_definition():
    model = train_ngram(ABRA, 3)
    # order 0: c(a) = 5 of 11, T = 5; then after a: b twice of four, T = 3
    order0 = (2 + 5 / 256) / 16
    assert model.probabilities(b"ab")[0, 1] == pytest.approx(order0, rel=1e-14)
    assert model.probabilities(b"ab")[1, 1] == pytest.approx((2 + 3 * order0) / (4 + 3), rel=1e-14)
    text = b"abracabzdabra"
    got = model.probabilities(text)
    for order in range(4):
        want = [by_definition(ABRA, order, text[:i], text[i]) for i in range(len(text))]
        assert got[order] == pytest.approx(want, rel=1e-13)
        total = sum(by_definition(ABRA, order, b"ab", x) for x in range(256))
        assert total == pytest.approx(1, abs=1e-12)
    assert model.bits(text) == pytest.approx([-sum(math.log2(p) for p in row) / len(text) for row in got], rel=1e-13)


@pytest.mark.parametrize(
    ("name", "entropies", "bits"),
    [
        ("docs5m", [5.1173, 3.8653, 2.8016], [4.912, 3.925, 3.178]),
        ("wiki6m", [5.1851, 3.9828, 3.0587], [5.117, 3.946, 3.159]),
    ],
)
def test_the_measured_entropies_and_baselines(name, entropies, bits):
    try:
        text = load(name)
    except DataUnavailable as missing:
        pytest.skip(str(missing))
    if not text.verified:
        pytest.skip(f"{name} of another version than the one measured")
    whole = b"".join(text.splits.values())
    assert [round(conditional_entropy(whole, k), 4) for k in range(3)] == entropies
    assert [round(b, 3) for b in train_ngram(text.splits["train"], 2).bits(text.splits["test"][:100_000])] == bits


def test_targets_are_the_stream_shifted_by_one():
    codes = np.random.default_rng(0).integers(0, 99, 103)
    stream = TextStream(codes, batch=4, length=6)  # lanes of 25: 24 predictions, 4 blocks
    first = [next(stream) for _ in range(4)]
    for lane in range(4):
        own = codes[25 * lane : 25 * lane + 25]
        assert np.concatenate([b.inputs[lane] for b in first]).tolist() == own[:-1].tolist()
        assert np.concatenate([b.targets[lane] for b in first]).tolist() == own[1:].tolist()
    assert [b.starts.all() for b in first] == [True, False, False, False] and (stream.epochs == 1).all()
    assert (next(stream).inputs == first[0].inputs).all()


def test_an_incomplete_last_block_is_dropped_in_training_and_kept_or_not_in_evaluation():
    stream = TextStream(np.arange(10), batch=1, length=4)
    assert [next(stream).inputs[0, 0] for _ in range(3)] == [0, 4, 0]
    assert [b.inputs.shape[1] for b in blocks(np.arange(10), 1, 4)] == [4, 4, 1]
    assert [b.inputs.shape[1] for b in blocks(np.arange(10), 1, 4, whole=True)] == [4, 4]


def test_the_test_part_of_penn_treebank_has_2999_whole_blocks_of_150():
    assert sum(1 for _ in blocks(np.zeros(449_945, np.uint8), 1, 150, whole=True)) == 2999


def test_two_processes_share_the_lanes_of_one():
    codes = np.arange(80)
    whole, halves = TextStream(codes, 4, 3), [TextStream(codes, 4, 3, lanes=lanes) for lanes in (range(2), range(2, 4))]
    for _ in range(12):
        want, got = next(whole), [next(half) for half in halves]
        assert all((np.concatenate(pair) == x).all() for pair, x in zip(zip(*got, strict=True), want, strict=True))


def test_a_stream_goes_on_where_its_state_was_taken_lane_by_lane():
    def make():
        return TextStream(np.arange(60), 3, 2, lanes=[1, 2], episode=4)

    stream = make()
    next(stream)
    stream.restart(2, 7)
    state, other = stream.state_dict(), make()
    other.load_state_dict(state)
    rows = [next(stream) for _ in range(20)]
    assert rows[0].inputs.tolist() == [[22, 23], [47, 48]] and rows[0].starts.tolist() == [False, True]
    for row in rows:
        assert all((a == b).all() for a, b in zip(row, next(other), strict=True))
    assert stream.state_dict() == other.state_dict() != state
    with pytest.raises(InputError, match="it is of lanes"):
        TextStream(np.arange(60), 3, 2).load_state_dict(state)


def test_lanes_start_anew_with_every_episode():
    stream = TextStream(np.arange(50), 1, 1, episode=10)
    assert [i for i in range(49) if next(stream).starts[0]] == [0, 10, 20, 30, 40]


def test_blocks_become_tensors_of_whole_numbers():
    torch = pytest.importorskip("torch")
    inputs, targets, starts = next(TextStream(np.arange(10, dtype=np.uint8), 2, 2)).tensors("cpu")
    assert inputs.dtype == targets.dtype == torch.int64 and starts.dtype == torch.bool and targets.tolist() == [[1, 2], [6, 7]]


def test_wrong_arguments_are_refused():
    codes = np.arange(10)
    for wrong in (
        lambda: TextStream(codes, 0, 1), lambda: TextStream(codes, 5, 2), lambda: TextStream(codes, 2, 2, lanes=[2]),
        lambda: TextStream(codes, 2, 2, episode=3), lambda: TextStream(codes, 2, 2).restart(0, 3),
        lambda: TextStream(codes, 2, 2, lanes=[0]).restart(1), lambda: conditional_entropy(b"ab", 2),
        lambda: conditional_entropy(b"a" * 20, 8), lambda: train_ngram(b"", 0), lambda: train_ngram(b"abc", -1),
        lambda: train_ngram(b"abc", 1).bits(b""),
    ):  # fmt: skip
        with pytest.raises(InputError):
            wrong()


@pytest.mark.parametrize("codes", [np.zeros((5, 2), dtype=np.int64), np.zeros(10), np.zeros((), dtype=np.int64)])
def test_what_is_no_row_of_symbols_is_refused_with_its_type_and_shape(codes):
    with pytest.raises(InputError, match=r"^codes: (int64|float64) of shape \(.*\); give the symbols of one split"):
        TextStream(codes, 2, 2)
    with pytest.raises(InputError, match="^codes: "):
        next(blocks(codes, 2, 2))
