"""Small cells in float64 and draws for them, for the tests of nets/rtrl (no tests here)."""

from __future__ import annotations

import torch

from nets.rtrl import GRU, LSTM, RHN, RNN, LeakyRNN, Stacked

F64 = torch.float64


def options(seed=0):
    return {"std": 0.6, "generator": torch.Generator().manual_seed(seed), "dtype": F64}


def draws(*shape, seed=5):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


CELLS = {
    "RNN": lambda: RNN(3, 4, **options()),
    "leaky": lambda: LeakyRNN(3, 4, alpha=0.3, **options()),
    "RHN": lambda: RHN(3, 4, **options()),
    "RHN depth 2": lambda: RHN(3, 4, depth=2, **options()),
    "LSTM": lambda: LSTM(3, 4, **options()),
    "GRU": lambda: GRU(3, 4, **options()),
    "stacked": lambda: Stacked(RNN(3, 4, **options()), LSTM(4, 4, **options(1)), RHN(4, 4, depth=2, **options(2))),
}
