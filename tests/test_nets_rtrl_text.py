"""The character task: what lanes read, when they forget, and how it is evaluated."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from nets.rtrl import RNN
from nets.rtrl.model import SymbolModel
from nets.rtrl.readout import Readout
from nets.rtrl.text_task import TextTask


def model(symbols: int) -> SymbolModel:
    generator = torch.Generator().manual_seed(0)
    return SymbolModel(RNN(symbols, 6, std=0.7, generator=generator), Readout(6, symbols, 0.7, generator))


def test_lanes_read_the_text_side_by_side_and_forget_at_places_that_are_multiples() -> None:
    text = np.random.default_rng(0).integers(5, size=62)
    task = TextTask(text, text, batch=3, reset_every=7, characters=20)
    for t in range(19):
        places, step = [lane * 20 + t for lane in range(3)], task.next()
        assert step.inputs.tolist() == [text[place] for place in places]
        assert step.targets.tolist() == [text[place + 1] for place in places]
        assert step.fresh.tolist() == [t == 0 or place % 7 == 0 for place in places]
    again = task.next()  # at the end of its stream each lane goes back to its own beginning
    assert again.inputs.tolist() == [text[0], text[20], text[40]] and again.fresh.all()


def test_evaluation_is_the_loss_symbol_by_symbol_with_a_state_that_is_forgotten() -> None:
    text = np.random.default_rng(1).integers(5, size=48)
    task, net = TextTask(text, text, batch=3, reset_every=4, characters=44), model(5)
    state, losses = net.cell.init_state(1), []
    net.requires_grad_(False)
    for t in range(44):
        state = net.cell.init_state(1) if t % 4 == 0 else state
        state = net.cell(net.one_hot(torch.tensor([text[t]])), state)
        losses.append(float(functional.cross_entropy(net.readout(net.visible(state)), torch.tensor([text[t + 1]]))))
    found = task.evaluate(net)["valid"]["bits"]
    assert abs(found - np.mean(losses) / np.log(2)) < 1e-5


def test_a_text_shorter_than_a_piece_is_not_evaluated_and_evaluation_changes_nothing() -> None:
    text = np.arange(12) % 4
    task = TextTask(text, text[:3], batch=2, reset_every=4, characters=44)
    assert task.evaluate(model(4)) == {}
    before = task.state_dict()
    TextTask(text, text, batch=2, reset_every=4, characters=8).evaluate(model(4))
    assert task.state_dict() == before
