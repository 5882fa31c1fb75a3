"""``cifar10`` (A. Krizhevsky 2009), from a folder: the python archive ``cifar-10-python.tar.gz`` or what it unpacks to.

The batches are pickles, which could run any code: only the names that an array of bytes needs are allowed.
A row is 3072 bytes: the red, then the green, then the blue plane, each 32 x 32 by rows.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from nets.core.data.places import data_folder, in_folder, unavailable
from nets.core.data.record import DataMismatch, Images, agreed, sha256

ARCHIVE, MD5 = "cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a"
FOLDER = "cifar-10-batches-py"
BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
_ALLOWED = {
    ("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"), ("_codecs", "encode"),
}  # fmt: skip


class _Arrays(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise DataMismatch(f"cifar10: a batch asks for {module}.{name}, which no array needs; get the original archive")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def cifar10(root: str | Path | None, strict: bool) -> Images:
    """CIFAR-10: 45,000, 5000 (the last of the training set) and 10,000 images of 32 x 32 x 3."""
    folder = data_folder(root)
    path, verified = in_folder(folder, "cifar10", ARCHIVE), False
    unpacked = in_folder(folder, "cifar10", f"{FOLDER}/{BATCHES[0]}")
    if path is not None:
        content = path.read_bytes()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        verified = agreed("cifar10", "the MD5 of the archive", md5 == MD5, md5, MD5, True, strict)
        raw, source = _members(content), str(path)
    elif unpacked is not None:
        raw, source = {name: _read(unpacked.parent / name) for name in BATCHES}, str(unpacked.parent)
    else:
        raise unavailable("cifar10", f"no folder holds {ARCHIVE}", files=ARCHIVE)
    parts = [_batch(name, raw[name]) for name in BATCHES]
    images, labels = (np.concatenate([part[i] for part in parts[:-1]]) for i in (0, 1))
    for what, found, expected in (("training", len(images), 50_000), ("test", len(parts[-1][0]), 10_000)):
        verified &= agreed("cifar10", f"the number of {what} images", found == expected, found, expected, True, strict)
    cut = max(len(images) - 5000, 0)
    splits = {"train": (images[:cut], labels[:cut]), "valid": (images[cut:], labels[cut:]), "test": parts[-1]}
    found_hashes = {name: sha256(content) for name, content in raw.items()}
    return Images("cifar10", source, found_hashes, {}, verified, splits, 255, 10, notes=("valid: last 5000 of training",))


def _members(content: bytes) -> dict[str, bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            files = {name: archive.extractfile(f"{FOLDER}/{name}") for name in BATCHES}
            return {name: file.read() for name, file in files.items() if file is not None}
    except (tarfile.TarError, KeyError, OSError, EOFError) as error:
        raise DataMismatch(f"cifar10: the archive can't be read ({error}); get the original") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataMismatch(f"cifar10: {str(path)!r} can't be read ({error.strerror}); unpack the archive again") from error


def _batch(name: str, content: bytes) -> tuple[np.ndarray, np.ndarray]:
    try:
        batch = _Arrays(io.BytesIO(content), encoding="bytes").load()
        data, labels = np.asarray(batch[b"data"]), np.asarray(batch[b"labels"])
    except DataMismatch:
        raise
    except Exception as error:  # a damaged pickle fails in any way
        raise DataMismatch(f"cifar10: {name} isn't a pickled batch ({error}); get the original archive") from error
    if data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3072 or labels.shape != data.shape[:1]:
        raise DataMismatch(f"cifar10: {name} holds {data.dtype} {data.shape}; a batch is uint8 (n, 3072) with n labels")
    return data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels.astype(np.uint8)
