"""Ready for an accelerator, tested without one: every ``paper`` preset traced on the ``meta`` device, its size, mixed precision.

On ``meta`` a tensor has a shape and no values: an operation whose operands lie on two devices fails there as on an accelerator,
and so does whatever waits for a value. A paper adds one line to PAPERS; :func:`test_each_experiment_has_its_line` asks for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor

import nets
from nets.core import data, launch
from nets.core.config import Precision
from nets.core.context import Context
from nets.core.data.record import Text
from nets.rtrl import build
from nets.rtrl.copy_task import CopyStream
from nets.rtrl.experiments import CopyConfig, Method
from theory.errors import InputError


@dataclass(frozen=True)
class Paper:
    """What the ``paper`` preset of an experiment must be.

    ``parameters`` of the last stage's model, by hand; ``symbols`` of the text that stands for its data, which isn't installed;
    ``cut``: values with which one update takes seconds, where the widths are left alone.
    """

    parameters: int
    symbols: int = 0
    cut: dict[str, Any] = field(default_factory=dict)


# The coupled RHN: inputs, units and a one go into two gates; units and a one go into the readout.
_COPY = Paper((4 + 128 + 1) * 2 * 128 + (128 + 1) * 4, cut={"batch": 2})
_PTB = Paper((50 + 256 + 1) * 2 * 256 + (256 + 1) * 50, symbols=50, cut={"batch": 2})
PAPERS = {"kf-rtrl.copy": _COPY, "ok-rtrl.copy": _COPY, "kf-rtrl.charlm": _PTB, "ok-rtrl.charlm": _PTB}
EXPERIMENTS = [pytest.param(experiment, id=experiment.name) for experiment in nets.experiments()]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def stand_in(monkeypatch):
    """A text of so many symbols, for an experiment whose own isn't installed."""

    def give(symbols):
        drawn = np.random.default_rng(0).integers(symbols, size=4000)
        alphabet = bytes(range(symbols))
        content = alphabet + drawn.astype(np.uint8).tobytes()
        text = Text("stand-in", "a test", {}, {}, False, {s: content for s in ("train", "valid", "test")}, alphabet)
        monkeypatch.setattr(data, "load_text", lambda *_, **__: text)

    return give


def context(device: str = "cpu", seed: int = 0) -> Context:
    return Context(SimpleNamespace(device=torch.device(device), global_rank=0, world_size=1), seed)


def tensors(state: Any) -> list[Tensor]:
    """All in a state, however deep."""
    if isinstance(state, Tensor):
        return [state]
    inner = state.values() if isinstance(state, dict) else state if isinstance(state, (list, tuple)) else ()
    return [tensor for part in inner for tensor in tensors(part)]


def parameters(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_each_experiment_has_its_line() -> None:
    assert set(PAPERS) == {experiment.name for experiment in nets.experiments()}
    assert PAPERS["ok-rtrl.charlm"].parameters == 170_034 and PAPERS["ok-rtrl.copy"].parameters == 34_564


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_the_paper_preset_has_the_papers_size_and_an_update_of_it_is_traced_on_meta(experiment, stand_in) -> None:
    paper, config = PAPERS[experiment.name], experiment.presets["paper"]
    if paper.symbols:
        stand_in(paper.symbols)
    for stage in experiment.stages:
        learner = stage.make(config, context("meta"))
        learner.update()
        assert learner.steps > 0
        held = [*learner.model.parameters(), *(p.grad for p in learner.model.parameters() if p.grad is not None)]
        assert len(held) > len(list(learner.model.parameters())) and all(tensor.is_meta for tensor in held)
    assert parameters(learner.model) == paper.parameters
    loaded = experiment.model(config, list(range(paper.symbols)) if paper.symbols else None)
    shapes = {name: tensor.shape for name, tensor in loaded.state_dict().items()}
    assert shapes == {name: tensor.shape for name, tensor in learner.model.state_dict().items()}


def test_a_step_that_waits_for_a_value_and_one_between_two_devices_are_found_on_meta(monkeypatch) -> None:
    learner = build.learner(CopyConfig(units=6, batch=2), context("meta"))
    learner.state = learner.state.new_zeros(learner.state.shape, device="cpu")
    with pytest.raises(RuntimeError, match=r"device|meta"):
        learner.update()
    monkeypatch.setattr(CopyStream, "observe", lambda self, loss: float(loss))
    with pytest.raises(RuntimeError, match=r"item\(\) cannot be called on meta"):
        build.learner(CopyConfig(units=6, batch=2), context("meta")).update()


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_an_update_at_the_papers_widths_is_finite_and_moves_every_parameter(experiment, stand_in) -> None:
    paper = PAPERS[experiment.name]
    config = experiment.presets["paper"].with_values(paper.cut)
    if paper.symbols:
        stand_in(paper.symbols)
    for stage in experiment.stages:
        learner = stage.make(config, context())
        before = [p.detach().clone() for p in learner.model.parameters()]
        for _ in range(2):  # the second one meets an influence that isn't 0
            learner.update()
        state = learner.state_dict()
        assert all(bool(t.isfinite().all()) for t in tensors(state) if t.is_floating_point())
        assert all(math.isfinite(value) for value in learner.measure().values())
        assert not any(torch.equal(p, old) for p, old in zip(learner.model.parameters(), before, strict=True))
    assert parameters(learner.model) == paper.parameters


# -- the estimators under mixed precision ----------------------------------------------------------------------------------------

METHODS = get_args(Method)
CELLS = ("rhn", "rnn", "leaky", "lstm")
IN_LINALG = ("svd", "qr", "cholesky_ex", "solve_triangular")
PAIRS = [
    (method, cell)
    for method in METHODS
    for cell in CELLS
    if (method != "rflo" or cell == "leaky") and (method != "ktp" or cell != "lstm")
]


def small(method: str, cell: str, **values: Any) -> CopyConfig:
    return CopyConfig(method=method, cell=cell, units=6, batch=2, rank=2, copies=2, order=2, window=3, std=0.3, **values)


@pytest.fixture
def worked_in(monkeypatch):
    """The types in which factorisations and products of batches of matrices (Gram among them) were asked for and answered."""
    seen: dict[str, set[torch.dtype]] = {}

    def watch(module, name):
        real = getattr(module, name)

        def call(*arguments, **options):
            found = real(*arguments, **options)
            used = (*arguments, *(found if isinstance(found, tuple) else (found,)))
            seen.setdefault(name, set()).update(t.dtype for t in used if isinstance(t, Tensor) and t.is_floating_point())
            return found

        monkeypatch.setattr(module, name, call)

    for module, name in [*((torch.linalg, name) for name in IN_LINALG), (torch, "bmm")]:
        watch(module, name)
    return seen


@pytest.mark.parametrize(("method", "cell"), PAIRS)
def test_under_bf16_autocast_state_and_factorisations_are_float32_and_equal_those_without(method, cell, worked_in) -> None:
    plain, mixed = (build.learner(small(method, cell), context()) for _ in range(2))
    for number in range(4):
        plain.update()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            mixed.update()
        if number == 0 and method != "tbptt":  # before the weights differ: the readout's gradient is the first to
            states = (tensors(learner.influence.state_dict()) for learner in (plain, mixed))
            assert all(torch.equal(a, b) for a, b in zip(*states, strict=True))
    state = mixed.state_dict()
    assert {t.dtype for t in tensors(state) if t.is_floating_point()} <= {torch.float32, torch.float64}
    assert all(bool(t.isfinite().all()) for t in tensors(state) if t.is_floating_point())
    assert {p.grad.dtype for p in mixed.model.parameters()} == {torch.float32}
    for name, types in worked_in.items():
        assert types <= {torch.float32, torch.float64}, name
    if method == "ok":
        assert worked_in.keys() >= {*IN_LINALG, "bmm"}
    weights = [p.detach() for p in plain.model.parameters()], [p.detach() for p in mixed.model.parameters()]
    assert all(torch.allclose(a, b, atol=0.05) for a, b in zip(*weights, strict=True))


def test_autocast_is_at_work_where_it_may_be_and_an_estimator_that_it_reaches_is_found(monkeypatch) -> None:
    """The readout is coarse under autocast; and the test above would see an estimator that didn't switch autocast off."""
    from nets.rtrl import influence
    from nets.rtrl.estimators import common

    learner = build.learner(small("kf", "rhn"), context())
    state = torch.full_like(learner.state, 1 / 3)
    exact = learner.model.readout(learner.model.visible(state))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        coarse = learner.model.readout(learner.model.visible(state))
    assert 1e-5 < (coarse - exact).abs().max() < 1e-1
    for module in (influence, common):
        monkeypatch.setattr(module, "full_precision", lambda _: torch.autocast("cpu", dtype=torch.bfloat16))
    with torch.autocast("cpu", dtype=torch.bfloat16), pytest.raises(RuntimeError, match="dtype"):
        learner.update()  # the gradient comes out coarse


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_bf16_mixed_through_fabric_trains(experiment) -> None:
    config = replace(experiment.presets["smoke"], precision="bf16-mixed")
    with launch.default_dtype(config.precision):
        fabric = Fabric(accelerator="cpu", devices=1, precision=config.precision)
        for stage in experiment.stages:
            learner = stage.make(config, Context(fabric, config.seed))
            for _ in range(3):
                with fabric.autocast():
                    assert torch.is_autocast_enabled("cpu")
                    learner.update()
            with fabric.autocast():
                evaluated = learner.evaluate()
            held = [t for t in tensors(learner.state_dict()) if t.is_floating_point()]
            assert {t.dtype for t in held} <= {torch.float32, torch.float64} and all(bool(t.isfinite().all()) for t in held)
            assert all(math.isfinite(value) for values in evaluated.values() for value in values.values())


@pytest.mark.parametrize("method", METHODS)
def test_bf16_true_is_refused_by_the_estimators_with_the_reason_and_taken_by_tbptt(method) -> None:
    assert "bf16-true" in get_args(Precision)
    cell = "leaky" if method == "rflo" else "rhn"
    if method != "tbptt":
        with pytest.raises(InputError, match="precision: bf16-true .* give bf16-mixed, which keeps it in float32"):
            small(method, cell, precision="bf16-true")
        return
    with launch.default_dtype("bf16-true"):
        learner = build.learner(small(method, cell, precision="bf16-true"), context())
        before = [p.detach().clone() for p in learner.model.parameters()]
        for _ in range(3):
            learner.update()
    assert {p.dtype for p in learner.model.parameters()} == {torch.bfloat16} and math.isfinite(learner.measure()["bits"])
    assert not any(torch.equal(p, old) for p, old in zip(learner.model.parameters(), before, strict=True))
