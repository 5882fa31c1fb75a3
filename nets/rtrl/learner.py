"""What both ways of training share: the model, the stream of symbols, clipping, the optimiser, and the measured means.

A stream gives one symbol a lane and time step, says which lanes start anew, and takes the loss back (a curriculum may depend on
it). Only the recurrent weights' gradient is clipped, the readout's is not, as in the experiments on OK.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol, SupportsFloat

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Integer
from torch import Tensor, nn

from nets.core.context import Context
from nets.core.experiment import Metrics
from nets.core.shapes import checked
from nets.rtrl.model import SymbolModel
from nets.rtrl.readout import LOG2


class Stream(Protocol):
    """Symbols of all lanes of the global batch, one time step at a time."""

    def next(self) -> Any:
        """``inputs, targets, fresh``, numpy arrays as of :func:`symbols_of`; ``fresh`` lanes start a sequence with this step."""

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

    Raises
    ------
    InputError
        At the first step, if the stream's arrays aren't what :func:`symbols_of` says.
    """

    def __init__(self, model: SymbolModel, stream: Stream, batch: int, context: Context, lr: float, clip: float) -> None:
        self.model, self.stream, self.context, self.clip = model.to(context.device), stream, context, clip
        lanes = context.lanes(batch)
        self.lanes, self._mine, self._batch = lanes, slice(lanes.start, lanes.stop), batch
        fused = context.device.type != "meta"  # one kernel, for small models wait for Python; there is none for tracing
        self.optimiser = torch.optim.Adam(model.parameters(), lr=lr, fused=fused)
        self.steps = self.examples = 0
        self._next = self._first
        self.state = model.cell.init_state(len(lanes))
        self._bits, self._count = torch.zeros((), device=context.device, dtype=torch.float64), 0

    @property
    def recurrent(self) -> list[nn.Parameter]:
        """The cell's weight matrices."""
        return list(self.model.cell.weights)

    def symbols(self) -> tuple[Float[Tensor, "B symbols"], Int[Tensor, " B"], Bool[Tensor, " B"] | None]:
        """One-hot inputs, targets and the mask of fresh lanes (None: no lane), of this process's lanes."""
        given = self._next()
        self.steps += 1
        self.examples += self._batch
        inputs, targets = (torch.as_tensor(x[self._mine], device=self.context.device) for x in (given.inputs, given.targets))
        fresh = given.fresh[self._mine]
        return self.model.one_hot(inputs), targets, torch.as_tensor(fresh, device=self.context.device) if fresh.any() else None

    def _first(self) -> Any:
        """The stream's next step, which is looked at; those after it are like it."""
        given = self.stream.next()
        symbols_of(self._batch, given.inputs, given.targets, given.fresh)
        self._next = self.stream.next
        return given

    def observe(self, loss: Float[Tensor, " B"]) -> None:
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


@checked
def symbols_of(
    batch: int, inputs: Integer[np.ndarray, " {batch}"], targets: Integer[np.ndarray, " {batch}"],
    fresh: Bool[np.ndarray, " {batch}"],
) -> None:  # fmt: skip
    """What a stream gives at a time step: a symbol to read and one to predict for each lane, and whether the lane starts anew."""
