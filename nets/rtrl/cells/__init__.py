"""Recurrent cells that linearise their own step, one a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.lazy import lazily

if TYPE_CHECKING:
    from nets.rtrl.cells.base import Cell
    from nets.rtrl.cells.check import check_cell
    from nets.rtrl.cells.gru import GRU
    from nets.rtrl.cells.leaky import LeakyRNN
    from nets.rtrl.cells.lstm import LSTM
    from nets.rtrl.cells.pointwise import PointwiseCell
    from nets.rtrl.cells.rhn import RHN
    from nets.rtrl.cells.rnn import RNN
    from nets.rtrl.cells.stacked import Stacked

__all__ = ["GRU", "LSTM", "RHN", "RNN", "Cell", "LeakyRNN", "PointwiseCell", "Stacked", "check_cell"]

_HOME = {
    "GRU": "gru", "LSTM": "lstm", "RHN": "rhn", "RNN": "rnn", "Cell": "base", "LeakyRNN": "leaky",
    "PointwiseCell": "pointwise", "Stacked": "stacked", "check_cell": "check",
}  # fmt: skip

__getattr__, __dir__ = lazily(__name__, _HOME)
