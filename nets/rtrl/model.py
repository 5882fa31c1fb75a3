"""A cell with a softmax readout over symbols: the model of both papers' experiments."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from nets.core.shapes import checked
from nets.rtrl.protocol import KroneckerCell
from nets.rtrl.readout import Readout
from theory.errors import InputError


class SymbolModel(nn.Module):
    """Predicts the next symbol from one-hot inputs.

    Parameters
    ----------
    cell : KroneckerCell
        With as many inputs as there are symbols.
    readout : Readout

    Raises
    ------
    InputError
        If the cell has other inputs, or another number of units that are seen, than the readout is for.
    """

    def __init__(self, cell: KroneckerCell, readout: Readout) -> None:
        super().__init__()
        rows, symbols = readout.weight.shape
        if cell.n_in != symbols or cell.n != rows - 1:
            raise InputError(
                f"cell: {cell.n_in} inputs and {cell.n} units; the readout is of {rows - 1} units and {symbols} symbols, "
                "and there is an input for each symbol"
            )
        self.cell, self.readout = cell, readout

    @property
    def symbols(self) -> int:
        """Size of the alphabet."""
        return self.readout.weight.shape[1]

    def one_hot(self, symbols: Int[Tensor, " B"]) -> Float[Tensor, "B symbols"]:
        """(B,) -> (B, symbols), in the type of the weights."""
        return functional.one_hot(symbols, self.symbols).to(self.readout.weight.dtype)

    def visible(self, state: Float[Tensor, "B N"]) -> Float[Tensor, "B n"]:
        """The part of the state that the readout sees, (B, n)."""
        return state[:, self.cell.readout]

    @checked
    def forward(
        self, symbols: Int[Tensor, "B T"], state: Float[Tensor, "B {self.cell.state_dim}"] | None = None
    ) -> tuple[Float[Tensor, "B T {self.symbols}"], Float[Tensor, "B {self.cell.state_dim}"]]:
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

        Raises
        ------
        InputError
            If a shape is wrong.
        """
        state = self.cell.init_state(symbols.shape[0]) if state is None else state
        logits = []
        for t in range(symbols.shape[1]):
            state = self.cell(self.one_hot(symbols[:, t]), state)
            logits.append(self.readout(self.visible(state)))
        return torch.stack(logits, dim=1), state
