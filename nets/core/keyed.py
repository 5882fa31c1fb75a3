"""Random signs and numbers that depend on a key only, not on what was drawn before: (seed, name, step, lane).

The same lane gets the same signs whichever process holds it and however many lanes there are, and a run that is resumed needs
no generator to be restored. A sign is the top bit, a number the upper half, of SplitMix64's output function (G. L. Steele,
D. Lea, C. H. Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014) at a counter made of the key.
"""

from __future__ import annotations

import hashlib
from typing import Any

import torch
from torch import Tensor

_GOLDEN = -7046029254386353131  # 0x9E3779B97F4A7C15 as a signed 64-bit number
_FIRST, _SECOND = -4658895280553007687, -7723592293110705685  # 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_AT_ONCE = 8192  # signs that a SignStream draws together


def key_of(*parts: Any) -> int:
    """A number in [0, 2^63) from anything with a text; different texts give independent keys.

    >>> key_of(7, "signs") == key_of(7, "signs") != key_of(7, "masks")
    True
    """
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "little") >> 1


def _signed(x: int) -> int:
    """Modulo 2^64, as a signed number: what a tensor takes."""
    return (x + (1 << 63)) % (1 << 64) - (1 << 63)


def _mix(x: Tensor) -> Tensor:
    for shift, factor in ((30, _FIRST), (27, _SECOND)):
        x = (x ^ ((x >> shift) & ((1 << (64 - shift)) - 1))) * factor
    return x ^ ((x >> 31) & ((1 << 33) - 1))


def keyed_signs(key: int, step: int, lanes: Tensor, count: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Independent uniform signs.

    Parameters
    ----------
    key : int
        From :func:`key_of`.
    step : int
        Which draw.
    lanes : Tensor
        Global lane numbers, (B,), int64; the result is on their device.
    count : int
        Signs a lane.

    Returns
    -------
    Tensor
        (B, count), of +1 and -1.

    Examples
    --------
    >>> lanes = torch.arange(4)
    >>> whole = keyed_signs(7, 0, lanes, 5)
    >>> bool((keyed_signs(7, 0, lanes[2:], 5) == whole[2:]).all()), whole.shape
    (True, torch.Size([4, 5]))
    """
    return _keyed_signs(key, step, 1, lanes, count, dtype)[0]


class SignStream:
    """:func:`keyed_signs` of one step after another, drawn for many steps at once: small draws cost as much as large ones.

    It holds nothing that a run which goes on would miss.

    Parameters
    ----------
    key : int

    Examples
    --------
    >>> lanes = torch.arange(4)
    >>> stream = SignStream(7)
    >>> all(torch.equal(stream.at(step, lanes, 5, torch.float32), keyed_signs(7, step, lanes, 5)) for step in (0, 1, 2, 5000, 3))
    True
    """

    def __init__(self, key: int) -> None:
        self.key = key
        self._of: tuple[int, int, torch.dtype] | None = None  # what is held: number of the block of steps, count, type
        self._lanes: Tensor | None = None

    def at(self, step: int, lanes: Tensor, count: int, dtype: torch.dtype) -> Tensor:
        """Signs of a step, (B, count); don't write to them, nor to ``lanes`` afterwards."""
        together = max(1, _AT_ONCE // max(1, len(lanes) * count))
        block, place = divmod(step, together)
        if self._of != (block, count, dtype) or self._lanes is not lanes:
            self._signs = _keyed_signs(self.key, block * together, together, lanes, count, dtype)
            self._of, self._lanes = (block, count, dtype), lanes
        return self._signs[place]


def keyed_uniforms(key: int, step: int, lanes: Tensor, count: int) -> Tensor:
    """Independent uniform numbers: odd multiples of 2^-33, so never 0 or 1.

    Parameters
    ----------
    key, step, lanes, count
        As of :func:`keyed_signs`; use another key than for signs, which are made of the same bits.

    Returns
    -------
    Tensor
        (B, count), float64: 33 bits are exact in it.

    Examples
    --------
    >>> drawn = keyed_uniforms(7, 0, torch.arange(1000), 100)
    >>> bool(0 < drawn.min() < 1e-4 and 1 - 1e-4 < drawn.max() < 1), abs(drawn.mean().item() - 0.5) < 0.005
    (True, True)
    """
    high = (_keyed_bits(key, step, 1, lanes, count)[0] >> 32) & 0xFFFFFFFF
    return (high.to(torch.float64) + 0.5) * 2.0**-32


def _keyed_signs(key: int, first: int, steps: int, lanes: Tensor, count: int, dtype: torch.dtype) -> Tensor:
    """Of several steps, (steps, B, count)."""
    return (_keyed_bits(key, first, steps, lanes, count) < 0).to(dtype) * 2 - 1


def _keyed_bits(key: int, first: int, steps: int, lanes: Tensor, count: int) -> Tensor:
    """64 random bits each, (steps, B, count)."""
    times = torch.arange(first, first + steps, device=lanes.device) * _GOLDEN
    base = _mix(_mix(lanes * _GOLDEN + _signed(key)) + times[:, None])
    numbers = torch.arange(1, count + 1, device=lanes.device) * _GOLDEN
    return _mix(base[:, :, None] + numbers)
