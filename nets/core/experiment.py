"""What an experiment is: a config, stages, and what a stage trains. Only protocols and frozen dataclasses: no torch here.

An *experiment* is a list of *stages* (base, controllers, ...; most have one). A stage makes a *learner*, which knows how to do
one update and holds all that the next update depends on; the loop (:mod:`nets.core.loop`) calls it, writes its metrics and keeps
checkpoints. A paper adds learners and configs; the loop, the run folder and the command line know no paper.

Units: an *update* is one change of the parameters; a *step* is one time step of a lane (or of an environment); an *example* is
one symbol, sequence or episode, summed over lanes and processes. All three are reported: methods that update at different
moments are compared at equal examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from nets.core.config import Config
    from nets.core.context import Context
    from nets.core.run import Results

Metrics = Mapping[str, Mapping[str, float]]  # split ("train", "valid", "test") -> name -> value


class Learner(Protocol):
    """What a stage trains.

    Attributes
    ----------
    model : nn.Module
        What :func:`nets.load` returns afterwards.
    steps, examples : int
        So far, see the units above.
    """

    steps: int
    examples: int

    @property
    def model(self) -> nn.Module: ...

    def update(self) -> None:
        """One update of the parameters: draw data, compute gradients, step the optimiser."""

    def measure(self) -> Mapping[str, float]:
        """Means of what was measured on the training data since the last call, by name; starts new means.

        Means over all processes: with several of them each calls it. What has no value yet is left out; a number that isn't
        finite ends training as diverged.
        """

    def baseline(self) -> Mapping[str, float]:
        """What a predictor that knows nothing comes to, for those of the measured losses (at least 0, less is better) where that
        is known: log2(K) bits for one of K symbols, the variance of the targets for a squared error. Empty: nowhere. A loss of
        ``config.diverged_above`` times that ends training as diverged, finite as it is.
        """

    def evaluate(self) -> Metrics:
        """Measured on data that is not trained on; leaves everything that the next update depends on as it was.

        With several processes each calls it, and the first one's numbers are kept.
        """

    def state_dict(self) -> dict[str, Any]:
        """All that the next update depends on: parameters, optimiser, generators, stream positions, recurrent and estimator
        state, curriculum, running means. Tensors, numbers, texts, lists and dicts only: it is loaded with ``weights_only=True``.
        """

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there, bit for bit."""


@dataclass(frozen=True)
class Stage:
    """One stage of an experiment.

    Attributes
    ----------
    name : str
        Also its folder in the run's folder.
    make : callable
        ``make(config, context) -> Learner``; imports torch itself.
    updates : callable
        ``updates(config) -> int``: how many make the stage complete.
    fields : tuple of str
        The fields of the config that its result depends on, beside ``seed`` and ``threads``; empty: all of them. A stage whose
        fields, and those of the stages that it needs, are unchanged can be taken from another run.
    needs : tuple of str
        Earlier stages whose result it reads, with ``context.earlier(name)``.
    best : str
        The metric by which the best model is kept: ``"split/name"`` where less is better, ``"-split/name"`` where more is; by
        default the first one that is evaluated on the split ``"valid"``, and less is better.
    """

    name: str
    make: Callable[[Any, Context], Learner]
    updates: Callable[[Any], int]
    fields: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    best: str = ""


@dataclass(frozen=True)
class Experiment:
    """One experiment of a paper.

    Attributes
    ----------
    name : str
        ``"<slug>.<name>"``, e.g. ``"ok-rtrl.copy"``.
    summary : str
        One line.
    presets : mapping of str to Config
        ``"smoke"``, ``"cpu"`` and ``"paper"``, all of one type.
    stages : sequence of Stage
    model : callable
        ``model(config, vocabulary) -> nn.Module``, built as the last stage builds it, before its parameters are loaded.
    plots : tuple of str
        Names of metrics that the plot at the end shows, in this order.
    sources : tuple of str
        The modules (packages with their files) that a result depends on, e.g. ``("nets.rtrl",)``: a record knows their hash.
    data : callable
        ``data(config, folder)``: what a run would store as ``context.facts["data"]`` with this folder of real data sets, its
        ``"sha256"`` among it; None where nothing is read. So a run is known to be on other data before it is gone on with.
    """

    name: str
    summary: str
    presets: Mapping[str, Config]
    stages: Sequence[Stage]
    model: Callable[[Any, Any], nn.Module]
    plots: tuple[str, ...] = ("loss",)
    sources: tuple[str, ...] = field(default=())
    data: Callable[[Any, Path | None], Mapping[str, Any] | None] = lambda config, folder: None

    @property
    def paper(self) -> str:
        """The paper's slug."""
        return self.name.split(".")[0]

    @property
    def config_type(self) -> type[Config]:
        """Of its configs.

        >>> import nets
        >>> nets.experiment("ok-rtrl.copy").config_type.__name__
        'CopyConfig'
        """
        return type(next(iter(self.presets.values())))

    def run(self, config: Config | None = None, **options: Any) -> Results:
        """Train it: :func:`nets.run` of this experiment, which says what the options are."""
        from nets.core.run import run

        return run(self, config, **options)
