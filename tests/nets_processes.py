"""``python nets_processes.py PROCESSES FOLDER``: what test_nets_two_processes.py compares with one process (no tests here)."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import torch
from nets_learners import LEARNERS, Autograd, Online, Settings, stage

from nets.core import launch
from nets.core.config import Hardware
from nets.core.loop import train_stage
from nets.core.progress import Silent

SETTINGS = Settings(seed=5, precision="64-true")


class OneStops(Online):
    """The last process alone gets a signal after the seventh update."""

    def update(self):
        super().update()
        if self.steps == 7 and self.context.rank == self.context.processes - 1:
            os.kill(os.getpid(), signal.SIGTERM)


class OneDiverges(Autograd):
    """The last process alone measures what isn't finite, from the tenth update on."""

    def measure(self):
        bad = self.steps >= 10 and self.context.rank == self.context.processes - 1
        return {"loss": float("nan")} if bad else super().measure()


def work(context, folder):
    """Weights after 20 updates of each learner, and what the loop says of runs that are disturbed in one process."""
    weights = {}
    with launch.default_dtype(SETTINGS.precision):
        for name, kind in LEARNERS.items():
            learner = kind(SETTINGS, context)
            for _ in range(20):
                learner.update()
            weights[name] = torch.cat([p.detach().flatten() for p in learner.model.parameters()])
    torch.save(weights, folder / f"weights-{context.processes}-{context.rank}.pt")

    def train(name, kind):
        home = folder / f"{name}-{context.processes}"
        result = train_stage(stage(kind), SETTINGS, context, home, resume=True, watch=Silent())
        return [result.status, result.updates, result.metrics, result.reason]

    told = {
        "whole": train("whole", Online), "stopped": train("stopped", OneStops), "gone on": train("stopped", OneStops),
        "diverged": train("diverged", OneDiverges), "default": str(torch.get_default_dtype()),
    }  # fmt: skip
    (folder / f"told-{context.processes}-{context.rank}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    processes, out = int(sys.argv[1]), Path(sys.argv[2])
    work(launch.context(SETTINGS, Hardware(devices=processes)), out)
