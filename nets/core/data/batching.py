"""Batches of a character corpus, cut alike for all corpora and methods so that their bits a character compare.

The symbols are cut into B contiguous streams (*lanes*) of L = floor(n / B); what is left over at the end isn't used. All lanes
are walked side by side in blocks of T inputs; the target of a symbol is the next one of its lane. The hidden state is carried
from block to block and starts anew where ``starts`` says so: at the beginning of an epoch and, asked for, of each episode. An
incomplete last block is dropped in training. Lanes are known by their numbers in the global batch: two processes that hold half
of them each see what one process sees that holds all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

if TYPE_CHECKING:
    import torch


class Block(NamedTuple):
    """Inputs and targets, (lanes, T), int64; ``starts``, (lanes,), bool: whose state starts anew before this block."""

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]
    starts: NDArray[np.bool_]

    def tensors(self, device: torch.device | str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The three as tensors on a device (this imports torch)."""
        import torch

        inputs, targets, starts = (torch.from_numpy(x).to(device) for x in self)
        return inputs, targets, starts


class TextStream:
    """Endless blocks for training; see the head of this file.

    Parameters
    ----------
    codes : ndarray
        (n,), of integers: the symbols of one split.
    batch : int
        B, lanes of the global batch.
    length : int
        T, inputs of a block; 1 for a method that learns online.
    lanes : sequence of int, optional
        The global numbers of the lanes wanted; all by default.
    episode : int, optional
        Lanes start anew after so many symbols of their stream; a multiple of ``length``. Never within an epoch by default.

    Attributes
    ----------
    positions : ndarray
        (lanes,), int64: where in its stream each lane's next block begins.
    epochs : ndarray
        (lanes,), int64: how often each lane has come to its end.

    Raises
    ------
    InputError
        If ``codes`` is no row of integers, a lane hasn't a single block, or an argument is out of range.

    Examples
    --------
    >>> stream = TextStream(np.arange(10), batch=2, length=2)
    >>> block = next(stream)
    >>> block.inputs.tolist(), block.targets.tolist(), block.starts.tolist()
    ([[0, 1], [5, 6]], [[1, 2], [6, 7]], [True, True])
    """

    def __init__(
        self, codes: NDArray[Any], batch: int, length: int, lanes: Sequence[int] | None = None, episode: int | None = None
    ) -> None:
        self._streams = _cut(codes, batch, length, length)
        wanted = range(batch) if lanes is None else lanes
        if not len(wanted) or any(not 0 <= lane < batch for lane in wanted):
            raise InputError(f"lanes: {list(wanted)} aren't numbers of lanes from 0 to {batch - 1}")
        if episode is not None and (episode < 1 or episode % length):
            raise InputError(f"episode: {episode} isn't a positive multiple of the length of a block, {length}")
        self.length, self.episode, self.lanes = length, episode, tuple(wanted)
        self._streams = self._streams[list(self.lanes)]
        self.positions = np.zeros(len(self.lanes), dtype=np.int64)
        self.epochs = np.zeros(len(self.lanes), dtype=np.int64)
        self._anew = np.ones(len(self.lanes), dtype=np.bool_)  # set by restart

    def __iter__(self) -> TextStream:
        return self

    def __next__(self) -> Block:
        starts = self._anew | (self.positions == 0)
        if self.episode is not None:
            starts |= self.positions % self.episode == 0
        reach = self.positions[:, None] + np.arange(self.length + 1)
        cut = np.take_along_axis(self._streams, reach, axis=1).astype(np.int64)
        self._anew[:] = False
        self.positions += self.length
        ended = self.positions + self.length >= self._streams.shape[1]
        self.positions[ended] = 0
        self.epochs[ended] += 1
        return Block(np.ascontiguousarray(cut[:, :-1]), np.ascontiguousarray(cut[:, 1:]), starts)

    def restart(self, lane: int, position: int = 0) -> None:
        """Send a lane (global number) to a place of its stream; its state starts anew.

        Raises
        ------
        InputError
            If the lane isn't held here or no whole block begins at that place.
        """
        if lane not in self.lanes:
            raise InputError(f"lane: {lane} isn't one of those held here, {list(self.lanes)}")
        last = self._streams.shape[1] - self.length - 1
        if not 0 <= position <= last:
            raise InputError(f"position: no whole block begins at {position}; give 0 to {last}")
        at = self.lanes.index(lane)
        self.positions[at], self._anew[at] = position, True

    def state_dict(self) -> dict[str, list[int]]:
        """The place of every lane: plain numbers."""
        return {
            "lanes": list(self.lanes), "positions": self.positions.tolist(), "epochs": self.epochs.tolist(),
            "anew": [int(x) for x in self._anew],
        }  # fmt: skip

    def load_state_dict(self, state: Mapping[str, Sequence[int]]) -> None:
        """Go on from there.

        Raises
        ------
        InputError
            If the state is of other lanes.
        """
        if tuple(state["lanes"]) != self.lanes:
            raise InputError(f"state: it is of lanes {list(state['lanes'])}, this stream holds {list(self.lanes)}")
        self.positions[:], self.epochs[:] = state["positions"], state["epochs"]
        self._anew[:] = np.array(state["anew"], dtype=np.bool_)


def blocks(
    codes: NDArray[Any], batch: int, length: int, lanes: Sequence[int] | None = None, whole: bool = False
) -> Iterator[Block]:
    """Once through a split, to evaluate.

    Parameters
    ----------
    codes, batch, length, lanes
        As of :class:`TextStream`.
    whole : bool
        Whether the incomplete last block is dropped; the figures published for Penn Treebank do so.

    Examples
    --------
    >>> [b.targets.tolist() for b in blocks(np.arange(6), batch=1, length=2)]
    [[[1, 2]], [[3, 4]], [[5]]]
    """
    streams = _cut(codes, batch, length, 1)[list(range(batch) if lanes is None else lanes)]
    last = streams.shape[1] - 1
    for begin in range(0, last - last % length if whole else last, length):
        cut = streams[:, begin : min(begin + length, last) + 1].astype(np.int64)
        yield Block(
            np.ascontiguousarray(cut[:, :-1]), np.ascontiguousarray(cut[:, 1:]), np.full(len(cut), begin == 0, dtype=np.bool_)
        )


def _cut(codes: NDArray[Any], batch: int, length: int, shortest: int) -> NDArray[Any]:
    """(B, L): the streams."""
    if batch < 1 or length < 1:
        raise InputError(f"batch, length: {batch}, {length} must both be at least 1")
    if np.ndim(codes) != 1 or np.asarray(codes).dtype.kind not in "iu":
        said = f"{np.asarray(codes).dtype} of shape {np.shape(codes)}"
        raise InputError(f"codes: {said}; give the symbols of one split, integers of shape (n,)")
    each = len(codes) // batch
    if each < shortest + 1:
        raise InputError(f"codes: {len(codes)} symbols give {batch} lanes of {each}; a block needs {shortest + 1}")
    return np.asarray(codes)[: batch * each].reshape(batch, each)
