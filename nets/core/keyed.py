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
    bits = _keyed_bits(key, step, lanes, count) < 0
    return bits.to(dtype) * 2 - 1


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
    high = (_keyed_bits(key, step, lanes, count) >> 32) & 0xFFFFFFFF
    return (high.to(torch.float64) + 0.5) * 2.0**-32


def _keyed_bits(key: int, step: int, lanes: Tensor, count: int) -> Tensor:
    """64 random bits each, (B, count)."""
    base = _mix(_mix(lanes * _GOLDEN + _signed(key)) + _signed(step * _GOLDEN))
    numbers = torch.arange(1, count + 1, device=lanes.device) * _GOLDEN
    return _mix(base[:, None] + numbers)
