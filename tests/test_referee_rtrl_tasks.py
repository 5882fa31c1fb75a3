"""A referee of what networks are trained on: the copy task's curriculum, entropies and n-grams, again from their rules."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nets.core.data.entropy import conditional_entropy
from nets.core.data.ngram import train_ngram
from nets.rtrl.copy_task import CopyStream

# -- the copy task's curriculum -------------------------------------------------------------------------------------------


def test_the_curriculum_follows_its_rule_and_strings_are_fair_and_recalled():
    """Losses are prescribed; T and the mean are followed by hand from the marks of fresh lanes alone."""
    lanes, random = 3, np.random.default_rng(2)
    stream = CopyStream(lanes, seed=11, averaging=0.9)
    mean, T, open_strings, strings = 1.0, 1, [None] * lanes, []
    for _ in range(20_000):
        symbols = stream.next()
        for lane in range(lanes):
            if symbols.fresh[lane]:
                if open_strings[lane] is not None:
                    strings.append(open_strings[lane])
                if mean < 0.15:
                    T, mean = T + 1, 0.3
                open_strings[lane] = (T, [], [])
            open_strings[lane][1].append(int(symbols.inputs[lane]))
            open_strings[lane][2].append(int(symbols.targets[lane]))
        assert stream.metrics() == {"T": T}
        loss = float(random.uniform(0.1, 0.25 if T < 12 else 0.6))
        stream.observe(loss)
        mean = 0.9 * mean + 0.1 * loss
    assert T >= 12
    jitter, ones, bits = Counter(), 0, 0
    for at, inputs, targets in strings:
        size = (len(inputs) - 2) // 2
        string = inputs[1 : 1 + size]
        assert inputs == [2, *string, *[3] * (size + 1)]
        assert targets == [*[3] * (size + 1), 2, *string]
        assert set(string) <= {0, 1}
        assert max(1, at - 4) <= size <= at
        if at >= 6:
            jitter[at - size] += 1
            ones, bits = ones + sum(string), bits + size
    total = sum(jitter.values())
    chi2 = sum((jitter[j] - total / 5) ** 2 / (total / 5) for j in range(5))
    assert chi2 < 18.47  # the 0.1 % point with 4 degrees of freedom
    assert abs(2 * ones - bits) < 3.3 * bits**0.5  # the 0.1 % point of fair bits
    assert total > 500


def test_without_loss_the_mean_needs_693_steps_from_its_restart_to_the_threshold():
    assert 0.3 * 0.999**692 > 0.15 > 0.3 * 0.999**693
    stream, raised = CopyStream(16, seed=0), []
    for step in range(6000):
        before = stream.T
        stream.next()
        if stream.T > before:
            raised.append(step)
        stream.observe(0.0)
    gaps = np.diff(raised)
    assert len(gaps) >= 4
    assert ((gaps >= 693) & (gaps <= 693 + 2 * stream.T + 2)).all()  # the next lane to start notices


# -- texts ----------------------------------------------------------------------------------------------------------------

TEXT = b"the cat sat on the mat; that cat ate the rat. " * 3 + b"a black bat sat at the table, and that was that."


def test_entropies_of_a_text_by_counting_windows_in_a_dictionary():
    for k in range(4):
        positions = range(len(TEXT) - k)
        joint = Counter(TEXT[i : i + k + 1] for i in positions)
        context = Counter(TEXT[i : i + k] for i in positions)
        bits = -sum(c / len(positions) * np.log2(c / context[window[:k]]) for window, c in joint.items())
        assert conditional_entropy(TEXT, k) == pytest.approx(bits, abs=1e-12)


def test_the_ngram_model_by_dictionaries():
    held_out, order = b"the black cat, the zebra", 3
    followers = [{} for _ in range(order + 1)]
    for k in range(order + 1):
        for i in range(k, len(TEXT)):
            followers[k].setdefault(TEXT[i - k : i], Counter())[TEXT[i]] += 1
    wanted = []
    for highest in range(order + 1):
        bits = 0.0
        for i, symbol in enumerate(held_out):
            p = 1 / 256
            for k in range(min(highest, i) + 1):
                counts = followers[k].get(held_out[i - k : i])
                if counts:
                    p = (counts[symbol] + len(counts) * p) / (counts.total() + len(counts))
            bits -= np.log2(p)
        wanted.append(bits / len(held_out))
    assert train_ngram(TEXT, order).bits(held_out) == pytest.approx(wanted, rel=1e-12)
