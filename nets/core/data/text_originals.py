"""The published character benchmarks, from a folder that the user names: enwik8, text8, Penn Treebank in two conventions.

Penn Treebank at character level exists as (A) T. Mikolov's word-level files read as raw bytes, 50 symbols, each line beginning
with a space and ending with a space and a newline (``ptb``; what most results since 2016 use), and (B) ``ptb.char.*.txt``,
symbols separated by blanks with ``_`` for a space and no line ends (``ptb_char``). Bits a character of A and B don't compare.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from nets.core.data.places import data_folder, in_folder, unavailable
from nets.core.data.record import DataMismatch, Text, agreed, as_text, hashes_agree, sha256

SPLITS = ("train", "valid", "test")
ENWIK8 = "2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8"
TEXT8_MD5 = "3bea1919949baf155f99411df5fada7e"
PTB = {
    "valid": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
    "test": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
}
PTB_BLOBS = {
    "train": "04d78dc94771b5c04adc40b3be08bd8c82942e7f",
    "valid": "7b3d9d9fd705825715695328b2de872ffbc14a84",
    "test": "8079cdf342f8d103e5647e1160a8fe3b58a213d5",
}
PTB_SIZES = {"valid": 399_782, "test": 449_945}


def git_blob(content: bytes) -> str:
    """The name that git gives a file's content: SHA-1 with a header.

    >>> git_blob(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def enwik8(root: str | Path | None, strict: bool) -> Text:
    """The first 10^8 bytes of Wikipedia's XML (M. Hutter's prize): 90, 5 and 5 MB."""
    text, source = _hundred_million(root, "enwik8")
    found, expected = {"text": sha256(text)}, {"text": ENWIK8}
    verified = hashes_agree("enwik8", found, expected, original=True, strict=strict)
    return as_text("enwik8", source, _ninety_million(text), found, expected, verified)


def text8(root: str | Path | None, strict: bool) -> Text:
    """10^8 characters of Wikipedia's cleaned text (M. Mahoney), 27 symbols: 90, 5 and 5 MB. Known by its MD5."""
    text, source = _hundred_million(root, "text8")
    md5 = hashlib.md5(text, usedforsecurity=False).hexdigest()
    verified = agreed("text8", "the MD5 of the text", md5 == TEXT8_MD5, md5, TEXT8_MD5, True, strict)
    return as_text("text8", source, _ninety_million(text), {"text": sha256(text)}, {}, verified)


def ptb(root: str | Path | None, strict: bool) -> Text:
    """Penn Treebank, convention A: the word-level files as raw bytes."""
    names = {split: (split, f"ptb.{split}.txt") for split in SPLITS}
    splits, source = _three_files(root, "ptb", names)
    for split, size in PTB_SIZES.items():
        agreed("ptb", f"the size of {split}", len(splits[split]) == size, len(splits[split]), size, True, strict)
    found = {split: sha256(content) for split, content in splits.items()}
    verified = True
    for split, blob in PTB_BLOBS.items():
        known = git_blob(splits[split])
        verified &= agreed("ptb", f"the git blob of {split}", known == blob, known, blob, True, strict)
    verified &= all(
        agreed("ptb", f"the SHA-256 of {split}", found[split] == known, found[split], known, True, strict)
        for split, known in PTB.items()
    )
    return as_text("ptb", source, splits, found, PTB, verified, ("convention A: word-level files as raw bytes",))


def ptb_char(root: str | Path | None, strict: bool) -> Text:
    """Penn Treebank, convention B: ``ptb.char.train.txt`` and its two companions, blanks taken out and ``_`` made a space.

    No hash is known, so it is never ``verified``; checked is that symbols are single and separated.
    """
    names = {split: (f"ptb.char.{split}.txt",) for split in SPLITS}
    raw, source = _three_files(root, "ptb_char", names)
    splits = {}
    for split, content in raw.items():
        symbols = content.split()
        if not symbols or any(len(symbol) != 1 for symbol in symbols):
            raise DataMismatch(f"ptb_char: {split} isn't made of single symbols with blanks between; give ptb.char.{split}.txt")
        splits[split] = b"".join(symbols).replace(b"_", b" ")
    found = {split: sha256(content) for split, content in splits.items()}
    return as_text("ptb_char", source, splits, found, {}, False, ("convention B: ptb.char files",))


def _hundred_million(root: str | Path | None, name: str) -> tuple[bytes, str]:
    folder = data_folder(root)
    path = in_folder(folder, name, name)
    if path is not None:
        return path.read_bytes(), str(path)
    path = in_folder(folder, name, f"{name}.zip")
    if path is not None:
        try:
            with zipfile.ZipFile(path) as archive:
                return archive.read(name), str(path)
        except (zipfile.BadZipFile, KeyError) as error:
            raise DataMismatch(f"{name}: {str(path)!r} isn't a zip file that holds {name!r}; get the original") from error
    # three files bear no name of their own: they must lie in a folder that does
    parts = [folder / name / split for split in SPLITS] if folder else []
    if parts and all(part.is_file() for part in parts):
        return b"".join(part.read_bytes() for part in parts), str(parts[0].parent)
    files = f"{name}, {name}.zip or {name}/train, valid and test"
    raise unavailable(name, "no folder holds it", files=files)


def _ninety_million(text: bytes) -> dict[str, bytes]:
    """In proportion where the text (accepted though it isn't the original) has another length."""
    a, b = len(text) * 90 // 100, len(text) * 95 // 100
    return {"train": text[:a], "valid": text[a:b], "test": text[b:]}


def _three_files(root: str | Path | None, name: str, names: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, bytes], str]:
    folder = data_folder(root)
    paths = {split: in_folder(folder, name, *choices) for split, choices in names.items()}
    missing = [names[split][-1] for split, path in paths.items() if path is None]
    if missing:
        files = ", ".join(choices[-1] for choices in names.values())
        raise unavailable(name, f"no folder holds {', '.join(missing)}", files=files)
    found = {split: path for split, path in paths.items() if path is not None}
    return {split: path.read_bytes() for split, path in found.items()}, str(found["train"].parent)
