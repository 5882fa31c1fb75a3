"""Stopping when asked to: an interrupt or a termination lets the update in progress end first."""

from __future__ import annotations

import signal
import threading
from typing import Any

import torch

from nets.core.context import Context


def any_process(context: Context, flag: bool) -> bool:
    """Whether the flag is set in any process; all of them must ask."""
    if context.processes == 1:
        return flag
    found = torch.tensor(int(flag), device=context.device)
    torch.distributed.all_reduce(found, op=torch.distributed.ReduceOp.MAX)
    return bool(found.item())


class Stop:
    """While it is open, SIGINT and SIGTERM set ``asked``; a second one does what it always does.

    Elsewhere than in the main thread signals can't be caught: there ``asked`` stays false.

    Examples
    --------
    >>> import os
    >>> with Stop() as stop:
    ...     os.kill(os.getpid(), signal.SIGTERM)
    ...     print(stop.asked)
    True
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _ask(self, *_: object) -> None:
        self.asked = True
        self.__exit__()
