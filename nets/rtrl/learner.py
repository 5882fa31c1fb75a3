"""What both ways of training share: the model, the stream of symbols, clipping, the optimiser, and the measured means.

A stream gives one symbol a lane and time step, says which lanes start anew, and takes the loss back (a curriculum may depend on
it). Only the recurrent weights' gradient is clipped, the readout's is not, as in the experiments on OK.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol, SupportsFloat

import torch
from torch import Tensor, nn

from nets.core.context import Context
from nets.core.experiment import Metrics
from nets.rtrl.model import SymbolModel
from nets.rtrl.readout import LOG2


class Stream(Protocol):
    """Symbols of all lanes of the global batch, one time step at a time."""

    def next(self) -> Any:
        """``inputs, targets, fresh``: numpy arrays (B,); ``fresh`` lanes start a sequence with this step."""

    def observe(self, loss: SupportsFloat) -> None:
        """The global batch's mean loss of a step, in bits a symbol: a tensor, and reading it waits for the device."""

    def metrics(self) -> Mapping[str, float]:
        """What the stream itself has to report, e.g. the curriculum's length."""

    def evaluate(self, model: SymbolModel) -> Metrics:
        """The model on data that isn't trained on; empty where there is none."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None: ...


class SymbolLearner:
    """The common part of :class:`nets.rtrl.online.OnlineLearner` and :class:`nets.rtrl.tbptt.TBPTTLearner`.

    Parameters
    ----------
    model : SymbolModel
    stream : Stream
        Of the global batch.
    batch : int
        Its lanes.
    context : Context
    lr : float
        Of Adam.
    clip : float
        Largest norm of the recurrent weights' gradient, all blocks together.
    """

    def __init__(self, model: SymbolModel, stream: Stream, batch: int, context: Context, lr: float, clip: float) -> None:
        self.model, self.stream, self.context, self.clip = model.to(context.device), stream, context, clip
        lanes = context.lanes(batch)
        self.lanes, self._mine, self._batch = lanes, slice(lanes.start, lanes.stop), batch
        fused = context.device.type != "meta"  # one kernel, for small models wait for Python; there is none for tracing
        self.optimiser = torch.optim.Adam(model.parameters(), lr=lr, fused=fused)
        self.steps = self.examples = 0
        self.state = model.cell.init_state(len(lanes))
        self._bits, self._count = torch.zeros((), device=context.device, dtype=torch.float64), 0

    @property
    def recurrent(self) -> list[nn.Parameter]:
        """The cell's weight matrices."""
        return list(self.model.cell.weights)

    def symbols(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """One-hot inputs (B, symbols), targets (B,) and the mask of fresh lanes (None: no lane), of this process's lanes."""
        given = self.stream.next()
        self.steps += 1
        self.examples += self._batch
        inputs, targets = (torch.as_tensor(x[self._mine], device=self.context.device) for x in (given.inputs, given.targets))
        fresh = given.fresh[self._mine]
        return self.model.one_hot(inputs), targets, torch.as_tensor(fresh, device=self.context.device) if fresh.any() else None

    def observe(self, loss: Tensor) -> None:
        """Take one step's losses (B,), in nats, into the curriculum and the measured mean."""
        bits = self.context.mean(loss.mean().double() / LOG2)
        self._bits += bits
        self._count += 1
        self.stream.observe(bits)

    def descend(self) -> None:
        """Reduce, clip and step; the gradients are the mean over this process's lanes."""
        self.context.reduce_gradients(self.model.parameters())
        nn.utils.clip_grad_norm_(self.recurrent, self.clip)
        self.optimiser.step()

    def measure(self) -> dict[str, float]:
        """Bits a symbol since the last call, and what the stream reports."""
        bits = float(self._bits) / max(self._count, 1)
        self._bits.zero_()
        self._count = 0
        return {"bits": bits, **self.stream.metrics()}

    def baseline(self) -> dict[str, float]:
        """The bits of a symbol, all being equally likely."""
        return {"bits": math.log2(self.model.symbols)}

    def evaluate(self) -> Metrics:
        """The stream's evaluation."""
        return self.stream.evaluate(self.model)

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "stream": self.stream.state_dict(),
            "state": self.state, "steps": self.steps, "examples": self.examples, "bits": self._bits, "count": self._count,
        }  # fmt: skip

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.stream.load_state_dict(state["stream"])
        self.state = state["state"].to(self.context.device)
        self._bits = state["bits"].to(self.context.device)
        self.steps, self.examples, self._count = state["steps"], state["examples"], state["count"]
