"""How claims that run torch are decided: on one thread, and inconclusive where torch isn't installed."""

from __future__ import annotations

import functools
from collections.abc import Callable

from proofs_check.claim import Outcome, Setting


def with_torch(decide: Callable[[Setting], Outcome]) -> Callable[[Setting], Outcome]:
    """The same on one thread; inconclusive where torch isn't installed."""

    @functools.wraps(decide)
    def decided(setting: Setting) -> Outcome:
        try:
            import torch
        except ImportError:
            return Outcome("inconclusive", "torch is not installed; pip install 'driftproof[nets]' installs it")
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return decide(setting)
        finally:
            torch.set_num_threads(threads)

    return decided
