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
    return torch.autocast(device.type, enabled=False) if autocasts(device) else nullcontext()


def autocasts(device: torch.device) -> bool:
    """Whether autocast is at work; it never is on devices that have none (``meta``), which torch refuses to be asked about.

    >>> autocasts(torch.device("meta")), autocasts(torch.device("cpu"))
    (False, False)
    """
    return torch.amp.is_autocast_available(device.type) and torch.is_autocast_enabled(device.type)
