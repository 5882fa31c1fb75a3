"""A cell with a softmax readout over symbols: the model of both papers' experiments."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from nets.rtrl.protocol import KroneckerCell
from nets.rtrl.readout import Readout


class SymbolModel(nn.Module):
    """Predicts the next symbol from one-hot inputs.

    Parameters
    ----------
    cell : KroneckerCell
        With as many inputs as there are symbols.
    readout : Readout
    """

    def __init__(self, cell: KroneckerCell, readout: Readout) -> None:
        super().__init__()
        self.cell, self.readout = cell, readout

    @property
    def symbols(self) -> int:
        """Size of the alphabet."""
        return self.readout.weight.shape[1]

    def one_hot(self, symbols: Tensor) -> Tensor:
        """(B,) -> (B, symbols), in the type of the weights."""
        return functional.one_hot(symbols, self.symbols).to(self.readout.weight.dtype)

    def visible(self, state: Tensor) -> Tensor:
        """The part of the state that the readout sees, (B, n)."""
        return state[:, self.cell.readout]

    def forward(self, symbols: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run a sequence.

        Parameters
        ----------
        symbols : Tensor
            (B, T), int64.
        state : Tensor, optional
            (B, N); default: zeros.

        Returns
        -------
        tuple of Tensor
            Logits (B, T, symbols) and the last state.
        """
        state = self.cell.init_state(symbols.shape[0]) if state is None else state
        logits = []
        for t in range(symbols.shape[1]):
            state = self.cell(self.one_hot(symbols[:, t]), state)
            logits.append(self.readout(self.visible(state)))
        return torch.stack(logits, dim=1), state
