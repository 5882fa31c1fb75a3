"""The metrics of a run: one table in its folder, and TensorBoard's files when asked for.

``metrics.csv`` has a line for each number. Numbers are written so that reading gives the same ones: equal runs have equal files
apart from the column ``seconds``. Lines are appended; a checkpoint knows how many bytes there were, and a run that goes on from
it cuts off what was written later.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nets.core.experiment import Metrics
from theory.errors import InputError
from theory.files import write_whole

COLUMNS = ("update", "step", "examples", "seconds", "split", "name", "value")


class MetricLog:
    """The open table of a run; use it as a context manager.

    Parameters
    ----------
    path : Path or None
        ``metrics.csv``, made with its header where it isn't there yet; None: nothing is written.
    length : int, optional
        Bytes to keep; default: all.
    prefix : str
        Before each name: ``"<stage>/"`` where there are several stages.
    tensorboard : Path, optional
        Folder of TensorBoard's files.
    update : int
        Where the run goes on: TensorBoard forgets what it was told of later updates.

    Raises
    ------
    InputError
        If the file is shorter than ``length``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "metrics.csv")
    ...     with MetricLog(path) as log:
    ...         log.write(10, 10, 160, 0.25, {"train": {"bits": 1.5}})
    ...     print(path.read_text())
    update,step,examples,seconds,split,name,value
    10,10,160,0.250,train,bits,1.5
    """

    def __init__(
        self, path: Path | None, length: int | None = None, prefix: str = "", tensorboard: Path | None = None, update: int = 0
    ) -> None:
        self._prefix, self._file, self._board = prefix, None, None
        if path is None:
            return
        if not path.exists():
            write_whole(path, (",".join(COLUMNS) + "\n").encode())
        there = path.stat().st_size
        if length is not None and length > there:
            raise InputError(f"{path}: {there} bytes, but the checkpoint goes on after {length}; bring back the file of this run")
        self._file = path.open("r+b")
        self._file.truncate(there if length is None else length)
        self._file.seek(0, os.SEEK_END)
        if tensorboard is not None:
            self._board = _writer(tensorboard, update)

    def __enter__(self) -> MetricLog:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._board is not None:
            self._board.close()

    def write(self, update: int, steps: int, examples: int, seconds: float, metrics: Metrics) -> None:
        """Append a line for each number, at once."""
        if self._file is None:
            return
        begin = f"{update},{steps},{examples},{seconds:.3f}"
        lines = [
            f"{begin},{split},{self._prefix}{name},{float(value)!r}\n"
            for split, values in metrics.items() for name, value in values.items()
        ]  # fmt: skip
        self._file.write("".join(lines).encode())
        self._file.flush()  # what is with the system outlives this process
        if self._board is not None:
            for split, values in metrics.items():
                for name, value in values.items():
                    self._board.add_scalar(f"{split}/{self._prefix}{name}", value, update)

    def length(self) -> int:
        """Bytes written so far, and by then safe on the disk; 0 where nothing is written."""
        if self._file is None:
            return 0
        os.fsync(self._file.fileno())
        return self._file.tell()


def _writer(folder: Path, update: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError("tensorboard: not installed; install it, or leave the option out: metrics.csv has it all") from error
    return SummaryWriter(str(folder), purge_step=update + 1)
