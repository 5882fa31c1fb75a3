"""From a config to what it describes: cell, readout, estimator, stream, learner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from nets import rtrl
from nets.core.context import Context
from nets.core.experiment import Learner
from nets.core.keyed import key_of
from nets.rtrl.cells.base import Cell
from nets.rtrl.copy_task import SYMBOLS, CopyStream
from nets.rtrl.experiments import CopyConfig, OnlineConfig, TextConfig
from nets.rtrl.influence import Influence
from nets.rtrl.learner import Stream
from nets.rtrl.model import SymbolModel
from nets.rtrl.online import OnlineLearner
from nets.rtrl.protocol import KroneckerCell, OnlineGradient
from nets.rtrl.readout import Readout
from nets.rtrl.tbptt import TBPTTLearner


def cell(config: OnlineConfig, n_in: int, generator: torch.Generator, device: torch.device | None = None) -> Cell:
    """The recurrent cell, with initial weights from N(0, std^2), drawn on the CPU whatever the device."""
    size = (n_in, config.units)
    given: dict[str, Any] = {"std": config.std, "generator": generator, "device": device}
    if config.cell == "rhn":
        return rtrl.RHN(*size, depth=config.depth, **given)
    if config.cell == "leaky":
        return rtrl.LeakyRNN(*size, alpha=config.leak, **given)
    return {"rnn": rtrl.RNN, "lstm": rtrl.LSTM}[config.cell](*size, **given)


def model(config: OnlineConfig, vocabulary: Any, device: torch.device | None = None) -> SymbolModel:
    """The model for an alphabet, with the initial weights that belong to the config's seed."""
    symbols = SYMBOLS if vocabulary is None else len(vocabulary)
    generator = torch.Generator().manual_seed(key_of(config.seed, "weights"))
    made = cell(config, symbols, generator, device)
    return SymbolModel(made, Readout(config.units, symbols, config.std, generator, device))


def feedback(config: OnlineConfig, symbols: int) -> torch.Tensor | None:
    """RFLO's fixed random matrix (symbols, n), from N(0, 1/symbols); None: the readout's weights carry the error back."""
    if not config.feedback:
        return None
    generator = torch.Generator().manual_seed(key_of(config.seed, "feedback"))
    return symbols**-0.5 * torch.randn(symbols, config.units, generator=generator, device="cpu")


def estimator(config: OnlineConfig, lanes: Sequence[int], block: int, symbols: int) -> OnlineGradient:
    """The estimator of one weight matrix of a model for so many symbols."""
    drawn: dict[str, Any] = {"seed": config.seed, "lanes": lanes, "block": block}
    mixed: dict[str, Any] = {} if config.mix is None else {"mix": config.mix}
    match config.method:
        case "ok":
            return rtrl.OK(config.rank, **mixed, **drawn)
        case "ktp":
            return rtrl.KTP(config.rank, **mixed, **drawn)
        case "kf":
            return rtrl.KFRTRL(copies=config.copies, **drawn)
        case "uoro":
            return rtrl.UORO(**drawn)
        case "pre-uoro":
            return rtrl.PreUORO(**drawn)
        case "reverse-kf":
            return rtrl.ReverseKF(**drawn)
        case "snap":
            return rtrl.SnAp(config.order, **drawn)
        case "rflo":
            return rtrl.RFLO(config.leak, feedback(config, symbols), **drawn)
        case _:
            return rtrl.ExactRTRL(**drawn)


def influence(config: OnlineConfig, made: KroneckerCell, lanes: Sequence[int]) -> Influence:
    """One estimator for each weight matrix."""
    return Influence(made, lambda block: estimator(config, lanes, block, made.n_in))


def stream(config: OnlineConfig, context: Context) -> tuple[Stream, Any]:
    """The symbols to learn from, and their alphabet (None: numbers)."""
    if isinstance(config, CopyConfig):
        return CopyStream(config.batch, config.seed, averaging=config.averaging, length=config.length), None
    from nets.rtrl.text_task import text_task

    assert isinstance(config, TextConfig)
    return text_task(config, context)


def learner(config: OnlineConfig, context: Context) -> Learner:
    """What the training loop calls."""
    symbols, vocabulary = stream(config, context)
    made = model(config, vocabulary, context.device)
    given: dict[str, Any] = {"stream": symbols, "batch": config.batch, "context": context, "lr": config.lr, "clip": config.clip}
    if config.method == "tbptt":
        return TBPTTLearner(made, config.window, stride=config.stride, **given)
    return OnlineLearner(made, influence(config, made.cell, context.lanes(config.batch)), **given)
