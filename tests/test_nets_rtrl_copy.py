"""The copy task: its strings, its curriculum, and that it goes on from a stored state."""

from __future__ import annotations

import numpy as np
import pytest

from nets.rtrl.copy_task import CopyStream


def strings(stream: CopyStream, lane: int, steps: int) -> list[tuple[list[int], list[int]]]:
    """The whole strings of one lane: inputs and targets."""
    found: list[tuple[list[int], list[int]]] = []
    for _ in range(steps):
        step = stream.next()
        if step.fresh[lane]:
            found.append(([], []))
        found[-1][0].append(int(step.inputs[lane]))
        found[-1][1].append(int(step.targets[lane]))
    return found[:-1]  # the last one may be cut


@pytest.mark.parametrize("length", [1, 3, 20])
def test_a_string_is_its_bits_between_markers_and_the_target_recalls_it(length: int) -> None:
    seen = set()
    for inputs, targets in strings(CopyStream(3, seed=length, length=length), lane=1, steps=40 * (2 * length + 2)):
        bits = inputs[1 : length + 1]
        assert set(bits) <= {0, 1}
        assert inputs == [2, *bits, *[3] * (length + 1)]
        assert targets == [*[3] * (length + 1), 2, *bits]
        seen.add(tuple(bits))
    assert len(seen) > 1


def test_a_literal_stream_gives_the_same_strings_lengths_and_curriculum() -> None:
    """The curriculum written again step by step, lane by lane, with the same draws; the losses are made up."""
    stream = CopyStream(4, seed=5, averaging=0.5)
    random, losses = np.random.default_rng((5, 0x636F7079)), np.random.default_rng(1)
    T, mean, lanes = 1, 1.0, [[] for _ in range(4)]
    for _ in range(3000):
        step = stream.next()
        for lane, left in enumerate(lanes):
            assert bool(step.fresh[lane]) == (not left)
            if not left:
                if mean < 0.15:
                    T, mean = T + 1, 0.3
                size = max(1, T - int(random.integers(5)))
                bits = random.integers(2, size=size).tolist()
                left += list(zip([2, *bits, *[3] * (size + 1)], [*[3] * (size + 1), 2, *bits], strict=True))
            assert (step.inputs[lane], step.targets[lane]) == left.pop(0)
        loss = 0.25 * float(losses.random())
        mean = 0.5 * mean + 0.5 * loss
        stream.observe(loss)
        assert stream.metrics() == {"T": T}
    assert T > 20


def test_lanes_are_not_in_step_once_strings_differ_in_length() -> None:
    stream, together = CopyStream(16, seed=0, averaging=0.9), []
    for _ in range(2000):
        together.append(int(stream.next().fresh.sum()))
        stream.observe(0.1)
    assert together[0] == 16
    assert max(together[1000:]) < 16 and sum(0 < x for x in together[1000:]) > 50


def test_a_stored_stream_goes_on_with_the_same_symbols() -> None:
    stream = CopyStream(3, seed=2, averaging=0.5)
    for _ in range(57):
        stream.next()
        stream.observe(0.1)
    state, other = stream.state_dict(), CopyStream(3, seed=9, averaging=0.5)
    other.load_state_dict(state)
    for _ in range(200):
        for a, b in zip(stream.next(), other.next(), strict=True):
            assert (a == b).all()
        stream.observe(0.1)
        other.observe(0.1)
