"""Where mixed precision stops: influence estimates, Gram matrices and factorisations keep the precision of the weights."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def full_precision(device: torch.device) -> AbstractContextManager:
    """No autocast inside; nothing is done where there is none to switch off: to enter a context costs as much as a small kernel.

    >>> a = torch.ones(2, 2)
    >>> with torch.autocast("cpu", dtype=torch.bfloat16):
    ...     with full_precision(a.device):
    ...         inside = a @ a
    ...     outside = a @ a
    >>> inside.dtype, outside.dtype
    (torch.float32, torch.bfloat16)
    """
    if not torch.amp.is_autocast_available(device.type) or not torch.is_autocast_enabled(device.type):
        return nullcontext()
    return torch.autocast(device.type, enabled=False)
