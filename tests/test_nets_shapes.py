"""Shapes at the border: each wrong one is told in one line that names the argument; none is looked at in a time step."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from nets.core import launch
from nets.core.config import Hardware
from nets.core.shapes import checked
from nets.rtrl import KFRTRL, RNN, Influence, check_cell
from nets.rtrl.copy_task import CopyStream, Symbols
from nets.rtrl.experiments import CopyConfig
from nets.rtrl.learner import symbols_of
from nets.rtrl.measure import draws, linearised
from nets.rtrl.model import SymbolModel
from nets.rtrl.online import OnlineLearner
from nets.rtrl.protocol import StepJacobian
from nets.rtrl.readout import Readout
from nets.rtrl.tbptt import TBPTTLearner
from theory.errors import InputError

CELL = RNN(3, 4, generator=torch.Generator().manual_seed(0))


def model(n_in=4, n=3, symbols=4):
    return SymbolModel(RNN(n_in, n), Readout(n, symbols, 0.1, torch.Generator().manual_seed(0)))


def linearizing(**changes):
    """A cell whose ``linearize`` gives parts of another shape."""

    class Wrong(RNN):
        def linearize(self, x, s):
            (jac,) = super().linearize(x, s)
            parts = {name: getattr(jac, name) for name in ("state", "features", "d", "H")}
            return (StepJacobian(**(parts | {name: change(parts[name]) for name, change in changes.items()})),)

    return Wrong(3, 4)


INTEGERS, TRUTH = np.zeros(4, dtype=np.int64), np.zeros(4, dtype=bool)
WRONG = [
    (lambda: draws(CELL, torch.ones(5, 2), KFRTRL), r"inputs: float32 of shape \(5, 2\); draws takes floats of shape \(T, 3\)"),
    (lambda: draws(CELL, [1.0], KFRTRL), r"inputs: a list; draws takes floats of shape \(T, 3\)"),
    (lambda: draws(CELL, torch.ones(5, 3), KFRTRL, deltas=torch.ones(4, 4)), r"deltas: .*\(4, 4\); .*\(T, 4\), T = 5"),
    (lambda: draws(CELL, torch.ones(5, 3), 7), r"factory: 7; draws takes Callable\[..., OnlineGradient\]"),
    (lambda: draws(None, torch.ones(5, 3), KFRTRL), r"cell: None; draws takes KroneckerCell"),
    (lambda: linearised(CELL, torch.ones(5, 3, dtype=torch.int64)), r"inputs: int64 of shape \(5, 3\); linearised takes floats"),
    (lambda: check_cell(linearizing(H=lambda H: H[:, :2])), r"H: .*\(2, 2, 4\); .*parts\*n, parts\*n\), B = 2, parts = 1, n = 4"),
    (lambda: check_cell(linearizing(features=lambda h: h[:, :-1])), r"weight: .*\(8, 4\); .*\(m, k\*n\)"),
    (lambda: check_cell(linearizing(d=lambda d: d[:, 0])), r"d: float32 of shape \(2, 1, 4\); .*\(B, parts, k, n\)"),
    (lambda: check_cell(linearizing(state=lambda s: s[0])), r"state: .*\(4,\); .*\(B, parts\*n\)"),
    (lambda: model()(torch.zeros(3, dtype=torch.int64)), r"symbols: int64 of shape \(3,\); SymbolModel.forward .*\(B, T\)"),
    (lambda: model()(torch.zeros(3, 2)), r"symbols: float32 of shape \(3, 2\); SymbolModel.forward takes integers"),
    (lambda: model()(torch.zeros(3, 2, dtype=torch.int64), torch.zeros(2, 3)), r"state: .*\(2, 3\); .*\(B, 3\), B = 3"),
    (lambda: model(n_in=5), r"cell: 5 inputs and 3 units; the readout is of 3 units and 4 symbols"),
    (lambda: symbols_of(4, INTEGERS, INTEGERS[:, None], TRUTH), r"targets: int64 of shape \(4, 1\); symbols_of .*\(4,\)"),
    (lambda: symbols_of(4, INTEGERS, INTEGERS, INTEGERS), r"fresh: int64 of shape \(4,\); symbols_of takes truth values"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_a_wrong_shape_is_told_in_one_line_that_names_the_argument(number):
    make, said = WRONG[number]
    with pytest.raises(InputError, match=f"^{said}") as caught:
        make()
    assert "\n" not in str(caught.value) and caught.value.__context__ is None


def test_right_shapes_pass():
    assert len(linearised(CELL, torch.ones(5, 3))) == 5
    assert draws(CELL, torch.ones(5, 3), KFRTRL, draws=2, deltas=torch.ones(5, 4)).exact.shape == (32,)
    logits, state = model()(torch.zeros(3, 2, dtype=torch.int64))
    assert (logits.shape, state.shape) == ((3, 2, 4), (3, 3))
    symbols_of(4, INTEGERS.astype(np.uint8), INTEGERS, TRUTH)
    check_cell(linearizing())


def test_a_wrong_result_is_not_called_wrong_input():
    @checked
    def wrong(x: Float[Tensor, "B n"]) -> Float[Tensor, "n B"]:
        return x

    with pytest.raises(TypeError, match="return value"):
        wrong(torch.ones(2, 3))


class Columns(CopyStream):
    """A stream whose targets are a column from its ``wrong_from``-th step on."""

    wrong_from = 0

    def next(self):
        given = super().next()
        self.count = getattr(self, "count", 0) + 1
        return given if self.count <= self.wrong_from else Symbols(given.inputs, given.targets[:, None], given.fresh)


def learner(kind, stream):
    context = launch.context(CopyConfig(), Hardware())
    made = model()
    if kind is TBPTTLearner:
        return TBPTTLearner(made, 2, stream, 4, context, lr=0.01)
    return OnlineLearner(made, Influence(made.cell, lambda block: KFRTRL(block=block)), stream, 4, context, lr=0.01)


@pytest.mark.parametrize("kind", [OnlineLearner, TBPTTLearner])
def test_a_streams_first_step_is_looked_at_and_no_other(kind, monkeypatch):
    with pytest.raises(InputError, match=r"targets: int64 of shape \(4, 1\); symbols_of takes integers of shape \(4,\)"):
        learner(kind, Columns(4, seed=0)).update()
    made = learner(kind, CopyStream(4, seed=0))
    made.update()

    def never(*args, **kwargs):
        raise AssertionError("a shape was looked at in a time step")

    monkeypatch.setattr("nets.rtrl.learner.symbols_of", never)
    monkeypatch.delattr("jaxtyping.TypeCheckError")  # what every checked function asks for
    with pytest.raises(ImportError):
        made.model(torch.zeros(1, 1, dtype=torch.int64))
    for _ in range(3):
        made.update()


def test_importing_the_estimators_waits_for_torch_and_neither_for_fabric_nor_for_beartype():
    names = ("torch", "beartype", "lightning_fabric")
    code = f"import sys; from nets.rtrl import OK, RNN, check_cell; print(*(name in sys.modules for name in {names}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["True", "False", "False"]
