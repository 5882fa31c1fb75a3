"""The one call for every data set."""

from __future__ import annotations

import importlib
from pathlib import Path

from nets.core.data.record import Images, Signals, Text
from theory.errors import InputError, nearest

TEXTS = {
    "docs5m": "text_packages", "topics": "text_packages", "wiki6m": "text_packages",
    "ptb": "text_originals", "ptb_char": "text_originals", "enwik8": "text_originals", "text8": "text_originals",
}  # fmt: skip
IMAGES = {
    "digits8": "images_packages", "mnist5k": "images_packages", "fashion": "idx", "mnist": "idx", "shapes32": "shapes",
    "cifar10": "cifar",
}  # fmt: skip
SIGNALS = {"mnist1d": "mnist1d"}


def load(name: str, root: str | Path | None = None, *, strict: bool = True, text8_style: bool = False) -> Text | Images | Signals:
    """Load a data set. Nothing is downloaded, and no other set is ever taken instead.

    Parameters
    ----------
    name : str
        A text: docs5m (the default), topics, wiki6m, ptb, ptb_char, enwik8, text8. Images: digits8, mnist5k, fashion, mnist,
        shapes32, cifar10. Signals: mnist1d.
    root : path, optional
        The folder of real data sets; else the environment variable DRIFTPROOF_DATA says it.
    strict : bool
        Whether an original benchmark with another hash is refused; with False it is warned of.
    text8_style : bool
        Texts only: lower case, a-z and single spaces.

    Returns
    -------
    Text, Images or Signals
        With its source and hashes, see :mod:`nets.core.data.record`.

    Raises
    ------
    DataUnavailable
        If its source isn't there; the message says what to install.
    DataMismatch
        If a file isn't the original.
    InputError
        If an argument is wrong.

    Examples
    --------
    >>> digits = load("digits8")
    >>> digits.verified, digits.splits["train"][0].shape
    (True, (1297, 8, 8))
    """
    home = {**TEXTS, **IMAGES, **SIGNALS}.get(name)
    if home is None:
        raise InputError(f"name: no data set is called {name!r}; {nearest(name, [*TEXTS, *IMAGES, *SIGNALS])}")
    if text8_style and name not in TEXTS:
        raise InputError(f"text8_style: {name} holds {_kind(name)}; give a text, one of {', '.join(TEXTS)}")
    record: Text | Images | Signals = getattr(importlib.import_module(f"nets.core.data.{home}"), name)(root, strict)
    if text8_style and isinstance(record, Text):
        from nets.core.data.text_packages import in_text8_style

        return in_text8_style(record)
    return record


def load_text(name: str, root: str | Path | None = None, *, strict: bool = True, text8_style: bool = False) -> Text:
    """:func:`load` of a text.

    >>> len(load_text("topics").vocabulary)
    31
    """
    if name in IMAGES or name in SIGNALS:
        raise InputError(f"data: {name} holds {_kind(name)}; give a text, one of {', '.join(TEXTS)}")
    if name not in TEXTS:
        raise InputError(f"data: no text is called {name!r}; {nearest(name, TEXTS)}")
    record = load(name, root, strict=strict, text8_style=text8_style)
    assert isinstance(record, Text)
    return record


def _kind(name: str) -> str:
    return "images" if name in IMAGES else "signals"
