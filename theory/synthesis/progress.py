"""A line on standard error that says how the search goes, once it takes longer than two seconds."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Any

PATIENCE = 2.0  # seconds


class Telling:
    """``with Telling(show) as say: say("...")``; ``show`` None: where standard error is a terminal.

    >>> with Telling(False) as say:
    ...     say("delta 1")
    """

    def __init__(self, show: bool | None = None) -> None:
        self.show = sys.stderr.isatty() if show is None else show
        self.text, self.lock = "looking for a potential", threading.Lock()
        self.status: Any = None
        self.timer: threading.Timer | None = None

    def __enter__(self) -> Telling:
        if self.show:
            self.timer = threading.Timer(PATIENCE, self._begin)
            self.timer.daemon = True
            self.timer.start()
        return self

    def _begin(self) -> None:
        from rich.console import Console

        with self.lock:
            if self.timer is not None:
                self.status = Console(stderr=True).status(self.text)
                self.status.start()

    def __call__(self, text: str) -> None:
        with self.lock:
            self.text = text
            if self.status is not None:
                self.status.update(text)

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self.lock:
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None
            if self.status is not None:
                self.status.stop()
