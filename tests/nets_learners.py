"""Small learners for the tests of the training loop (no tests here): one of each kind that papers have.

``Autograd`` is a model with drawn data, ``Online`` an estimator of RTRL with lane resets and keyed signs, ``Carried`` truncated
backpropagation with state that is carried over, ``Evolution`` an evolution strategy whose perturbations are keyed by the number
of the individual. All draw the global batch and take their own lanes of it. Those further down have one mistake each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from nets.core.config import Config
from nets.core.experiment import Stage
from nets.core.keyed import key_of, keyed_signs
from nets.rtrl.cells.rnn import RNN
from nets.rtrl.estimators.kf import KFRTRL

BATCH, INPUTS, UNITS, SYMBOLS = 8, 3, 5, 4


@dataclass(frozen=True, kw_only=True)
class Settings(Config):
    updates: int = 20
    log_every: int = 5
    evaluate_every: int = 10
    checkpoint_every: int = 5


def small(generator, *shape):
    return nn.Parameter(0.5 * torch.randn(*shape, generator=generator))


class Learner:
    """The common part: counters, the measured mean, and what is kept."""

    own = ()  # attributes that the next update depends on, beside the common ones

    def __init__(self, config, context):
        self.context, self.draws = context, context.generator("data")
        self.lanes = context.lanes(BATCH)
        self.mine = slice(self.lanes.start, self.lanes.stop)
        self.steps = self.examples = self.count = 0
        self.sum = 0.0
        self.make(context.generator("model"))
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=0.01)

    def update(self):
        loss = float(self.gradients())
        self.context.reduce_gradients(self.model.parameters())
        self.optimiser.step()
        self.steps += 1
        self.examples += BATCH
        self.sum += self.context.mean({"loss": loss})["loss"]
        self.count += 1

    def measure(self):
        value, self.sum, self.count = self.sum / self.count, 0.0, 0
        return {"loss": value}

    def baseline(self):
        return {}

    def evaluate(self):
        size = sum(float(p.detach().square().sum()) for p in self.model.parameters())
        return {"valid": {"size": math.sqrt(size), "half": size / 2}, "test": {"size": size}}

    def state_dict(self):
        own = {name: getattr(self, name) for name in self.own}
        common = {name: getattr(self, name) for name in ("steps", "examples", "sum", "count")}
        return {
            "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "draws": self.draws.get_state(),
            "own": {name: value.state_dict() if hasattr(value, "state_dict") else value for name, value in own.items()},
            **common,
        }  # fmt: skip

    def load_state_dict(self, state):
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.draws.set_state(state["draws"])
        for name, value in state["own"].items():
            if hasattr(getattr(self, name), "load_state_dict"):
                getattr(self, name).load_state_dict(value)
            else:
                setattr(self, name, value)
        for name in ("steps", "examples", "sum", "count"):
            setattr(self, name, state[name])

    def normal(self, *shape):
        """This process's lanes of what is drawn for all."""
        return torch.randn(BATCH, *shape, generator=self.draws)[self.mine]

    def fresh(self):
        """Lanes that start anew."""
        return (torch.rand(BATCH, generator=self.draws) < 0.2)[self.mine]


class Autograd(Learner):
    def make(self, generator):
        self.model = nn.Sequential(nn.Linear(INPUTS, UNITS), nn.Tanh(), nn.Linear(UNITS, 1))
        self.model.load_state_dict({name: small(generator, *p.shape) for name, p in self.model.state_dict().items()})

    def gradients(self):
        x = self.normal(INPUTS)
        loss = (self.model(x)[:, 0] - x.prod(dim=1)).square().mean()
        self.optimiser.zero_grad()
        loss.backward()
        return loss.detach()


class Online(Learner):
    """KF-RTRL on a vanilla RNN, an update after each time step."""

    own = ("state", "influence")

    def make(self, generator):
        self.model = nn.Module()
        self.model.cell = RNN(INPUTS, UNITS, generator=generator, dtype=torch.get_default_dtype())
        self.model.readout = small(generator, UNITS, SYMBOLS)
        self.state = self.model.cell.init_state(len(self.lanes))
        self.influence = KFRTRL(self.context.seed, self.signed_lanes(), copies=2)
        self.influence.reset(len(self.lanes))

    def signed_lanes(self):
        return self.lanes

    def gradients(self):
        x, fresh = self.normal(INPUTS), self.fresh()
        self.state = self.state.masked_fill(fresh[:, None], 0)
        self.influence.reset(len(self.lanes), fresh)
        (jac,) = self.model.cell.linearize(x, self.state)
        self.influence.step(jac)
        self.state = jac.state
        h = jac.state.clone().requires_grad_()
        logits = h @ self.model.readout
        loss = functional.cross_entropy(logits, x.abs().argmax(dim=1))
        self.optimiser.zero_grad()
        loss.backward()
        self.model.cell.weights[0].grad = self.influence.grad_sum(h.grad)  # the loss is a mean over lanes already
        return loss.detach()


class Carried(Learner):
    """Truncated backpropagation over four steps, the state carried over."""

    own = ("state",)

    def make(self, generator):
        self.model = RNN(INPUTS, UNITS, generator=generator, dtype=torch.get_default_dtype())
        self.state = self.model.init_state(len(self.lanes))

    def gradients(self):
        s, loss = self.state.masked_fill(self.fresh()[:, None], 0), 0.0
        for _ in range(4):
            x = self.normal(INPUTS)
            s = self.model(x, s)
            loss = loss + (self.dropped(s).mean(dim=1) - x[:, 0]).square().mean() / 4
        self.optimiser.zero_grad()
        loss.backward()
        self.state = s.detach()
        return loss.detach()

    def dropped(self, s):
        return s


class Dropped(Carried):
    """With dropout, which draws from the global generator."""

    def dropped(self, s):
        return functional.dropout(s, 0.1)


class Evolution(Learner):
    """The gradient of E f(theta + sigma signs), estimated from one individual a lane."""

    def make(self, generator):
        self.model = nn.ParameterDict({"theta": small(generator, UNITS)})

    def gradients(self, sigma=0.1):
        theta = self.model["theta"]
        numbers = torch.tensor(list(self.lanes))
        signs = keyed_signs(key_of(self.context.seed, "individuals"), self.steps, numbers, UNITS, theta.dtype)
        values = (theta.detach() + sigma * signs - torch.arange(UNITS)).square().sum(dim=1)
        theta.grad = (values[:, None] * signs).mean(dim=0) / sigma
        return values.mean()


class LocalSigns(Online):
    """The mistake: signs keyed by the lane's number in its process."""

    def signed_lanes(self):
        return range(len(self.lanes))


class Unreduced(Autograd):
    """The mistake: each process follows its own gradient."""

    def update(self):
        self.gradients()
        self.optimiser.step()
        self.steps += 1


class Forgetful(Online):
    """The mistake: the estimator isn't kept."""

    own = ("state",)


LEARNERS = {kind.__name__: kind for kind in (Autograd, Online, Carried, Dropped, Evolution, LocalSigns, Unreduced, Forgetful)}


def stage(kind, name="main", **options):
    return Stage(name, kind, lambda config: config.updates, **options)
