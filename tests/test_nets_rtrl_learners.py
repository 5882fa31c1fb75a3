"""Online and truncated training: their gradients against autograd at frozen weights, and that they go on from a stored state."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from nets.core import launch
from nets.core.config import Hardware
from nets.core.context import Context
from nets.rtrl import build
from nets.rtrl.copy_task import CopyStream
from nets.rtrl.experiments import CopyConfig
from nets.rtrl.learner import SymbolLearner
from theory.errors import InputError

BASE = CopyConfig(units=5, batch=3, steps=40, std=0.5, averaging=0.8, precision="64-true", lr=1e-2)


@pytest.fixture(autouse=True)
def double():
    torch.set_num_threads(1)
    with launch.default_dtype("64-true"):
        yield


def made(config: CopyConfig) -> SymbolLearner:
    return build.learner(config, context(config))


def context(config: CopyConfig) -> Context:
    return launch.context(config, Hardware())


def frozen(config: CopyConfig) -> SymbolLearner:
    """A learner whose optimiser does nothing and whose gradients aren't clipped."""
    learner = made(replace(config, clip=1e12))
    learner.optimiser.step = lambda *_: None
    return learner


def gradients(learner: SymbolLearner) -> list[torch.Tensor]:
    return [p.grad.clone() for p in learner.model.parameters()]


def unrolled(learner: SymbolLearner, config: CopyConfig, steps: int) -> list[torch.Tensor]:
    """Losses (B,) of each step, with the graph of all steps; lanes start anew as the stream says."""
    stream, state, losses = CopyStream(config.batch, config.seed, averaging=config.averaging), None, []
    for _ in range(steps):
        given = stream.next()
        inputs, targets, fresh = (torch.as_tensor(x) for x in given)
        state = learner.model.cell.init_state(config.batch) if state is None else state
        state = learner.model.cell(learner.model.one_hot(inputs), torch.where(fresh[:, None], 0.0, state))
        logits = learner.model.readout(learner.model.visible(state))
        losses.append(functional.cross_entropy(logits, targets, reduction="none"))
        stream.observe(float(losses[-1].detach().mean()) / 0.6931471805599453)
    return losses


@pytest.mark.parametrize("cell", ["rnn", "rhn", "lstm", "leaky"])
def test_exact_online_gradients_are_those_of_each_loss_through_the_whole_past(cell: str) -> None:
    config = replace(BASE, method="exact", cell=cell)
    learner, steps = frozen(config), 30
    found = []
    for _ in range(steps):
        learner.update()
        found.append(gradients(learner))
    losses = unrolled(learner, config, steps)
    for loss, grads in zip(losses, found, strict=True):
        right = torch.autograd.grad(loss.mean(), list(learner.model.parameters()), retain_graph=True)
        for a, b in zip(grads, right, strict=True):
            assert torch.allclose(a, b, rtol=1e-10, atol=1e-13)


def test_a_window_that_is_longer_than_the_strings_gives_the_whole_gradient() -> None:
    config = replace(BASE, method="tbptt", window=24, cell="rhn", depth=2)
    learner = frozen(config)
    learner.update()
    right = torch.autograd.grad(torch.stack(unrolled(learner, config, 24)).mean(), list(learner.model.parameters()))
    for a, b in zip(gradients(learner), right, strict=True):
        assert torch.allclose(a, b, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(("window", "stride"), [(4, 1), (5, 2), (3, 3)])
def test_windows_are_cut_where_they_begin(window: int, stride: int) -> None:
    """Against states that are computed without windows, and a graph of the last steps alone."""
    config = replace(BASE, method="tbptt", window=window, stride=stride)
    learner, updates = frozen(config), 8
    found = []
    for _ in range(updates):
        learner.update()
        found.append(gradients(learner))
    model, stream = learner.model, CopyStream(config.batch, config.seed, averaging=config.averaging)
    given, states, losses = [], [model.cell.init_state(config.batch)], []
    for _ in range(updates * stride):
        given.append(tuple(torch.as_tensor(x) for x in stream.next()))
        inputs, targets, fresh = given[-1]
        states.append(model.cell(model.one_hot(inputs), torch.where(fresh[:, None], 0.0, states[-1])).detach())
        losses.append(functional.cross_entropy(model.readout(states[-1]), targets))
        stream.observe(float(losses[-1].detach()) / 0.6931471805599453)
    for update, grads in enumerate(found):
        end = (update + 1) * stride
        begin = max(0, end - window)
        state, loss = states[begin], []
        for t in range(begin, end):
            inputs, targets, fresh = given[t]
            state = model.cell(model.one_hot(inputs), torch.where(fresh[:, None], 0.0, state))
            if t >= end - stride:
                loss.append(functional.cross_entropy(model.readout(state), targets))
        right = torch.autograd.grad(torch.stack(loss).mean(), list(model.parameters()))
        for a, b in zip(grads, right, strict=True):
            assert torch.allclose(a, b, rtol=1e-10, atol=1e-13)


def test_only_the_recurrent_gradient_is_clipped() -> None:
    config = replace(BASE, method="exact", clip=1e-3)
    clipped, free = made(config), frozen(config)
    clipped.update()
    free.update()
    norm = torch.sqrt(sum((w.grad**2).sum() for w in clipped.recurrent))
    assert float(norm) <= 1e-3 * (1 + 1e-6)
    assert torch.equal(clipped.model.readout.weight.grad, free.model.readout.weight.grad)
    assert float(free.recurrent[0].grad.norm()) > 1e-3


@pytest.mark.parametrize(
    "change",
    [{"method": "exact"}, {"method": "kf"}, {"method": "uoro"}, {"method": "ok"}, {"method": "ktp"}, {"method": "snap"},
     {"method": "reverse-kf", "cell": "lstm"}, {"method": "rflo", "cell": "leaky", "feedback": True},
     {"method": "ok", "depth": 2},
     {"method": "tbptt", "window": 4}, {"method": "tbptt", "window": 4, "stride": 1}],
    ids=lambda change: "-".join(map(str, change.values())),
)  # fmt: skip
def test_a_stored_learner_goes_on_bit_for_bit(change: dict) -> None:
    config = replace(BASE, **change)
    learner = made(config)
    for _ in range(13):
        learner.update()
    file = io.BytesIO()
    torch.save(learner.state_dict(), file)
    for _ in range(15):
        learner.update()
    file.seek(0)
    other = made(replace(config))
    other.load_state_dict(torch.load(file, weights_only=True))
    for _ in range(15):
        other.update()
    for a, b in zip(learner.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(a, b)
    assert (other.steps, other.examples) == (learner.steps, learner.examples)
    assert other.measure() == learner.measure()


@pytest.mark.parametrize("depth", [1, 2])
def test_measuring_tells_what_ok_kept_and_mixed(depth: int) -> None:
    learner = made(replace(BASE, rank=2, depth=depth, length=4))
    for _ in range(6):
        learner.update()
    said, measured = [estimator.metrics() for estimator in learner.influence.estimators], learner.measure()
    assert len(said) == depth
    for name in ("kept", "mixed_share", "step_noise"):
        assert measured[name] == pytest.approx(sum(one[name].double().sum().item() for one in said) / (3 * depth), rel=1e-12)
    assert measured["step_noise"] > 0
    assert set(made(replace(BASE, method="kf")).measure()) == {"bits", "T"}


def test_rflo_by_random_feedback_takes_the_output_error_through_a_fixed_matrix() -> None:
    config = replace(BASE, method="rflo", cell="leaky", leak=0.4, feedback=True)
    learner, plain = frozen(config), frozen(replace(config, feedback=False))
    (estimator,) = learner.influence.estimators
    matrix = estimator.feedback.clone()
    targets: list[torch.Tensor] = []
    given = learner.symbols
    learner.symbols = lambda: (targets.append((step := given())[1]), step)[1]
    for _ in range(5):
        learner.update()
        plain.update()
    logits = learner.model.readout(learner.state).detach()  # the weights are frozen: those of the step's loss
    wanted = torch.zeros_like(learner.recurrent[0])
    error = torch.softmax(logits, dim=1) - functional.one_hot(targets[-1], 4)
    for lane in range(3):
        wanted += estimator.P[lane] * (error[lane] @ matrix) / 3
    torch.testing.assert_close(learner.recurrent[0].grad, wanted, rtol=1e-12, atol=1e-15)
    assert (plain.recurrent[0].grad - wanted).norm() > 0.1 * wanted.norm()
    assert torch.equal(made(config).influence.estimators[0].feedback, matrix)
    assert not torch.equal(made(replace(config, seed=1)).influence.estimators[0].feedback, matrix)


def test_the_form_of_mixing_is_handed_on() -> None:
    for method in ("ok", "ktp"):
        for mix in ("signs", "sampling"):
            assert made(replace(BASE, method=method, mix=mix)).influence.estimators[0].mix == mix
    assert [made(replace(BASE, method=method)).influence.estimators[0].mix for method in ("ok", "ktp")] == ["signs", "sampling"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "kf", "mix": "signs"}, "mix: kf mixes no singular values"),
        ({"feedback": True}, "feedback: .* set method=rflo"),
    ],
)
def test_options_of_other_methods_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(BASE, **changes)
