"""Truncated backpropagation through time: TBPTT(k, stride), with autograd.

R. J. Williams, J. Peng, *An efficient gradient-based algorithm for on-line training of recurrent network trajectories*, Neural
Computation 1990: BPTT(h; h') goes back h steps after every h' of them. Here h = k and h' = stride: an update takes the mean loss
of the newest ``stride`` steps, differentiated through the last k. With stride = k the windows are disjoint; with stride = 1 they
overlap, there is an update at every step, and it costs k times as much.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nets.core.context import Context
from nets.rtrl.cells.window import step_by_step
from nets.rtrl.learner import Stream, SymbolLearner
from nets.rtrl.model import SymbolModel
from theory.errors import InputError


class TBPTTLearner(SymbolLearner):
    """See :class:`nets.rtrl.learner.SymbolLearner` for the other parameters.

    Parameters
    ----------
    window : int
        k: how far a gradient goes back.
    stride : int, optional
        Steps an update, at most k; default: k.
    """

    def __init__(
        self,
        model: SymbolModel,
        window: int,
        stream: Stream,
        batch: int,
        context: Context,
        lr: float,
        clip: float = 1.0,
        stride: int | None = None,
    ) -> None:
        super().__init__(model, stream, batch, context, lr, clip)
        self.window, self.stride = window, window if stride is None else stride
        if not 1 <= self.stride <= window:
            raise InputError(f"stride: {self.stride} must be from 1 to the window, {window}")
        self._past: deque[tuple[Tensor, Tensor | None]] = deque(maxlen=window - self.stride)  # inputs and fresh lanes
        self._states: deque[Tensor] = deque(maxlen=window - self.stride + 1)  # the states before them, and the newest

    def update(self) -> None:
        """``stride`` time steps of all lanes, and one update."""
        self._states = self._states or deque([self.state], maxlen=self._states.maxlen)
        given = [self.symbols() for _ in range(self.stride)]
        steps = [*self._past, *((x, fresh) for x, _, fresh in given)]
        x = torch.stack([x for x, _ in steps], dim=1)
        before, cell = self._states[0], self.model.cell
        states = getattr(cell, "unroll", partial(step_by_step, cell))(x, before, _mask([fresh for _, fresh in steps], x))
        logits = self.model.readout(self.model.visible(states[:, -self.stride :].flatten(0, 1)))
        targets = torch.stack([target for _, target, _ in given], dim=1)
        loss = functional.cross_entropy(logits, targets.flatten(), reduction="none").view(targets.shape).T  # (stride, B)
        self.optimiser.zero_grad()
        loss.mean().backward()
        for step in loss.detach():
            self.observe(step)
        self.descend()
        after = [state.clone() for state in states.detach().unbind(1)]
        self.state = after[-1]
        if self._past.maxlen:
            self._past.extend((x, fresh) for x, _, fresh in given)
        self._states = deque((before, *after), maxlen=self._states.maxlen)

    def state_dict(self) -> dict[str, Any]:
        """With the inputs and states of the window that is still to be gone back through."""
        past = [{"x": x, "fresh": fresh} for x, fresh in self._past]
        return {**super().state_dict(), "past": past, "states": list(self._states)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self._past.clear()
        self._past.extend((step["x"], step["fresh"]) for step in state["past"])
        self._states = deque(state["states"], maxlen=self._states.maxlen)


def _mask(fresh: list[Tensor | None], x: Tensor) -> Tensor | None:
    """Which lanes start anew in which step, (B, T); None: none does."""
    if all(lanes is None for lanes in fresh):
        return None
    none = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    return torch.stack([none if lanes is None else lanes for lanes in fresh], dim=1)
