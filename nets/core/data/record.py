"""What a loader returns, the two ways in which a source can be wrong, and the one place where hashes are compared.

A hash that differs from the known one is a warning for data taken from an installed package (versions move) and an error for an
original benchmark, whose figures are compared with published ones.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError


class DataUnavailable(InputError):
    """The source of a data set isn't there. The message says what command or folder supplies it."""


class DataMismatch(InputError):
    """A file isn't the original benchmark: its size, format or hash differs."""


class DataWarning(UserWarning):
    """Data differs from what was measured when the loader was written; figures can't be compared with those of other versions."""


@dataclass(frozen=True)
class Record:
    """Where data came from and whether it is what it claims to be.

    Attributes
    ----------
    name : str
    source : str
        The package with its version, or the folder's files.
    sha256, expected_sha256 : mapping of str to str
        By part (``"text"``, or a file's role). A part with no known hash is in the first only.
    verified : bool
        Whether every part equals the known original, by hash. False where only sizes could be compared.
    notes : tuple of str
        What a report must say of the data: a subset, a convention.
    """

    name: str
    source: str
    sha256: Mapping[str, str]
    expected_sha256: Mapping[str, str]
    verified: bool
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    def facts(self) -> dict[str, Any]:
        """What a run stores of its data: plain JSON."""
        return {
            "name": self.name, "source": self.source, "sha256": dict(self.sha256), "verified": self.verified,
            "notes": list(self.notes),
        }  # fmt: skip


@dataclass(frozen=True)
class Text(Record):
    """A character corpus: bytes, in three splits that don't overlap.

    Attributes
    ----------
    splits : mapping of str to bytes
        ``train``, ``valid``, ``test``.
    vocabulary : bytes
        The distinct bytes of all splits, ascending: symbol s of :meth:`codes` is ``vocabulary[s]``.

    Examples
    --------
    >>> text = Text("toy", "here", {}, {}, False, {"train": b"abba", "valid": b"a", "test": b"b"}, b"ab")
    >>> text.codes("train"), text.decode([1, 0])
    (array([0, 1, 1, 0], dtype=uint8), b'ba')
    """

    splits: Mapping[str, bytes]
    vocabulary: bytes

    def codes(self, split: str) -> NDArray[np.uint8]:
        """The symbols of a split as numbers 0 .. len(vocabulary)-1, (n,)."""
        if split not in self.splits:
            raise InputError(f"split: {split!r} isn't one of {', '.join(self.splits)}")
        table = np.zeros(256, dtype=np.uint8)
        table[np.frombuffer(self.vocabulary, dtype=np.uint8)] = np.arange(len(self.vocabulary), dtype=np.uint8)
        return table[np.frombuffer(self.splits[split], dtype=np.uint8)]

    def decode(self, codes: Any) -> bytes:
        """The bytes of symbols, the inverse of :meth:`codes`."""
        return np.frombuffer(self.vocabulary, dtype=np.uint8)[np.asarray(codes)].tobytes()


@dataclass(frozen=True)
class Images(Record):
    """Labelled images.

    Attributes
    ----------
    splits : mapping of str to (images, labels)
        Images are (n, height, width) or (n, height, width, 3), uint8; labels (n,), uint8.
    maximum : int
        The value that is white: divide by it.
    classes : int
    """

    splits: Mapping[str, tuple[NDArray[np.uint8], NDArray[np.uint8]]]
    maximum: int
    classes: int


@dataclass(frozen=True)
class Signals(Record):
    """Labelled signals: one number a time step.

    Attributes
    ----------
    splits : mapping of str to (signals, labels)
        Signals are (n, steps), float32; labels (n,), uint8.
    classes : int
    """

    splits: Mapping[str, tuple[NDArray[np.float32], NDArray[np.uint8]]]
    classes: int


def sha256(content: bytes | NDArray[Any]) -> str:
    """The SHA-256 of bytes, or of an array's elements in row-major order, in hexadecimal."""
    return hashlib.sha256(content if isinstance(content, bytes) else np.ascontiguousarray(content).tobytes()).hexdigest()


def agreed(name: str, what: str, fits: bool, found: object, expected: object, original: bool, strict: bool) -> bool:
    """``fits``, after warning or raising if it is False.

    Raises
    ------
    DataMismatch
        If the data claims to be an original benchmark, isn't, and ``strict``.
    """
    if fits:
        return True
    message = f"{name}: {what} is {found}, expected {expected}"
    if original and strict:
        raise DataMismatch(f"{message}; get the original file, or pass strict=False to use this one all the same")
    warnings.warn(f"{message}; compare figures only with those of the same data", DataWarning, stacklevel=3)
    return False


def hashes_agree(name: str, found: Mapping[str, str], expected: Mapping[str, str], original: bool, strict: bool) -> bool:
    """Whether each part with a known hash has it, and all parts have a known one."""
    fits = [
        agreed(name, f"the SHA-256 of {part}", found[part] == known, found[part], known, original, strict)
        for part, known in expected.items()
    ]
    return all(fits) and set(found) == set(expected)


def as_text(name: str, source: str, splits: Mapping[str, bytes], found: Mapping[str, str], expected: Mapping[str, str],
            verified: bool, notes: tuple[str, ...] = ()) -> Text:  # fmt: skip
    """The record of a corpus, its vocabulary counted."""
    vocabulary = bytes(np.unique(np.frombuffer(b"".join(splits.values()), dtype=np.uint8)))
    return Text(name, source, found, expected, verified, splits, vocabulary, notes=notes)


def ninety_five_five(text: bytes) -> dict[str, bytes]:
    """The first 90 % to train on, then 5 % and 5 %.

    >>> {k: len(v) for k, v in ninety_five_five(bytes(99)).items()}
    {'train': 89, 'valid': 5, 'test': 5}
    """
    a, b = int(0.9 * len(text)), int(0.95 * len(text))
    return {"train": text[:a], "valid": text[a:b], "test": text[b:]}
