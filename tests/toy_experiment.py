"""An experiment that is small enough for tests of what runs experiments: linear regression in two stages.

It is no part of the product: tests add this module's name to ``nets.core.registry.MODULES``; processes that are started are told
the list. Run as a program, ``python toy_experiment.py train ...`` is the command line with this experiment in it.
"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nets.core.config import Config, at_least
from nets.core.experiment import Experiment, Stage


@dataclass(frozen=True, kw_only=True)
class ToyConfig(Config):
    updates: int = 1000
    width: int = 3
    batch: int = 4
    lr: float = 0.05
    head_lr: float = 0.02
    head_updates: int = 20
    method: Literal["plain", "noisy"] = "plain"
    hold_at: int | None = None  # the update of the base that waits while there is a file "hold", or until a signal comes
    bad_at: int | None = None  # the update of the base from which the loss isn't finite
    fail_at: int | None = None  # the update of the base that raises an error

    def check(self) -> None:
        at_least(self, 1, "width", "batch", "head_updates")


def make(stage, config, context):
    import torch

    class Learner:
        """w on x with targets x.sum(): the base from zero, the head from the base's w."""

        def __init__(self):
            self.model = build(config, None)
            if stage == "head":
                self.model.load_state_dict(context.earlier("base").state_dict())
            self.lr = config.lr if stage == "base" else config.head_lr
            self.generator = context.generator("data", stage)
            self.updates = self.steps = self.examples = 0
            self.loss, self.count = 0.0, 0
            context.facts["data"] = {"sum": f"width {config.width}"}
            context.facts["vocabulary"] = "ab"

        def update(self):
            if self.updates == config.fail_at:
                raise RuntimeError("the toy broke\nas it was told")
            while stage == "base" and self.updates == config.hold_at and Path("hold").exists() and not asked_to_stop():
                time.sleep(0.01)
            lanes = context.lanes(config.batch)
            x = torch.randn(config.batch, config.width, generator=self.generator, device="cpu")[lanes.start : lanes.stop]
            error = self.model(x)[:, 0] - x.sum(1)
            if config.method == "noisy":
                error = error + 0.1 * torch.randn(len(lanes), generator=self.generator, device="cpu")
            loss = (error**2).mean()
            if stage == "base" and self.updates == config.bad_at:
                loss = loss * torch.nan
            self.model.zero_grad()
            loss.backward()
            context.reduce_gradients(self.model.parameters())
            with torch.no_grad():
                for p in self.model.parameters():
                    p -= self.lr * p.grad
            self.loss += float(context.mean({"loss": float(loss.detach())})["loss"])
            self.count += 1
            self.updates += 1
            self.steps += 1
            self.examples += config.batch

        def measure(self):
            mean = self.loss / self.count
            self.loss, self.count = 0.0, 0
            return {"loss": mean}

        def baseline(self):
            return {"loss": float(config.width)}  # the variance of the targets

        def evaluate(self):
            return {"valid": {"distance": float((self.model.weight.detach() - 1).norm())}}

        def state_dict(self):
            return {
                "model": self.model.state_dict(), "generator": self.generator.get_state(), "steps": self.steps,
                "examples": self.examples, "updates": self.updates, "loss": self.loss, "count": self.count,
            }  # fmt: skip

        def load_state_dict(self, state):
            self.model.load_state_dict(state["model"])
            self.generator.set_state(state["generator"])
            for name in ("steps", "examples", "updates", "loss", "count"):
                setattr(self, name, state[name])

    return Learner()


def asked_to_stop():
    """Whether the training loop has heard a signal: it listens until the first one."""
    from nets.core.stopping import Stop

    return not isinstance(getattr(signal.getsignal(signal.SIGINT), "__self__", None), Stop)


def build(config, vocabulary):
    import torch

    model = torch.nn.Linear(config.width, 1, bias=False, device="cpu")
    torch.nn.init.zeros_(model.weight)
    return model


_SHARED = ("width", "batch", "method", "log_every", "evaluate_every")
TWO = Experiment(
    "toy-paper.two", "Linear regression in two stages.",
    {
        "smoke": ToyConfig(updates=40, log_every=10, evaluate_every=20, checkpoint_every=20),
        "cpu": ToyConfig(updates=400, log_every=50, evaluate_every=100, checkpoint_every=50),
        "paper": ToyConfig(updates=4000, width=30),
    },
    (
        Stage("base", lambda *a: make("base", *a), lambda c: c.updates, (*_SHARED, "updates", "lr", "bad_at", "fail_at")),
        Stage("head", lambda *a: make("head", *a), lambda c: c.head_updates, ("head_lr", "head_updates"), needs=("base",)),
    ),
    build, ("loss", "distance"), ("toy_experiment",),
)  # fmt: skip
ONE = Experiment(
    "toy-paper.one", "Linear regression.", TWO.presets, (Stage("base", lambda *a: make("base", *a), lambda c: c.updates),),
    build, ("loss",), ("toy_experiment",),
)  # fmt: skip
EXPERIMENTS = (ONE, TWO)

if __name__ == "__main__":
    import sys

    from driftproof.cli import main
    from nets.core import registry

    registry.MODULES += ("toy_experiment",)
    sys.exit(main())
