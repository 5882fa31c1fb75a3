"""Checkpoints: all that a stage needs to go on bit for bit, in one file that is there whole or not at all.

``last.pt`` is the newest one and ``previous.pt`` the one before it, taken where the newest is damaged; ``best.pt`` holds the
model that was best on the data of evaluation, without what training needs. All are loaded with ``weights_only=True``: a file from
a stranger runs no code.
"""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from theory.errors import InputError
from theory.files import whole

LAST, PREVIOUS, BEST = "last.pt", "previous.pt", "best.pt"
FORMAT = "driftproof checkpoint 1"


def plain(state: Any, where: str = "state", first: Any = None) -> Any:
    """The same state on the CPU, of dicts and lists; what another type would break at loading is refused here.

    Parameters
    ----------
    state : object
        Tensors, numbers, texts, None, lists, tuples and mappings of these.
    where : str
        Its name in the error's message.
    first : object, optional
        Another such state: equal tensors at equal places become the same tensor, which is then stored once.

    Raises
    ------
    TypeError
        If there is anything else in it, e.g. a number of numpy.

    Examples
    --------
    >>> plain({"a": (1, 2.0)})
    {'a': [1, 2.0]}
    """
    if isinstance(state, Tensor):
        state = state.detach().cpu()
        return first if isinstance(first, Tensor) and _same(state, first) else state
    if isinstance(state, Mapping):
        inner = first if isinstance(first, dict) else {}
        return {key: plain(value, f"{where}[{key!r}]", inner.get(key)) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        others = first if isinstance(first, list) and len(first) == len(state) else [None] * len(state)
        return [plain(value, f"{where}[{i}]", other) for i, (value, other) in enumerate(zip(state, others, strict=True))]
    if state is None or type(state) in (bool, int, float, str):
        return state
    raise TypeError(f"{where} is a {type(state).__module__}.{type(state).__name__}, which no checkpoint can hold")


def _same(a: Tensor, b: Tensor) -> bool:
    """Bit for bit: NaN equals itself, and -0 is not 0."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return a.contiguous().flatten().view(torch.uint8).equal(b.contiguous().flatten().view(torch.uint8))


def save(folder: Path, checkpoint: Mapping[str, Any]) -> None:
    """Write ``last.pt``; what was there becomes ``previous.pt``."""
    last = folder / LAST
    with whole(last, sync=False) as file:
        torch.save({"format": FORMAT, "torch": str(torch.__version__), **checkpoint}, file)
        file.flush()
        os.fsync(file.fileno())  # here, before the older one gives way
        if last.exists():
            os.replace(last, folder / PREVIOUS)


def save_best(folder: Path, checkpoint: Mapping[str, Any]) -> None:
    """Write ``best.pt``."""
    with whole(folder / BEST) as file:
        torch.save({"format": FORMAT, "torch": str(torch.__version__), **checkpoint}, file)


def read(path: Path) -> dict[str, Any]:
    """One checkpoint, its tensors on the CPU.

    Raises
    ------
    InputError
        In one line: the file isn't there, is damaged, or is none of ours.
    """
    try:
        with zipfile.ZipFile(path) as records:  # what torch.save writes; torch.load doesn't look at its check sums
            broken = records.testzip()
        if broken is not None:
            raise ValueError(f"the check sum of {broken} is wrong")
        found = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such checkpoint") from error
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, zipfile.BadZipFile, pickle.UnpicklingError) as error:
        raise InputError(f"{path}: damaged, or no checkpoint of driftproof ({_line(error)})") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InputError(f"{path}: no checkpoint of driftproof; its format should be '{FORMAT}'")
    return found


def newest(folder: Path) -> tuple[dict[str, Any] | None, str]:
    """The newest checkpoint that can be read, and a line about a damaged one, or "".

    Raises
    ------
    InputError
        If there are checkpoints and none can be read.
    """
    paths = [path for path in (folder / LAST, folder / PREVIOUS) if path.exists()]
    said = ""
    for path in paths:
        try:
            return read(path), said and f"{said}; going on from {path.name}"
        except InputError as error:
            said = said or str(error)
    if paths:
        raise InputError(said)
    return None, ""


def _line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:100] or type(error).__name__
