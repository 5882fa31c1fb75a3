"""The experiments of both papers: binary string memorisation and a character language model, by any of the methods.

A. Mujika, F. Meier, A. Steger, *Approximating real-time recurrent learning with random Kronecker factors*, NeurIPS 2018;
F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time recurrent
learning*, ICML 2019, and the code published with it, whose sizes the ``paper`` presets of OK have. KF-RTRL's own sizes are
reconstructed: its presets are OK's with the method exchanged.

Methods are compared at equal ``steps`` (symbols a lane): an online method makes an update at each of them, TBPTT(k, stride) one
every ``stride`` steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from nets.core.config import Config, at_least
from nets.core.experiment import Experiment, Stage
from theory.errors import InputError

Method = Literal["ok", "kf", "uoro", "pre-uoro", "reverse-kf", "ktp", "snap", "rflo", "exact", "tbptt"]


@dataclass(frozen=True, kw_only=True)
class OnlineConfig(Config):
    """What both experiments have in common.

    Attributes
    ----------
    method : str
        ``"ok"``, ``"kf"``, ``"uoro"``, ``"pre-uoro"``, ``"reverse-kf"``, ``"ktp"``, ``"snap"``, ``"rflo"``, ``"exact"`` or
        ``"tbptt"``.
    rank : int
        Products of OK and KTP.
    mix : str or None
        How OK and KTP mix singular values: ``"signs"``, ``"sampling"``, or None: as the estimator does by default.
    copies : int
        Independent copies that KF averages.
    order : int
        Of SnAp.
    window, stride : int, int or None
        TBPTT goes back ``window`` steps after every ``stride`` of them (default: ``window``).
    cell : str
        ``"rhn"``, ``"rnn"``, ``"leaky"`` or ``"lstm"``.
    depth : int
        Recurrence depth of the RHN.
    leak : float
        alpha of the leaky RNN.
    feedback : bool
        Whether RFLO carries the output error back by a fixed random matrix, as in its paper, or by the readout's weights.
    units, batch, steps : int
        n, lanes, symbols a lane.
    lr, std, clip : float
        Adam's learning rate, the deviation of the initial weights, the largest norm of the recurrent weights' gradient.
    """

    method: Method = "ok"
    rank: int = 4
    mix: Literal["signs", "sampling"] | None = None
    copies: int = 1
    order: int = 1
    window: int = 25
    stride: int | None = None
    cell: Literal["rhn", "rnn", "leaky", "lstm"] = "rhn"
    depth: int = 1
    leak: float = 0.5
    feedback: bool = False
    units: int = 32
    batch: int = 16
    steps: int = 10_000
    lr: float = 10**-2.5
    std: float = 0.1
    clip: float = 1.0

    @property
    def steps_an_update(self) -> int:
        """1 for online methods."""
        return (self.stride or self.window) if self.method == "tbptt" else 1

    def check(self) -> None:
        at_least(self, 1, "rank", "copies", "order", "window", "stride", "depth", "units", "batch", "steps")
        at_least(self, 0, "std")
        for name in ("lr", "clip"):
            if getattr(self, name) <= 0:
                raise InputError(f"{name}: {getattr(self, name)} must be above 0")
        if not 0 < self.leak <= 1:
            raise InputError(f"leak: {self.leak} must be above 0 and at most 1")
        if self.stride is not None and self.stride > self.window:
            raise InputError(f"stride: {self.stride} must be at most the window, {self.window}")
        if self.method == "rflo" and self.cell != "leaky":
            raise InputError(f"method: rflo is defined for leaky cells; set cell=leaky, not {self.cell}")
        if self.feedback and self.method != "rflo":
            raise InputError(
                f"feedback: a random matrix in place of the readout's weights is RFLO's; set method=rflo, not {self.method}"
            )
        if self.mix is not None and self.method not in ("ok", "ktp"):
            raise InputError(f"mix: {self.method} mixes no singular values; set method=ok or ktp, or leave it out")
        if self.method == "ktp" and self.cell == "lstm":
            raise InputError("method: ktp needs a state with one part a unit, which lstm has not; set another cell")
        if self.precision == "bf16-true" and self.method != "tbptt":
            raise InputError(
                f"precision: bf16-true would hold the influence of {self.method} with 8 bits, and no factorisation runs in it; "
                "give bf16-mixed, which keeps it in float32"
            )
        if self.depth > 1 and self.cell != "rhn":
            raise InputError(f"depth: {self.depth} is for the RHN; set cell=rhn")


@dataclass(frozen=True, kw_only=True)
class CopyConfig(OnlineConfig):
    """Binary string memorisation; see :class:`nets.rtrl.copy_task.CopyStream`.

    Attributes
    ----------
    averaging : float
        Of the running mean of the loss that the curriculum looks at.
    length : int or None
        Strings of this length, without a curriculum.
    """

    std: float = 0.01
    averaging: float = 0.999
    length: int | None = None

    def check(self) -> None:
        super().check()
        at_least(self, 1, "length")
        if not 0 <= self.averaging < 1:
            raise InputError(f"averaging: {self.averaging} must be at least 0 and below 1")


@dataclass(frozen=True, kw_only=True)
class TextConfig(OnlineConfig):
    """A character language model.

    Attributes
    ----------
    data : str
        The text, as :func:`nets.core.data.load` knows it.
    reset_every : int
        A lane forgets where its place in the text is a multiple of this.
    characters : int
        Of the validation split, on how many to evaluate.
    """

    data: str = "docs5m"
    reset_every: int = 100
    characters: int = 40_000

    def check(self) -> None:
        super().check()
        at_least(self, 2, "reset_every", "characters")


def _make(config: Any, context: Any) -> Any:
    from nets.rtrl import build

    return build.learner(config, context)


def _model(config: Any, vocabulary: Any) -> Any:
    from nets.rtrl import build

    return build.model(config, vocabulary)


def _data(config: Any, folder: Path | None) -> dict[str, Any] | None:
    if not isinstance(config, TextConfig):
        return None
    from nets.core.data import load_text

    return load_text(config.data, folder).facts()


def _updates(config: Any) -> int:
    return -(-config.steps // config.steps_an_update)


_STAGES = (Stage("train", _make, _updates),)
_COPY = {
    "smoke": CopyConfig(units=12, batch=4, steps=300, std=0.1, averaging=0.9, log_every=50, checkpoint_every=100),
    "cpu": CopyConfig(averaging=0.99, log_every=500, checkpoint_every=2000),
    "paper": CopyConfig(units=128, rank=16, steps=2_000_000, lr=10**-3.5, log_every=10_000, checkpoint_every=10_000),
}
_TEXT = {
    "smoke": TextConfig(
        data="topics", units=12, batch=4, steps=300, characters=400, log_every=100, evaluate_every=300, checkpoint_every=100,
    ),
    "cpu": TextConfig(log_every=500, evaluate_every=2500, checkpoint_every=2500),
    "paper": TextConfig(
        data="ptb", units=256, batch=32, rank=8, steps=1_000_000, lr=10**-3.5, characters=399_782, log_every=10_000,
        evaluate_every=10_000, checkpoint_every=10_000,
    ),
}  # fmt: skip


def _experiment(name: str, method: Method, summary: str, presets: dict[str, Any], plots: tuple[str, ...]) -> Experiment:
    chosen = {preset: replace(config, method=method) for preset, config in presets.items()}
    return Experiment(name, summary, chosen, _STAGES, _model, plots, ("nets.rtrl",), _data)


EXPERIMENTS = (
    _experiment("kf-rtrl.copy", "kf", "string memorisation by KF-RTRL (or another method)", _COPY, ("T", "bits")),
    _experiment("kf-rtrl.charlm", "kf", "characters of a text by KF-RTRL (or another method)", _TEXT, ("bits",)),
    _experiment("ok-rtrl.copy", "ok", "string memorisation by OK (or another method)", _COPY, ("T", "bits")),
    _experiment("ok-rtrl.charlm", "ok", "characters of a text by OK (or another method)", _TEXT, ("bits",)),
)
