"""A character language model, learned one symbol at a time.

F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time recurrent
learning*, ICML 2019, and the code published with it: the lanes begin at even distances in the text and walk through it side by
side, and a lane forgets its state (and the estimator's) where its place in the text is a multiple of 100: so, in general, not all
at once. In evaluation pieces of 100 symbols from the text's beginning are independent and are evaluated side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, SupportsFloat

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nets.core import data
from nets.core.context import Context
from nets.rtrl.copy_task import Symbols
from nets.rtrl.model import SymbolModel
from nets.rtrl.readout import LOG2

_PIECES = 512  # evaluated at a time


class TextTask:
    """The symbols of a text for all lanes of the global batch.

    Parameters
    ----------
    train, valid : ndarray
        Symbols as numbers.
    batch : int
    reset_every : int
        A lane forgets where its place in ``train`` is a multiple of this, and where it begins its stream anew.
    characters : int
        Of ``valid``, on how many to evaluate: whole pieces of ``reset_every``.

    Examples
    --------
    >>> task = TextTask(np.arange(12) % 4, np.arange(9) % 4, batch=2, reset_every=4, characters=8)
    >>> step = task.next()
    >>> step.inputs.tolist(), step.targets.tolist(), step.fresh.tolist()
    ([0, 2], [1, 3], [True, True])
    >>> [task.next().fresh.tolist() for _ in range(4)]  # the second lane's are places 7, 8, 9, 10
    [[False, False], [False, True], [False, False], [True, False]]
    """

    def __init__(self, train: NDArray[Any], valid: NDArray[Any], batch: int, reset_every: int, characters: int) -> None:
        self._stream = data.TextStream(train, batch, length=1)
        self._begins, self._reset_every = np.arange(batch) * (len(train) // batch), reset_every  # where the lanes' streams begin
        pieces = min(characters, len(valid) - 1) // reset_every
        self._inputs = valid[: pieces * reset_every].reshape(pieces, reset_every)
        self._targets = valid[1 : pieces * reset_every + 1].reshape(pieces, reset_every)

    @classmethod
    def of(cls, text: data.Text, batch: int, reset_every: int, characters: int) -> TextTask:
        """The task of a loaded text."""
        return cls(text.codes("train"), text.codes("valid"), batch, reset_every, characters)

    def next(self) -> Symbols:
        """The next symbols."""
        at_multiple = (self._begins + self._stream.positions) % self._reset_every == 0
        block = next(self._stream)
        return Symbols(block.inputs[:, 0], block.targets[:, 0], block.starts | at_multiple)

    def observe(self, loss: SupportsFloat) -> None:
        """Nothing depends on the loss."""

    def metrics(self) -> dict[str, float]:
        """Nothing but the loss."""
        return {}

    @torch.no_grad()
    def evaluate(self, model: SymbolModel) -> dict[str, dict[str, float]]:
        """Bits a character on the validation split."""
        device, total = model.readout.weight.device, 0.0
        for begin in range(0, len(self._inputs), _PIECES):
            cut = slice(begin, begin + _PIECES)
            inputs, targets = (torch.as_tensor(x[cut].astype(np.int64), device=device) for x in (self._inputs, self._targets))
            logits, _ = model(inputs)
            total += float(functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum"))
        return {"valid": {"bits": total / LOG2 / self._targets.size}} if self._targets.size else {}

    def state_dict(self) -> dict[str, Any]:
        """The lanes' places."""
        return dict(self._stream.state_dict())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._stream.load_state_dict(state)


def text_task(config: Any, context: Context) -> tuple[TextTask, list[int]]:
    """The task of a config and its alphabet (byte values); tells the run where its text came from."""
    text = data.load_text(config.data, context.data_root)
    context.facts["data"] = text.facts()
    context.facts["vocabulary"] = list(text.vocabulary)
    return TextTask.of(text, config.batch, config.reset_every, config.characters), list(text.vocabulary)
