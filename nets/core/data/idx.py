"""``mnist`` and ``fashion``: the idx format of Y. LeCun's MNIST files, gzipped or raw.

A file is a big-endian magic number (2051 for images, 2049 for labels), one count for each dimension, then bytes. Fashion-MNIST
(H. Xiao, K. Rasul, R. Vollgraf 2017) has the same names and sizes.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nets.core.data.places import data_folder, in_folder, unavailable
from nets.core.data.record import DataMismatch, Images, agreed, hashes_agree, sha256

FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
MNIST_MD5 = {
    "train_images": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train_labels": "d53e105ee54ea40749a09fcbcd1e9432",
    "test_images": "9fb629c4189551a2d022fa330f9573f3",
    "test_labels": "ec29112dd5afa0611ce80d1b7f02629c",
}  # of the gzipped files
FASHION = {
    "train_images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train_labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "test_images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "test_labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}  # of the unpacked files
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
VALID = 5000  # the last ones of the training set


def read_idx(content: bytes, name: str = "file") -> NDArray[np.uint8]:
    """The array in an unpacked idx file of bytes.

    Raises
    ------
    DataMismatch
        If the magic number or the length is wrong.

    Examples
    --------
    >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    array([7, 9], dtype=uint8)
    """
    if len(content) < 4 or content[:3] != b"\0\0\x08" or content[3] not in (1, 3):
        raise DataMismatch(f"{name}: it begins with {content[:4].hex()}; idx labels begin with 00000801, images with 00000803")
    rank = content[3]
    begin = 4 + 4 * rank
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank)]
    size = begin
    count = 1
    for length in shape:
        count *= length
    size += count
    if len(content) != size:
        raise DataMismatch(f"{name}: {len(content)} bytes, where its head {shape} asks for {size}; get the whole file")
    return np.frombuffer(content, dtype=np.uint8, offset=begin).reshape(shape)


def mnist(root: str | Path | None, strict: bool) -> Images:
    """MNIST, 60,000 and 10,000 images of 28 x 28; gzipped files are checked by hash, raw ones by size."""
    packed, folder = _files("mnist", [data_folder(root)])
    raw = {part: _unpack(content, "mnist " + part) for part, content in packed.items()}
    verified = True
    for part, content in packed.items():
        if content is raw[part]:
            verified = False  # no hash of the raw file is known
        else:
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            verified &= agreed("mnist", f"the MD5 of {part}.gz", md5 == MNIST_MD5[part], md5, MNIST_MD5[part], True, strict)
    return _record("mnist", str(folder), raw, {}, verified, strict)


def fashion(root: str | Path | None, strict: bool) -> Images:
    """Fashion-MNIST, 60,000 and 10,000 images of 28 x 28: from the Debian package, or ``fashion/`` in the folder."""
    named = data_folder(root)
    folders = [named / "fashion" if named else None, DEBIAN]
    packed, folder = _files("fashion", folders, "apt-get install dataset-fashion-mnist")
    raw = {part: _unpack(content, "fashion " + part) for part, content in packed.items()}
    found = {part: sha256(content) for part, content in raw.items()}
    verified = hashes_agree("fashion", found, FASHION, original=True, strict=strict)
    return _record("fashion", str(folder), raw, FASHION, verified, strict)


def _record(name: str, source: str, raw: dict[str, bytes], expected: dict[str, str], verified: bool, strict: bool) -> Images:
    arrays = {part: read_idx(content, f"{name} {part}") for part, content in raw.items()}
    for split, count in (("train", 60_000), ("test", 10_000)):
        images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            raise DataMismatch(f"{name}: {split} has images {images.shape} and labels {labels.shape}; give one label an image")
        fits = images.shape == (count, 28, 28)
        verified &= agreed(name, f"the shape of {split}", fits, images.shape, (count, 28, 28), True, strict)
    cut = max(len(arrays["train_images"]) - VALID, 0)
    images, labels = arrays["train_images"], arrays["train_labels"]
    splits = {
        "train": (images[:cut], labels[:cut]),
        "valid": (images[cut:], labels[cut:]),
        "test": (arrays["test_images"], arrays["test_labels"]),
    }
    found = {part: sha256(content) for part, content in raw.items()}
    return Images(name, source, found, expected, verified, splits, 255, 10, notes=(f"valid: last {VALID} of training",))


def _files(name: str, folders: list[Path | None], command: str = "") -> tuple[dict[str, bytes], Path]:
    for folder in folders:
        paths = {part: in_folder(folder, name, f"{file}.gz", file) for part, file in FILES.items()}
        found = {part: path for part, path in paths.items() if path is not None}
        if len(found) == len(FILES):
            return {part: path.read_bytes() for part, path in found.items()}, found["train_images"].parent
    files = f"{', '.join(FILES.values())} (or their .gz)"
    raise unavailable(name, "its four idx files aren't there", command, files)


def _unpack(content: bytes, name: str) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataMismatch(f"{name}: the .gz file is damaged ({error}); get the whole file") from error
