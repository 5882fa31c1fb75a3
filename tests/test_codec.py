"""The codec's bytes: stack coders, and recorded runs that come back identical, in both modes, by both coders."""

from __future__ import annotations

import doctest
import itertools
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check.codec import decode, encode, random_monotone, record, saving
from proofs_check.codec.coders import (
    TOTAL,
    Integers,
    Words,
    boundaries,
    pop_number,
    pop_symbol,
    push_number,
    push_symbol,
    rank,
    unrank,
)  # fmt: skip
from proofs_check.codec.codes import push_run
from proofs_check.codec.exact_code import ExactCode
from proofs_check.codec.functions import Oracle, Pairs, exact_rate, oracle
from proofs_check.codec.pair_code import PairCode, State
from theory import BinVal, HotTopic, Jump, Linear, OneMax
from theory.errors import InputError

CODERS = ("words", "integers")
STACKS = (Words, Integers)


def number(x):
    return int("".join(map(str, x.tolist())), 2)


# stack coders


@given(weights=st.lists(st.integers(0, 2**70), min_size=1, max_size=60), more=st.integers(0, 2**70))
@settings(max_examples=50, deadline=None)
def test_every_symbol_owns_something_and_almost_its_share(weights, more):
    total = sum(weights) + more
    if total == 0:
        return
    bounds = boundaries(weights, total)
    assert bounds[0] == 0 and bounds[-1] <= TOTAL
    assert bounds[-1] == TOTAL or more
    for weight, low, high in zip(weights, bounds, bounds[1:]):
        assert high - low >= 1
        assert Fraction(high - low, TOTAL) >= (1 - Fraction(len(weights), TOTAL)) * Fraction(weight, total)


@given(
    weights=st.lists(st.integers(1, 10**6), min_size=2, max_size=20),
    seed=st.integers(0, 2**32 - 1),
    length=st.integers(0, 300),
)
@settings(max_examples=40, deadline=None)
def test_both_coders_give_back_the_symbols_with_at_most_128_bits_more_than_ideal(weights, seed, length):
    bounds = boundaries(weights)
    symbols = np.random.default_rng(seed).integers(len(weights), size=length).tolist()
    ideal = sum(32 - math.log2(bounds[s + 1] - bounds[s]) for s in symbols)
    for kind in STACKS:
        stack = kind()
        for s in symbols:
            push_symbol(stack, s, bounds)
        data = stack.to_bytes()
        assert stack.ideal == pytest.approx(ideal, abs=1e-6)
        assert -1e-6 <= 8 * len(data) - ideal <= 128
        again = kind.from_bytes(data)
        assert [pop_symbol(again, bounds) for _ in symbols] == symbols[::-1]
        assert again.empty


def test_the_64_bit_coder_keeps_its_bound_on_a_long_run_of_nearly_free_symbols():
    """Where a symbol has almost all of the numbers a coder with little room would lose something at every push."""
    bounds = boundaries([2**40 - 1, 1])
    stack = Words()
    for _ in range(20_000):
        push_symbol(stack, 0, bounds)
    assert stack.ideal < 1
    assert 8 * len(stack.to_bytes()) - stack.ideal <= 65


@given(data=st.data(), count=st.integers(1, 10**60))
@settings(max_examples=60, deadline=None)
def test_numbers_of_any_size_come_back_for_less_than_a_hundredth_of_a_bit_more(data, count):
    index = data.draw(st.integers(0, count - 1))
    for kind in STACKS:
        stack = kind()
        push_number(stack, 3, 7)
        before = stack.ideal
        push_number(stack, index, count)
        assert stack.ideal - before <= math.log2(count) + 0.006
        assert pop_number(stack, count) == index
        assert pop_number(stack, 7) == 3 and stack.empty


def test_ranks_number_the_sets_of_a_size_without_gaps():
    for size in range(5):
        sets = [list(s) for s in itertools.combinations(range(7), size)]
        assert sorted(map(rank, sets)) == list(range(len(sets)))
        assert all(unrank(rank(s), size, 7) == s for s in sets)


# recording


def test_flip_sets_have_the_law_of_standard_bit_mutation():
    """All eight sets at n = 3 by a chi-square test, error rate 1e-6; a rate larger by a tenth is seen."""
    from proofs_check.codec.recording import _choices

    rounds, p = 40_000, 0.3
    offsets, flips = _choices(np.random.default_rng(5), p, 3, rounds)
    masks = np.zeros(rounds, dtype=np.int64)
    np.add.at(masks, np.repeat(np.arange(rounds), np.diff(offsets)), 1 << flips)
    sizes = np.bitwise_count(np.arange(8))
    expected = rounds * p**sizes * (1 - p) ** (3 - sizes)
    statistic = ((np.bincount(masks, minlength=8) - expected) ** 2 / expected).sum()
    assert statistic < 40.5  # chi-square with 7 degrees of freedom exceeds it with probability 1e-6
    wrong = rounds * (1.1 * p) ** sizes * (1 - 1.1 * p) ** (3 - sizes)
    assert ((np.bincount(masks, minlength=8) - wrong) ** 2 / wrong).sum() > 40.5


def test_a_run_is_what_the_function_makes_of_its_choices_and_is_cut_before_the_optimum():
    run = record(BinVal(), n=7, rounds=5000, c=1, seed=3)
    x, value = run.start.copy(), number(run.start)
    for t in range(run.rounds):
        y = x.copy()
        y[run.flipped(t)] ^= 1
        if number(y) >= value:
            x, value = y, number(y)
        assert np.array_equal(x, run.points(BinVal())[t + 1]) if t % 50 == 0 else True
    assert run.reached and 0 < run.rounds < 5000 and not x.all()
    longer = record(BinVal(), n=7, rounds=run.rounds, c=1, seed=3)
    assert longer.rounds <= run.rounds


def test_rounds_that_need_no_comparison_are_skipped_without_a_trace():
    for known, plain in ((OneMax(), lambda x: int(x.sum())), (BinVal(), number)):
        for strict in (False, True):
            for seed in range(3):
                how = dict(n=9, rounds=300, c="1.3", seed=seed, strict=strict)
                assert record(known, **how) == record(plain, **how)


# round trips


def some_function(kind, n, seed):
    weights = np.random.default_rng(seed).integers(1, 6, n)
    return {
        "onemax": OneMax(), "binval": BinVal(), "linear": Linear(weights), "random": random_monotone(n, seed),
        "ties": random_monotone(n, seed, ties=2), "user": lambda x: int(x.sum()) ** 2 + int(x[0]),
    }[kind]  # fmt: skip


@given(
    kind=st.sampled_from(["onemax", "binval", "linear", "random", "ties", "user"]),
    n=st.integers(1, 7),
    share=st.sampled_from(["0.05", "0.3", "1/2", "0.9"]),
    rounds=st.integers(1, 60),
    seed=st.integers(0, 2**32 - 1),
    strict=st.booleans(),
    tau=st.sampled_from([1, "1.5", "2/3"]),
    mode=st.sampled_from(["exact", "pair"]),
    coder=st.sampled_from(CODERS),
)
@settings(max_examples=120, deadline=None)
def test_a_decoded_run_is_the_identical_run(kind, n, share, rounds, seed, strict, tau, mode, coder):
    f, c = some_function(kind, n, seed), n * Fraction(share)
    run = record(f, n=n, rounds=rounds, c=c, seed=seed, strict=strict)
    code = encode(f, run, mode=mode, tau=tau, coder=coder)
    assert decode(f, code) == run
    assert code.overhead <= 128


@pytest.mark.parametrize(
    "f,n,c,start",
    [
        (HotTopic(alpha="1/4", beta="1/10", eps="1/20", levels=6), 40, 2, 10),
        (Linear(np.random.default_rng(1).lognormal(0, 2, 60)), 60, 1, 12),
        (lambda x: float((x * np.arange(1, 31)).sum()), 30, 1, 8),
        (BinVal(), 300, 14, 40),  # many flips: sizes beyond the table of the compiled loop, escapes
        (OneMax(), 500, 1, "uniform"),  # numbers of candidates beyond 64 bits
        (OneMax(), 40, 39, 20),  # p = 0.975
    ],
)
def test_long_runs_come_back_in_pair_mode(f, n, c, start):
    run = record(f, n=n, rounds=250, c=c, start=start, seed=2)
    codes = [encode(f, run, tau="1.3", coder=coder) for coder in CODERS]
    for code in codes:
        assert decode(f, code) == run
        assert code.overhead <= 128
    assert codes[0].ideal == pytest.approx(codes[1].ideal, abs=1e-6)


def test_sizes_of_flip_sets_beyond_the_alphabet_come_back():
    run = record(BinVal(), n=120, rounds=150, c="0.2", start=60, seed=2)
    law = PairCode(oracle(BinVal(), 120), exact_rate("0.2", 120), Fraction(1), strict=False)
    y, stack = law.state(run.start), Integers()
    rng = np.random.default_rng(1)
    rounds = [np.sort(rng.choice(pool, size, replace=False)) for pool in (y.ones, np.arange(120)) for size in (30, 45)]
    for flips in rounds:
        law.push(stack, y, flips, changed=False)
    law.push(stack, y, rounds[-1], changed=True)
    found, changed = law.pop(stack, y)
    assert changed and np.array_equal(found, rounds[-1])
    for flips in rounds[::-1]:
        found, changed = law.pop(stack, y)
        assert not changed and np.array_equal(found, flips)
    assert stack.empty and law.levels.cap < 30


@pytest.mark.parametrize("n,c,start", [(200, 3, 20), (60, 9, 12), (1000, 1, 30)])
def test_the_compiled_loop_makes_the_bytes_of_the_readable_code(n, c, start):
    run = record(BinVal(), n=n, rounds=600, c=c, start=start, seed=4)
    data = []
    for fast in (True, False):
        stack, judge = Words(), oracle(BinVal(), n)
        push_run(stack, PairCode(judge, exact_rate(c, n), Fraction(1), strict=False), judge, run, fast=fast)
        data.append(stack.to_bytes())
    assert data[0] == data[1]


@pytest.mark.parametrize("strict", [False, True])
def test_sorting_weights_gives_the_very_integers_of_comparing_points(strict):
    rng = np.random.default_rng(7)
    weights = rng.integers(1, 5, 14)
    cases = [(OneMax(), lambda x: int(x.sum())), (BinVal(), number), (Linear(weights), lambda x: int(weights @ x))]
    for sorted_, plain in cases:
        run = record(sorted_, n=14, rounds=120, c=2, start=9, seed=3, strict=strict)
        assert encode(sorted_, run).data == encode(plain, run).data
        x = run.start
        ones, zeros = np.flatnonzero(x), np.flatnonzero(x == 0)
        one, other = (oracle(f, 14).pairs(x, ones, zeros) for f in (sorted_, plain))
        for name in ("less", "at_most", "worse", "no_better"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist()


# what must fail


def fails(f, run, **how):
    """Whether the code breaks off, or another run comes out."""
    try:
        return decode(f, encode(f, run, **how)) != run
    except (InputError, AssertionError):  # a planted error may break an invariant
        return True


class Dynamic(Oracle):
    """BinVal whose order of the bits is drawn anew for every comparison."""

    def __init__(self, n, seed):
        super().__init__(n, number)
        self.rng = np.random.default_rng(seed)

    def sign(self, x, flips):
        first = min(flips, key=self.rng.permutation(self.n).__getitem__)
        return 1 if x[first] == 0 else -1


def test_a_dynamic_function_cannot_be_decoded():
    for seed in range(5):
        run = record(Dynamic(8, seed), n=8, rounds=60, c=2, seed=seed)
        assert fails(Dynamic(8, seed), run)


def test_a_code_says_so_when_it_is_decoded_with_another_function():
    run = record(OneMax(), n=20, rounds=200, c=1, start=12, seed=1)
    for mode, f in (("pair", BinVal()), ("pair", Linear(range(1, 21)))):
        with pytest.raises(InputError, match="must be decoded with the f it was encoded with"):
            decode(f, encode(OneMax(), run, mode=mode))


def test_mixing_up_ups_and_downs_or_leaving_out_ties_is_noticed(monkeypatch):
    run = record(OneMax(), n=8, rounds=80, c=2, seed=6)
    assert not fails(OneMax(), run) and not fails(OneMax(), run, mode="exact")
    right = ExactCode.symbols
    with monkeypatch.context() as patch:  # predecessors taken for those points to which y would go
        patch.setattr(ExactCode, "symbols", lambda self, y: (right(self, y)[0], _forward(self, y)))
        assert fails(OneMax(), run, mode="exact")
    with monkeypatch.context() as patch:  # forward ties: predecessors that are as good forgotten
        patch.setattr(ExactCode, "symbols", lambda self, y: (right(self, y)[0], _strictly_worse(self, y)))
        assert fails(OneMax(), run, mode="exact")
    with monkeypatch.context() as patch:
        patch.setattr(State, "sizes", lambda self, downs: self.pairs.less)
        assert fails(OneMax(), run)
    with monkeypatch.context() as patch:
        plain = Pairs.__init__

        def swapped(self, less, at_most, worse, no_better, below):
            plain(self, less, at_most, worse, no_better, lambda k, ties: np.flatnonzero(~np.isin(np.arange(99), below(k, ties))))

        patch.setattr(Pairs, "__init__", swapped)
        assert fails(BinVal(), record(BinVal(), n=8, rounds=80, c=2, seed=6))


def _forward(code, y):
    return np.flatnonzero(code.ranks[np.arange(2**code.n) ^ y] > code.ranks[y])


def _strictly_worse(code, y):
    return np.flatnonzero(code.ranks[np.arange(2**code.n) ^ y] < code.ranks[y])


# the border


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda: record(Jump(2), n=5, rounds=3), "isn't a strictly monotone function"),
        (lambda: record(lambda x: int(x[0]), n=5, rounds=3), "isn't strictly monotone: flipping zero-bit 1"),
        (lambda: record("onemax", n=5, rounds=3), "did you mean OneMax?"),
        (lambda: record(OneMax(), n=5, rounds=0), "rounds: 0 must be an integer of at least 1"),
        (lambda: record(OneMax(), n=5, rounds=3, c=5), "less than n = 5"),
        (lambda: record(OneMax(), n=5, rounds=3, start=[1] * 5), "start: is the optimum"),
        (lambda: record(OneMax(), n=5, rounds=3, start="zeros"), "start: 'zeros' must be"),
        (lambda: encode(OneMax(), record(OneMax(), n=5, rounds=3), mode="paris"), "did you mean pair?"),
        (lambda: encode(OneMax(), record(OneMax(), n=5, rounds=3), coder="word"), "did you mean words?"),
        (lambda: encode(OneMax(), record(OneMax(), n=5, rounds=3), tau=0), "tau: 0 must be positive"),
        (lambda: encode(OneMax(), record(OneMax(), n=20, rounds=3), mode="exact"), "at most 14"),
    ],
)
def test_wrong_input_is_refused_in_one_line(call, message):
    with pytest.raises(InputError) as refusal:
        call()
    assert message in str(refusal.value) and "\n" not in str(refusal.value)


def test_the_saving_is_the_entropy_minus_the_length():
    run = record(OneMax(), n=30, rounds=100, start=5, seed=2)
    p, k = 1 / 30, run.flips.size
    entropy = -k * math.log2(p) - (3000 - k) * math.log2(1 - p)
    code = encode(OneMax(), run)
    assert saving(OneMax(), run) == pytest.approx(entropy - code.ideal, abs=1e-6)
    assert 8 * len(code.data) == pytest.approx(code.ideal, abs=128)


def test_the_page_on_the_codec_prints_what_it_shows():
    page = Path(__file__).parent.parent / "docs" / "codec.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried > 8 and failed == 0
